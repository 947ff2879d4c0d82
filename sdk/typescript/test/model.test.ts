// The state machine under every order of events that fast-check can think of: tabs that share cookies and a lock, a server
// that is down at times, messages and answers that come late, twice late, or never, tabs that freeze, people who log in and
// out in several tabs at once. Each schedule is a list of numbers, so that a failure shrinks to the shortest story.

import * as fc from "fast-check";
import { expect, test } from "vitest";
import { Model } from "./support/model.js";

const schedules = (length: number) => fc.array(fc.nat(), { minLength: 20, maxLength: length, size: "max" });
const tabs = fc.integer({ min: 1, max: 4 });

/** Many short stories find what one long one hides. */
const RUNS = { numRuns: 1_000 };

test.each([
  ["never are two refreshes under way at once in a browser", false, 1],
  ["nor more than two, where a tab froze with the turn in its hands and thaws again", true, 2],
])("%s", (_, freezing, most) => {
  fc.assert(
    fc.property(tabs, schedules(150), (count, schedule) => {
      const model = new Model(count, { logins: true, outages: true, freezing, endings: true });
      for (const choice of schedule) {
        model.act(choice);
        expect(model.refreshesUnderWay()).toBeLessThanOrEqual(most);
      }
    }),
    RUNS,
  );
});

test("nobody is authenticated after an acknowledged logout, until somebody logs in", () => {
  fc.assert(
    fc.property(tabs, schedules(150), (count, schedule) => {
      const model = new Model(count, { logins: true, outages: true, freezing: true, endings: true });
      for (const choice of schedule) {
        model.act(choice);
        for (const tab of model.tabs) {
          if (tab.loggedOutAt > model.lastLoginAt) expect(tab.state.status).not.toBe("authenticated");
        }
      }
    }),
    RUNS,
  );
});

test("nobody is unauthenticated while their session lives, whatever network, server and other tabs do", () => {
  fc.assert(
    fc.property(tabs, schedules(150), (count, schedule) => {
      const model = new Model(count, { logins: false, outages: true, freezing: true, endings: false });
      for (const choice of schedule) {
        model.act(choice);
        for (const tab of model.tabs) expect(tab.state.status).not.toBe("unauthenticated");
      }
    }),
    RUNS,
  );
});

test("an answer of another epoch changes neither who is signed in nor whether somebody is", () => {
  fc.assert(
    fc.property(tabs, schedules(150), (count, schedule) => {
      const model = new Model(count, { logins: true, outages: true, freezing: true, endings: true });
      for (const choice of schedule) {
        const before = model.tabs.map(({ state }) => state);
        const stale = model.act(choice);
        if (stale === null) continue;
        const [was, is] = [before[stale], model.tabs[stale]?.state];
        expect([is?.status, is?.user?.id, is?.session?.id]).toEqual([was?.status, was?.user?.id, was?.session?.id]);
      }
    }),
    RUNS,
  );
});

test("who is shown as signed in has a name, and nobody else has", () => {
  fc.assert(
    fc.property(tabs, schedules(100), (count, schedule) => {
      const model = new Model(count, { logins: true, outages: true, freezing: true, endings: true });
      for (const choice of schedule) {
        model.act(choice);
        for (const { state } of model.tabs) {
          expect([state.user !== null, state.session !== null]).toEqual(Array(2).fill(state.status === "authenticated"));
        }
      }
    }),
    RUNS,
  );
});

test("when all is quiet and each tab has looked, all of them say what is true", () => {
  fc.assert(
    fc.property(tabs, schedules(120), (count, schedule) => {
      const model = new Model(count, { logins: true, outages: true, freezing: true, endings: true });
      for (const choice of schedule) model.act(choice);
      model.calmDown();
      for (const { state } of model.tabs) {
        expect([state.status, state.user?.id ?? null]).toEqual(model.truth());
        expect([state.wanted, state.asking, state.refresh]).toEqual([false, "no", "rest"]);
      }
    }),
    RUNS,
  );
});
