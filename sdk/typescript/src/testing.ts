import type { Doorward, Snapshot } from "./doorward.js";
import type { Environment } from "./environment.js";
import { DoorwardError } from "./problem.js";
import type { Session, User } from "./types.js";

const AT = "2026-01-01T00:00:00Z";

/** A user, with whatever matters to the test. */
export function testUser(user: Partial<User> = {}): User {
  return {
    id: "user-1",
    username: "ada",
    email: null,
    roles: [],
    mfa: { totp: false, passkeys: 0, recovery_codes_left: 0 },
    must_change_password: false,
    disabled: false,
    created_at: AT,
    ...user,
  };
}

/** A session, with whatever matters to the test. */
export function testSession(session: Partial<Session> = {}): Session {
  return {
    id: "session-1",
    created_at: AT,
    last_seen_at: AT,
    expires_at: AT,
    idle_expires_at: AT,
    aal: 1,
    amr: ["pwd"],
    auth_time: AT,
    binding: "off",
    user_agent: "a test",
    address: null,
    current: true,
    ...session,
  };
}

/** Who is to be signed in, and what is to be answered. */
export interface TestState {
  readonly status?: Snapshot["status"];
  readonly user?: Partial<User>;
  readonly session?: Partial<Session>;
  readonly setupComplete?: boolean | null;
  readonly problem?: Snapshot["problem"];
}

/** Methods of a client that a test answers itself. */
export type TestMethods = Partial<
  Omit<Doorward, "getSnapshot" | "subscribe" | "environment" | "mfa" | "passkeys" | "close"> &
    Doorward["mfa"] & { readonly [Name in keyof Doorward["passkeys"] as `${Name}Passkey`]: Doorward["passkeys"][Name] }
>;

export interface TestDoorward extends Doorward {
  /** Somebody signs in or out: what is not given is as at first. */
  set(state: TestState): void;
}

function snapshotOf(state: TestState): Snapshot {
  const { status = "authenticated", setupComplete = true, problem = null } = state;
  return status === "authenticated"
    ? { status, setupComplete, problem, user: testUser(state.user), session: testSession(state.session) }
    : { status, setupComplete, problem, user: null, session: null };
}

/**
 * A client without a network, for tests of an app: it is signed in as is said, and `login` and `logout` do what they say.
 * Whatever else is called rejects with `not_prepared`, unless `methods` answers it.
 *
 * ```ts
 * const doorward = createTestDoorward({ user: { roles: ["admin"] } }, { listSessions: async () => ({ items: [] }) });
 * ```
 */
export function createTestDoorward(initially: TestState = {}, methods: TestMethods = {}): TestDoorward {
  let snapshot = snapshotOf(initially);
  const listeners = new Set<() => void>();

  function set(state: TestState): void {
    snapshot = snapshotOf(state);
    for (const listener of [...listeners]) listener();
  }

  const unprepared = (name: string) => () =>
    Promise.reject(
      new DoorwardError({ status: 0, code: "not_prepared", detail: `The test says nothing of ${name}: see createTestDoorward.` }),
    );
  const prepared = <Name extends keyof TestMethods>(name: Name) => methods[name] ?? unprepared(name);

  const signIn = () => {
    const state = { ...initially, status: "authenticated" } as const;
    set(state);
    return Promise.resolve({ status: "authenticated", user: testUser(state.user), session: testSession(state.session) } as const);
  };
  const environment = new Proxy({} as Environment, {
    get(_, name) {
      throw new Error(`A test's client has no ${String(name)}: give streams an environment of their own.`);
    },
  });

  return {
    getSnapshot: () => snapshot,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    set,
    environment,
    checkSession: methods.checkSession ?? (() => Promise.resolve(snapshot)),
    fetch: prepared("fetch"),
    login: methods.login ?? signIn,
    loginMfa: methods.loginMfa ?? signIn,
    loginPasskey: methods.loginPasskey ?? signIn,
    logout:
      methods.logout ??
      (() => {
        set({ ...initially, status: "unauthenticated" });
        return Promise.resolve();
      }),
    changePassword: prepared("changePassword"),
    listSessions: prepared("listSessions"),
    revokeSession: prepared("revokeSession"),
    revokeOtherSessions: prepared("revokeOtherSessions"),
    stepUp: prepared("stepUp"),
    stepUpPasskey: prepared("stepUpPasskey"),
    mfa: {
      beginTotp: prepared("beginTotp"),
      confirmTotp: prepared("confirmTotp"),
      removeTotp: prepared("removeTotp"),
      replaceRecoveryCodes: prepared("replaceRecoveryCodes"),
    },
    passkeys: {
      list: prepared("listPasskey"),
      add: prepared("addPasskey"),
      remove: prepared("removePasskey"),
    },
    close: () => undefined,
  };
}
