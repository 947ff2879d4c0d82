import { expect, test } from "vitest";
import { createTestDoorward } from "../src/testing.js";

test("somebody is signed in, as the test says", () => {
  const doorward = createTestDoorward({ user: { roles: ["admin"] }, session: { aal: 2 } });
  expect(doorward.getSnapshot()).toMatchObject({ status: "authenticated", user: { roles: ["admin"] }, session: { aal: 2 } });
});

test("the snapshot is the same until something changes, and then everybody hears of it", () => {
  const doorward = createTestDoorward({ status: "unknown" });
  let heard = 0;
  const stop = doorward.subscribe(() => (heard += 1));
  expect(doorward.getSnapshot()).toBe(doorward.getSnapshot());
  doorward.set({ status: "unauthenticated" });
  expect([heard, doorward.getSnapshot().status, doorward.getSnapshot().user]).toEqual([1, "unauthenticated", null]);
  stop();
  doorward.set({});
  expect(heard).toBe(1);
});

test("login and logout do what they say", async () => {
  const doorward = createTestDoorward({ status: "unauthenticated", user: { username: "grace" } });
  expect(await doorward.login({ username: "grace", password: "x" })).toMatchObject({ status: "authenticated", user: { username: "grace" } });
  expect(doorward.getSnapshot().status).toBe("authenticated");
  await doorward.logout();
  expect(doorward.getSnapshot().status).toBe("unauthenticated");
});

test("what the test does not answer rejects and says so", async () => {
  const doorward = createTestDoorward();
  await expect(doorward.fetch("/api/thing")).rejects.toMatchObject({ code: "not_prepared" });
  await expect(doorward.passkeys.list()).rejects.toThrow("listPasskey");
  expect(() => doorward.environment.now()).toThrow("environment of their own");
});

test("what it answers is answered", async () => {
  const doorward = createTestDoorward({}, { listSessions: () => Promise.resolve({ items: [] }) });
  expect(await doorward.listSessions()).toEqual({ items: [] });
});
