import type { Message } from "./message.js";
import { DoorwardError, NetworkError } from "./problem.js";
import { failed, isBlocked } from "./failure.js";
import type { Answer, Effect, Event, Mark, State, World } from "./state.js";

/** What follows from an event: the next state, and what the shell is to do. */
export interface Step {
  readonly state: State;
  readonly effects: readonly Effect[];
}

/** With these a refresh says that the session is over. Any other refusal of a refresh leaves the access token in force. */
const SESSION_OVER = new Set([
  "session_expired",
  "session_revoked",
  "session_binding_mismatch",
  "refresh_token_invalid",
  "refresh_token_reused",
]);

const rest = { at: "rest" } as const;
const only = (state: State): Step => ({ state, effects: [] });

/** What is known of who is signed in is in doubt. */
const doubt = (state: State): State => ({ ...state, wanted: true });

/**
 * The client's only decision maker; it neither waits nor asks.
 *
 * | what was learnt | status becomes |
 * | --- | --- |
 * | Doorward named who is signed in (`checked`, `refreshed`, `signed_in`), asked in this epoch | authenticated |
 * | 401 to `checked` that no refresh can mend; `refreshed` refused since the session is over | unauthenticated |
 * | `signed_out`; another tab was told that this session is over | unauthenticated |
 * | no network, 5xx, 429, a proxy's page; anything of another epoch | as it was |
 * | `restored`, and the cookie is not the one it was | unknown |
 *
 * What an app answered, or another tab says of a session that is not known here, is a hint only: Doorward is asked.
 */
export function step(state: State, event: Event, world: World): Step {
  const { state: next, effects } = decide(state, event, world);
  if (!next.wanted || next.asking !== "no" || next.refresh.at !== "rest") return { state: next, effects };
  return { state: { ...next, wanted: false, asking: "once" }, effects: [...effects, { type: "ask_session" }] };
}

function decide(state: State, event: Event, world: World): Step {
  switch (event.type) {
    case "check":
      return only(doubt(state));
    case "renew":
      return state.status === "unauthenticated" ? only(state) : renew(state, event.mark, world);
    case "turn":
      return turn(state, world);
    case "checked":
      return checked({ ...state, asking: "no" }, state.asking === "once", event.mark, event.answer, world);
    case "refreshed":
      return refreshed(state, event.mark, event.answer, world);
    case "signed_in":
      // Something happened on the way. Whether it happened before or after, only Doorward knows.
      if (event.mark.epoch !== state.epoch) return only(doubt(state));
      return announced(signedIn({ ...state, epoch: state.epoch + 1 }, event.mark, event.answer, world));
    case "signed_out": {
      const { epoch, csrf } = event.mark;
      const { state: out, effects } = ended(state, { ...state, epoch: state.epoch + 1 }, csrf);
      const since = epoch !== state.epoch && world.csrf !== null && world.csrf !== csrf;
      return { state: since ? doubt(out) : out, effects };
    }
    case "heard":
      return only(heard(state, event.message, world));
    case "wake": {
      const { failure } = state;
      return only(failure && !failure.firm ? { ...state, failure: { ...failure, waitMs: 0 } } : state);
    }
    case "restored":
      if (state.status !== "authenticated" || world.csrf === state.csrf) return only(doubt(state));
      return only(doubt({ ...signedOut(state, null), status: "unknown" }));
  }
}

function renew(state: State, mark: Mark, world: World): Step {
  if (mark.epoch !== state.epoch || state.refresh.at !== "rest") return only(state);
  // Renewed meanwhile, by us or by another tab that told us; else by whom, and who is signed in now, is to be asked.
  if (world.csrf !== mark.csrf) return only(world.csrf === state.csrf ? state : doubt(state));
  if (world.csrf === null || world.csrf === state.overWith) return only(doubt(state));
  if (isBlocked(state, world)) return only(state);
  return {
    state: { ...state, refresh: { at: "queue", epoch: state.epoch, csrf: world.csrf, beaten: false } },
    effects: [{ type: "take_turn" }],
  };
}

function turn(state: State, world: World): Step {
  const { refresh } = state;
  if (refresh.at !== "queue") return only(state);
  const without = { ...state, refresh: rest };
  if (refresh.beaten || refresh.epoch !== state.epoch) return only(without);
  if (world.csrf !== refresh.csrf) return only(world.csrf === state.csrf ? without : doubt(without));
  return only({ ...state, refresh: { at: "server", again: false } });
}

function refreshed(state: State, mark: Mark, answer: Answer, world: World): Step {
  const without = { ...state, refresh: rest };
  const again = state.refresh.at === "server" && state.refresh.again;
  if (mark.epoch !== state.epoch) return only(answer.kind === "signed_in" ? doubt(without) : without);
  switch (answer.kind) {
    case "signed_in":
      return announced(signedIn(without, mark, answer, world));
    case "refused":
      if (world.csrf !== mark.csrf) return only(doubt(without));
      if (!SESSION_OVER.has(answer.problem.code)) return only(doubt({ ...without, overWith: mark.csrf }));
      return ended(state, without, mark.csrf);
    case "unavailable": {
      const lost = !(answer.problem instanceof DoorwardError);
      // The cookies came, and the rest of the answer did not.
      if (world.csrf !== mark.csrf) return only(doubt(without));
      // Within the server's grace, the same token gives the same successor.
      if (lost && !again) {
        return only({ ...state, refresh: { at: "server", again: true } });
      }
      const next = failed(without, "refresh", answer.problem, world);
      const { waitMs, firm } = next.failure;
      return { state: next, effects: [{ type: "tell", message: { type: "failing", waitMs, firm } }] };
    }
  }
}

function checked(state: State, first: boolean, mark: Mark, answer: Answer, world: World): Step {
  const moved = mark.csrf !== world.csrf;
  if (mark.epoch !== state.epoch) {
    return only(state.status === "unauthenticated" && world.csrf === null ? state : doubt(state));
  }
  if (answer.kind === "unavailable") return only(failed(state, "check", answer.problem, world));
  // The cookies changed under the question: whom the answer is about cannot be told. Asked once more, not for ever.
  if (moved && first) return { state: { ...state, asking: "again" }, effects: [{ type: "ask_session" }] };
  // What keeps Doorward from refreshing is not over because it can say who is signed in.
  const failure = state.failure?.of === "refresh" ? state.failure : null;
  if (answer.kind === "signed_in") return only({ ...signedIn(state, mark, answer, world), failure });
  if (moved) return only(failed(state, "check", answer.problem, world));
  const mendable = world.csrf !== null && world.csrf !== state.overWith && answer.problem.code !== "session_revoked";
  // The access token is over, which says little: browsers drop its cookie when its time is up. The refresh decides.
  if (mendable) return renew({ ...state, setupComplete: true, failure }, mark, world);
  return ended(state, { ...state, setupComplete: true }, mark.csrf);
}

function heard(state: State, message: Message, world: World): State {
  switch (message.type) {
    case "alive": {
      const { user, session, csrf, left } = message;
      if (csrf !== null && csrf === state.overWith) return state;
      if (state.status !== "authenticated" || state.session?.id !== session.id) return doubt(state);
      // This tab may have been frozen with the message in its hands: the time of the other one counts.
      const token = left && { since: { ...world.now, wall: left.at }, leftMs: left.ms };
      return { ...state, user, session, csrf, token, failure: null };
    }
    case "gone": {
      const known = { ...state, overWith: message.csrf ?? state.overWith };
      if (state.status === "unauthenticated") return known;
      // Of another session than ours: an old message, or we have missed one.
      const other = message.session !== null && state.session !== null && message.session !== state.session.id;
      if (other) return doubt(state);
      const out = signedOut(state, message.csrf);
      return world.csrf !== null && world.csrf !== message.csrf ? doubt(out) : out;
    }
    case "failing": {
      // This tab need not find out the same for itself.
      if (state.status === "unauthenticated") return state;
      const { refresh } = state;
      const problem = new NetworkError("Another tab could not refresh.");
      return {
        ...failed(state, "refresh", problem, world, message),
        refresh: refresh.at === "queue" ? { ...refresh, beaten: true } : refresh,
      };
    }
  }
}

function signedIn(state: State, mark: Mark, answer: Answer & { readonly kind: "signed_in" }, world: World): State {
  const { user, session, leftMs } = answer;
  const same = state.status === "authenticated" && state.session?.id === session.id;
  return {
    ...state,
    status: "authenticated",
    user,
    session,
    setupComplete: true,
    epoch: same ? state.epoch : state.epoch + 1,
    csrf: world.csrf,
    token: leftMs === null ? null : { since: mark.since, leftMs },
    failure: null,
  };
}

function signedOut(state: State, csrf: string | null): State {
  return {
    ...state,
    status: "unauthenticated",
    user: null,
    session: null,
    epoch: state.status === "unauthenticated" ? state.epoch : state.epoch + 1,
    csrf: null,
    overWith: csrf ?? state.overWith,
    token: null,
    failure: null,
  };
}

/** Nobody is signed in, and the other tabs learn that the session is over. */
function ended(before: State, state: State, csrf: string | null): Step {
  const gone: Message = { type: "gone", session: before.session?.id ?? null, csrf };
  return { state: signedOut(state, csrf), effects: [{ type: "tell", message: gone }] };
}

/** Tells the other tabs who is signed in. */
function announced(state: State): Step {
  const { user, session, csrf, token } = state;
  if (!user || !session) return only(state);
  const left = token && { at: token.since.wall, ms: token.leftMs };
  return { state, effects: [{ type: "tell", message: { type: "alive", user, session, csrf, left } }] };
}
