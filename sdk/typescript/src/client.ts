import type { Account } from "./account.js";
import { openCalls } from "./calls.js";
import type { Doorward } from "./doorward.js";
import { openEngine } from "./engine.js";
import { openSender } from "./fetch.js";
import { settingsOf, type Options } from "./settings.js";
import type { LoggedIn, LoginAnswer, SignedIn } from "./types.js";

/**
 * A client for one tab. Nothing is asked before the first subscription or request, so that one can be made where pages are
 * only rendered ahead.
 *
 * @throws {TypeError} for a `baseUrl` or an origin that is none.
 */
export function createDoorward(options: Options = {}): Doorward {
  const settings = settingsOf(options);
  const engine = openEngine(settings);
  const { getSnapshot, subscribe, mark, read, dispatch, settle } = engine;
  const sender = openSender(engine);
  const calls = openCalls(engine, sender);
  let account: Promise<Account> | null = null;
  function load(): Promise<Account> {
    account ??= import("./account.js").then(({ openAccount }) => openAccount(engine, calls));
    // What could not be loaded now may be the next time.
    account.catch(() => (account = null));
    return account;
  }
  /** Methods of the part that is loaded when it is needed. */
  function later<Group extends object>(of: (account: Account) => Group, ...names: (keyof Group & string)[]): Group {
    const method = (name: keyof Group) => async (...given: unknown[]) =>
      (of(await load())[name] as (...given: unknown[]) => unknown)(...given);
    return Object.fromEntries(names.map((name) => [name, method(name)])) as Group;
  }

  return {
    getSnapshot,
    subscribe(listener) {
      mark();
      const { status, failure, asking } = read();
      if (status === "unknown" && !failure && asking === "no") dispatch({ type: "check" });
      return subscribe(listener);
    },
    async checkSession() {
      await settle({ type: "check" });
      return getSnapshot();
    },
    fetch: sender.fetch,
    environment: settings.environment,

    login: async (credentials) => (await calls.exchange("/login", credentials)) as LoginAnswer,
    loginMfa: async (code) => (await calls.exchange("/login/mfa", code)) as LoggedIn,
    async logout() {
      const begun = mark();
      try {
        await calls.inTurn("POST", "/logout");
      } catch (error) {
        // It may have happened all the same. Doorward knows.
        void settle({ type: "check" });
        throw error;
      }
      dispatch({ type: "signed_out", mark: begun });
    },
    stepUp: async (shown) => (await calls.exchange("/step-up", shown)) as SignedIn,
    ...later(
      ({ own }) => own,
      "loginPasskey",
      "stepUpPasskey",
      "changePassword",
      "listSessions",
      "revokeSession",
      "revokeOtherSessions",
    ),
    mfa: later(({ mfa }) => mfa, "beginTotp", "confirmTotp", "removeTotp", "replaceRecoveryCodes"),
    passkeys: later(({ passkeys }) => passkeys, "list", "add", "remove"),
    close: engine.close,
  };
}
