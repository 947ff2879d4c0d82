import { between } from "./environment.js";
import { DoorwardError, type Failed } from "./problem.js";
import type { Failure, State, World } from "./state.js";

const FIRST_WAIT_MS = 2_000;
const LONGEST_WAIT_MS = 60_000;

/**
 * Doorward could not be asked, or could not say: the status stays, and it is tried again. After twice as long each time,
 * and never in step with the other clients of a server that comes up again; after `heard` where another tab knows.
 */
export function failed(
  state: State,
  of: Failure["of"],
  problem: Failed,
  world: World,
  heard?: { readonly waitMs: number; readonly firm: boolean },
): State & { readonly failure: Failure } {
  const refused = problem instanceof DoorwardError;
  const count = (state.failure?.count ?? 0) + 1;
  const backoffMs = Math.min(FIRST_WAIT_MS * 2 ** (count - 1), LONGEST_WAIT_MS) * (0.75 + world.random / 2);
  // What it was asked to wait before is not over because something else failed, too.
  const beforeMs = state.failure?.firm ? waitOf(state.failure, world) : 0;
  const askedMs = Math.max(beforeMs, heard?.firm ? heard.waitMs : 0, refused ? (problem.retryAfter ?? 0) * 1000 : 0);
  return {
    ...state,
    setupComplete: refused && problem.code === "setup_required" ? false : state.setupComplete,
    failure: {
      of,
      count,
      since: world.now,
      waitMs: Math.max(heard?.waitMs ?? backoffMs, askedMs),
      firm: askedMs > 0,
      problem,
    },
  };
}

/** Milliseconds until it is worth while to try again. */
export function waitOf(failure: Failure, world: World): number {
  return Math.max(failure.waitMs - between(failure.since, world.now), 0);
}

/** Whether a failure is so recent that nothing is tried. */
export function isBlocked({ failure }: State, world: World): boolean {
  return failure !== null && waitOf(failure, world) > 0;
}
