// What follow.js does, on a page made of a few elements, with a stream and timers that the test moves by hand.
// Run with: node --test crates/doorward/tests/follow.test.mjs

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import vm from "node:vm";

const script = readFileSync(new URL("../src/pages/assets/follow.js", import.meta.url), "utf8");

class Element {
  listeners = {};
  attributes = {};
  hidden = false;
  textContent = "";

  constructor(dataset = {}) {
    this.dataset = dataset;
  }

  setAttribute(name, value) {
    this.attributes[name] = value;
  }

  addEventListener(kind, listener) {
    this.listeners[kind] = listener;
  }

  /** Markup would go past the page's policy, which a browser enforces and this does in its place. */
  set innerHTML(_) {
    throw new Error("markup");
  }
}

/** A copy of the page's template for an event, with the parts that matter. */
class Row extends Element {
  constructor() {
    super();
    this.classes = new Set();
    this.classList = { toggle: (name, on) => (on ? this.classes.add(name) : this.classes.delete(name)) };
    this.time = new Element({ slot: "at" });
    this.slots = Object.fromEntries(["event", "who", "address", "device", "reason"].map((slot) => [slot, new Element({ slot })]));
    this.links = { who_url: this.slots.who, address_url: this.slots.address };
    for (const [url, link] of Object.entries(this.links)) link.dataset.link = url;
    const part = (...slots) => {
      const dd = { get textContent() { return slots.map((slot) => slot.textContent).join(" "); } };
      return Object.assign(new Element(), { querySelector: () => dd });
    };
    this.where = part(this.slots.address, this.slots.device);
    this.why = part(this.slots.reason);
  }

  querySelector() {
    return this.time;
  }

  querySelectorAll(selector) {
    return {
      "[data-slot]": [this.time, ...Object.values(this.slots)],
      "[data-link]": Object.values(this.links),
      "dl > div": [this.where, this.why],
    }[selector];
  }

  remove() {
    this.list.children.splice(this.list.children.indexOf(this), 1);
  }
}

/** The list, to which the server has written one event, or none. */
class List extends Element {
  children = [];

  prepend(row) {
    row.list = this;
    this.children.unshift(row);
  }

  get firstElementChild() {
    return this.children[0] ?? null;
  }

  get lastElementChild() {
    return this.children.at(-1);
  }
}

class Page {
  sources = [];
  timers = [];
  answer = { status: 200 };
  abandoned = 0;

  constructor({ seq = 7, since = 9, lang = "en" } = {}) {
    this.list = new List({ stream: `/auth/admin/audit/stream?event=x&last_event_id=${since}` });
    if (seq) this.list.prepend(Object.assign(new Row(), { dataset: { seq: String(seq) } }));
    this.status = new Element({ live: "Live.", lost: "Lost.", waiting: "New: #", over: "Over." });
    this.said = new Element();
    this.again = Object.assign(new Element(), { hidden: true });
    this.pause = Object.assign(new Element({ pause: "Pause", resume: "Go on" }), { hidden: true, textContent: "Pause" });
    this.none = new Element();
    const found = {
      "[data-stream]": this.list,
      "template[data-event]": { content: { firstElementChild: { cloneNode: () => new Row() } } },
      "[data-live]": this.status,
      "[data-said]": this.said,
      "[data-again]": this.again,
      "[data-pause]": this.pause,
      "[data-none]": this.none,
    };
    const page = this;
    class EventSource extends Element {
      static CLOSED = 2;
      readyState = 1;

      constructor(url) {
        super();
        this.url = new URL(url);
        page.sources.push(this);
      }
    }
    const format = class extends Intl.DateTimeFormat {
      constructor(locale, options) {
        super(locale, { ...options, timeZone: "Europe/Berlin" });
      }
    };
    vm.runInNewContext(script, {
      document: { documentElement: { lang }, querySelector: (selector) => found[selector] ?? null },
      location: { href: "https://auth.example.com/auth/admin/audit?follow=1" },
      Intl: { DateTimeFormat: format, NumberFormat: Intl.NumberFormat },
      EventSource,
      URL,
      AbortController: class {
        abort() {
          page.abandoned += 1;
        }
      },
      fetch: async (url) => {
        this.asked = new URL(url);
        if (this.answer === null) throw new TypeError("offline");
        return { status: this.answer.status, json: async () => JSON.parse(this.answer.body) };
      },
      setTimeout: (run, delay) => this.timers.push({ run, delay }),
      clearTimeout: (id) => { if (id) this.timers[id - 1].run = null; },
    });
  }

  /** The server sends an event. */
  send(event) {
    this.source.listeners.message({ data: typeof event === "string" ? event : JSON.stringify(event) });
  }

  get source() {
    return this.sources.at(-1);
  }

  /** The timers run. */
  passTime() {
    for (const timer of this.timers.splice(0)) timer.run?.();
  }

  /** The browser gives up: the server has refused, and says so when it is asked. Null: it cannot be reached. */
  async refuse(status, code) {
    this.answer = status && { status, body: JSON.stringify({ code }) };
    this.source.readyState = 2;
    this.source.listeners.error();
    await new Promise(setImmediate);
  }

  get events() {
    return this.list.children.filter((row) => row.slots.event.textContent).map((row) => row.slots.event.textContent);
  }
}

const signedIn = (seq, more = {}) => ({
  seq, datetime: "2025-11-21T05:53:07Z", at: "UTC", event: `Event ${seq}`, who: "ann", who_url: "/auth/admin/users/1", refused: false, ...more,
});

test("a new event is put on top of the list, in the reader's zone, with what is known of it", () => {
  const page = new Page();
  page.send(signedIn(10, { refused: true, reason: "wrong", device: "curl" }));
  page.send(signedIn(11));
  assert.deepEqual(page.events, ["Event 11", "Event 10"]);
  const [second, first] = page.list.children;
  assert.equal(first.slots.who.textContent, "ann");
  assert.equal(first.slots.who.attributes.href, "/auth/admin/users/1");
  assert.equal(first.time.textContent, "21 Nov 2025, 06:53:07");
  assert.equal(first.time.attributes.datetime, "2025-11-21T05:53:07Z");
  assert.deepEqual([first.classes.has("refused"), second.classes.has("refused")], [true, false]);
  assert.deepEqual([first.why.hidden, first.where.hidden, second.why.hidden], [false, false, true], "what is unknown is not shown");
  assert.equal(page.none.hidden, true);
  const german = new Page({ lang: "de" });
  german.send(signedIn(10));
  assert.equal(german.list.children[0].time.textContent, "21. Nov. 2025, 06:53:07");
});

test("whatever an event says is text, and its links lead to this server", () => {
  const page = new Page();
  const hostile = "<img src=x onerror=alert(1)>";
  let seq = 10;
  for (const url of ["javascript:alert(1)", "//evil.example/", "https://evil.example/", hostile, 7, null]) {
    page.send(signedIn(seq += 1, { event: hostile, who: hostile, who_url: url }));
    const [row] = page.list.children;
    assert.equal(row.slots.event.textContent, hostile);
    assert.equal(row.slots.who.attributes.href, undefined, String(url));
  }
  for (const nonsense of ["", "{", "null", "[]", "7"]) page.send(nonsense);
  assert.equal(page.events.length, 6);
});

test("what is there already is not shown again", () => {
  const page = new Page({ seq: 9 });
  page.send(signedIn(9));
  page.send(signedIn(10));
  page.send(signedIn(10));
  assert.deepEqual(page.events, ["Event 10"]);
});

test("the list does not grow for ever", () => {
  const page = new Page();
  for (let seq = 10; seq < 700; seq += 1) page.send(signedIn(seq));
  assert.equal(page.list.children.length, 500);
  assert.equal(page.events[0], "Event 699");
});

test("it begins where the page ends, and goes on where it was left when the browser gave up", async () => {
  const page = new Page({ seq: 7, since: 9 });
  assert.equal(page.source.url.pathname, "/auth/admin/audit/stream");
  assert.deepEqual([page.source.url.searchParams.get("event"), page.source.url.searchParams.get("last_event_id")], ["x", "9"]);
  page.send(signedIn(15));
  await page.refuse(200);
  assert.equal(page.status.textContent, "Lost.");
  page.passTime();
  assert.equal(page.sources.length, 2);
  assert.equal(page.source.url.searchParams.get("last_event_id"), "15");
  page.source.listeners.open();
  assert.equal(page.status.textContent, "Live.");
});

test("a connection that the browser takes up again by itself is left to it", async () => {
  const page = new Page();
  page.source.listeners.error();
  await new Promise(setImmediate);
  assert.equal(page.status.textContent, "Lost.");
  assert.equal(page.asked, undefined);
  page.source.listeners.open();
  assert.equal(page.status.textContent, "Live.");
  assert.equal(page.sources.length, 1);
});

test("whoever is signed out, or no administrator any more, is told so and can sign in again", async () => {
  for (const [status, code] of [[401, "session_revoked"], [403, "forbidden"], [403, "password_change_required"]]) {
    const page = new Page();
    await page.refuse(status, code);
    assert.equal(page.asked.href, page.source.url.href);
    assert.equal(page.status.textContent, "Over.");
    assert.deepEqual([page.again.hidden, page.pause.hidden], [false, true]);
    page.passTime();
    assert.equal(page.sources.length, 1, "and nothing is asked for any more");
  }
});

test("an access token that has ended is waited for to be renewed, and not for ever", async () => {
  for (const code of ["session_expired", "not_authenticated"]) {
    const page = new Page();
    for (let refusal = 1; refusal <= 3; refusal += 1) {
      await page.refuse(401, code);
      assert.equal(page.status.textContent, "Lost.");
      page.passTime();
      assert.equal(page.sources.length, refusal + 1);
    }
    page.source.listeners.open();
    for (let refusal = 1; refusal <= 3; refusal += 1) {
      await page.refuse(401, code);
      page.passTime();
    }
    assert.equal(page.status.textContent, "Lost.", "those before it was renewed do not count");
    await page.refuse(401, code);
    assert.equal(page.status.textContent, "Over.");
  }
});

test("a server that is away is no sign-out, however long it is", async () => {
  for (const status of [503, 429, null]) {
    const page = new Page();
    for (let time = 1; time < 10; time += 1) {
      await page.refuse(status);
      assert.equal(page.status.textContent, "Lost.");
      assert.equal(page.again.hidden, true);
      page.passTime();
      assert.equal(page.sources.length, time + 1);
    }
  }
});

test("what was asked only to learn why is not read", async () => {
  const page = new Page();
  await page.refuse(200);
  assert.equal(page.abandoned, 1);
  page.passTime();
  assert.equal(page.sources.length, 2);
});

test("while it is paused nothing moves and new events are counted, and afterwards they are there", () => {
  const page = new Page();
  assert.equal(page.pause.hidden, false);
  page.pause.listeners.click();
  assert.equal(page.pause.textContent, "Go on");
  page.send(signedIn(10));
  page.send(signedIn(11));
  assert.deepEqual(page.events, []);
  assert.equal(page.status.textContent, "New: 2");
  page.pause.listeners.click();
  assert.deepEqual(page.events, ["Event 11", "Event 10"]);
  assert.equal(page.pause.textContent, "Pause");
  assert.equal(page.status.textContent, "Live.");
  page.pause.listeners.click();
  assert.equal(page.status.textContent, "New: 0");
});

test("those who hear the page are told the latest of what came at once", () => {
  const page = new Page();
  page.send(signedIn(10));
  page.send(signedIn(11, { reason: "wrong password" }));
  assert.equal(page.said.textContent, "");
  page.passTime();
  assert.equal(page.said.textContent, "Event 11, ann, wrong password");
});
