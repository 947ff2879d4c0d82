import { isSignedIn } from "./message.js";
import { DoorwardError, NetworkError, isRecord, problemOf, type Failed } from "./problem.js";
import type { Settings } from "./settings.js";
import type { Answer, Mark } from "./state.js";

/** An answer in time, or none: to what nobody but the client itself waits for. */
const ANSWER_WITHIN_MS = 10_000;
/** A password may wait its turn for the server's hashing. */
export const PERSON_WAITS_MS = 30_000;

/** Milliseconds that the access token has left, by the server's own clock; null where it does not say. */
export function leftMs(headers: Headers): number | null {
  const seconds = headers.get("x-session-expires-in")?.trim() ?? "";
  return /^\d{1,9}$/.test(seconds) ? Number(seconds) * 1000 : null;
}

/** What a successful answer's body says, or that it is none of Doorward's: a portal's page, an app's index.html. */
export async function bodyOf(response: Response): Promise<unknown> {
  if (response.status === 204) return null;
  try {
    const body: unknown = await response.json();
    if (isRecord(body)) return body;
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw new NetworkError("The answer broke off.", { cause });
  }
  throw new DoorwardError({
    status: response.status,
    code: "unexpected_answer",
    detail: "What answered is not Doorward. Is baseUrl right, and does the proxy pass it on?",
  });
}

/**
 * Runs a request with a time limit. A redirect is followed nowhere: no endpoint of Doorward's answers by one, and what is
 * sent is not for others.
 *
 * @throws {NetworkError} without an answer in time.
 */
export async function within<T>(
  { environment }: Settings,
  milliseconds: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const abort = new AbortController();
  const cancel = environment.after(milliseconds, () => abort.abort());
  try {
    return await work(abort.signal);
  } catch (cause) {
    if (cause instanceof DoorwardError || cause instanceof NetworkError) throw cause;
    const why = abort.signal.aborted ? `no answer within ${milliseconds / 1000} s` : String(cause);
    throw new NetworkError(`Doorward cannot be reached: ${why}.`, { cause });
  } finally {
    cancel();
  }
}

/** Asks who is signed in, or for a refresh. Never rejects: that there is no answer is an answer. */
export async function ask(settings: Settings, what: "session" | "refresh", mark: Mark): Promise<Answer> {
  try {
    return await within(settings, ANSWER_WITHIN_MS, async (signal) => {
      const response = await settings.environment.fetch(`${settings.base}/v1/${what}`, {
        method: what === "session" ? "GET" : "POST",
        credentials: "include",
        cache: "no-store",
        redirect: "error",
        headers: what === "refresh" && mark.csrf !== null ? { [settings.csrfHeader]: mark.csrf } : {},
        signal,
      });
      if (!response.ok) return refusal(what, await problemOf(response));
      const body = await bodyOf(response);
      if (isSignedIn(body)) {
        return { kind: "signed_in", user: body.user, session: body.session, leftMs: leftMs(response.headers) };
      }
      const problem = new DoorwardError({ status: response.status, code: "unexpected_answer" });
      return { kind: "unavailable", problem };
    });
  } catch (problem) {
    return { kind: "unavailable", problem: problem as Failed };
  }
}

/** Only what Doorward itself says is a refusal: a proxy's own 401 or 403 is just another way of being unreachable. */
function refusal(what: "session" | "refresh", problem: DoorwardError): Answer {
  const said = problem.requestId !== null && problem.code !== "unexpected_answer";
  const no = problem.status === 401 || (what === "refresh" && problem.status === 403);
  return said && no ? { kind: "refused", problem } : { kind: "unavailable", problem };
}
