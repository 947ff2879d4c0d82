import { isSignedIn } from "./message.js";
import { DoorwardError, NetworkError, isRecord, problemOf, type Failed } from "./problem.js";
import type { Settings } from "./settings.js";
import type { Answer, Known, Mark } from "./state.js";

/** An answer in time, or none: to what nobody but the client itself waits for. */
const ANSWER_WITHIN_MS = 10_000;

function unexpected({ status }: Response): DoorwardError {
  return new DoorwardError({ status, code: "unexpected_answer", detail: "No answer of Doorward's. Is baseUrl right?" });
}

/**
 * What a successful answer's body says; undefined for an empty one.
 *
 * @throws {DoorwardError} where the server refuses, or something else answered: a portal's page, an app's index.html.
 */
export async function bodyOf(response: Response): Promise<unknown> {
  if (!response.ok) throw await problemOf(response);
  if (response.status === 204) return undefined;
  const text = await response.text();
  try {
    const body: unknown = JSON.parse(text);
    if (isRecord(body)) return body;
  } catch {
    // No JSON.
  }
  throw unexpected(response);
}

/** Who is signed in, out of an answer; and how long its access token is good, by the server's own clock. */
export function signedInOf(response: Response, body: unknown): Known {
  if (!isSignedIn(body)) throw unexpected(response);
  const seconds = response.headers.get("x-session-expires-in") ?? "";
  const leftMs = /^\d{1,9}$/.test(seconds) ? Number(seconds) * 1000 : null;
  return { user: body.user, session: body.session, leftMs };
}

/**
 * Runs what asks Doorward, with a time limit.
 *
 * @throws {NetworkError} without an answer in time.
 */
export async function within<T>(
  { environment }: Settings,
  milliseconds: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const abort = new AbortController();
  const cancel = environment.after(milliseconds, () => abort.abort("timeout"));
  try {
    return await work(abort.signal);
  } catch (cause) {
    throw cause instanceof DoorwardError ? cause : new NetworkError(`No answer: ${String(cause)}`, { cause });
  } finally {
    cancel();
  }
}

/** Asks who is signed in, or for a refresh. Never rejects: that there is no answer is an answer. */
export async function ask(settings: Settings, what: "session" | "refresh", { csrf }: Mark): Promise<Answer> {
  try {
    return await within(settings, ANSWER_WITHIN_MS, async (signal) => {
      const response = await settings.environment.fetch(`${settings.base}/v1/${what}`, {
        method: what === "session" ? "GET" : "POST",
        credentials: "include",
        // No endpoint of Doorward's redirects, and what is sent is not for others.
        redirect: "error",
        headers: what === "refresh" && csrf !== null ? { [settings.csrfHeader]: csrf } : {},
        signal,
      });
      return signedInOf(response, await bodyOf(response));
    });
  } catch (problem) {
    return problem as Failed;
  }
}
