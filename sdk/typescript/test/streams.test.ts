// Streams and sockets: open while somebody is signed in, and not a moment longer.

import { beforeEach, describe, expect, test } from "vitest";
import { eventStream, socket, type StreamEnvironment } from "../src/index.js";
import { OneTab, REFRESH, SESSION } from "./support/one_tab.js";

class FakeSocket extends EventTarget {
  readyState = 0;
  readonly CLOSED = 2;
  readonly sent: unknown[] = [];
  constructor(readonly url: string) {
    super();
  }
  open(): void {
    this.readyState = 1;
    this.dispatchEvent(new Event("open"));
  }
  say(data: string, lastEventId = ""): void {
    this.dispatchEvent(Object.assign(new Event("message"), { data, lastEventId }));
  }
  breaks(): void {
    this.readyState = 2;
    this.dispatchEvent(new Event("error"));
    this.dispatchEvent(new Event("close"));
  }
  send(data: unknown): void {
    this.sent.push(data);
  }
  close(): void {
    this.readyState = 2;
    this.dispatchEvent(new Event("close"));
  }
}

let one: OneTab;
let made: FakeSocket[];
let streams: StreamEnvironment;
let heard: string[];
const hear = (event: MessageEvent<unknown>) => heard.push(String(event.data));
const open = () => made.filter(({ readyState }) => readyState !== 2);
const last = () => made.at(-1) ?? new FakeSocket("none");

beforeEach(async () => {
  one = await OneTab.open();
  made = [];
  heard = [];
  const make = (url: string) => {
    const fake = new FakeSocket(url);
    made.push(fake);
    return fake;
  };
  streams = {
    eventSource: (url) => make(url) as unknown as EventSource,
    webSocket: (url) => make(url) as unknown as WebSocket,
  };
});

const onOpen = () => heard.push("(open)");
const onClose = () => heard.push("(closed)");
const kinds = [
  ["an event stream", (more = {}) => eventStream(one.doorward, "/api/events", { onEvent: hear, streams, ...more })],
  ["a socket", (more = {}) => socket(one.doorward, "/api/socket", { onMessage: hear, streams, ...more })],
] as const;

describe.each(kinds)("%s", (_, start) => {
  test("is heard", async () => {
    start();
    await one.browser.settle();
    last().open();
    last().say("hello");
    expect(heard).toEqual(["hello"]);
  });

  test("says when it is open, and when it is no more, broken or closed", async () => {
    const stream = start({ onOpen, onClose });
    await one.browser.settle();
    last().breaks();
    expect(heard).toEqual([]);
    await one.browser.pass(2_000);
    last().open();
    expect(heard).toEqual(["(open)"]);
    last().breaks();
    expect(heard).toEqual(["(open)", "(closed)"]);
    await one.browser.pass(5_000);
    last().open();
    await one.through(one.doorward.logout());
    expect(heard).toEqual(["(open)", "(closed)", "(open)", "(closed)"]);
    stream.close();
    expect(heard).toHaveLength(4);
  });

  test("is closed by a logout, in whatever tab, and says nothing any more", async () => {
    start();
    await one.browser.settle();
    const before = last();
    before.open();
    const other = one.browser.open();
    const elsewhere = await import("../src/index.js").then(({ createDoorward }) => createDoorward({ environment: other }));
    elsewhere.subscribe(() => undefined);
    await one.browser.settle();
    await one.through(elsewhere.logout());
    expect(open()).toEqual([]);
    before.say("too late");
    expect(heard).toEqual([]);
    await one.browser.pass(120_000);
    expect(made).toHaveLength(1);
  });

  test("is opened again after the next login", async () => {
    start();
    await one.browser.settle();
    await one.through(one.doorward.logout());
    await one.through(one.doorward.login({ username: "bob", password: "right" }));
    expect(open()).toHaveLength(1);
  });

  test("waits until it is known who is signed in", async () => {
    one = OneTab.opening();
    start();
    expect(made).toEqual([]);
    await one.browser.settle();
    expect(made).toHaveLength(1);
  });

  test("that broke as the access token ran out is opened again after a refresh", async () => {
    one.browser.server.saysHowLong = false;
    await one.through(one.doorward.checkSession());
    start();
    await one.browser.settle();
    one.browser.received.length = 0;
    one.expire(); // which only the server knows
    last().breaks();
    await one.browser.pass(2_000);
    expect(one.browser.requests).toEqual([SESSION, REFRESH]);
    expect(open()).toHaveLength(1);
  });

  test("that breaks again and again is tried less and less often", async () => {
    start();
    await one.browser.settle();
    for (let second = 0; second < 300; second += 1) {
      for (const each of open()) each.breaks();
      await one.browser.pass(1_000);
    }
    expect(made.length).toBeGreaterThan(8);
    expect(made.length).toBeLessThan(25);
  });

  test("that held for a while is opened again as quickly as the first time", async () => {
    start();
    await one.browser.settle();
    for (let time = 1; time < 8; time += 1) {
      await one.browser.pass(60_000);
      last().breaks();
      await one.browser.pass(2_000);
      expect(open()).toHaveLength(1);
    }
  });

  test("of a session that is over stays closed", async () => {
    start();
    await one.browser.settle();
    one.browser.server.sessions.clear();
    last().breaks();
    await one.browser.pass(120_000);
    expect(open()).toEqual([]);
    expect(one.status).toBe("unauthenticated");
  });

  test("that was closed stays closed", async () => {
    const stream = start();
    await one.browser.settle();
    stream.close();
    expect(open()).toEqual([]);
    await one.through(one.doorward.logout());
    await one.through(one.doorward.login({ username: "ada", password: "right" }));
    expect(made).toHaveLength(1);
  });

  test("stays as it is through a refresh", async () => {
    start();
    await one.browser.settle();
    one.browser.time += 500_000;
    one.tab.feel("active");
    await one.browser.settle();
    expect(one.browser.requests).toEqual([REFRESH]);
    expect(made).toHaveLength(1);
    expect(open()).toHaveLength(1);
  });
});

test("an event stream goes on after the last event", async () => {
  eventStream(one.doorward, (id) => `/api/events?after=${id}`, { onEvent: hear, streams });
  await one.browser.settle();
  last().say("one", "41");
  last().breaks();
  await one.browser.pass(2_000);
  expect(last().url).toBe("/api/events?after=41");
});

test("an event stream that the browser reconnects by itself is left to it", async () => {
  eventStream(one.doorward, "/api/events", { onEvent: hear, onOpen, onClose, streams });
  await one.browser.settle();
  last().open();
  last().dispatchEvent(new Event("error"));
  expect(heard).toEqual(["(open)", "(closed)"]);
  await one.browser.pass(60_000);
  expect(made).toHaveLength(1);
});

describe("a socket's ticket", () => {
  test("is fetched for each connection, and goes along", async () => {
    let tickets = 0;
    socket(one.doorward, "https://api.example.com/ws?x=1", { onMessage: hear, streams, ticket: async () => `t${++tickets}` });
    await one.browser.settle();
    expect(last().url).toBe("wss://api.example.com/ws?x=1&ticket=t1");
    last().breaks();
    await one.browser.pass(2_000);
    expect(last().url).toBe("wss://api.example.com/ws?x=1&ticket=t2");
  });

  test("that comes after a logout opens nothing", async () => {
    let give: (ticket: string) => void = () => undefined;
    socket(one.doorward, "/ws", { onMessage: hear, streams, ticket: () => new Promise((resolve) => (give = resolve)) });
    await one.browser.settle();
    await one.through(one.doorward.logout());
    give("late");
    await one.browser.settle();
    expect(open()).toEqual([]);
  });

  test("that cannot be had is asked for again", async () => {
    let asked = 0;
    socket(one.doorward, "/ws", { onMessage: hear, streams, ticket: () => (asked++ ? Promise.resolve("t") : Promise.reject(new Error("no"))) });
    await one.browser.pass(2_000);
    expect(open()).toHaveLength(1);
  });
});

test("a socket sends when it is open, and says when it is not", async () => {
  const line = socket(one.doorward, "/ws", { onMessage: hear, streams });
  expect(line.send("early")).toBe(false);
  await one.browser.settle();
  last().open();
  expect(line.send("now")).toBe(true);
  expect(last().sent).toEqual(["now"]);
});
