// What `doorward.fetch` leaves alone, what it asks the user for, and what it does not do in somebody else's name.

import { beforeEach, describe, expect, test, vi } from "vitest";
import { OneTab } from "./support/one_tab.js";
import { aSession, aUser, page, problem } from "./support/server.js";

let one: OneTab;

beforeEach(async () => {
  one = await OneTab.open();
});

describe("an app's own refusals", () => {
  test.each([
    ["a 401 of its own", () => new Response("no", { status: 401 })],
    ["a 401 page of a proxy", () => page(401)],
    ["a problem of its own", () => new Response('{"code":"session_revoked","type":"about:blank"}', { status: 401, headers: { "content-type": "application/problem+json" } })],
    ["a 401 that is about what was sent", () => problem(401, "invalid_credentials")],
    ["a wrong code", () => problem(401, "mfa_code_invalid")],
    ["a problem that broke off", () => new Response('{"co', { status: 401, headers: { "content-type": "application/problem+json" } })],
    ["a 403", () => problem(403, "forbidden")],
    ["a 500", () => page(500)],
  ])("change nothing, and cost nothing: %s", async (_, answer) => {
    const theirs = answer();
    one.browser.fate = ({ path }) => (path === "/api/thing" ? theirs : "answered");
    expect(await one.through(one.doorward.fetch("/api/thing"))).toBe(theirs);
    expect(theirs.bodyUsed).toBe(false);
    expect(one.status).toBe("authenticated");
    expect(one.browser.requests).toEqual(["GET /api/thing"]);
  });

  test("a bare 401 of a proxy is mended where the token is known to have run out", async () => {
    let first = true;
    one.browser.held = (what) => what === "GET /api/thing arrives";
    const request = one.doorward.fetch("/api/thing");
    await one.browser.settle();
    one.expire();
    one.browser.fate = ({ path }) => (path === "/api/thing" && first ? ((first = false), page(401)) : "answered");
    await one.browser.release();
    expect((await request).status).toBe(200);
  });

  test("a 401 in Doorward's name that Doorward does not confirm changes nothing", async () => {
    one.browser.fate = ({ path }) => (path === "/api/thing" ? problem(401, "session_revoked") : "answered");
    expect((await one.through(one.doorward.fetch("/api/thing"))).status).toBe(401);
    expect(one.browser.requests).toEqual(["GET /api/thing", "GET /auth/v1/session"]);
    expect(one.status).toBe("authenticated");
  });
});

describe("a step-up", () => {
  const sensitive = () => one.doorward.fetch("/api/sensitive", { method: "POST", body: "now" });

  test("pauses the request, asks, and lets it go on", async () => {
    const onStepUp = vi.fn(async () => {
      await one.doorward.stepUp({ password: "right" });
      return true;
    });
    one = await OneTab.open({ onStepUp });
    one.browser.server.stepUpDemanded = true;
    const answers = await one.through(Promise.all([sensitive(), sensitive()]));
    expect(answers.map((answer) => answer.status)).toEqual([200, 200]);
    expect(onStepUp).toHaveBeenCalledOnce();
    expect(onStepUp.mock.calls).toMatchObject([[{ url: "https://app.example.com/api/sensitive" }]]);
  });

  test.each([
    ["declined", async () => false],
    ["failing", async () => Promise.reject(new Error("closed"))],
    ["failing at once", () => { throw new Error("closed"); }],
  ])("%s lets the refusal stand", async (_, onStepUp) => {
    one = await OneTab.open({ onStepUp });
    one.browser.server.stepUpDemanded = true;
    expect((await one.through(sensitive())).status).toBe(403);
    expect(one.status).toBe("authenticated");
  });

  test("after which the server still refuses is asked for once, and each time anew", async () => {
    const onStepUp = vi.fn(async () => true);
    one = await OneTab.open({ onStepUp });
    one.browser.server.stepUpDemanded = true;
    expect((await one.through(sensitive())).status).toBe(403);
    expect(onStepUp).toHaveBeenCalledTimes(2); // for it, and for the one that was sent again
    expect((await one.through(sensitive())).status).toBe(403);
    expect(onStepUp).toHaveBeenCalledTimes(4);
  });

  test("that was done for another request meanwhile is not asked for again", async () => {
    const onStepUp = vi.fn(async () => true);
    one = await OneTab.open({ onStepUp });
    one.browser.server.stepUpDemanded = true;
    one.browser.held = (what) => what === "POST /api/sensitive is answered";
    const request = sensitive();
    await one.browser.settle();
    await one.through(one.doorward.stepUp({ password: "right" }));
    await one.browser.release();
    expect((await request).status).toBe(200);
    expect(onStepUp).not.toHaveBeenCalled();
  });

  test("whose own access token ran out while somebody typed goes on after a refresh", async () => {
    one.expire();
    await expect(one.through(one.doorward.stepUp({ password: "right" }))).resolves.toMatchObject({ user: { id: "ada" } });
  });
});

describe("somebody else", () => {
  test("who signed in in another tab does not do what was meant for the one before", async () => {
    one.browser.jar.store(one.browser.server.begin("bob")); // and no message of it came
    await expect(one.through(one.doorward.fetch("/api/thing", { method: "POST" }))).rejects.toMatchObject({ code: "user_changed" });
    expect(one.browser.server.done).toEqual([]);
    expect(one.doorward.getSnapshot().user?.id).toBe("bob");
    await one.through(one.doorward.fetch("/api/thing", { method: "POST" }));
    expect(one.browser.server.done.map(({ user }) => user)).toEqual(["bob"]);
  });

  test("is not acted as while it cannot be found out who it is", async () => {
    one.browser.jar.store(one.browser.server.begin("bob"));
    one.browser.fate = ({ path }) => (path.endsWith("/session") ? page(502) : "answered");
    await expect(one.through(one.doorward.fetch("/api/thing", { method: "POST" }))).rejects.toMatchObject({ code: "unavailable" });
    expect(one.browser.server.done).toEqual([]);
  });

  test("does not get what was under way repeated in their name", async () => {
    one.browser.held = (what) => what === "POST /api/thing arrives";
    const request = one.doorward.fetch("/api/thing", { method: "POST" });
    await one.browser.settle();
    one.browser.server.sessions.clear();
    one.browser.jar.store(one.browser.server.begin("bob"));
    one.browser.fate = ({ path }) => (path === "/api/thing" ? problem(401, "session_revoked") : "answered");
    await one.browser.release();
    expect((await request).status).toBe(401);
    expect(one.browser.server.done).toEqual([]);
    expect(one.doorward.getSnapshot().user?.id).toBe("bob");
  });

  test("is not seen in the same user with another session", async () => {
    one.browser.jar.store(one.browser.server.begin("ada"));
    expect((await one.through(one.doorward.fetch("/api/thing", { method: "POST" }))).status).toBe(200);
  });
});

test("a new password that is due is seen at once", async () => {
  one.browser.fate = ({ path }) =>
    path === "/api/thing"
      ? problem(403, "password_change_required")
      : Response.json({ user: aUser("ada", { must_change_password: true }), session: aSession("session-1") });
  expect((await one.through(one.doorward.fetch("/api/thing"))).status).toBe(403);
  expect(one.doorward.getSnapshot().user?.must_change_password).toBe(true);
});

