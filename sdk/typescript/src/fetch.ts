import type { Engine } from "./engine.js";
import type { Forbidden } from "./forbidden.js";
import { DoorwardError, doorwardCode } from "./problem.js";
import { abortable, outgoing, type Outgoing } from "./request.js";
import { isOverdue } from "./schedule.js";
import type { Mark } from "./state.js";

/** `fetch`, as far as the client promises it. */
export type Fetch = (input: RequestInfo | URL, init?: RequestInit) => Promise<Response>;

/** 401 that say something of the session. Others speak of what was in the request: a wrong code, a wrong password. */
const OF_THE_SESSION = /^(session_.*|not_authenticated|token_invalid)$/;

/** Of Doorward's own endpoints those that begin a session, ask for it or end it: a refresh for their sake would be a circle. */
const NOT_MENDED = /^\/v1\/(login|setup|refresh|logout|session)([/?#]|$)/;

/** How often a request is sent again, whatever for. */
const MOST_REPEATS = 4;

/** What a request is mended by, beside codes of problems. */
const RENEWED = "renewed";

export interface Sender {
  readonly fetch: Fetch;
  /** The same, around whatever sends: a request that makes the server set cookies takes its turn there. */
  readonly send: (input: RequestInfo | URL, init: RequestInit | undefined, send: Fetch) => Promise<Response>;
}

/** Requests with credentials and CSRF token, that mend themselves what can be mended. */
export function openSender(engine: Engine): Sender {
  const { settings, read, world, mark, settle } = engine;
  const { environment } = settings;
  let forbidden: Promise<Forbidden> | null = null;

  /** What went wrong, once it was mended; null where there is nothing to mend or it could not be. */
  async function mended(response: Response, begun: Mark, url: string, done: readonly string[]): Promise<string | null> {
    const { status } = response;
    if (status === 403) {
      // Loaded when it is needed, which is seldom.
      forbidden ??= import("./forbidden.js").then(({ openForbidden }) => openForbidden(engine));
      return forbidden.then(
        (mend) => mend(response, begun, url),
        () => ((forbidden = null), null),
      );
    }
    if (status !== 401) return null;
    const code = await doorwardCode(response);
    const overdue = isOverdue(read(), world());
    // Refreshed once, unless the computer slept through the life of that token, too.
    if (done.includes(RENEWED) && !overdue && world().csrf === begun.csrf) return null;
    // An app's own 401 changes nothing, unless the token is known to have run out.
    if (!(code === null ? overdue : OF_THE_SESSION.test(code))) return null;
    const expired = code === "session_expired" || overdue;
    const now = await settle(expired ? { type: "renew", mark: begun } : { type: "check" });
    if (now.status === "authenticated" && world().csrf !== begun.csrf) return RENEWED;
    if (code !== null && now.failure && now.status !== "unauthenticated") throw now.failure.problem;
    return null;
  }

  /** Whether the cookie is not the one of who is shown as signed in. */
  const isDoubtful = () => read().status === "authenticated" && world().csrf !== read().csrf;

  async function attempts(out: Outgoing, send: Fetch): Promise<Response> {
    const { unsafe, signal } = out;
    mark();
    const { user, status } = read();
    /** Whether what was meant for one user would be done as another. */
    const isOther = () => status !== "unknown" && read().user?.id !== user?.id;
    const done: string[] = [];

    if (isOverdue(read(), world())) await abortable(settle({ type: "renew" }), signal);
    for (;;) {
      // Somebody else may have signed in, in another tab: then the cookie is theirs, and what this tab shows is not.
      if (unsafe && isDoubtful()) await abortable(settle({ type: "check" }), signal);
      if (isOther() && read().status === "authenticated") throw userChanged();
      if (unsafe && isDoubtful()) throw read().failure?.problem ?? userChanged();
      const begun = mark();
      const response = await send(...out.arguments(settings.csrfHeader, unsafe ? begun.csrf : null));
      const cure = await abortable(mended(response, begun, out.url.href, done), signal);
      const again = cure !== RENEWED && done.includes(`${cure}`);
      if (cure === null || again || done.length === MOST_REPEATS || !out.repeatable || isOther()) return response;
      done.push(cure);
    }
  }

  const send: Sender["send"] = async (input, init, through) => {
    const out = outgoing(input, init, environment.pageUrl());
    const { href, origin } = out.url;
    // Somebody else's: nothing of ours goes there, and what it answers says nothing about us.
    if (!settings.origins.has(origin)) return environment.fetch(input, init);
    if (!href.startsWith(settings.base) || !NOT_MENDED.test(href.slice(settings.base.length))) return attempts(out, through);
    return through(...out.arguments(settings.csrfHeader, out.unsafe ? mark().csrf : null));
  };

  return { fetch: (input, init) => send(input, init, environment.fetch), send };
}

function userChanged(): DoorwardError {
  return new DoorwardError({
    status: 0,
    code: "user_changed",
    detail: "Somebody else has signed in; nothing was sent.",
  });
}
