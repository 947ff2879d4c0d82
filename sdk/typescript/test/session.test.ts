// Who is signed in, as one tab finds it out: at the start, by login and logout, and when Doorward cannot be asked.

import { beforeEach, describe, expect, test } from "vitest";
import { createDoorward, DoorwardError, NetworkError, type Doorward } from "../src/index.js";
import { Browser, type Tab } from "./support/browser.js";
import { CSRF, page, problem } from "./support/server.js";

let browser: Browser;
let tab: Tab;
let doorward: Doorward;
let seen: string[];

/** Runs until it is through, whatever it comes to. */
async function through<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  await browser.settle();
  return promise;
}

function open(): void {
  tab = browser.open();
  doorward = createDoorward({ environment: tab });
  seen = [doorward.getSnapshot().status];
  doorward.subscribe(() => {
    const { status } = doorward.getSnapshot();
    if (status !== seen.at(-1)) seen.push(status);
  });
}

beforeEach(() => {
  browser = new Browser();
});

const status = () => doorward.getSnapshot().status;

describe("at the start", () => {
  test("it is unknown who is signed in until Doorward has said so", async () => {
    browser.jar.store(browser.server.begin("ada"));
    open();
    expect(status()).toBe("unknown");
    await browser.settle();
    expect(seen).toEqual(["unknown", "authenticated"]);
    expect(doorward.getSnapshot().user?.id).toBe("ada");
  });

  test("nobody is signed in where nobody is", async () => {
    open();
    await browser.settle();
    expect(seen).toEqual(["unknown", "unauthenticated"]);
    expect(browser.requests).toEqual(["GET /auth/v1/session"]);
  });

  test("an access token whose cookie is gone is refreshed, and nobody sees a login page", async () => {
    browser.jar.store(browser.server.begin("ada"));
    browser.time += 1_000_000;
    open();
    await browser.settle();
    expect(seen).toEqual(["unknown", "authenticated"]);
    expect(browser.requests).toEqual(["GET /auth/v1/session", "POST /auth/v1/refresh"]);
  });

  test.each([
    ["no network", () => "unreachable" as const],
    ["a page of a proxy", () => page(502)],
    ["a portal's page instead of an answer", () => page(200)],
    ["a portal's own 401", () => page(401)],
    ["an overloaded server", () => problem(503, "overloaded", { retry_after: 1 })],
    ["too many requests", () => problem(429, "rate_limited", { retry_after: 1 })],
  ])("%s leaves it unknown, and it is tried again", async (_, fate) => {
    browser.jar.store(browser.server.begin("ada"));
    browser.fate = fate;
    open();
    await browser.settle();
    expect(seen).not.toContain("unauthenticated");
    expect(status()).toBe("unknown");
    expect(doorward.getSnapshot().problem).toBeInstanceOf(Error);
    browser.fate = () => "answered";
    await browser.pass(3_000);
    expect(status()).toBe("authenticated");
    expect(doorward.getSnapshot().problem).toBeNull();
  });

  test("a server that was never set up is told apart", async () => {
    browser.fate = () => problem(503, "setup_required");
    open();
    await browser.settle();
    expect(doorward.getSnapshot()).toMatchObject({ status: "unknown", setupComplete: false });
    browser.fate = () => "answered";
    await through(doorward.checkSession());
    expect(doorward.getSnapshot()).toMatchObject({ status: "unauthenticated", setupComplete: true });
  });

  test("nothing is asked, and nothing listened to, before somebody wants to know", async () => {
    tab = browser.open();
    createDoorward({ environment: tab });
    await browser.settle();
    expect(browser.requests).toEqual([]);
    expect(tab.channels.size).toBe(0);
  });
});

describe("login", () => {
  beforeEach(async () => {
    open();
    await browser.settle();
  });

  test("signs in", async () => {
    const answer = await through(doorward.login({ username: "ada", password: "right" }));
    expect(answer.status).toBe("authenticated");
    expect(doorward.getSnapshot()).toMatchObject({ status: "authenticated", user: { id: "ada" } });
  });

  test("with a wrong password rejects with the server's code, and asks for no refresh", async () => {
    const refused = through(doorward.login({ username: "ada", password: "wrong" }));
    await expect(refused).rejects.toMatchObject({ name: "DoorwardError", code: "invalid_credentials", status: 401 });
    expect(status()).toBe("unauthenticated");
    expect(browser.count("POST /auth/v1/refresh")).toBe(0);
  });

  test("is not through while the second factor is due", async () => {
    browser.server.secondFactorFor.add("ada");
    const answer = await through(doorward.login({ username: "ada", password: "right" }));
    expect(answer).toMatchObject({ status: "mfa_required", methods: ["totp"] });
    expect(status()).toBe("unauthenticated");
    await through(doorward.loginMfa({ method: "totp", code: "123456" }));
    expect(status()).toBe("authenticated");
  });

  test("that waits for its second factor has ended the session before", async () => {
    await through(doorward.login({ username: "bob", password: "right" }));
    browser.server.secondFactorFor.add("ada");
    await through(doorward.login({ username: "ada", password: "right" }));
    expect(status()).toBe("unauthenticated");
    expect(browser.server.sessions.size).toBe(0);
  });

  test("behind a proxy that answers for the server rejects, and is not taken for one", async () => {
    browser.fate = () => page(200);
    const refused = through(doorward.login({ username: "ada", password: "right" }));
    await expect(refused).rejects.toMatchObject({ code: "unexpected_answer" });
    expect(status()).toBe("unauthenticated");
  });

  test("tells values that break a rule", async () => {
    const errors = [{ field: "username", code: "too_long", detail: "a name has at most 64 characters" }];
    browser.fate = () => problem(422, "validation_failed", { errors });
    const refused = through(doorward.login({ username: "a".repeat(65), password: "right" }));
    await expect(refused).rejects.toMatchObject({ status: 422, fields: errors, requestId: "r-1" });
  });
});

describe("logout", () => {
  beforeEach(async () => {
    browser.jar.store(browser.server.begin("ada"));
    open();
    await browser.settle();
  });

  test("signs out once the server has", async () => {
    await through(doorward.logout());
    expect(seen).toEqual(["unknown", "authenticated", "unauthenticated"]);
    expect(browser.server.sessions.size).toBe(0);
    expect(tab.cookies()).toBe("");
  });

  test.each([
    ["503", () => problem(503, "store_unavailable"), DoorwardError],
    ["a proxy's 502", () => page(502), DoorwardError],
    ["no network", () => "unreachable" as const, NetworkError],
  ])("that fails with %s rejects, and does not look like one that worked", async (_, fate, kind) => {
    browser.fate = ({ path }) => (path.endsWith("/logout") ? fate() : "answered");
    await expect(through(doorward.logout())).rejects.toBeInstanceOf(kind);
    expect(seen).toEqual(["unknown", "authenticated"]);
    expect(browser.server.sessions.size).toBe(1);
  });

  test("whose answer is lost rejects, and Doorward is asked what is true", async () => {
    browser.fate = ({ path }) => (path.endsWith("/logout") ? "lost" : "answered");
    await expect(through(doorward.logout())).rejects.toBeInstanceOf(NetworkError);
    expect(status()).toBe("unauthenticated");
    expect(browser.server.sessions.size).toBe(0);
  });

  test("that is never answered rejects in time", async () => {
    browser.fate = ({ path }) => (path.endsWith("/logout") ? "hangs" : "answered");
    const refused = doorward.logout();
    refused.catch(() => undefined);
    await browser.pass(31_000);
    await expect(refused).rejects.toThrow("no answer within 30 s");
    expect(status()).toBe("authenticated");
  });

  test("needs no CSRF cookie", async () => {
    browser.jar.delete(CSRF);
    await through(doorward.logout());
    expect(status()).toBe("unauthenticated");
  });
});

describe("an answer that comes late", () => {
  beforeEach(async () => {
    browser.jar.store(browser.server.begin("ada"));
    open();
    await browser.settle();
  });

  test("to a check changes nothing after a logout", async () => {
    browser.held = (what) => what === "GET /auth/v1/session is answered";
    const checking = doorward.checkSession();
    await through(doorward.logout().catch(() => undefined));
    await browser.release();
    expect((await checking).status).toBe("unauthenticated");
    expect(seen).toEqual(["unknown", "authenticated", "unauthenticated"]);
  });

  test("to a refresh changes nothing after a logout", async () => {
    browser.time += 1_000_000;
    browser.held = (what) => what === "POST /auth/v1/refresh is answered";
    const asked = doorward.fetch("/api/thing");
    await browser.settle();
    const out = doorward.logout();
    await browser.pass(6_000); // it does not wait for ever for its turn
    await out;
    expect(status()).toBe("unauthenticated");
    await browser.release();
    expect((await asked).status).toBe(401);
    expect(seen).toEqual(["unknown", "authenticated", "unauthenticated"]);
  });
});
