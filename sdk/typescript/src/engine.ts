import { ask } from "./ask.js";
import { csrfToken } from "./cookie.js";
import type { Snapshot } from "./doorward.js";
import { RELEASE } from "./message.js";
import { openSchedule, type Schedule } from "./schedule.js";
import type { Settings } from "./settings.js";
import { initialState, isAtRest, markOf, type Event, type Mark, type State, type World } from "./state.js";
import { step } from "./step.js";
import { openTabs, type Tabs } from "./tabs.js";
import { openTurns, type Turns } from "./turns.js";

/** A turn of another tab is over by then, unless it hangs: two requests without an answer, and a little. */
const TURN_WITHIN_MS = 25_000;

/** Runs the state machine: reads the browser, does what is to be done, and tells who listens. */
export interface Engine {
  readonly settings: Settings;
  readonly turns: Turns;
  readonly read: () => State;
  readonly world: () => World;
  /** Something begins. Whoever asks for the first time listens to tabs and browser from then on. */
  readonly mark: () => Mark;
  readonly dispatch: (event: Event) => void;
  /** Dispatches, and resolves when nothing is being found out any more. Never rejects. */
  readonly settle: (event: Event) => Promise<State>;
  readonly getSnapshot: () => Snapshot;
  /** Calls whenever the snapshot is another one. */
  readonly subscribe: (listener: () => void) => () => void;
  /** Stops listening. */
  readonly close: () => void;
}

function snapshotOf({ status, user, session, setupComplete, failure }: State): Snapshot {
  // Who is authenticated has a name, and nobody else has: see `signedIn` and `signedOut` of the state machine.
  return { status, user, session, setupComplete, problem: failure?.problem ?? null } as Snapshot;
}

export function openEngine(settings: Settings): Engine {
  const { environment } = settings;
  const name = `doorward ${RELEASE} ${settings.base}`;
  const turns = openTurns(environment, name);
  const listeners = new Set<() => void>();
  let state = initialState;
  let snapshot = snapshotOf(state);
  let waiting: (() => void)[] = [];
  let tabs: Tabs | null = null;
  let schedule: Schedule | null = null;

  const read = () => state;

  const world = () => ({
    now: environment.now(),
    csrf: csrfToken(environment.cookies(), settings.csrfCookie),
    random: environment.random(),
  });

  function mark(): Mark {
    tabs ??= openTabs(environment, name, (message) => dispatch({ type: "heard", message }));
    schedule ??= openSchedule(environment, read, world, dispatch);
    return markOf(state, world());
  }

  function dispatch(event: Event): void {
    const before = state;
    const [next, ...effects] = step(before, event, world());
    state = next;
    for (const effect of effects) {
      if (effect.type === "tell") tabs?.tell(effect.message);
      else if (effect.type === "ask_session") void check();
      else void turns.take(TURN_WITHIN_MS, refresh);
    }
    if (state === before) return;
    const shown = snapshotOf(state);
    const same = (Object.keys(shown) as (keyof Snapshot)[]).every((key) => shown[key] === snapshot[key]);
    if (!same) snapshot = shown;
    schedule?.changed();
    if (isAtRest(state)) {
      for (const resolve of waiting) resolve();
      waiting = [];
    }
    for (const listener of same ? [] : [...listeners]) {
      try {
        listener();
      } catch (error) {
        // Theirs to mend, and no reason for the others not to hear of it.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }

  async function check(): Promise<void> {
    const begun = mark();
    dispatch({ type: "checked", mark: begun, answer: await ask(settings, "session", begun) });
  }

  async function refresh(): Promise<void> {
    dispatch({ type: "turn" });
    while (state.refresh === "server") {
      const begun = mark();
      dispatch({ type: "refreshed", mark: begun, answer: await ask(settings, "refresh", begun) });
    }
  }

  return {
    settings,
    turns,
    read,
    world,
    mark,
    dispatch,
    async settle(event) {
      dispatch(event);
      if (!isAtRest(state)) await new Promise<void>((resolve) => waiting.push(resolve));
      return state;
    },
    getSnapshot: () => snapshot,
    subscribe(listener) {
      // Each subscription is one of its own, also of the same function.
      const mine = () => listener();
      listeners.add(mine);
      return () => void listeners.delete(mine);
    },
    close() {
      tabs?.close();
      schedule?.close();
      tabs = schedule = null;
    },
  };
}
