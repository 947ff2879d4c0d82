import type { FieldProblem, Problem } from "./types.js";

/** The server answered, and the answer is no. */
export class DoorwardError extends Error {
  /** The HTTP status; 0 for what the client itself refuses (`user_changed`). */
  declare readonly status: number;
  /** The stable code: one of the server's, or `unavailable`, `unexpected_answer`, `user_changed`. */
  declare readonly code: string;
  /** Seconds after which it is worth asking again, where waiting helps. */
  declare readonly retryAfter: number | null;
  /** Ties the answer to the server's log and audit events; null if it was not Doorward that answered. */
  declare readonly requestId: string | null;
  /** The values that break a rule, with 422. */
  declare readonly fields: readonly FieldProblem[];

  /** `message` is the problem's detail: for people, what happened and how to mend it. */
  constructor({ detail, status, code, retry_after, request_id, errors }: Partial<Problem> & Pick<Problem, "status" | "code">) {
    super(detail ?? code);
    Object.assign(this, {
      name: "DoorwardError",
      status,
      code,
      retryAfter: retry_after ?? null,
      requestId: request_id ?? null,
      fields: errors ?? [],
    });
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

async function document(response: Response): Promise<Partial<Problem> | null> {
  if (!response.headers.get("content-type")?.startsWith("application/problem+json")) return null;
  // Cut off, perhaps, or no JSON after all.
  const body: unknown = await response.json().catch(() => null);
  return isRecord(body) && typeof body.code === "string" ? body : null;
}

/** The problem that an answer of Doorward's own endpoints tells of, whatever a proxy on the way made of it. Never throws. */
export async function problemOf(response: Response): Promise<DoorwardError> {
  const problem = await document(response);
  const { status } = response;
  // A date is not heeded: it would have to be compared with this computer's clock.
  const seconds = Number(problem?.retry_after ?? response.headers.get("retry-after"));
  return new DoorwardError({
    ...problem,
    code: problem?.code ?? (status >= 500 || status === 429 ? "unavailable" : "unexpected_answer"),
    status,
    retry_after: seconds > 0 && seconds < Infinity ? seconds : null,
  });
}

/**
 * The code of a problem that Doorward, or a proxy that asked it, put into the answer of an app; null for an app's own
 * answer. Reads a copy: the app still reads the answer itself.
 */
export async function doorwardCode(response: Response): Promise<string | null> {
  const problem = await document(response.clone());
  // The type of a problem of ours leads to the page about its code. Others may have a code of the same name.
  return problem?.code && `${problem.type}`.endsWith(`/problems/${problem.code}`) ? problem.code : null;
}
