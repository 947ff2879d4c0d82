// Single decisions of the state machine, for what no schedule of events brings out by itself.

import { describe, expect, test } from "vitest";
import { failed } from "../src/failure.js";
import { DoorwardError, NetworkError } from "../src/problem.js";
import { initialState, type Event, type Known, type Mark, type State, type World } from "../src/state.js";
import { step } from "../src/step.js";
import { down, lost, refused } from "./support/answers.js";
import { aSession, aUser } from "./support/server.js";

const now = { elapsed: 1_000_000, wall: 1_000_000 };
const world: World = { now, csrf: "csrf-1", random: 0.5 };
const signedIn: State = {
  ...initialState,
  status: "authenticated",
  user: aUser("ada"),
  session: aSession("session-1"),
  epoch: 3,
  csrf: "csrf-1",
};
const mark: Mark = { epoch: 3, csrf: "csrf-1", since: now };
const bob: Known = { user: aUser("bob"), session: aSession("session-2"), leftMs: 900_000 };
const does = (state: State, event: Event, at: Partial<World> = {}) => {
  const [next, ...effects] = step(state, event, { ...world, ...at });
  return { next, effects: effects.map(({ type }) => type) };
};

describe("a login", () => {
  test("that was answered after something else happened is not believed, but looked at", () => {
    const { next, effects } = does({ ...signedIn, status: "unauthenticated", user: null, session: null, epoch: 4 }, { type: "signed_in", mark, answer: bob });
    expect([next.status, effects]).toEqual(["unauthenticated", ["ask_session"]]);
  });
});

describe("a check", () => {
  const asking: State = { ...signedIn, asking: "once" };

  test("under which the cookies changed is made once more, and not a third time", () => {
    const moved = { csrf: "csrf-2" };
    const { next, effects } = does(asking, { type: "checked", mark, answer: bob }, moved);
    expect([next.user?.id, next.asking, effects]).toEqual(["ada", "again", ["ask_session"]]);
    const settled = does(next, { type: "checked", mark, answer: bob }, moved);
    expect([settled.next.user?.id, settled.effects]).toEqual(["bob", []]);
  });

  test("that is refused while the cookies change and change again is tried later", () => {
    const { next, effects } = does({ ...asking, asking: "again" }, { type: "checked", mark, answer: refused("not_authenticated") }, { csrf: "csrf-2" });
    expect([next.status, next.failure?.of, effects]).toEqual(["authenticated", "check", []]);
  });

  test("does not end the wait that Doorward asked for before a refresh", () => {
    const waiting = failed(asking, "refresh", down(), world);
    expect(does(waiting, { type: "checked", mark, answer: bob }).next.failure).toBe(waiting.failure);
    expect(does(failed(asking, "check", lost(), world), { type: "checked", mark, answer: bob }).next.failure).toBeNull();
  });

  test("that a proxy refuses says nothing", () => {
    const answer = new DoorwardError({ status: 401, code: "unexpected_answer" });
    expect(does(asking, { type: "checked", mark, answer }).next.status).toBe("authenticated");
  });
});

describe("a refresh", () => {
  test("is not tried with a token that was refused before", () => {
    const { next, effects } = does({ ...signedIn, overWith: "csrf-1" }, { type: "renew", mark });
    expect([next.refresh, effects]).toEqual(["rest", ["ask_session"]]);
  });

  test("is made for a request that began before it was known who is signed in, if the cookie is still the same", () => {
    const { next, effects } = does(signedIn, { type: "renew", mark: { ...mark, epoch: 0 } });
    expect([next.refresh, effects]).toEqual(["queue", ["take_turn"]]);
    expect(does(next, { type: "turn" }).next.refresh).toBe("server");
  });

  test("is not needed where the cookie has changed since", () => {
    const told = does({ ...signedIn, csrf: "csrf-2" }, { type: "renew", mark }, { csrf: "csrf-2" });
    expect([told.next.refresh, told.effects]).toEqual(["rest", []]);
    const untold = does(signedIn, { type: "renew", mark }, { csrf: "csrf-2" });
    expect([untold.next.refresh, untold.effects]).toEqual(["rest", ["ask_session"]]);
  });

  test("is not needed ahead of a request either, if another tab has refreshed and was not heard yet", () => {
    const { next, effects } = does(signedIn, { type: "renew" }, { csrf: "csrf-2" });
    expect([next.refresh, effects]).toEqual(["rest", ["ask_session"]]);
    expect(does(signedIn, { type: "renew" }).effects).toEqual(["take_turn"]);
  });

  test("that was refused while somebody signed in ends nothing", () => {
    const asked: State = { ...signedIn, refresh: "server" };
    const { next, effects } = does(asked, { type: "refreshed", mark, answer: refused("session_revoked") }, { csrf: "csrf-2" });
    expect([next.status, effects]).toEqual(["authenticated", ["ask_session"]]);
  });

  test("whose answer broke off after its cookies had come is not asked for again", () => {
    const asked: State = { ...signedIn, refresh: "server" };
    const { next, effects } = does(asked, { type: "refreshed", mark, answer: lost() }, { csrf: "csrf-2" });
    expect([next.refresh, effects]).toEqual(["rest", ["ask_session"]]);
  });
});

describe("a message", () => {
  const token = { since: { elapsed: 5, wall: 400_000 }, leftMs: 900_000 };
  const alive = (session: string, csrf: string) =>
    ({ type: "heard", message: { type: "alive", user: aUser("ada"), session: aSession(session), csrf, token } }) as const;

  test("of a session that is known to be over asks nothing", () => {
    const over: State = { ...signedIn, status: "unauthenticated", user: null, session: null, overWith: "csrf-9" };
    expect(does(over, alive("session-9", "csrf-9")).effects).toEqual([]);
    expect(does(over, alive("session-8", "csrf-8")).effects).toEqual(["ask_session"]);
  });

  test("that a frozen tab held in its hands is as old as it is", () => {
    expect(does(signedIn, alive("session-1", "csrf-2")).next.token?.since).toEqual({ elapsed: now.elapsed, wall: 400_000 });
  });

  test("of the end of another session ends nothing here", () => {
    const message = { type: "gone", session: "session-9", csrf: "csrf-9" } as const;
    const { next, effects } = does(signedIn, { type: "heard", message });
    expect([next.status, effects]).toEqual(["authenticated", ["ask_session"]]);
  });
});

describe("a wait", () => {
  test("grows, is never the same for two, and has an end", () => {
    const waits = [0, 1, 2, 3, 8].map((count) => {
      const before: State = count ? { ...signedIn, failure: { ...failed(signedIn, "check", lost(), world).failure, count } } : signedIn;
      return failed(before, "check", lost(), world).failure.waitMs;
    });
    expect(waits).toEqual([2_000, 4_000, 8_000, 16_000, 60_000]);
    const jitter = [0, 0.999].map((random) => Math.round(failed(signedIn, "check", lost(), { ...world, random }).failure.waitMs));
    expect(jitter).toEqual([1_500, 2_499]);
  });

  test("that Doorward asked for is not over because something else fails", () => {
    const asked = failed(signedIn, "refresh", new DoorwardError({ status: 429, code: "rate_limited", retry_after: 100, request_id: "r" }), world);
    const later = { ...world, now: { elapsed: now.elapsed + 40_000, wall: now.wall + 40_000 } };
    expect(failed(asked, "check", new NetworkError("no network"), later).failure).toMatchObject({ waitMs: 60_000, firm: true });
  });
});
