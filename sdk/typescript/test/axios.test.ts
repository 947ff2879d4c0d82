import axios, { AxiosError } from "axios";
import { beforeEach, expect, test, vi } from "vitest";
import { withDoorward } from "../src/axios.js";
import { OneTab, REFRESH } from "./support/one_tab.js";
import { problem } from "./support/server.js";

let one: OneTab;
const client = () => withDoorward(axios.create({ baseURL: "https://app.example.com" }), one.doorward);

beforeEach(async () => {
  one = await OneTab.open();
});

test("credentials and the CSRF token go along", async () => {
  const answer = await one.through(client().post<{ as: string }>("/api/thing", { a: 1 }));
  expect(answer.data).toEqual({ as: "ada" });
  const [request] = one.browser.received;
  expect(request?.headers.get("x-csrf-token")).toMatch(/^csrf-/);
  expect(request?.init.credentials).toBe("include");
});

test("an access token that ran out is refreshed once, and what was sent is sent again", async () => {
  one.browser.fate = ({ path }) => (path === "/api/thing" && one.browser.count(REFRESH) === 0 ? problem(401, "session_expired") : "answered");
  const answers = await one.through(Promise.all([client().post("/api/thing", { a: 1 }), client().put("/api/thing", "b")]));
  expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  expect(one.browser.server.done.map(({ body }) => body).sort()).toEqual(["b", '{"a":1}']);
  expect(one.browser.count(REFRESH)).toBe(1);
});

test("a refusal is axios's own error", async () => {
  one.browser.fate = () => problem(403, "forbidden");
  const refused = await one.through(client().get("/api/thing").catch((error: unknown) => error));
  expect(refused).toBeInstanceOf(AxiosError);
  expect((refused as AxiosError).response?.data).toMatchObject({ code: "forbidden" });
});

test("a step-up pauses it", async () => {
  const onStepUp = vi.fn(async () => {
    await one.doorward.stepUp({ password: "right" });
    return true;
  });
  one = await OneTab.open({ onStepUp });
  one.browser.server.stepUpDemanded = true;
  expect((await one.through(client().post("/api/sensitive"))).status).toBe(200);
  expect(onStepUp).toHaveBeenCalledOnce();
});

test("what else the instance was given stays", () => {
  const instance = withDoorward(axios.create({ timeout: 5, headers: { "x-own": "1" } }), one.doorward);
  expect(instance.defaults.timeout).toBe(5);
  expect(instance.defaults.headers["x-own"]).toBe("1");
});
