// What `doorward.fetch` does about an access token that ran out: one silent refresh, and the request goes on.

import { beforeEach, describe, expect, test } from "vitest";
import { OneTab, REFRESH } from "./support/one_tab.js";
import { aSession, aUser, page, problem } from "./support/server.js";

let one: OneTab;

beforeEach(async () => {
  one = await OneTab.open();
});

describe("an access token that ran out", () => {
  test("is refreshed in silence, and the request goes on", async () => {
    one.expire();
    const answer = await one.through(one.doorward.fetch("/api/thing", { method: "POST", body: "hello" }));
    expect(await answer.json()).toEqual({ as: "ada" });
    expect(one.browser.server.done).toEqual([{ user: "ada", what: "POST /api/thing", body: "hello" }]);
    expect(one.status).toBe("authenticated");
  });

  test("is refreshed before a request, if it is known to have run out", async () => {
    one.expire();
    await one.through(one.doorward.fetch("/api/thing"));
    expect(one.browser.requests).toEqual([REFRESH, "GET /api/thing"]);
  });

  test.each([
    ["the server says so", () => problem(401, "session_expired")],
    ["its cookie was deleted by hand", () => problem(401, "not_authenticated")],
  ])("although it should not have: %s", async (_, refusal) => {
    one.browser.jar.delete("__Host-dw_session");
    one.browser.fate = ({ path }) => (path === "/api/thing" && one.browser.count(REFRESH) === 0 ? refusal() : "answered");
    expect((await one.through(one.doorward.fetch("/api/thing"))).status).toBe(200);
    expect(one.browser.count(REFRESH)).toBe(1);
  });

  test("is refreshed once for all requests that meet it", async () => {
    one.browser.server.saysHowLong = false;
    await one.through(one.doorward.checkSession());
    one.expire(); // which nobody knows, so that each of them is refused first
    const answers = await one.through(Promise.all(Array.from({ length: 10 }, () => one.doorward.fetch("/api/thing"))));
    expect(answers.map((answer) => answer.status)).toEqual(Array(10).fill(200));
    expect(one.browser.count(REFRESH)).toBe(1);
  });

  test("is refreshed once, and then the answer stands", async () => {
    one.browser.fate = ({ path }) => (path === "/api/thing" ? problem(401, "session_expired") : "answered");
    expect((await one.through(one.doorward.fetch("/api/thing"))).status).toBe(401);
    expect(one.browser.count(REFRESH)).toBe(1);
    expect(one.status).toBe("authenticated");
  });

  test("is refreshed again if the computer slept while it was refreshed", async () => {
    one.expire();
    one.browser.held = (what) => what === `${REFRESH} is answered`;
    const request = one.doorward.fetch("/api/thing");
    await one.browser.settle();
    one.expire();
    await one.browser.release();
    expect((await request).status).toBe(200);
    expect(one.browser.count(REFRESH)).toBe(2);
  });

  test("and was replaced for another request while this one was sent again is no reason to give up", async () => {
    let refused = 0;
    one.browser.fate = ({ path }) => (path === "/api/slow" && refused++ < 2 ? problem(401, "session_expired") : "answered");
    one.browser.held = (what) => what === "GET /api/slow is answered" && refused === 2;
    const request = one.doorward.fetch("/api/slow");
    await one.browser.settle();
    expect(refused).toBe(2);
    one.expire();
    expect((await one.through(one.doorward.fetch("/api/thing"))).status).toBe(200);
    await one.browser.release();
    expect((await request).status).toBe(200);
  });

  test("that never lasts long enough to be used is given up", async () => {
    one.browser.fate = ({ path }) =>
      path === "/api/thing" ? problem(401, "session_expired") : path.endsWith("/refresh") ? instant() : "answered";
    const instant = () => {
      one.browser.jar.store(one.browser.server.begin("ada"));
      const [user, session] = [aUser("ada"), aSession("session-1")];
      return Response.json({ user, session }, { headers: { "x-session-expires-in": "0" } });
    };
    expect((await one.through(one.doorward.fetch("/api/thing"))).status).toBe(401);
    expect(one.browser.count("GET /api/thing")).toBe(5);
  });

  test("of a session that is over leaves the 401, and nobody signed in", async () => {
    one.browser.server.sessions.clear();
    const answer = await one.through(one.doorward.fetch("/api/thing"));
    expect(answer.status).toBe(401);
    expect(await answer.json()).toMatchObject({ code: "session_revoked" });
    expect(one.status).toBe("unauthenticated");
  });

  test("that cannot be refreshed just now is no logout, neither for us nor for who sees a 401", async () => {
    one.expire();
    one.browser.fate = ({ path }) => (path.endsWith("/refresh") ? page(502) : "answered");
    await expect(one.through(one.doorward.fetch("/api/thing"))).rejects.toMatchObject({ code: "unavailable", status: 502 });
    expect(one.status).toBe("authenticated");
  });

  test("is not refreshed before Doorward's time, when it asked to wait", async () => {
    one.expire();
    one.browser.fate = ({ path }) => (path.endsWith("/refresh") ? problem(429, "rate_limited", { retry_after: 90 }) : "answered");
    await expect(one.through(one.doorward.fetch("/api/thing"))).rejects.toMatchObject({ code: "rate_limited", retryAfter: 90 });
    one.browser.fate = () => "answered";
    one.tab.feel("online");
    await one.browser.pass(80_000);
    await expect(one.through(one.doorward.fetch("/api/thing"))).rejects.toMatchObject({ code: "rate_limited" });
    expect(one.browser.count(REFRESH)).toBe(1);
    await one.browser.pass(11_000);
    expect((await one.through(one.doorward.fetch("/api/thing"))).status).toBe(200);
  });

  test("whose refresh's answer was lost is refreshed again, with the grace of the server", async () => {
    one.expire();
    let lost = 0;
    one.browser.fate = ({ path }) => (path.endsWith("/refresh") && lost++ === 0 ? "lost" : "answered");
    expect((await one.through(one.doorward.fetch("/api/thing"))).status).toBe(200);
    expect(one.browser.count(REFRESH)).toBe(2);
    expect(one.status).toBe("authenticated");
  });

  test.each(["/auth/v1/refresh", "/auth/v1/login", "/auth/v1/login/mfa", "/auth/v1/logout", "/auth/v1/session?x"])(
    "is no reason to refresh for %s",
    async (path) => {
      one.browser.fate = () => problem(401, "session_expired");
      await one.through(one.doorward.fetch(path, { method: "POST" }));
      expect(one.browser.requests).toEqual([`POST ${path.replace("?x", "")}`]);
      expect(one.status).toBe("authenticated");
    },
  );
});

describe("what was to be sent", () => {
  const bodies: readonly [string, () => BodyInit][] = [
    ["text", () => "a=1"],
    ["a form", () => new URLSearchParams({ a: "1" })],
    ["bytes", () => new TextEncoder().encode("a=1")],
    ["a file", () => new Blob(["a=1"])],
  ];
  beforeEach(() => {
    one.browser.fate = ({ path }) => (path === "/api/thing" && one.browser.count(REFRESH) === 0 ? problem(401, "session_expired") : "answered");
  });

  test.each(bodies)("is sent again after a refresh: %s", async (_, body) => {
    await one.through(one.doorward.fetch("/api/thing", { method: "PUT", body: body() }));
    expect(one.browser.server.done.map((each) => each.body)).toEqual(["a=1"]);
  });

  test("is sent again: a Request, as other libraries make it", async () => {
    const request = new Request("https://app.example.com/api/thing", { method: "POST", body: "a=1", headers: { "x-own": "1" } });
    expect((await one.through(one.doorward.fetch(request))).status).toBe(200);
    expect(one.browser.server.done.map((each) => each.body)).toEqual(["a=1"]);
    expect(one.browser.received.at(-1)?.headers.get("x-own")).toBe("1");
  });

  test("is not, if it is a stream: the 401 is returned, and the next request is fine", async () => {
    const body = new Blob(["a=1"]).stream();
    expect((await one.through(one.doorward.fetch("/api/thing", { method: "PUT", body }))).status).toBe(401);
    expect(one.browser.count(REFRESH)).toBe(1);
    expect((await one.through(one.doorward.fetch("/api/thing", { method: "PUT", body: "b" }))).status).toBe(200);
  });

  test("is not begun if it is aborted already", async () => {
    one.expire();
    one.browser.held = (what) => what.startsWith(REFRESH);
    const request = one.doorward.fetch("/api/thing", { signal: AbortSignal.abort(new Error("no longer wanted")) });
    await expect(request).rejects.toThrow("no longer wanted");
  });

  test("is not waited for any more once it is aborted", async () => {
    one.browser.held = (what) => what.startsWith(REFRESH);
    const abort = new AbortController();
    const request = one.doorward.fetch("/api/thing", { signal: abort.signal });
    request.catch(() => undefined);
    await one.browser.settle();
    abort.abort(new Error("no longer wanted"));
    await expect(request).rejects.toThrow("no longer wanted");
    await one.browser.release();
    expect(one.browser.count("GET /api/thing")).toBe(1); // the refused one
  });
});

