// Whole clients, with locks, channels, timers and requests, under schedules that fast-check chooses: what arrives when, what
// is lost, when the access token ends, when a tab freezes. The session lives all the while, so nobody may see a login page.

import * as fc from "fast-check";
import { expect, test } from "vitest";
import { createDoorward, DoorwardError, NetworkError, type Doorward } from "../src/index.js";
import { breathe, Browser, type Fate, type Tab } from "./support/browser.js";
import { page, problem } from "./support/server.js";

interface Open {
  readonly tab: Tab;
  readonly doorward: Doorward;
  readonly seen: Set<string>;
}

/** What the apps in the tabs have asked. */
class Requests {
  readonly results: Promise<Response>[] = [];
  underWay = 0;
  /** Whether the access token has ended since one of them began. */
  ended = false;

  send(doorward: Doorward, method: string): void {
    this.underWay += 1;
    const result = doorward.fetch("/api/thing", { method }).finally(() => {
      this.underWay -= 1;
      if (this.underWay === 0) this.ended = false;
    });
    result.catch(() => undefined);
    this.results.push(result);
  }
}

const FATES: readonly (() => Fate)[] = [
  () => "answered", () => "answered", () => "answered", () => "lost", () => "unreachable",
  () => page(502), () => problem(503, "store_unavailable", { retry_after: 1 }), () => problem(429, "rate_limited", { retry_after: 2 }),
];

/** One step of a schedule: something waiting goes on, or something happens. */
async function act(browser: Browser, tabs: readonly Open[], requests: Requests, choice: number): Promise<void> {
  const chosen = tabs[choice % tabs.length];
  if (!chosen) return;
  const { tab, doorward } = chosen;
  switch (Math.floor(choice / 7) % 12) {
    case 0:
      // The access token ends; once during a request, for one is refreshed once.
      if (!requests.ended) browser.time += 1_000_000;
      requests.ended = requests.underWay > 0;
      break;
    case 1:
      await browser.pass(3_000);
      break;
    case 2:
      tab.frozen = !tab.frozen;
      break;
    case 3:
      tab.feel((["active", "visible", "online"] as const)[choice % 3] ?? "active");
      break;
    case 4:
    case 5:
      requests.send(doorward, choice % 2 ? "POST" : "GET");
      break;
    default: {
      const ready = browser.tasks.filter((task) => !task.tab?.frozen);
      const task = ready[choice % Math.max(ready.length, 1)];
      if (!task) break;
      browser.tasks.splice(browser.tasks.indexOf(task), 1);
      task.run();
    }
  }
  await breathe();
}

test("while a session lives, no tab ever shows a login page, and no app sees a 401, whatever happens", async () => {
  const schedule = fc.array(fc.nat({ max: 100_000 }), { minLength: 20, maxLength: 120, size: "max" });
  const fates = fc.array(fc.nat(FATES.length - 1), { minLength: 1, maxLength: 60, size: "max" });
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 4 }), schedule, fates, async (count, choices, luck) => {
      const browser = new Browser();
      browser.jar.store(browser.server.begin("ada"));
      let request = 0;
      // An app answers, or does not: what is tried is how the client meets Doorward's ways to fail.
      browser.fate = ({ path }) => (path.startsWith("/api") ? "answered" : (FATES[luck[request++ % luck.length] ?? 0]?.() ?? "answered"));
      const tabs = Array.from({ length: count }, () => {
        const tab = browser.open();
        const doorward = createDoorward({ environment: tab });
        const seen = new Set<string>();
        doorward.subscribe(() => seen.add(doorward.getSnapshot().status));
        return { tab, doorward, seen };
      });
      const requests = new Requests();
      for (const choice of choices) await act(browser, tabs, requests, choice);
      browser.fate = () => "answered";
      for (const { tab } of tabs) tab.frozen = false;
      await browser.pass(300_000);
      for (const result of await Promise.allSettled(requests.results)) {
        if (result.status === "fulfilled") expect(result.value.status).toBe(200);
        else expect([DoorwardError, NetworkError].some((kind) => result.reason instanceof kind), String(result.reason)).toBe(true);
      }
      for (const { seen, doorward } of tabs) {
        expect(seen).not.toContain("unauthenticated");
        expect((await settled(browser, doorward)).status).toBe("authenticated");
      }
    }),
    { numRuns: 100 },
  );
});

async function settled(browser: Browser, doorward: Doorward) {
  const looked = doorward.checkSession();
  await browser.pass(300_000);
  return looked;
}
