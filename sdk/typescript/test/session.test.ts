// Who is signed in, as one tab finds it out: at the start, by login and logout, and when Doorward cannot be asked.

import { beforeEach, describe, expect, test, vi } from "vitest";
import { createDoorward, DoorwardError, NetworkError } from "../src/index.js";
import { Browser } from "./support/browser.js";
import { OneTab, REFRESH, SESSION } from "./support/one_tab.js";
import { CSRF, page, problem } from "./support/server.js";

let one: OneTab;

describe("at the start", () => {
  test("it is unknown who is signed in until Doorward has said so", async () => {
    one = OneTab.opening();
    expect(one.status).toBe("unknown");
    await one.browser.settle();
    expect(one.seen).toEqual(["unknown", "authenticated"]);
    expect(one.doorward.getSnapshot().user?.id).toBe("ada");
  });

  test("nobody is signed in where nobody is", async () => {
    one = OneTab.opening({}, null);
    await one.browser.settle();
    expect(one.seen).toEqual(["unknown", "unauthenticated"]);
    expect(one.browser.requests).toEqual([SESSION]);
  });

  test("an access token whose cookie is gone is refreshed, and nobody sees a login page", async () => {
    one = OneTab.opening();
    one.expire();
    await one.browser.settle();
    expect(one.seen).toEqual(["unknown", "authenticated"]);
    expect(one.browser.requests).toEqual([SESSION, REFRESH]);
  });

  test.each([
    ["no network", () => "unreachable" as const],
    ["a page of a proxy", () => page(502)],
    ["a portal's page instead of an answer", () => page(200)],
    ["a portal's own 401", () => page(401)],
    ["an overloaded server", () => problem(503, "overloaded", { retry_after: 1 })],
    ["too many requests", () => problem(429, "rate_limited", { retry_after: 1 })],
  ])("%s leaves it unknown, and it is tried again", async (_, fate) => {
    one = OneTab.opening();
    one.browser.fate = fate;
    await one.browser.settle();
    expect(one.seen).not.toContain("unauthenticated");
    expect(one.status).toBe("unknown");
    expect(one.doorward.getSnapshot().problem).toBeInstanceOf(Error);
    one.browser.fate = () => "answered";
    await one.browser.pass(3_000);
    expect(one.status).toBe("authenticated");
    expect(one.doorward.getSnapshot().problem).toBeNull();
  });

  test("a server that was never set up is told apart", async () => {
    one = OneTab.opening({}, null);
    one.browser.fate = () => problem(503, "setup_required");
    await one.browser.settle();
    expect(one.doorward.getSnapshot()).toMatchObject({ status: "unknown", setupComplete: false });
    one.browser.fate = () => "answered";
    await one.through(one.doorward.checkSession());
    expect(one.doorward.getSnapshot()).toMatchObject({ status: "unauthenticated", setupComplete: true });
  });

  test("nothing is asked, and nothing listened to, before somebody wants to know", async () => {
    const browser = new Browser();
    const tab = browser.open();
    createDoorward({ environment: tab });
    await browser.settle();
    expect(browser.requests).toEqual([]);
    expect([tab.channels.size, tab.listeners.size]).toEqual([0, 0]);
  });
});

describe("login", () => {
  beforeEach(async () => {
    one = await OneTab.open({}, null);
  });

  test("signs in", async () => {
    const answer = await one.through(one.doorward.login({ username: "ada", password: "right" }));
    expect(answer.status).toBe("authenticated");
    expect(one.doorward.getSnapshot()).toMatchObject({ status: "authenticated", user: { id: "ada" } });
  });

  test("with a wrong password rejects with the server's code, and asks for no refresh", async () => {
    const refused = one.through(one.doorward.login({ username: "ada", password: "wrong" }));
    await expect(refused).rejects.toMatchObject({ name: "DoorwardError", code: "invalid_credentials", status: 401 });
    expect(one.status).toBe("unauthenticated");
    expect(one.browser.count(REFRESH)).toBe(0);
  });

  test("is not through while the second factor is due", async () => {
    one.browser.server.secondFactorFor.add("ada");
    const answer = await one.through(one.doorward.login({ username: "ada", password: "right" }));
    expect(answer).toMatchObject({ status: "mfa_required", methods: ["totp"] });
    expect(one.status).toBe("unauthenticated");
    await one.through(one.doorward.loginMfa({ method: "totp", code: "123456" }));
    expect(one.status).toBe("authenticated");
  });

  test("that waits for its second factor has ended the session before", async () => {
    await one.through(one.doorward.login({ username: "bob", password: "right" }));
    one.browser.server.secondFactorFor.add("ada");
    await one.through(one.doorward.login({ username: "ada", password: "right" }));
    expect(one.status).toBe("unauthenticated");
    expect(one.browser.server.sessions.size).toBe(0);
  });

  test("behind a proxy that answers for the server rejects, and is not taken for one", async () => {
    one.browser.fate = () => page(200);
    const refused = one.through(one.doorward.login({ username: "ada", password: "right" }));
    await expect(refused).rejects.toMatchObject({ code: "unexpected_answer" });
    expect(one.status).toBe("unauthenticated");
  });

  test("tells values that break a rule", async () => {
    const errors = [{ field: "username", code: "too_long", detail: "a name has at most 64 characters" }];
    one.browser.fate = () => problem(422, "validation_failed", { errors });
    const refused = one.through(one.doorward.login({ username: "a".repeat(65), password: "right" }));
    await expect(refused).rejects.toMatchObject({ status: 422, fields: errors, requestId: "r-1" });
  });
});

describe("logout", () => {
  beforeEach(async () => {
    one = await OneTab.open();
  });

  test("signs out once the server has", async () => {
    await one.through(one.doorward.logout());
    expect(one.seen).toEqual(["unknown", "authenticated", "unauthenticated"]);
    expect(one.browser.server.sessions.size).toBe(0);
    expect(one.tab.cookies()).toBe("");
  });

  test.each([
    ["503", () => problem(503, "store_unavailable"), DoorwardError],
    ["a proxy's 502", () => page(502), DoorwardError],
    ["no network", () => "unreachable" as const, NetworkError],
  ])("that fails with %s rejects, and does not look like one that worked", async (_, fate, kind) => {
    one.browser.fate = ({ path }) => (path.endsWith("/logout") ? fate() : "answered");
    await expect(one.through(one.doorward.logout())).rejects.toBeInstanceOf(kind);
    expect(one.seen).toEqual(["unknown", "authenticated"]);
    expect(one.browser.server.sessions.size).toBe(1);
  });

  test("whose answer is lost rejects, and Doorward is asked what is true", async () => {
    one.browser.fate = ({ path }) => (path.endsWith("/logout") ? "lost" : "answered");
    await expect(one.through(one.doorward.logout())).rejects.toBeInstanceOf(NetworkError);
    expect(one.status).toBe("unauthenticated");
    expect(one.browser.server.sessions.size).toBe(0);
  });

  test("that is never answered rejects in time", async () => {
    one.browser.fate = ({ path }) => (path.endsWith("/logout") ? "hangs" : "answered");
    const refused = one.doorward.logout();
    refused.catch(() => undefined);
    await one.browser.pass(31_000);
    await expect(refused).rejects.toThrow("No answer: timeout");
    expect(one.status).toBe("authenticated");
  });

  test("needs no CSRF cookie", async () => {
    one.browser.jar.delete(CSRF);
    await one.through(one.doorward.logout());
    expect(one.status).toBe("unauthenticated");
  });
});

describe("an answer that comes late", () => {
  beforeEach(async () => {
    one = await OneTab.open();
  });

  test("to a check changes nothing after a logout", async () => {
    one.browser.held = (what) => what === `${SESSION} is answered`;
    const checking = one.doorward.checkSession();
    await one.through(one.doorward.logout().catch(() => undefined));
    await one.browser.release();
    expect((await checking).status).toBe("unauthenticated");
    expect(one.seen).toEqual(["unknown", "authenticated", "unauthenticated"]);
  });

  test("to a refresh changes nothing after a logout", async () => {
    one.expire();
    one.browser.held = (what) => what === `${REFRESH} is answered`;
    const asked = one.doorward.fetch("/api/thing");
    await one.browser.settle();
    const out = one.doorward.logout();
    await one.browser.pass(6_000); // it does not wait for ever for its turn
    await out;
    expect(one.status).toBe("unauthenticated");
    await one.browser.release();
    expect((await asked).status).toBe(401);
    expect(one.seen).toEqual(["unknown", "authenticated", "unauthenticated"]);
  });
});

describe("the snapshot", () => {
  beforeEach(async () => {
    one = await OneTab.open();
  });

  test("is the same object while only the client's own affairs change", () => {
    const before = one.doorward.getSnapshot();
    void one.doorward.checkSession();
    expect(one.doorward.getSnapshot()).toBe(before);
  });

  test("is told of to each subscription, also of the same function, until it ends, and whatever others throw", async () => {
    const heard = vi.fn();
    const thrown: unknown[] = [];
    const listening = process.listeners("uncaughtException");
    process.removeAllListeners("uncaughtException");
    process.once("uncaughtException", (error) => thrown.push(error));
    one.doorward.subscribe(() => {
      throw new Error("theirs");
    });
    const stop = one.doorward.subscribe(heard);
    one.doorward.subscribe(heard);
    stop();
    await one.through(one.doorward.logout());
    for (const listener of listening) process.on("uncaughtException", listener);
    expect(heard).toHaveBeenCalledOnce();
    expect(thrown).toEqual([new Error("theirs")]);
  });
});

test("a part of the client that could not be loaded is loaded the next time", async () => {
  one = await OneTab.open();
  vi.doMock("../src/account.js", () => {
    throw new Error("offline");
  });
  await expect(one.through(one.doorward.listSessions())).rejects.toThrow();
  vi.doUnmock("../src/account.js");
  one.browser.fate = () => Response.json({ items: [] });
  expect(await one.through(one.doorward.listSessions())).toEqual({ items: [] });
});
