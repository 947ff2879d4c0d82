import { DoorwardError, NetworkError } from "../../src/problem.js";
import type { Answer } from "../../src/state.js";

export function refused(code: string, status = 401): Answer {
  return { kind: "refused", problem: new DoorwardError({ status, code, request_id: "r" }) };
}

export function down(): Answer {
  return { kind: "unavailable", problem: new DoorwardError({ status: 503, code: "overloaded", retry_after: 5 }) };
}

export function lost(): Answer {
  return { kind: "unavailable", problem: new NetworkError("the connection broke") };
}
