// Turns among the tabs, by locks and by leases.

import { describe, expect, test } from "vitest";
import { openLeases } from "../src/leases.js";
import { openTurns } from "../src/turns.js";
import { Browser } from "./support/browser.js";

/** Work that ends when it is told to, and says when it began. */
function work(log: string[], name: string) {
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));
  return { end, run: async () => (log.push(name), await ended, name) };
}

describe.each(["locks", "leases"])("%s", (kind) => {
  const open = (browser: Browser) => (kind === "locks" ? openTurns : openLeases)(browser.open(), "turns");

  test("are taken one after the other, within a tab and among them", async () => {
    const browser = new Browser();
    const [here, there] = [open(browser), open(browser)];
    const log: string[] = [];
    const works = ["a", "b", "c"].map((name) => work(log, name));
    const results = works.map(({ run }, at) => (at === 1 ? there : here).take(60_000, run));
    for (const done of [1, 2, 3]) {
      await browser.pass(1_000);
      expect(log).toHaveLength(done);
      works["abc".indexOf(log.at(-1) ?? "")]?.end();
    }
    await browser.pass(1_000);
    expect((await Promise.all(results)).sort()).toEqual(["a", "b", "c"]);
  });

  test.each(["another tab", "the same tab"])("whoever has waited long enough for one that hangs in %s goes on without it", async (where) => {
    const browser = new Browser();
    const there = open(browser);
    const here = where === "the same tab" ? there : open(browser);
    void there.take(1_000, work([], "hangs").run);
    await browser.pass(100);
    let done = false;
    void here.take(1_000, async () => (done = true));
    await browser.pass(500);
    expect(done).toBe(false);
    await browser.pass(2_200);
    expect(done).toBe(true);
  });

  test("work that fails fails for its caller alone", async () => {
    const browser = new Browser();
    const turns = open(browser);
    const failing = turns.take(1_000, () => Promise.reject(new Error("no")));
    failing.catch(() => undefined);
    const next = turns.take(1_000, async () => "next");
    await browser.pass(1_000);
    await expect(failing).rejects.toThrow("no");
    await expect(next).resolves.toBe("next");
  });
});

describe("a lease", () => {
  const key = "turns turn";

  test.each([
    ["of a tab that was closed ends by itself", { owner: "gone", until: 20_000 }, 20_200],
    ["from before the clock was set back is none", { owner: "gone", until: 3_600_000 }, 200],
    ["of somebody else's making is none", "what?", 200],
  ])("%s", async (_, note, within) => {
    const browser = new Browser();
    browser.values.set(key, JSON.stringify(note));
    const done = openLeases(browser.open(), "turns").take(30_000, async () => "done");
    let through = false;
    void done.then(() => (through = true));
    await browser.pass(within);
    expect(through).toBe(true);
  });

  test("is another tab's if that was the last to write", async () => {
    const browser = new Browser();
    const log: string[] = [];
    void openLeases(browser.open(), "turns").take(20_000, work(log, "mine").run);
    await browser.settle();
    browser.values.set(key, JSON.stringify({ owner: "theirs", until: browser.time + 5_000 }));
    await browser.pass(4_900);
    expect(log).toEqual([]);
    await browser.pass(300);
    expect(log).toEqual(["mine"]);
  });

  test("is given back", async () => {
    const browser = new Browser();
    const done = openLeases(browser.open(), "turns").take(1_000, async () => browser.values.get(key));
    await browser.pass(200);
    expect(await done).toContain("owner");
    expect(browser.values.size).toBe(0);
  });

  test("is not needed where storage is refused", async () => {
    const browser = new Browser();
    const done = openLeases(browser.open(["storage"]), "turns").take(1_000, async () => "done");
    await browser.settle();
    await expect(done).resolves.toBe("done");
  });
});
