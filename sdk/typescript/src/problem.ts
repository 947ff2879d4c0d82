import type { FieldProblem, Problem } from "./types.js";

/** The server answered, and the answer is no. */
export class DoorwardError extends Error {
  override readonly name = "DoorwardError";
  /** The HTTP status; 0 for what the client itself refuses (`user_changed`). */
  readonly status: number;
  /** The stable code: one of the server's, or `unavailable`, `unexpected_answer`, `user_changed`. */
  readonly code: string;
  readonly title: string;
  /** For people: what happened and how to mend it. */
  readonly detail: string;
  /** Seconds after which it is worth asking again, where waiting helps. */
  readonly retryAfter: number | null;
  /** Ties the answer to the server's log and audit events. */
  readonly requestId: string | null;
  /** The values that break a rule, with 422. */
  readonly fields: readonly FieldProblem[];

  constructor(problem: Partial<Problem> & { readonly status: number; readonly code: string }) {
    const detail = problem.detail ?? problem.title ?? problem.code;
    super(detail);
    this.status = problem.status;
    this.code = problem.code;
    this.title = problem.title ?? problem.code;
    this.detail = detail;
    this.retryAfter = problem.retry_after ?? null;
    this.requestId = problem.request_id ?? null;
    this.fields = problem.errors ?? [];
  }
}

/** No answer: offline, a broken connection, or none in time. It says nothing about the session. */
export class NetworkError extends Error {
  override readonly name = "NetworkError";
}

/** Why something could not be found out or done. */
export type Failed = DoorwardError | NetworkError;

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function isWait(seconds: unknown): seconds is number {
  return Number.isFinite(seconds) && Number(seconds) >= 0;
}

/** `Retry-After` in seconds. A date is not heeded: it would have to be compared with this computer's clock. */
function secondsToWait(headers: Headers): number | null {
  const text = headers.get("retry-after")?.trim() ?? "";
  return /^\d{1,9}$/.test(text) ? Number(text) : null;
}

async function document(response: Response): Promise<Partial<Problem> | null> {
  if (!response.headers.get("content-type")?.startsWith("application/problem+json")) return null;
  try {
    const body: unknown = await response.json();
    return isRecord(body) ? body : null;
  } catch {
    return null; // cut off, or no JSON after all
  }
}

/** The problem that an answer of Doorward's own endpoints tells of, whatever a proxy on the way made of it. Never throws. */
export async function problemOf(response: Response): Promise<DoorwardError> {
  const problem = await document(response);
  const { status } = response;
  const passing = status >= 500 || status === 429 || status === 408;
  return new DoorwardError({
    title: response.statusText,
    ...problem,
    code: typeof problem?.code === "string" ? problem.code : passing ? "unavailable" : "unexpected_answer",
    status,
    retry_after: isWait(problem?.retry_after) ? problem.retry_after : secondsToWait(response.headers),
  });
}

/**
 * The code of a problem that Doorward, or a proxy that asked it, put into the answer of an app; null for an app's own
 * answer. Reads a copy: the app still reads the answer itself.
 */
export async function doorwardCode(response: Response): Promise<string | null> {
  if (response.bodyUsed) return null;
  const problem = await document(response.clone());
  // The type of a problem of ours leads to the page about its code. Others may have a code of the same name.
  return typeof problem?.code === "string" && String(problem.type).endsWith(`/problems/${problem.code}`)
    ? problem.code
    : null;
}
