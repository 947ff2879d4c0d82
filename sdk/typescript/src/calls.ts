import { PERSON_WAITS_MS, bodyOf, leftMs, within } from "./ask.js";
import type { Engine } from "./engine.js";
import type { Fetch, Sender } from "./fetch.js";
import { isSignedIn } from "./message.js";
import { DoorwardError, problemOf } from "./problem.js";
import type { Mark } from "./state.js";

/** How long somebody who pressed a button waits for the turn of a tab that hangs. */
const TURN_WITHIN_MS = 5_000;

/** Asking Doorward's own endpoints, for people. Everything rejects unless the answer is a success. */
export interface Calls {
  call(method: string, path: string, body?: unknown): Promise<unknown>;
  /** A request that ends in another session than the one there was. */
  exchange(path: string, body: unknown): Promise<unknown>;
  /** One whose answer sets cookies. */
  inTurn(method: string, path: string, body?: unknown): Promise<Response>;
  /** Takes over another session, out of an answer. */
  signedIn(mark: Mark, headers: Headers, body: unknown): Promise<unknown>;
}

export function openCalls(engine: Engine, sender: Sender): Calls {
  const { settings } = engine;

  const timed: Fetch = (input, init) =>
    within(settings, PERSON_WAITS_MS, (signal) => settings.environment.fetch(input, { ...init, signal }));

  async function send(method: string, path: string, body: unknown, through: Fetch): Promise<Response> {
    const init: RequestInit = { method, cache: "no-store", redirect: "error" };
    if (body !== undefined) {
      init.body = JSON.stringify(body);
      init.headers = { "Content-Type": "application/json" };
    }
    const response = await sender.send(`${settings.base}/v1${path}`, init, through);
    if (!response.ok) throw await problemOf(response);
    return response;
  }

  const inTurn: Calls["inTurn"] = (method, path, body) =>
    send(method, path, body, (input, init) => engine.turns.take(TURN_WITHIN_MS, () => timed(input, init)));

  const signedIn: Calls["signedIn"] = async (mark, headers, body) => {
    if (!isSignedIn(body)) throw new DoorwardError({ status: 200, code: "unexpected_answer" });
    const { user, session } = body;
    engine.dispatch({
      type: "signed_in",
      mark,
      answer: { kind: "signed_in", user, session, leftMs: leftMs(headers) },
    });
    // Something came between: then the state says it only when Doorward has been asked.
    if (engine.state.session?.id !== session.id) await engine.settle({ type: "check" });
    return body;
  };

  return {
    call: async (method, path, body) => bodyOf(await send(method, path, body, timed)),
    async exchange(path, body) {
      const mark = engine.mark();
      const response = await inTurn("POST", path, body);
      return signedIn(mark, response.headers, await bodyOf(response));
    },
    inTurn,
    signedIn,
  };
}
