import { ask } from "./ask.js";
import { csrfToken } from "./cookie.js";
import { openSchedule, type Schedule } from "./schedule.js";
import type { Settings } from "./settings.js";
import { initialState, isAtRest, markOf, type Effect, type Event, type Mark, type State, type World } from "./state.js";
import { step } from "./step.js";
import { openTabs, type Tabs } from "./tabs.js";
import { openTurns, type Turns } from "./turns.js";

/** A turn of another tab is over by then, unless it hangs: two requests without an answer, and a little. */
const TURN_WITHIN_MS = 25_000;

/** Runs the state machine: reads the browser, does what is to be done, and tells who listens. */
export class Engine {
  readonly settings: Settings;
  readonly turns: Turns;
  readonly #name: string;
  readonly #listeners = new Set<() => void>();
  #state = initialState;
  #waiting: (() => void)[] = [];
  #open: { readonly tabs: Tabs; readonly schedule: Schedule } | null = null;

  constructor(settings: Settings) {
    this.settings = settings;
    this.#name = `doorward ${settings.base}`;
    this.turns = openTurns(settings.environment, this.#name);
  }

  get state(): State {
    return this.#state;
  }

  world(): World {
    const { environment, csrfCookie } = this.settings;
    return {
      now: environment.now(),
      csrf: csrfToken(environment.cookies(), csrfCookie),
      random: environment.random(),
    };
  }

  /** Something begins. Whoever asks for the first time listens from then on. */
  mark(): Mark {
    this.start();
    return markOf(this.#state, this.world());
  }

  /** Listens to the other tabs and to the browser, from now on until it is closed. */
  start(): void {
    if (this.#open) return;
    const { environment } = this.settings;
    const dispatch = (event: Event) => this.dispatch(event);
    const read = () => ({ state: this.#state, world: this.world() });
    this.#open = {
      tabs: openTabs(environment, this.#name, (message) => dispatch({ type: "heard", message })),
      schedule: openSchedule(environment, read, dispatch),
    };
  }

  close(): void {
    this.#open?.tabs.close();
    this.#open?.schedule.close();
    this.#open = null;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  dispatch(event: Event): void {
    const before = this.#state;
    const { state, effects } = step(before, event, this.world());
    this.#state = state;
    for (const effect of effects) this.#run(effect);
    if (state === before) return;
    this.#open?.schedule.changed();
    this.#release();
    for (const listener of [...this.#listeners]) {
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

  /** Dispatches, and resolves when nothing is being found out any more. Never rejects. */
  async settle(event: Event): Promise<State> {
    this.start();
    this.dispatch(event);
    if (!isAtRest(this.#state)) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return this.#state;
  }

  #release(): void {
    if (!isAtRest(this.#state)) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  #run(effect: Effect): void {
    switch (effect.type) {
      case "tell":
        this.#open?.tabs.tell(effect.message);
        break;
      case "ask_session":
        void this.#check();
        break;
      case "take_turn":
        void this.turns.take(TURN_WITHIN_MS, () => this.#refresh());
        break;
    }
  }

  async #check(): Promise<void> {
    const mark = this.mark();
    this.dispatch({ type: "checked", mark, answer: await ask(this.settings, "session", mark) });
  }

  async #refresh(): Promise<void> {
    this.dispatch({ type: "turn" });
    while (this.#state.refresh.at === "server") {
      const mark = this.mark();
      this.dispatch({ type: "refreshed", mark, answer: await ask(this.settings, "refresh", mark) });
    }
  }
}
