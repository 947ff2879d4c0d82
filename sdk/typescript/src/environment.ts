/** What the client needs of the browser, so that its logic runs against any other one: a test's, an Electron shell's. */

/**
 * A moment by two clocks of one tab. Neither is trusted alone: the wall clock may be wrong or set, the other stands still
 * in some browsers while the computer sleeps.
 */
export interface Instant {
  /** Milliseconds of `performance.now()`. */
  readonly elapsed: number;
  /** Milliseconds of `Date.now()`. */
  readonly wall: number;
}

/**
 * The longest time, in milliseconds, that may have passed between two moments. Too long only costs a refresh that would
 * not have been needed yet, when somebody sets the clock; too short would let a token run out.
 */
export function between(earlier: Instant, later: Instant): number {
  return Math.max(later.elapsed - earlier.elapsed, later.wall - earlier.wall, 0);
}

/** Undoes what it was given for; more than once is the same as once. */
export type Cancel = () => void;

/** What the browser tells of: somebody at the keys; the page in sight again; back by the Back button; online again. */
export type Sign = "active" | "visible" | "restored" | "online";

/** A `BroadcastChannel`, as far as it is needed. */
export interface Broadcast {
  postMessage(message: unknown): void;
  onmessage: ((event: MessageEvent<unknown>) => unknown) | null;
  close(): void;
}

/** `localStorage`, as far as it is needed. Each method may throw. */
export type Storage = Pick<globalThis.Storage, "getItem" | "setItem" | "removeItem">;

/** Web Locks, as far as they are needed. */
export interface Locks {
  request(name: string, options: { readonly signal: AbortSignal }, granted: () => Promise<void>): Promise<unknown>;
}

/** What passkeys need: `navigator.credentials` and, where it is there, `PublicKeyCredential`. */
export interface Authenticators {
  readonly credentials: Pick<CredentialsContainer, "create" | "get">;
  readonly json?: {
    readonly parseCreationOptionsFromJSON?: typeof PublicKeyCredential.parseCreationOptionsFromJSON;
    readonly parseRequestOptionsFromJSON?: typeof PublicKeyCredential.parseRequestOptionsFromJSON;
  };
}

/** What only those need that do something seldom: pages without https, and passkeys. */
export interface SeldomEnvironment {
  /** `localStorage`, or null: browsers can be told to refuse it. */
  storage(): Storage | null;
  /** Calls when another tab has written a value; not for one that was removed. */
  onStored(run: (key: string, value: string) => void): Cancel;
  /** What passkeys need, or null. */
  authenticators(): Authenticators | null;
}

export interface Environment {
  readonly fetch: (input: RequestInfo | URL, init?: RequestInit) => Promise<Response>;
  /** What relative URLs are relative to: `location.href`. */
  pageUrl(): string;
  /** `document.cookie` as it is now. */
  cookies(): string;
  now(): Instant;
  /** At least 0 and below 1. For jitter and names, never for secrets. */
  random(): number;
  /** Runs something once, after so many milliseconds. */
  after(milliseconds: number, run: () => void): Cancel;
  /** Calls at each sign. */
  on(sign: Sign, run: () => void): Cancel;
  /** Web Locks, or null: they are missing on pages without https. */
  locks(): Locks | null;
  /** A channel to the other tabs, or null. */
  broadcast(name: string): Broadcast | null;
  /** The browser's unless given. */
  readonly seldom?: SeldomEnvironment;
}

/** What streams need of the browser besides. */
export interface StreamEnvironment {
  eventSource(url: string): EventSource;
  webSocket(url: string, protocols: string[]): WebSocket;
}
