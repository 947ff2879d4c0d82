// Where the CSRF token goes, and where it never does.

import { beforeEach, describe, expect, test, vi } from "vitest";
import { createDoorward } from "../src/index.js";
import { OneTab } from "./support/one_tab.js";
import { CSRF, REFRESH, problem } from "./support/server.js";

let one: OneTab;

beforeEach(async () => {
  one = await OneTab.open();
});

describe("the CSRF token", () => {
  test("goes along with what may change something, and with nothing else", async () => {
    await one.through(one.doorward.fetch("/api/thing"));
    await one.through(one.doorward.fetch("/api/thing", { method: "post", body: "{}" }));
    expect(one.browser.received.map(({ headers }) => headers.get("x-csrf-token"))).toEqual([null, "csrf-2"]);
  });

  test("is read from the cookie each time", async () => {
    await one.through(one.doorward.stepUp({ password: "right" }));
    await one.through(one.doorward.fetch("/api/thing", { method: "DELETE" }));
    expect(one.browser.received.at(-1)?.headers.get("x-csrf-token")).toBe(one.tab.cookies().split("=")[1]);
  });

  test.each([
    "https://evil.example/api",
    "https://app.example.com.evil.example/api",
    "http://app.example.com/api",
    "https://app.example.com:444/api",
    "//evil.example/api",
    "https://app.example.com@evil.example/api",
  ])("never goes to %s, nor do credentials", async (url) => {
    const fetch = vi.spyOn(one.tab, "fetch");
    await one.through(one.doorward.fetch(url, { method: "POST" })).catch(() => undefined);
    expect(fetch.mock.calls).toEqual([[url, { method: "POST" }]]);
  });

  test("never goes where an app redirects to", async () => {
    await one.through(one.doorward.fetch("/api/thing", { method: "POST" }));
    expect(one.browser.received[0]?.init.redirect).toBe("error");
    await one.through(one.doorward.fetch("/api/thing"));
    expect(one.browser.received[1]?.init.redirect).toBeUndefined();
  });

  test("leaves it to the app what becomes of a redirect, if the app says so", async () => {
    await one.through(one.doorward.fetch("/api/thing", { method: "POST", redirect: "follow" }));
    await one.through(one.doorward.fetch(new Request("https://app.example.com/api/thing", { method: "POST", redirect: "manual" })));
    expect(one.browser.received.map(({ init }) => init.redirect)).toEqual(["follow", undefined]);
  });

  test("goes to an origin that is listed", async () => {
    one = await OneTab.open({ origins: ["https://api.example.com"] });
    const fetch = vi.spyOn(one.tab, "fetch");
    await one.through(one.doorward.fetch("https://api.example.com/x", { method: "POST" })).catch(() => undefined);
    const [, init] = fetch.mock.calls[0] ?? [];
    expect(new Headers(init?.headers).get("x-csrf-token")).toBe("csrf-2");
    expect(init?.credentials).toBe("include");
  });

  test("an origin with a path is refused, for it would be no restriction", () => {
    expect(() => createDoorward({ environment: one.tab, origins: ["https://api.example.com/v1"] })).toThrow(TypeError);
  });

  test("what another origin answers says nothing about the session", async () => {
    one.browser.fate = ({ url }) => (url.startsWith("https://evil.example") ? problem(401, "session_revoked") : "answered");
    await one.through(one.doorward.fetch("https://evil.example/api"));
    expect(one.status).toBe("authenticated");
    expect(one.browser.requests).toEqual(["GET /api"]);
  });

  test("of another session is mended, as nothing was done with it", async () => {
    let first = true;
    one.browser.fate = ({ path }) => {
      if (path !== "/api/thing" || !first) return "answered";
      first = false;
      one.browser.jar.store(one.browser.server.answer({ ...asked("POST", "/auth/v1/refresh"), cookies: cookies() }).cookies);
      return problem(403, "csrf_failed");
    };
    expect((await one.through(one.doorward.fetch("/api/thing", { method: "POST" }))).status).toBe(200);
  });
});

const cookies = () => one.browser.jar.sentTo(new URL("https://app.example.com/auth/v1/refresh"));
const asked = (method: string, path: string) => ({
  method, path, url: `https://app.example.com${path}`, headers: new Headers({ "x-csrf-token": one.tab.cookies().split("=")[1] ?? "" }),
  cookies: new Map<string, string>(), body: "", init: {},
});

describe("a CSRF cookie that was deleted", () => {
  test("is no logout: Doorward sets another", async () => {
    one.browser.jar.delete(CSRF);
    expect((await one.through(one.doorward.fetch("/api/thing", { method: "POST" }))).status).toBe(200);
    one.expire();
    expect((await one.through(one.doorward.fetch("/api/thing", { method: "POST" }))).status).toBe(200);
    expect(one.status).toBe("authenticated");
  });

  test("is no logout either where there is none to be had, and is asked for once a request", async () => {
    one.browser.jar.delete(CSRF);
    one.browser.jar.delete(REFRESH);
    expect((await one.through(one.doorward.fetch("/api/thing"))).status).toBe(200);
    await one.through(one.doorward.checkSession());
    one.browser.received.length = 0;
    expect((await one.through(one.doorward.fetch("/api/thing", { method: "POST" }))).status).toBe(403);
    expect(one.browser.requests).toEqual(["POST /api/thing", "GET /auth/v1/session"]);
    expect(one.status).toBe("authenticated");
  });

  test("is asked for when a request was refused without", async () => {
    const refresh = cookies().get(REFRESH) ?? "";
    one.browser.jar.delete(CSRF);
    one.browser.jar.delete(REFRESH);
    await one.through(one.doorward.checkSession());
    one.browser.jar.store([{ name: REFRESH, value: refresh, path: "/auth", maxAgeMs: 60_000, httpOnly: true }]);
    expect((await one.through(one.doorward.fetch("/api/thing", { method: "POST" }))).status).toBe(200);
  });
});
