import type { Account } from "./account.js";
import { bodyOf } from "./ask.js";
import { openCalls } from "./calls.js";
import type { Doorward, Snapshot } from "./doorward.js";
import { Engine } from "./engine.js";
import { openSender } from "./fetch.js";
import { settingsOf, type Options } from "./settings.js";
import type { State } from "./state.js";
import type { LoggedIn, LoginAnswer, SignedIn } from "./types.js";

function snapshotOf({ status, user, session, setupComplete, failure }: State): Snapshot {
  // Who is signed in is known by name, and nobody else is: see `signedIn` and `signedOut` of the state machine.
  return { status, user, session, setupComplete, problem: failure?.problem ?? null } as Snapshot;
}

/**
 * A client for one tab. Nothing is asked before the first subscription or request, so that one can be made where pages are
 * only rendered ahead.
 *
 * @throws {TypeError} for a `baseUrl` or an origin that is none.
 */
export function createDoorward(options: Options = {}): Doorward {
  const settings = settingsOf(options);
  const engine = new Engine(settings);
  const sender = openSender(engine);
  const calls = openCalls(engine, sender);
  let snapshot = snapshotOf(engine.state);

  function getSnapshot(): Snapshot {
    const now = snapshotOf(engine.state);
    if ((Object.keys(now) as (keyof Snapshot)[]).some((key) => now[key] !== snapshot[key])) snapshot = now;
    return snapshot;
  }

  let account: Promise<Account> | null = null;
  /** A method of the part that is loaded when it is needed. */
  const later =
    <Name extends keyof Account>(name: Name) =>
    async (...given: Parameters<Account[Name]>): Promise<Awaited<ReturnType<Account[Name]>>> => {
      account ??= import("./account.js").then(({ openAccount }) => openAccount(engine, calls));
      // What could not be loaded now may be the next time.
      account.catch(() => (account = null));
      const method = (await account)[name] as (...given: Parameters<Account[Name]>) => ReturnType<Account[Name]>;
      return await method(...given);
    };

  return {
    getSnapshot,
    subscribe(listener) {
      engine.start();
      let seen = getSnapshot();
      const stop = engine.subscribe(() => {
        const now = getSnapshot();
        if (now === seen) return;
        seen = now;
        listener();
      });
      const { status, failure, asking } = engine.state;
      if (status === "unknown" && !failure && asking === "no") engine.dispatch({ type: "check" });
      return stop;
    },
    async checkSession() {
      await engine.settle({ type: "check" });
      return getSnapshot();
    },
    fetch: sender.fetch,
    environment: settings.environment,

    async login(credentials) {
      const mark = engine.mark();
      const response = await calls.inTurn("POST", "/login", credentials);
      const body = (await bodyOf(response)) as LoginAnswer;
      // With the right password the server has ended the session that there was.
      if (body.status === "mfa_required") engine.dispatch({ type: "signed_out", mark });
      else await calls.signedIn(mark, response.headers, body);
      return body;
    },
    loginMfa: async (code) => (await calls.exchange("/login/mfa", code)) as LoggedIn,
    loginPasskey: later("loginPasskey"),
    async logout() {
      const mark = engine.mark();
      try {
        await calls.inTurn("POST", "/logout");
      } catch (error) {
        // It may have happened all the same. Doorward knows.
        void engine.settle({ type: "check" });
        throw error;
      }
      engine.dispatch({ type: "signed_out", mark });
    },
    stepUp: async (shown) => (await calls.exchange("/step-up", shown)) as SignedIn,
    stepUpPasskey: later("stepUpPasskey"),
    changePassword: later("changePassword"),
    listSessions: later("listSessions"),
    revokeSession: later("revokeSession"),
    revokeOtherSessions: later("revokeOtherSessions"),
    mfa: {
      beginTotp: later("beginTotp"),
      confirmTotp: later("confirmTotp"),
      removeTotp: later("removeTotp"),
      replaceRecoveryCodes: later("replaceRecoveryCodes"),
    },
    passkeys: {
      list: later("listPasskeys"),
      add: later("addPasskey"),
      remove: later("removePasskey"),
    },
    close: () => engine.close(),
  };
}
