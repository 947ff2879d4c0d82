import type { Message } from "./message.js";
import { DoorwardError, NetworkError, type Failed } from "./problem.js";
import { failed, isBlocked } from "./failure.js";
import { markOf, type Answer, type Effect, type Event, type Known, type Mark, type State, type World } from "./state.js";

/** What follows from an event: the next state, and what the shell is to do. */
export type Step = readonly [State, ...Effect[]];

/** With these a refresh says that the session is over. Any other refusal of a refresh leaves the access token in force. */
const SESSION_OVER = /^(session|refresh_token)_/;

/** What is known of who is signed in is in doubt. */
const doubt = (state: State): State => ({ ...state, wanted: true });

/** Somebody may have signed in since a session ended: there is another token than that session's. */
const unlessSince = (state: State, csrf: string | null, world: World): State =>
  world.csrf === null || world.csrf === csrf ? state : doubt(state);

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
  const [next, ...effects] = decide(state, event, world);
  return next.wanted && next.asking === "no" && next.refresh === "rest"
    ? [{ ...next, wanted: false, asking: "once" }, ...effects, { type: "ask_session" }]
    : [next, ...effects];
}

function decide(state: State, event: Event, world: World): Step {
  switch (event.type) {
    case "check":
      return [doubt(state)];
    case "renew":
      return state.status === "unauthenticated" ? [state] : renew(state, event.mark ?? known(state, world), world);
    case "turn":
      return [turn(state, world)];
    case "checked":
      return checked({ ...state, asking: "no" }, state.asking === "once", event.mark, event.answer, world);
    case "refreshed":
      return refreshed({ ...state, refresh: "rest" }, event.mark, event.answer, world);
    case "signed_in":
      // Something happened on the way. Whether it happened before or after, only Doorward knows.
      if (event.mark.epoch !== state.epoch) return [doubt(state)];
      return announced({ ...state, epoch: state.epoch + 1 }, event.mark, event.answer, world);
    case "signed_out": {
      const { mark } = event;
      const [out, ...effects] = ended({ ...state, epoch: state.epoch + 1 }, mark.csrf);
      return [mark.epoch === state.epoch ? out : unlessSince(out, mark.csrf, world), ...effects];
    }
    case "heard":
      return [heard(state, event.message, world)];
    case "wake":
      return [state.failure?.firm === false ? { ...state, failure: { ...state.failure, waitMs: 0 } } : state];
    case "restored": {
      const changed = state.status === "authenticated" && world.csrf !== state.csrf;
      return [doubt(changed ? { ...signedOut(state, null), status: "unknown" } : state)];
    }
  }
}

/** The token in the state; the cookie may hold its successor, of a tab from which we have not heard yet. */
const known = ({ csrf }: State, world: World) => ({ csrf: csrf ?? world.csrf });

function renew(state: State, replaces: Pick<Mark, "csrf">, world: World): Step {
  if (state.refresh !== "rest") return [state];
  // Renewed meanwhile, by us or by another tab that told us; else by whom, and who is signed in now, is to be asked.
  if (world.csrf !== replaces.csrf) return [world.csrf === state.csrf ? state : doubt(state)];
  if (world.csrf === null || world.csrf === state.overWith) return [doubt(state)];
  if (isBlocked(state, world)) return [state];
  return [{ ...state, refresh: "queue", replaces: markOf(state, world), again: false }, { type: "take_turn" }];
}

function turn(state: State, world: World): State {
  const { replaces, epoch, csrf } = state;
  if (replaces?.epoch === epoch && replaces.csrf === world.csrf) return { ...state, refresh: "server" };
  const without: State = { ...state, refresh: "rest" };
  return replaces?.epoch !== epoch || world.csrf === csrf ? without : doubt(without);
}

/** Whether it was Doorward that said no: a proxy's own 401 is just another way of being unreachable. */
function isRefusal(problem: Failed, ...statuses: number[]): problem is DoorwardError {
  return problem instanceof DoorwardError && problem.requestId !== null && statuses.includes(problem.status);
}

function refreshed(state: State, mark: Mark, answer: Answer, world: World): Step {
  const refused = answer instanceof Error;
  if (mark.epoch !== state.epoch) return [refused ? state : doubt(state)];
  if (!refused) return announced(state, mark, answer, world);
  // Somebody else's cookies came; or ours, and the rest of the answer did not.
  if (world.csrf !== mark.csrf) return [doubt(state)];
  if (isRefusal(answer, 401, 403)) {
    return SESSION_OVER.test(answer.code) ? ended(state, mark.csrf) : [doubt({ ...state, overWith: mark.csrf })];
  }
  // An answer that was lost. Within the server's grace, the same token gives the same successor.
  if (answer instanceof NetworkError && !state.again) return [{ ...state, refresh: "server", again: true }];
  const next = failed(state, "refresh", answer, world);
  const { waitMs, firm } = next.failure;
  return [next, { type: "tell", message: { type: "failing", waitMs, firm } }];
}

function checked(state: State, first: boolean, mark: Mark, answer: Answer, world: World): Step {
  if (mark.epoch !== state.epoch) {
    return [state.status === "unauthenticated" && world.csrf === null ? state : doubt(state)];
  }
  const moved = mark.csrf !== world.csrf;
  const known = !(answer instanceof Error);
  // The cookies changed under the question: whom the answer is about cannot be told. Asked once more, not for ever.
  if (moved && first && (known || isRefusal(answer, 401))) return [{ ...state, asking: "again" }, { type: "ask_session" }];
  // What keeps Doorward from refreshing is not over because it can say who is signed in.
  const failure = state.failure?.of === "refresh" ? state.failure : null;
  if (known) return [{ ...signedIn(state, mark, answer, world), failure }];
  if (moved || !isRefusal(answer, 401)) return [failed(state, "check", answer, world)];
  const next = { ...state, setupComplete: true, failure };
  // The access token is over, which says little: browsers drop its cookie when its time is up. The refresh decides.
  return world.csrf !== null && world.csrf !== state.overWith && answer.code !== "session_revoked"
    ? renew(next, mark, world)
    : ended(next, mark.csrf);
}

function heard(state: State, message: Message, world: World): State {
  const { status, session } = state;
  const out = status === "unauthenticated";
  switch (message.type) {
    case "alive": {
      const { user, csrf, token } = message;
      if (csrf !== null && csrf === state.overWith) return state;
      if (status !== "authenticated" || session?.id !== message.session.id) return doubt(state);
      // This tab may have been frozen with the message in its hands: the time of the other one counts.
      const since = token && { ...world.now, wall: token.since.wall };
      return { ...state, user, session: message.session, csrf, token: since && { ...token, since }, failure: null };
    }
    case "gone": {
      // Of another session than ours: an old message, or we have missed one.
      if (message.session !== null && session && message.session !== session.id) return doubt(state);
      const next = signedOut(state, message.csrf);
      return out ? next : unlessSince(next, message.csrf, world);
    }
    case "failing":
      // This tab need not find out the same for itself.
      return out
        ? state
        : { ...failed(state, "refresh", new NetworkError("Another tab could not refresh."), world, message), replaces: null };
  }
}

function signedIn(state: State, mark: Mark, answer: Known, world: World): State {
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
function ended(state: State, csrf: string | null): Step {
  const session = state.session?.id ?? null;
  return [signedOut(state, csrf), { type: "tell", message: { type: "gone", session, csrf } }];
}

/** As `signedIn`, and the other tabs learn of it. */
function announced(state: State, mark: Mark, answer: Known, world: World): Step {
  const next = signedIn(state, mark, answer, world);
  const { csrf, token } = next;
  const { user, session } = answer;
  return [next, { type: "tell", message: { type: "alive", user, session, csrf, token } }];
}
