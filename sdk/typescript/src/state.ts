import type { Instant } from "./environment.js";
import type { Message } from "./message.js";
import type { Failed } from "./problem.js";
import type { Session, User } from "./types.js";

/**
 * - `unknown`: not found out yet. Show neither what is protected nor a login page.
 * - `authenticated`: somebody is signed in.
 * - `unauthenticated`: nobody is, and it was Doorward that said so.
 */
export type Status = "unknown" | "authenticated" | "unauthenticated";

/** The access token of the cookie, which no script can read: good for `leftMs` milliseconds from `since` on. */
export interface Token {
  readonly since: Instant;
  readonly leftMs: number;
}

/** Doorward could not be asked, or could not say. It changes no status. */
export interface Failure {
  /** What failed, and is to be tried again. */
  readonly of: "check" | "refresh";
  /** How often running. */
  readonly count: number;
  readonly since: Instant;
  /** After how many milliseconds to try again. */
  readonly waitMs: number;
  /** Whether the wait is Doorward's own word (`Retry-After`), and not cut short. */
  readonly firm: boolean;
  readonly problem: Failed;
}

export interface State {
  readonly status: Status;
  readonly user: User | null;
  readonly session: Session | null;
  /** Whether Doorward has its first administrator; null while nobody knows. */
  readonly setupComplete: boolean | null;
  /**
   * Counts what changed who is signed in, as far as this tab knows. An answer to a question from another epoch is stale,
   * and changes nothing.
   */
  readonly epoch: number;
  /** The CSRF token of `session`. Another one in the cookie means that something happened in another tab. */
  readonly csrf: string | null;
  /** The CSRF token of a session that is over or cannot be refreshed: no refresh is tried with it again. */
  readonly overWith: string | null;
  readonly token: Token | null;
  readonly failure: Failure | null;
  /** Whether Doorward is to be asked who is signed in, and whether it is being asked; `again`: since it changed under way. */
  readonly wanted: boolean;
  readonly asking: "no" | "once" | "again";
  /** Whether a refresh of this tab waits for its turn among the tabs, or is asked and not answered. */
  readonly refresh: "rest" | "queue" | "server";
  /** With which it began to wait; null if another tab has failed meanwhile. */
  readonly replaces: Mark | null;
  /** Whether it is asked for the second time, as the first answer was lost. */
  readonly again: boolean;
}

export const initialState: State = {
  status: "unknown",
  user: null,
  session: null,
  setupComplete: null,
  epoch: 0,
  csrf: null,
  overWith: null,
  token: null,
  failure: null,
  wanted: false,
  asking: "no",
  refresh: "rest",
  replaces: null,
  again: false,
};

/** What the browser says at the moment of an event. */
export interface World {
  readonly now: Instant;
  /** The CSRF cookie. */
  readonly csrf: string | null;
  /** Jitter: at least 0 and below 1. */
  readonly random: number;
}

/** When, and in which state of affairs, a request began. */
export interface Mark {
  readonly epoch: number;
  readonly csrf: string | null;
  readonly since: Instant;
}

/** Who is signed in, and for how many milliseconds the access token is good yet; null where the server does not say. */
export interface Known {
  readonly user: User;
  readonly session: Session;
  readonly leftMs: number | null;
}

/** What became of a question to Doorward. */
export type Answer = Known | Failed;

export type Event =
  /** Somebody wants to know who is signed in. */
  | { readonly type: "check" }
  /** A new access token is wanted, in place of the one that was in the cookie at `mark`; without, of the one in the state. */
  | { readonly type: "renew"; readonly mark?: Mark }
  /** It is this tab's turn to refresh. */
  | { readonly type: "turn" }
  | { readonly type: "checked"; readonly mark: Mark; readonly answer: Answer }
  | { readonly type: "refreshed"; readonly mark: Mark; readonly answer: Answer }
  /** A login is through, or anything else that put another session in place of the one there was. */
  | { readonly type: "signed_in"; readonly mark: Mark; readonly answer: Known }
  /** Doorward has ended the session: the 204 of a logout, or a login that now waits for its second factor. */
  | { readonly type: "signed_out"; readonly mark: Mark }
  | { readonly type: "heard"; readonly message: Message }
  /** In sight or online again: worth trying at once what failed before. */
  | { readonly type: "wake" }
  /** The page is back by the Back button, as it was left. */
  | { readonly type: "restored" };

/** What the shell is to do. */
export type Effect =
  /** Ask who is signed in, which leads to `checked`. */
  | { readonly type: "ask_session" }
  /** Wait for a turn, and tell of it by `turn`. During it, as long as `refresh` is at the server, ask: `refreshed`. */
  | { readonly type: "take_turn" }
  | { readonly type: "tell"; readonly message: Message };

export function markOf(state: State, world: World): Mark {
  return { epoch: state.epoch, csrf: world.csrf, since: world.now };
}

/** Whether nothing is being found out. */
export function isAtRest(state: State): boolean {
  return !state.wanted && state.asking === "no" && state.refresh === "rest";
}
