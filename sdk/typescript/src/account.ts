import { browserSeldom } from "./browser_seldom.js";
import type { Calls } from "./calls.js";
import type { Doorward } from "./doorward.js";
import type { Engine } from "./engine.js";
import { isRecord } from "./problem.js";
import type { List, LoggedIn, Passkey, Session, SignedIn, TotpSecret } from "./types.js";
import { createPasskey, showPasskey, type Ceremony } from "./webauthn.js";

/** What people do on an account page, and passkeys: loaded when one of it is called for the first time. */
export interface Account {
  readonly own: Pick<
    Doorward,
    "loginPasskey" | "stepUpPasskey" | "changePassword" | "listSessions" | "revokeSession" | "revokeOtherSessions"
  >;
  readonly mfa: Doorward["mfa"];
  readonly passkeys: Doorward["passkeys"];
}

export function openAccount(engine: Engine, calls: Calls): Account {
  const { seldom = browserSeldom } = engine.settings.environment;

  /** Something of the signed-in user's factors changed, and with it who they are shown as. */
  async function changing<T>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await calls.inTurn(method, path, body);
    await engine.settle({ type: "check" });
    return answer as T;
  }

  /** Has the user show a passkey, for options that Doorward gives, and exchanges it. */
  async function byPasskey<T>(path: string, ceremony: Ceremony | undefined): Promise<T> {
    const options = await calls.call("POST", `${path}/options`);
    return (await calls.exchange(path, await showPasskey(seldom.authenticators(), options, ceremony))) as T;
  }

  const own: Account["own"] = {
    loginPasskey: (ceremony) => byPasskey<LoggedIn>("/login/passkey", ceremony),
    stepUpPasskey: (ceremony) => byPasskey<SignedIn>("/step-up/passkey", ceremony),
    changePassword: async (passwords) => (await calls.exchange("/password", passwords)) as SignedIn,

    async listSessions(query = {}) {
      const given = Object.entries<string | number | null | undefined>(query);
      const parameters = given.flatMap(([name, value]) => (value == null ? [] : [[name, String(value)]]));
      return (await calls.call("GET", `/sessions?${new URLSearchParams(parameters)}`)) as List<Session>;
    },
    async revokeSession(id) {
      const current = id === engine.read().session?.id;
      await calls.call("DELETE", `/sessions/${encodeURIComponent(id)}`);
      if (current) await engine.settle({ type: "check" });
    },
    async revokeOtherSessions() {
      const body = await calls.call("DELETE", "/sessions");
      return isRecord(body) ? Number(body.revoked) : 0;
    },
  };

  const mfa: Account["mfa"] = {
    beginTotp: async () => (await calls.call("POST", "/mfa/totp")) as TotpSecret,
    confirmTotp: (code) => changing("POST", "/mfa/totp/confirm", { code }),
    removeTotp: () => changing("DELETE", "/mfa/totp"),
    replaceRecoveryCodes: () => changing("POST", "/mfa/recovery-codes"),
  };

  const passkeys: Account["passkeys"] = {
    list: async () => (await calls.call("GET", "/passkeys")) as List<Passkey>,
    async add(name, ceremony) {
      const options = await calls.call("POST", "/passkeys/options");
      const made = await createPasskey(seldom.authenticators(), options, ceremony);
      return changing("POST", "/passkeys", name === undefined ? made : { ...made, name });
    },
    remove: (id) => changing("DELETE", `/passkeys/${encodeURIComponent(id)}`),
  };

  return { own, mfa, passkeys };
}
