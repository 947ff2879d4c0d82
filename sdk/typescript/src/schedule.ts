import { between, type Cancel, type Environment, type Instant } from "./environment.js";
import { waitOf } from "./failure.js";
import type { Event, State, World } from "./state.js";

/** What is to be done next unless something happens before, in how many milliseconds; at once if in none or fewer. */
export interface Due {
  readonly inMs: number;
  readonly what: "check" | "renew";
}

/** Milliseconds until the access token has only this part of what it had left; null where nothing is known of it. */
function untilLeft({ token }: State, part: number, world: World): number | null {
  return token && token.leftMs * (1 - part) - between(token.since, world.now);
}

/** Whether the access token is known to have run out. */
export function isOverdue(state: State, world: World): boolean {
  return (untilLeft(state, 0, world) ?? 1) <= 0;
}

/**
 * When to act by the clock: at half of what the access token had left, if somebody was at the keys since (an abandoned tab
 * keeps no session alive), and after a failure.
 */
export function nextDue(state: State, activeAt: Instant, world: World): Due | null {
  const { failure, token, status, csrf } = state;
  if (state.refresh !== "rest" || state.asking !== "no" || status === "unauthenticated") return null;
  if (failure) return { inMs: waitOf(failure, world), what: failure.of === "refresh" ? "renew" : "check" };
  // A token that cannot be refreshed is not asked about again; it is good until its time is up.
  if (!token || csrf === null || csrf === state.overWith || activeAt.elapsed < token.since.elapsed) return null;
  return { inMs: untilLeft(state, 1 / 2, world) ?? 0, what: "renew" };
}

export interface Schedule {
  /** The state is another one. */
  changed(): void;
  close(): void;
}

/** Refreshes ahead of time, tries again after failures, and catches up when a computer wakes or is online again. */
export function openSchedule(
  environment: Environment,
  read: () => State,
  world: () => World,
  dispatch: (event: Event) => void,
): Schedule {
  let cancel: Cancel = () => undefined;
  let activeAt = environment.now();

  function changed(): void {
    cancel();
    const due = nextDue(read(), activeAt, world());
    if (due) cancel = environment.after(due.inMs, actIfDue);
  }

  function actIfDue(): void {
    const due = nextDue(read(), activeAt, world());
    // Not yet, after all, where a timer could not be told so long a wait.
    if (!due || due.inMs > 0) changed();
    else dispatch({ type: due.what });
  }

  function active(): void {
    activeAt = environment.now();
    actIfDue();
  }

  // Timers stand still while a computer sleeps. A wait that the server did not ask for is cut short.
  function wake(): void {
    dispatch({ type: "wake" });
    active();
  }

  const stops = [
    environment.on("active", active),
    environment.on("visible", wake),
    environment.on("online", wake),
    environment.on("restored", () => dispatch({ type: "restored" })),
  ];
  return {
    changed,
    close() {
      cancel();
      for (const stop of stops) stop();
    },
  };
}
