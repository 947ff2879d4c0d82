import { isRecord } from "./problem.js";
import type { Token } from "./state.js";
import type { Session, User } from "./types.js";

/** Part of the channel's name, and raised with every change of `Message`: other releases have channels of their own. */
export const RELEASE = 1;

/** What the tabs of one browser tell each other. A message may come late, or never: nothing rests on it alone. */
export type Message =
  /** Signed in, or refreshed. Of the token's `since` only the wall clock means something to others. */
  | {
      readonly type: "alive";
      readonly user: User;
      readonly session: Session;
      readonly csrf: string | null;
      readonly token: Token | null;
    }
  /** A session is over, for the server said so. `csrf` was its token. */
  | { readonly type: "gone"; readonly session: string | null; readonly csrf: string | null }
  /** Doorward could not be asked for a refresh; worth while again in `waitMs` milliseconds. `firm`: its own word. */
  | { readonly type: "failing"; readonly waitMs: number; readonly firm: boolean };

/** Whether something has the shape of somebody who is signed in, as far as the client itself looks. */
export function isSignedIn(value: unknown): value is { readonly user: User; readonly session: Session } {
  const hasId = (part: unknown) => isRecord(part) && typeof part.id === "string";
  return isRecord(value) && hasId(value.user) && hasId(value.session);
}
