// @vitest-environment jsdom
// @vitest-environment-options { "url": "https://app.example.com/page" }

import { afterEach, describe, expect, test, vi } from "vitest";
import { browser } from "../src/browser.js";
import { browserSeldom } from "../src/browser_seldom.js";

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

const hidden = (value: boolean) => vi.spyOn(document, "hidden", "get").mockReturnValue(value);

describe("signs of the browser", () => {
  test.each([
    ["active", () => document.body.dispatchEvent(new Event("pointerdown", { bubbles: true }))],
    ["active", () => document.body.dispatchEvent(new Event("keydown", { bubbles: true }))],
    ["visible", () => document.dispatchEvent(new Event("visibilitychange", { bubbles: true }))],
    ["online", () => window.dispatchEvent(new Event("online"))],
    ["restored", () => window.dispatchEvent(Object.assign(new Event("pageshow"), { persisted: true }))],
  ] as const)("%s is heard until it is not wanted any more", (sign, happen) => {
    hidden(false);
    const run = vi.fn();
    const cancel = browser().on(sign, run);
    happen();
    expect(run).toHaveBeenCalledOnce();
    cancel();
    happen();
    expect(run).toHaveBeenCalledOnce();
  });

  test("somebody at the keys is seen although the page stops its events", () => {
    const run = vi.fn();
    const cancel = browser().on("active", run);
    const stop = (event: Event) => event.stopPropagation();
    document.body.addEventListener("keydown", stop);
    document.body.dispatchEvent(new Event("keydown", { bubbles: true }));
    document.body.removeEventListener("keydown", stop);
    cancel();
    expect(run).toHaveBeenCalledOnce();
  });

  test("a page that goes out of sight is not in sight, and one that was loaded is not restored", () => {
    hidden(true);
    const run = vi.fn();
    const cancels = [browser().on("visible", run), browser().on("restored", run)];
    document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
    window.dispatchEvent(Object.assign(new Event("pageshow"), { persisted: false }));
    for (const cancel of cancels) cancel();
    expect(run).not.toHaveBeenCalled();
  });

  test("what another tab wrote is heard, and what it removed is not", () => {
    const run = vi.fn();
    const cancel = browserSeldom.onStored(run);
    window.dispatchEvent(new StorageEvent("storage", { key: "k", newValue: "v" }));
    window.dispatchEvent(new StorageEvent("storage", { key: "k", newValue: null }));
    window.dispatchEvent(new StorageEvent("storage"));
    cancel();
    expect(run.mock.calls).toEqual([["k", "v"]]);
  });
});

describe("what a browser lacks or refuses", () => {
  test("storage", () => {
    vi.spyOn(window, "localStorage", "get").mockImplementation(() => {
      throw new DOMException("refused", "SecurityError");
    });
    expect(browserSeldom.storage()).toBeNull();
  });

  test("locks, channels and passkeys", () => {
    vi.stubGlobal("BroadcastChannel", undefined);
    // jsdom knows no passkeys.
    vi.stubGlobal("navigator", {});
    expect([browser().locks(), browser().broadcast("x"), browserSeldom.authenticators()]).toEqual([null, null, null]);
  });
});

test("the page is what URLs are relative to, and its cookies are read each time", () => {
  const environment = browser();
  expect(environment.pageUrl()).toBe("https://app.example.com/page");
  document.cookie = "a=1";
  expect(environment.cookies()).toContain("a=1");
  document.cookie = "a=2";
  expect(environment.cookies()).toContain("a=2");
});

test("a timer that is longer than timers can be does not run at once", () => {
  const set = vi.spyOn(globalThis, "setTimeout").mockReturnValue(1 as unknown as NodeJS.Timeout);
  browser().after(2 ** 40, () => undefined);
  expect(set.mock.calls[0]?.[1]).toBeLessThan(2 ** 31);
});
