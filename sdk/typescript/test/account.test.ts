// What people do on an account page: which request each method is, and what it changes.

import { beforeEach, describe, expect, test, vi } from "vitest";
import type { Authenticators } from "../src/environment.js";
import { OneTab, SESSION } from "./support/one_tab.js";
import { aSession, aUser, problem } from "./support/server.js";

let one: OneTab;
const base = "/auth/v1";

beforeEach(async () => {
  one = await OneTab.open();
});

/** Answers everything by one body, and says what was asked. */
async function asks(answer: unknown, ask: () => Promise<unknown>): Promise<[string, unknown, unknown]> {
  one.browser.fate = ({ path }) =>
    path === `${base}/session` ? "answered" : answer === null ? new Response(null, { status: 204 }) : Response.json(answer);
  const result = await one.through(ask());
  const [request] = one.browser.received;
  const body: unknown = request?.body ? JSON.parse(request.body) : undefined;
  return [`${request?.method} ${request?.url.slice("https://app.example.com/auth/v1".length)}`, body, result];
}

describe("sessions", () => {
  test("are listed, a part at a time", async () => {
    const list = { items: [aSession("s")], next_cursor: null };
    expect(await asks(list, () => one.doorward.listSessions())).toEqual(["GET /sessions?", undefined, list]);
    one.browser.received.length = 0;
    const query = { scope: "all", user_id: "u&1", limit: 10 } as const;
    const [request] = await asks(list, () => one.doorward.listSessions(query));
    expect(request).toBe("GET /sessions?scope=all&user_id=u%261&limit=10");
  });

  test("are revoked one by one, and a name is no path", async () => {
    expect(await asks(null, () => one.doorward.revokeSession("../x"))).toEqual(["DELETE /sessions/..%2Fx", undefined, undefined]);
    expect(one.status).toBe("authenticated");
  });

  test("when it is this one, nobody is signed in any more", async () => {
    const id = one.doorward.getSnapshot().session?.id ?? "";
    one.browser.server.sessions.clear();
    await asks(null, () => one.doorward.revokeSession(id));
    expect(one.status).toBe("unauthenticated");
  });

  test("of others are revoked all at once", async () => {
    expect(await asks({ revoked: 3 }, () => one.doorward.revokeOtherSessions())).toEqual(["DELETE /sessions", undefined, 3]);
  });
});

describe("a new password", () => {
  const passwords = { current_password: "old", new_password: "new" };

  test("goes on in another session", async () => {
    const body = { user: aUser("ada"), session: aSession("another") };
    expect(await asks(body, () => one.doorward.changePassword(passwords))).toEqual(["POST /password", passwords, body]);
    expect(one.doorward.getSnapshot().session?.id).toBe("another");
    expect(one.seen).toEqual(["unknown", "authenticated"]);
  });

  test("with the old one wrong is refused, and nothing else happens", async () => {
    one.browser.fate = () => problem(401, "invalid_credentials");
    await expect(one.through(one.doorward.changePassword(passwords))).rejects.toMatchObject({ code: "invalid_credentials" });
    expect(one.browser.requests).toEqual(["POST /auth/v1/password"]);
    expect(one.status).toBe("authenticated");
  });

  test("is not taken for one whose answer has another shape", async () => {
    const refused = asks({ ok: true }, () => one.doorward.changePassword(passwords));
    await expect(refused).rejects.toMatchObject({ code: "unexpected_answer" });
  });
});

describe("second factors", () => {
  test.each([
    ["POST /mfa/totp", { secret: "s" }, undefined, () => one.doorward.mfa.beginTotp()],
    ["POST /mfa/totp/confirm", { recovery_codes: ["c"] }, { code: "123456" }, () => one.doorward.mfa.confirmTotp("123456")],
    ["DELETE /mfa/totp", null, undefined, () => one.doorward.mfa.removeTotp()],
    ["POST /mfa/recovery-codes", { recovery_codes: ["c"] }, undefined, () => one.doorward.mfa.replaceRecoveryCodes()],
    ["GET /passkeys", { items: [] }, undefined, () => one.doorward.passkeys.list()],
    ["DELETE /passkeys/a%2Fb", null, undefined, () => one.doorward.passkeys.remove("a/b")],
  ] as const)("%s", async (request, answer, body, ask) => {
    expect(await asks(answer, ask)).toEqual([request, body, answer ?? undefined]);
    // Whatever changes the factors changes who is shown.
    expect(one.browser.count(SESSION)).toBe(/confirm|DELETE|recovery/.test(request) ? 1 : 0);
  });
});

describe("passkeys", () => {
  const credential = { toJSON: () => ({ id: "k", rawId: "k", type: "public-key", response: {} }) };
  const create = vi.fn(async () => credential as unknown as Credential);
  const get = vi.fn(async () => credential as unknown as Credential);
  const parsed = { challenge: new ArrayBuffer(1) };
  const authenticators = {
    credentials: { create, get },
    json: { parseCreationOptionsFromJSON: () => parsed, parseRequestOptionsFromJSON: () => parsed },
  } as unknown as Authenticators;

  beforeEach(() => {
    one.tab.passkeys = authenticators;
    one.browser.fate = ({ path }) =>
      path.endsWith("/options")
        ? Response.json({ publicKey: { challenge: "AA" } })
        : path === `${base}/passkeys`
          ? Response.json({ id: "k", name: "key" }, { status: 201 })
          : Response.json({ status: "authenticated", user: aUser("bob"), session: aSession("another") });
  });

  test("sign in", async () => {
    const abort = new AbortController();
    await one.through(one.doorward.loginPasskey({ mediation: "conditional", signal: abort.signal }));
    expect(get).toHaveBeenLastCalledWith({ publicKey: parsed, mediation: "conditional", signal: abort.signal });
    expect(one.browser.requests).toEqual([`POST ${base}/login/passkey/options`, `POST ${base}/login/passkey`]);
    expect(one.browser.received[1]?.body).toBe(JSON.stringify(credential.toJSON()));
    expect(one.doorward.getSnapshot().user?.id).toBe("bob");
  });

  test("step up", async () => {
    await one.through(one.doorward.stepUpPasskey());
    expect(one.browser.requests).toEqual([`POST ${base}/step-up/passkey/options`, `POST ${base}/step-up/passkey`]);
  });

  test("are added, with a name", async () => {
    await one.through(one.doorward.passkeys.add("key"));
    expect(create).toHaveBeenLastCalledWith({ publicKey: parsed });
    expect(one.browser.requests.slice(0, 2)).toEqual([`POST ${base}/passkeys/options`, `POST ${base}/passkeys`]);
    expect(JSON.parse(one.browser.received[1]?.body ?? "")).toEqual({ ...credential.toJSON(), name: "key" });
  });

  test("that the user would not show are the browser's own error, and nothing is sent", async () => {
    get.mockRejectedValueOnce(new DOMException("no", "NotAllowedError"));
    await expect(one.through(one.doorward.loginPasskey())).rejects.toMatchObject({ name: "NotAllowedError" });
    expect(one.browser.requests).toEqual([`POST ${base}/login/passkey/options`]);
    expect(one.status).toBe("authenticated");
  });

  test("in a browser without them are refused as browsers do", async () => {
    one.tab.passkeys = null;
    await expect(one.through(one.doorward.loginPasskey())).rejects.toMatchObject({ name: "NotSupportedError" });
  });
});
