import type { Environment } from "./environment.js";
import type { Fetch } from "./fetch.js";
import type { Failed } from "./problem.js";
import type {
  AddedPasskey, Code, Credentials, List, LoggedIn, LoginAnswer, NewPassword, Passkey, RecoveryCodes, Session,
  SessionQuery, SignedIn, StepUp, TotpSecret, User,
} from "./types.js";
import type { Ceremony } from "./webauthn.js";

/** Who is signed in, as far as it is known. The same object until something changes. */
export type Snapshot = {
  /** Whether the server has its first administrator; null while nobody knows. */
  readonly setupComplete: boolean | null;
  /** Why Doorward could not be asked the last time; null once it could. The status stays what it was. */
  readonly problem: Failed | null;
} & (
  | { readonly status: "authenticated"; readonly user: User; readonly session: Session }
  | { readonly status: "unknown" | "unauthenticated"; readonly user: null; readonly session: null }
);

/**
 * Signing in and staying signed in, for one browser tab.
 *
 * Methods reject with `DoorwardError` where the server says no, and with `NetworkError` where there is no answer.
 */
export interface Doorward {
  readonly getSnapshot: () => Snapshot;
  /** Calls at each change of the snapshot. The first subscription has Doorward asked who is signed in. */
  readonly subscribe: (listener: () => void) => () => void;
  /** Asks who is signed in. Never rejects: `problem` says why it could not be found out. */
  checkSession(): Promise<Snapshot>;

  /** `fetch` with credentials and CSRF token, that refreshes silently: see the README. */
  readonly fetch: Fetch;
  readonly environment: Environment;

  /** The password. With a second factor due it resolves with `mfa_required`: go on with `loginMfa` or `loginPasskey`. */
  login(credentials: Credentials): Promise<LoginAnswer>;
  /** The second factor, by code. */
  loginMfa(code: Code): Promise<LoggedIn>;
  /** A passkey, as the second factor or alone. */
  loginPasskey(ceremony?: Ceremony): Promise<LoggedIn>;
  /** Resolves when the server has ended the session, and only then. Whenever it rejects, the status is as it was. */
  logout(): Promise<void>;
  /** Ends every other session, and the status of this one goes on in a new one. */
  changePassword(passwords: NewPassword): Promise<SignedIn>;

  listSessions(query?: SessionQuery): Promise<List<Session>>;
  revokeSession(id: string): Promise<void>;
  /** Ends all sessions of the user but this one; resolves with how many. */
  revokeOtherSessions(): Promise<number>;

  /** Authenticates anew by password or code, for what is sensitive. */
  stepUp(shown: StepUp): Promise<SignedIn>;
  stepUpPasskey(ceremony?: Ceremony): Promise<SignedIn>;

  readonly mfa: {
    /** A secret for an authenticator app; in force once `confirmTotp` has seen one of its codes. */
    beginTotp(): Promise<TotpSecret>;
    confirmTotp(code: string): Promise<RecoveryCodes>;
    removeTotp(): Promise<void>;
    /** New recovery codes; the old ones are dead. */
    replaceRecoveryCodes(): Promise<RecoveryCodes>;
  };
  readonly passkeys: {
    list(): Promise<List<Passkey>>;
    /** Has the browser make a passkey, and registers it. */
    add(name?: string, ceremony?: Ceremony): Promise<AddedPasskey>;
    remove(id: string): Promise<void>;
  };

  /** Stops listening to the browser and to other tabs. */
  close(): void;
}
