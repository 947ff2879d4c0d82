import { isRecord } from "./problem.js";
import type { Session, User } from "./types.js";

/** What the tabs of one browser tell each other. A message may come late, or never: nothing rests on it alone. */
export type Message =
  /** Signed in, or refreshed: with which CSRF token, and for how many milliseconds from when on the access token is good. */
  | {
      readonly type: "alive";
      readonly user: User;
      readonly session: Session;
      readonly csrf: string | null;
      readonly left: { readonly at: number; readonly ms: number } | null;
    }
  /** A session is over, for the server said so. `csrf` was its token. */
  | { readonly type: "gone"; readonly session: string | null; readonly csrf: string | null }
  /** Doorward could not be asked for a refresh; worth while again in `waitMs` milliseconds. `firm`: its own word. */
  | { readonly type: "failing"; readonly waitMs: number; readonly firm: boolean };

/** Raised with every change of `Message`: another tab may run another release, and is then not understood. */
const RELEASE = 1;

export const sealed = (message: Message): unknown => ({ doorward: RELEASE, message });

/** The message, if it is one of this release. */
export function unsealed(data: unknown): Message | null {
  return isRecord(data) && data.doorward === RELEASE ? (data.message as Message) : null;
}

/** Whether something has the shape of somebody who is signed in, as far as the client itself looks. */
export function isSignedIn(value: unknown): value is { readonly user: User; readonly session: Session } {
  const hasId = (part: unknown) => isRecord(part) && typeof part.id === "string";
  return isRecord(value) && hasId(value.user) && hasId(value.session);
}
