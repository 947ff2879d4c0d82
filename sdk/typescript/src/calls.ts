import { bodyOf, signedInOf, within } from "./ask.js";
import type { Engine } from "./engine.js";
import type { Fetch, Sender } from "./fetch.js";
import type { Mark } from "./state.js";

/** A password may wait its turn for the server's hashing. */
const ANSWER_WITHIN_MS = 30_000;
/** How long somebody who pressed a button waits for the turn of a tab that hangs. */
const TURN_WITHIN_MS = 5_000;

/** Asking Doorward's own endpoints, for people. Everything rejects unless the answer is a success. */
export interface Calls {
  call(method: string, path: string, body?: unknown): Promise<unknown>;
  /** One whose answer sets cookies. With the mark of its beginning, it may put another session in the place of the one there was. */
  inTurn(method: string, path: string, body?: unknown, begun?: Mark): Promise<unknown>;
  /** A request that ends in another session. */
  exchange(path: string, body: unknown): Promise<unknown>;
}

export function openCalls({ settings, turns, read, mark, dispatch, settle }: Engine, sender: Sender): Calls {

  const timed: Fetch = (input, init) =>
    within(settings, ANSWER_WITHIN_MS, (signal) => settings.environment.fetch(input, { ...init, signal }));

  function send(method: string, path: string, body: unknown, through: Fetch): Promise<Response> {
    const json = { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } };
    // A password is not for whoever is redirected to.
    const init: RequestInit = { method, redirect: "error", ...(body === undefined ? null : json) };
    return sender.send(`${settings.base}/v1${path}`, init, through);
  }

  async function inTurn(method: string, path: string, sent?: unknown, begun?: Mark): Promise<unknown> {
    const response = await send(method, path, sent, (input, init) => turns.take(TURN_WITHIN_MS, () => timed(input, init)));
    const body = await bodyOf(response);
    // A password that was right ends the session there was, also where a second factor is due.
    if (begun && (body as { status?: string } | undefined)?.status === "mfa_required") {
      dispatch({ type: "signed_out", mark: begun });
    } else if (begun) {
      const answer = signedInOf(response, body);
      dispatch({ type: "signed_in", mark: begun, answer });
      // Something came between: then the state says it only when Doorward has been asked.
      if (read().session?.id !== answer.session.id) await settle({ type: "check" });
    }
    return body;
  }

  return {
    call: async (method, path, body) => bodyOf(await send(method, path, body, timed)),
    inTurn,
    exchange: (path, body) => inTurn("POST", path, body, mark()),
  };
}
