import { describe, expect, test } from "vitest";
import { doorwardCode, problemOf } from "../src/problem.js";
import { page, problem } from "./support/server.js";

describe("a refusal", () => {
  test("is what Doorward says", async () => {
    const said = await problemOf(problem(429, "account_locked", { retry_after: 42, detail: "Wait." }));
    expect(said).toMatchObject({ name: "DoorwardError", status: 429, code: "account_locked", retryAfter: 42, requestId: "r-1", message: "Wait.", fields: [] });
    expect(said).toBeInstanceOf(Error);
  });

  test.each([
    ["a proxy's 502", page(502), "unavailable"],
    ["a proxy's 429", page(429), "unavailable"],
    ["a proxy's 404", page(404), "unexpected_answer"],
    ["JSON of somebody else", Response.json({ code: "x" }, { status: 503 }), "unavailable"],
    ["a problem that broke off", new Response('{"co', { status: 503, headers: { "content-type": "application/problem+json" } }), "unavailable"],
    ["a problem without a code", new Response("[]", { status: 400, headers: { "content-type": "application/problem+json" } }), "unexpected_answer"],
  ])("of somebody else has a code, too, and no request id: %s", async (_, response, code) => {
    expect(await problemOf(response)).toMatchObject({ code, status: response.status, requestId: null });
  });

  test.each([
    ["7", 7],
    ["0", null],
    ["-1", null],
    ["Wed, 21 Oct 2026 07:28:00 GMT", null],
    ["1e999", null],
    ["", null],
  ])("with Retry-After: %s", async (header, retryAfter) => {
    const response = new Response("", { status: 503, headers: { "retry-after": header } });
    expect((await problemOf(response)).retryAfter).toBe(retryAfter);
  });
});

describe("a code in the answer of an app", () => {
  test("is Doorward's if its type is", async () => {
    expect(await doorwardCode(problem(401, "session_expired"))).toBe("session_expired");
    expect(await doorwardCode(problem(401, "session_expired", { type: "about:blank" }))).toBeNull();
    expect(await doorwardCode(problem(401, "session_expired", { type: undefined }))).toBeNull();
    expect(await doorwardCode(page(401))).toBeNull();
  });

  test("leaves the answer to be read", async () => {
    const response = problem(401, "session_expired");
    await doorwardCode(response);
    expect(await response.json()).toMatchObject({ code: "session_expired" });
  });
});
