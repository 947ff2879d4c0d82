import type { Engine } from "./engine.js";
import { DoorwardError, doorwardCode, problemOf } from "./problem.js";
import { abortable, outgoing, type Outgoing } from "./request.js";
import { isOverdue } from "./schedule.js";
import type { Mark, State } from "./state.js";

/** `fetch`, as far as the client promises it. */
export type Fetch = (input: RequestInfo | URL, init?: RequestInit) => Promise<Response>;

/** 401 that say something of the session. Others speak of what was in the request: a wrong code, a wrong password. */
const OF_THE_SESSION = new Set([
  "not_authenticated",
  "session_expired",
  "session_revoked",
  "session_binding_mismatch",
  "token_invalid",
]);

/** Of Doorward's own endpoints those that begin a session, ask for it or end it: a refresh for their sake would be a circle. */
const NOT_MENDED = /^\/v1\/(login|setup|refresh|logout|session)([/?#]|$)/;

export interface Sender {
  fetch: Fetch;
  /** The same, around whatever sends: a request that makes the server set cookies takes its turn there. */
  send(input: string, init: RequestInit, send: Fetch): Promise<Response>;
}

/** Requests with credentials and CSRF token, that mend themselves what can be mended. */
export function openSender(engine: Engine): Sender {
  const { settings } = engine;
  const { environment } = settings;
  let steppingUp: Promise<boolean> | null = null;

  /** Asks the user once, however many requests wait for it. */
  function stepUp(url: string, problem: DoorwardError): Promise<boolean> {
    const { onStepUp } = settings;
    if (!onStepUp) return Promise.resolve(false);
    // In a function of its own: a callback that throws at once is as one that rejects.
    const asked = async () => (await onStepUp({ url, problem })) !== false;
    steppingUp ??= asked()
      .catch(() => false)
      .finally(() => (steppingUp = null));
    return steppingUp;
  }

  /** What went wrong, once it was mended; null where there is nothing to mend or it could not be. */
  async function mended(response: Response, mark: Mark, out: Outgoing, done: Set<string>): Promise<string | null> {
    const { status } = response;
    if (status !== 401 && status !== 403) return null;
    const overdue = isOverdue(engine.state, engine.world());
    const code = await doorwardCode(response);
    if (status === 401) {
      // The app's own word. It changes nothing, unless the token is known to have run out.
      if (done.has("renewed") || (code === null ? !overdue : !OF_THE_SESSION.has(code))) return null;
      const expired = code === "session_expired" || overdue;
      const state = await engine.settle(expired ? { type: "renew", mark } : { type: "check" });
      const renewed = state.status === "authenticated" && engine.world().csrf !== mark.csrf;
      if (!renewed && code !== null && state.failure && state.status !== "unauthenticated") throw state.failure.problem;
      return renewed ? "renewed" : null;
    }
    switch (code) {
      case "csrf_failed":
        // Refused before anything was done. Another session's token, if the cookie has changed since.
        if (engine.world().csrf === mark.csrf) return null;
        await engine.settle({ type: "check" });
        return code;
      case "step_up_required":
        // Another request has had the user step up while this one was under way.
        if (engine.state.epoch !== mark.epoch) return "stepped up";
        return (await stepUp(out.url.href, await problemOf(response.clone()))) ? code : null;
      case "password_change_required":
        await engine.settle({ type: "check" });
        return null;
      default:
        return null;
    }
  }

  /** Whether the cookie is not the one of who is shown as signed in. */
  const isDoubtful = () => engine.state.status === "authenticated" && engine.world().csrf !== engine.state.csrf;

  async function attempts(out: Outgoing, send: Fetch): Promise<Response> {
    const { user, status } = engine.state;
    /** Whether what was meant for one user would be done as another. */
    const isOther = (state: State) => status !== "unknown" && state.user?.id !== user?.id;
    const check = async (work: Promise<unknown>) => abortable(work, out.signal);

    if (isOverdue(engine.state, engine.world())) await check(engine.settle({ type: "renew", mark: engine.mark() }));
    const done = new Set<string>();
    for (;;) {
      // Somebody else may have signed in, in another tab: then the cookie is theirs, and what this tab shows is not.
      if (out.unsafe && isDoubtful()) await check(engine.settle({ type: "check" }));
      const { state } = engine;
      if (state.status === "authenticated" && isOther(state)) throw userChanged();
      if (out.unsafe && isDoubtful()) throw state.failure?.problem ?? userChanged();
      const mark = engine.mark();
      const [input, init] = out.arguments(settings.csrfHeader, out.unsafe ? mark.csrf : null);
      const response = await send(input, init);
      const cure = await abortable(mended(response, mark, out, done), out.signal);
      if (cure === null || done.has(cure) || !out.repeatable || isOther(engine.state)) return response;
      done.add(cure);
    }
  }

  async function send(input: RequestInfo | URL, init: RequestInit | undefined, through: Fetch): Promise<Response> {
    engine.start();
    const out = outgoing(input, init, environment.pageUrl());
    // Somebody else's: nothing of ours goes there, and what it answers says nothing about us.
    if (!settings.origins.has(out.url.origin)) return environment.fetch(input, init);
    const { href } = out.url;
    const own = href.startsWith(settings.base) && NOT_MENDED.test(href.slice(settings.base.length));
    if (!own) return attempts(out, through);
    const token = out.unsafe ? engine.world().csrf : null;
    return through(...out.arguments(settings.csrfHeader, token));
  }

  return { fetch: (input, init) => send(input, init, environment.fetch), send };
}

function userChanged(): DoorwardError {
  return new DoorwardError({
    status: 0,
    code: "user_changed",
    detail: "Somebody else has signed in, in another tab. The request was not sent.",
  });
}
