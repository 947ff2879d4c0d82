// Several tabs of one browser: one refresh for all of them, and each learns what happened in another.

import { describe, expect, test } from "vitest";
import { createDoorward, type Doorward } from "../src/index.js";
import { Browser, type Tab } from "./support/browser.js";
import { REFRESH } from "./support/one_tab.js";
import { CSRF, page, problem } from "./support/server.js";

interface Open {
  readonly tab: Tab;
  readonly doorward: Doorward;
  readonly seen: string[];
}

async function openTabs(browser: Browser, count: number, lacking: ("locks" | "broadcast" | "storage")[] = []): Promise<Open[]> {
  const open = Array.from({ length: count }, () => {
    const tab = browser.open(lacking);
    const doorward = createDoorward({ environment: tab });
    const seen: string[] = [];
    doorward.subscribe(() => {
      const { status, user } = doorward.getSnapshot();
      const now = user?.id ?? status;
      if (now !== seen.at(-1)) seen.push(now);
    });
    return { tab, doorward, seen };
  });
  await browser.settle();
  browser.received.length = 0;
  return open;
}

async function signedIn(count: number, lacking: ("locks" | "broadcast" | "storage")[] = []) {
  const browser = new Browser();
  browser.jar.store(browser.server.begin("ada"));
  return { browser, tabs: await openTabs(browser, count, lacking) };
}

const statuses = (tabs: readonly Open[]) => tabs.map(({ doorward }) => doorward.getSnapshot().status);
const all = (count: number, value: unknown) => Array<unknown>(count).fill(value);
const first = <T>(list: readonly T[]): T => list[0] as T;

describe("ten tabs whose access token ends at the same moment", () => {
  test.each([
    ["with locks and channels", []],
    ["that hear nothing of each other", ["broadcast", "storage"]],
    ["without channels, by storage events", ["broadcast"]],
  ] as const)("refresh once and go on: %s", async (_, lacking) => {
    const { browser, tabs } = await signedIn(10, [...lacking]);
    browser.time += 1_000_000;
    const requests = tabs.map(({ doorward }) => doorward.fetch("/api/thing", { method: "POST" }));
    await browser.pass(5_000);
    const answers = await Promise.all(requests);
    expect(answers.map(({ status }) => status)).toEqual(all(10, 200));
    expect(browser.count(REFRESH)).toBe(1);
    for (const { seen } of tabs) expect(seen).toEqual(["ada"]);
  });

  test("refresh once on a page without https, where there are no locks", async () => {
    const { browser, tabs } = await signedIn(10, ["locks"]);
    browser.time += 1_000_000;
    // Each a little later than the one before: storage has no atomic step, and to the very same moment it does not serve.
    const requests: Promise<Response>[] = [];
    for (const { doorward } of tabs) {
      requests.push(doorward.fetch("/api/thing"));
      await browser.pass(5);
    }
    await browser.pass(20_000);
    expect((await Promise.all(requests)).map(({ status }) => status)).toEqual(all(10, 200));
    expect(browser.count(REFRESH)).toBe(1);
  });

  test("go on, if more wastefully, where there is neither lock nor channel nor storage", async () => {
    const { browser, tabs } = await signedIn(10, ["locks", "broadcast", "storage"]);
    browser.time += 1_000_000;
    const requests = tabs.map(({ doorward }) => doorward.fetch("/api/thing"));
    await browser.pass(20_000);
    expect((await Promise.all(requests)).map(({ status }) => status)).toEqual(all(10, 200));
    expect(statuses(tabs)).toEqual(all(10, "authenticated"));
  });

  test("ask an ailing server once, not ten times", async () => {
    const { browser, tabs } = await signedIn(10);
    browser.time += 1_000_000;
    browser.fate = ({ path }) => (path.endsWith("/refresh") ? problem(503, "overloaded", { retry_after: 30 }) : "answered");
    const requests = tabs.map(({ doorward }) => doorward.fetch("/api/thing"));
    for (const request of requests) request.catch(() => undefined);
    await browser.pass(25_000);
    expect(browser.count(REFRESH)).toBe(1);
    expect(statuses(tabs)).toEqual(all(10, "authenticated"));
  });

  test("are all signed out, by one refusal, when the session is over", async () => {
    const { browser, tabs } = await signedIn(10);
    browser.time += 1_000_000;
    browser.server.sessions.clear();
    const requests = tabs.map(({ doorward }) => doorward.fetch("/api/thing"));
    await browser.settle();
    expect((await Promise.all(requests)).map(({ status }) => status)).toEqual(all(10, 401));
    expect(statuses(tabs)).toEqual(all(10, "unauthenticated"));
    expect(browser.count(REFRESH)).toBe(1);
  });

  test("do not wait for ever for one that froze with the turn in its hands", async () => {
    const { browser, tabs } = await signedIn(5);
    browser.time += 1_000_000;
    const frozen = first(tabs);
    browser.held = (what) => what === `${REFRESH} is answered`;
    frozen.doorward.fetch("/api/thing").catch(() => undefined);
    await browser.settle();
    frozen.tab.frozen = true;
    browser.held = (what) => what === `${REFRESH} arrives`;
    const requests = tabs.slice(1).map(({ doorward }) => doorward.fetch("/api/thing"));
    await browser.pass(26_000);
    expect(browser.tasks.filter(({ what }) => what === `${REFRESH} arrives`)).toHaveLength(1);
    await browser.release();
    await browser.pass(5_000);
    expect((await Promise.all(requests)).map(({ status }) => status)).toEqual(all(4, 200));
    expect(browser.count(REFRESH)).toBe(2); // the frozen one's, and one for all others
    frozen.tab.frozen = false;
    await browser.pass(30_000);
    expect(statuses(tabs)).toEqual(all(5, "authenticated"));
  });
});

describe("what happens in one tab", () => {
  test("a logout is one in all", async () => {
    const { browser, tabs } = await signedIn(3);
    first(tabs).doorward.logout().catch(() => undefined);
    await browser.settle();
    expect(statuses(tabs)).toEqual(all(3, "unauthenticated"));
    expect(browser.requests).toEqual(["POST /auth/v1/logout"]);
  });

  test("a logout that failed is one in none", async () => {
    const { browser, tabs } = await signedIn(3);
    browser.fate = ({ path }) => (path.endsWith("/logout") ? page(503) : "answered");
    first(tabs).doorward.logout().catch(() => undefined);
    await browser.settle();
    expect(statuses(tabs)).toEqual(all(3, "authenticated"));
  });

  test("a login is one in all", async () => {
    const browser = new Browser();
    const tabs = await openTabs(browser, 3);
    first(tabs).doorward.login({ username: "ada", password: "right" }).catch(() => undefined);
    await browser.settle();
    expect(tabs.map(({ doorward }) => doorward.getSnapshot().user?.id)).toEqual(all(3, "ada"));
  });

  test("a login as somebody else is one in all, without a login page between", async () => {
    const { browser, tabs } = await signedIn(3);
    first(tabs).doorward.login({ username: "bob", password: "right" }).catch(() => undefined);
    await browser.settle();
    for (const { seen } of tabs) expect(seen).toEqual(["ada", "bob"]);
  });

  test("a step-up leaves the others signed in", async () => {
    const { browser, tabs } = await signedIn(3);
    first(tabs).doorward.stepUp({ password: "right" }).catch(() => undefined);
    await browser.settle();
    const sessions = tabs.map(({ doorward }) => doorward.getSnapshot().session?.id);
    expect(new Set(sessions).size).toBe(1);
    for (const { seen } of tabs) expect(seen).toEqual(["ada"]);
  });

  test("a refresh gives the others its token's time, and their next request asks nobody", async () => {
    const { browser, tabs } = await signedIn(2);
    await browser.pass(1_000);
    browser.time += 500_000;
    first(tabs).tab.feel("active");
    await browser.settle();
    expect(browser.requests).toEqual([REFRESH]);
    const request = tabs[1]?.doorward.fetch("/api/thing", { method: "POST" });
    await browser.settle();
    expect((await request)?.status).toBe(200);
    expect(browser.requests).toEqual([REFRESH, "POST /api/thing"]);
    tabs[1]?.tab.feel("active");
    await browser.settle();
    expect(browser.count(REFRESH)).toBe(1);
  });
});

describe("messages", () => {
  test("that come late bring nobody back who has logged out since", async () => {
    const { browser, tabs } = await signedIn(3);
    browser.held = (what) => what === "message";
    first(tabs).doorward.login({ username: "bob", password: "right" }).catch(() => undefined);
    await browser.settle();
    tabs[1]?.doorward.logout().catch(() => undefined);
    await browser.settle();
    await browser.release();
    expect(statuses(tabs)).toEqual(all(3, "unauthenticated"));
    expect(tabs[1]?.seen).toEqual(["ada", "unauthenticated"]);
  });

  test("of a logout that come late sign nobody out who has signed in since", async () => {
    const { browser, tabs } = await signedIn(2);
    browser.held = (what) => what === "message";
    first(tabs).doorward.logout().catch(() => undefined);
    await browser.settle();
    tabs[1]?.doorward.login({ username: "bob", password: "right" }).catch(() => undefined);
    await browser.settle();
    await browser.release();
    expect(tabs.map(({ doorward }) => doorward.getSnapshot().user?.id)).toEqual(all(2, "bob"));
    expect(tabs[1]?.seen).toEqual(["ada", "bob"]);
  });

  test("of another release are not heard", async () => {
    const { browser, tabs } = await signedIn(2);
    const { name } = first([...first(tabs).tab.channels]);
    const channel = first(tabs).tab.broadcast(name.replace(" 1 ", " 2 "));
    channel?.postMessage({ type: "gone", session: null, csrf: null });
    await browser.settle();
    expect(name).toBe("doorward 1 https://app.example.com/auth");
    expect(statuses(tabs)).toEqual(all(2, "authenticated"));
  });

  test("leave nothing in the storage that they went through", async () => {
    const { browser, tabs } = await signedIn(2, ["broadcast"]);
    first(tabs).doorward.stepUp({ password: "right" }).catch(() => undefined);
    await browser.settle();
    expect(browser.values.size).toBe(0);
    expect(tabs[1]?.doorward.getSnapshot().session?.id).toBe(first(tabs).doorward.getSnapshot().session?.id);
  });
});

test("a refresh that was under way when somebody signed in elsewhere does not undo it", async () => {
  const { browser, tabs } = await signedIn(2);
  browser.time += 1_000_000;
  browser.held = (what) => what === `${REFRESH} is answered`;
  const request = first(tabs).doorward.fetch("/api/thing");
  await browser.settle();
  tabs[1]?.doorward.login({ username: "bob", password: "right" }).catch(() => undefined);
  await browser.settle();
  expect(browser.count("POST /auth/v1/login")).toBe(0); // it waits for its turn
  await browser.release();
  expect((await request).status).toBe(200);
  expect(browser.jar.document()).toContain(CSRF);
  expect(tabs.map(({ doorward }) => doorward.getSnapshot().user?.id)).toEqual(["bob", "bob"]);
});

test("a login whose answer comes after a logout elsewhere is looked at again", async () => {
  const { browser, tabs } = await signedIn(2);
  browser.held = (what) => what === "POST /auth/v1/login is answered";
  const login = first(tabs).doorward.login({ username: "bob", password: "right" });
  await browser.settle();
  tabs[1]?.doorward.logout().catch(() => undefined);
  await browser.pass(6_000);
  expect(statuses(tabs)).toEqual(all(2, "unauthenticated"));
  browser.held = (what) => what === "GET /auth/v1/session arrives";
  let through = false;
  void login.then(() => (through = true));
  await browser.settle();
  expect(through).toBe(false);
  await browser.release();
  expect(through).toBe(true);
  // The cookies of the login came last, and its session lives.
  expect(first(tabs).doorward.getSnapshot().user?.id).toBe("bob");
});
