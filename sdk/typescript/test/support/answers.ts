import { DoorwardError, NetworkError } from "../../src/problem.js";

export const refused = (code: string, status = 401) => new DoorwardError({ status, code, request_id: "r" });

export const down = () => new DoorwardError({ status: 503, code: "overloaded", retry_after: 5, request_id: "r" });

export const lost = () => new NetworkError("the connection broke");
