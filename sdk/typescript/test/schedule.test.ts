// Refreshing ahead of time, and catching up: sleep, wrong clocks, offline, the Back button.

import { beforeEach, describe, expect, test } from "vitest";
import { OneTab, REFRESH, SESSION } from "./support/one_tab.js";
import { page, problem } from "./support/server.js";

const minutes = 60_000;
let one: OneTab;

beforeEach(async () => {
  one = await OneTab.open();
});

const refreshes = () => one.browser.count(REFRESH);

describe("while somebody is at the keys", () => {
  test("the token is refreshed at half of its life", async () => {
    one.tab.feel("active");
    await one.browser.pass(7 * minutes);
    expect(refreshes()).toBe(0);
    await one.browser.pass(1 * minutes);
    expect(refreshes()).toBe(1);
  });

  test("it goes on for hours, and no request ever waits", async () => {
    for (let minute = 0; minute < 240; minute += 1) {
      one.tab.feel("active");
      await one.browser.pass(1 * minutes);
      expect((await one.through(one.doorward.fetch("/api/thing"))).status).toBe(200);
    }
    expect(one.browser.count("GET /api/thing")).toBe(240);
    expect(refreshes()).toBeLessThan(35);
  });

  test("a key does not ask for more than is needed", async () => {
    for (let key = 0; key < 100; key += 1) one.tab.feel("active");
    await one.browser.settle();
    expect(one.browser.requests).toEqual([]);
  });
});

test("an abandoned tab keeps no session alive", async () => {
  await one.browser.pass(8 * minutes); // the one refresh that the opening of the page was good for
  one.browser.received.length = 0;
  await one.browser.pass(600 * minutes);
  expect(one.browser.requests).toEqual([]);
});

test("whoever comes back to an abandoned tab is refreshed at the first touch", async () => {
  await one.browser.pass(60 * minutes);
  one.browser.received.length = 0;
  one.tab.feel("active");
  await one.browser.settle();
  expect(one.browser.requests).toEqual([REFRESH]);
});

describe("a computer that slept", () => {
  test.each(["visible", "online", "active"] as const)("over three expiries is refreshed when it is %s again", async (sign) => {
    one.browser.sleep(45 * minutes);
    one.tab.feel(sign);
    await one.browser.settle();
    expect(one.browser.requests).toEqual([REFRESH]);
    expect(one.seen).toEqual(["unknown", "authenticated"]);
  });

  test("and of which no sign came is refreshed with the next request", async () => {
    one.browser.sleep(45 * minutes);
    expect((await one.through(one.doorward.fetch("/api/thing"))).status).toBe(200);
    expect(one.browser.requests).toEqual([REFRESH, "GET /api/thing"]);
  });
});

describe("a clock that is wrong", () => {
  test.each([60, -60])("by %i minutes from the start changes nothing", async (wrong) => {
    one.browser.wrong = wrong * minutes;
    await one.through(one.doorward.checkSession());
    one.tab.feel("active");
    one.browser.received.length = 0;
    await one.browser.pass(7 * minutes);
    expect(one.browser.requests).toEqual([]);
    await one.browser.pass(1 * minutes);
    expect(refreshes()).toBe(1);
  });

  test("and is set forward costs one refresh", async () => {
    one.browser.wrong = 60 * minutes;
    one.tab.feel("active");
    await one.browser.settle();
    one.tab.feel("active");
    await one.browser.settle();
    expect(one.browser.requests).toEqual([REFRESH]);
  });

  test("and is set back costs nothing, and the token is refreshed in time", async () => {
    one.browser.wrong = -60 * minutes;
    one.tab.feel("active");
    await one.browser.pass(7 * minutes);
    expect(refreshes()).toBe(0);
    await one.browser.pass(1 * minutes);
    expect(refreshes()).toBe(1);
  });
});

describe("offline", () => {
  beforeEach(() => {
    one.browser.fate = () => "unreachable";
  });

  test("for a minute is no logout", async () => {
    one.browser.time += 14 * minutes;
    one.tab.feel("active");
    await one.browser.pass(1 * minutes);
    await expect(one.through(one.doorward.fetch("/api/thing"))).rejects.toThrow();
    expect(one.status).toBe("authenticated");
    one.browser.fate = () => "answered";
    one.tab.feel("online");
    await one.browser.settle();
    expect((await one.through(one.doorward.fetch("/api/thing"))).status).toBe(200);
    expect(one.seen).toEqual(["unknown", "authenticated"]);
  });

  test("it is tried again less and less often", async () => {
    one.browser.time += 8 * minutes;
    one.tab.feel("active");
    await one.browser.pass(10 * minutes);
    // Each try is two requests, for the first answer may have been lost.
    expect(refreshes()).toBeGreaterThan(10);
    expect(refreshes()).toBeLessThan(40);
    one.browser.fate = () => "answered";
    await one.browser.pass(2 * minutes);
    expect(one.doorward.getSnapshot().problem).toBeNull();
  });
});

test("Retry-After is heeded whatever the browser says", async () => {
  one.browser.time += 8 * minutes;
  one.browser.fate = ({ path }) =>
    path.endsWith("/refresh") ? new Response(null, { status: 503, headers: { "retry-after": "120" } }) : "answered";
  one.tab.feel("active");
  await one.browser.settle();
  for (const sign of ["online", "visible", "active"] as const) one.tab.feel(sign);
  await one.browser.pass(115_000);
  expect(refreshes()).toBe(1);
  one.browser.fate = () => "answered";
  await one.browser.pass(10_000);
  expect(refreshes()).toBe(2);
});

test("a refresh that is refused although the session lives is not asked for again, and the token is used to its end", async () => {
  one.browser.fate = ({ path }) => (path.endsWith("/refresh") ? problem(403, "password_change_required") : "answered");
  one.browser.time += 8 * minutes;
  for (let key = 0; key < 5; key += 1) {
    one.tab.feel("active");
    await one.browser.pass(1 * minutes);
  }
  expect(refreshes()).toBe(1);
  expect(one.browser.count(SESSION)).toBe(1);
  expect(one.status).toBe("authenticated");
  await one.browser.pass(3 * minutes);
  expect((await one.through(one.doorward.fetch("/api/thing"))).status).toBe(401);
  expect(one.status).toBe("unauthenticated");
});

describe("back by the Back button", () => {
  test("after a logout elsewhere nothing of the session is left from the first moment on", async () => {
    one.browser.jar.delete("__Host-dw_csrf");
    one.browser.server.sessions.clear();
    one.tab.feel("restored");
    expect(one.doorward.getSnapshot()).toMatchObject({ status: "unknown", user: null, session: null });
    await one.browser.settle();
    expect(one.status).toBe("unauthenticated");
  });

  test("after a login as somebody else nobody sees the one before", async () => {
    one.browser.jar.store(one.browser.server.begin("bob"));
    one.tab.feel("restored");
    expect(one.status).toBe("unknown");
    await one.browser.settle();
    expect(one.doorward.getSnapshot().user?.id).toBe("bob");
  });

  test("with nothing changed it stays as it is, and is looked at", async () => {
    one.tab.feel("restored");
    expect(one.status).toBe("authenticated");
    await one.browser.settle();
    expect(one.browser.requests).toEqual([SESSION]);
  });
});

test("a closed client listens to nothing and asks nothing", async () => {
  one.tab.feel("active");
  one.doorward.close();
  expect(one.tab.channels.size).toBe(0);
  one.tab.feel("active");
  one.tab.feel("restored");
  await one.browser.pass(60 * minutes);
  expect(one.browser.requests).toEqual([]);
});

test("a server that is killed and comes up again is met by nobody's login page", async () => {
  one.tab.feel("active");
  await one.browser.pass(7 * minutes);
  one.browser.fate = () => page(502);
  await one.browser.pass(3 * minutes);
  expect(one.status).toBe("authenticated");
  one.browser.fate = () => "answered";
  await one.browser.pass(2 * minutes);
  expect(one.doorward.getSnapshot()).toMatchObject({ status: "authenticated", problem: null });
  expect(one.seen).toEqual(["unknown", "authenticated"]);
});
