// What countdown.js does, on a page made of a few elements and two clocks that are moved by hand.
// Run with: node --test crates/doorward/tests/countdown.test.mjs

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import vm from "node:vm";

const script = readFileSync(new URL("../src/pages/assets/countdown.js", import.meta.url), "utf8");
const WAITS = JSON.parse(readFileSync(new URL("waits.json", import.meta.url), "utf8"));

/** What stands before the title of a page that reports a failure. */
const MARKS = { en: "Error: ", de: "Fehler: " };

class Element {
  listeners = {};
  attributes = {};
  dataset = {};
  hidden = false;
  text = "";
  found = {};

  get textContent() {
    return typeof this.text === "function" ? this.text() : this.text;
  }

  set textContent(text) {
    this.text = text;
  }

  setAttribute(name, value) {
    this.attributes[name] = value;
  }

  querySelector(selector) {
    return this.found[selector]?.[0] ?? null;
  }

  querySelectorAll(selector) {
    return this.found[selector] ?? [];
  }

  addEventListener(kind, listener) {
    this.listeners[kind] = listener;
  }
}

/** A page that asks to wait. */
class Page {
  date = 1_700_000_000_000;
  monotonic = 0;
  timers = [];
  written = [];
  announced = [];

  /** `late`: by how many milliseconds timers run late, or, below zero, early. `language`: of the page. */
  constructor(seconds, { of, late = 0, language = "en" } = {}) {
    this.timer = new Element();
    const written = this.written;
    Object.defineProperty(this.timer, "textContent", { get: () => written.at(-1), set: (text) => written.push(text) });
    this.pending = new Element();
    this.pending.text = () => `Again in ${this.timer.textContent}.`;
    this.over = new Element();
    this.over.text = "Again now.";
    this.over.hidden = true;
    const announced = this.announced;
    const status = new Element();
    Object.defineProperty(status, "textContent", { set: (text) => announced.push(text) });
    const wait = new Element();
    wait.dataset = { waitSeconds: String(seconds), waitOf: of, errorMark: MARKS[language] };
    wait.found = { "[data-wait-text]": [this.pending, this.over], "[role=timer]": [this.timer], "[role=status]": [status] };
    this.classes = new Set(["notice", "bad"]);
    this.meanwhile = new Element();
    this.wait = wait;
    wait.parentElement = { classList: { remove: (name) => this.classes.delete(name) }, children: [wait, this.meanwhile] };
    this.button = new Element();
    this.form = new Element();
    this.form.found = { "button[type=submit]": [this.button] };
    this.name = new Element();
    this.name.value = this.name.defaultValue = "ann";
    this.document = new Element();
    this.document.found = { "[data-wait-seconds]": [wait], "main form": [this.form] };
    this.document.documentElement = { lang: language };
    this.document.title = `${MARKS[language]}Doorward`;
    this.document.getElementById = (id) => (id === "username" ? this.name : null);
    vm.runInNewContext(script, {
      document: this.document,
      Date: { now: () => this.date },
      performance: { now: () => this.monotonic },
      // As a browser does it: whole milliseconds, and never at once.
      setTimeout: (run, delay) => this.timers.push({ run, at: this.monotonic + Math.max(1, Math.trunc(delay) + late) }),
      clearTimeout: (id) => { if (id) this.timers[id - 1].run = null; },
    });
  }

  /** Time passes on both clocks; timers run when they are due. */
  pass(seconds) {
    const end = this.monotonic + seconds * 1000;
    for (;;) {
      const due = this.timers.filter((timer) => timer.run && timer.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.date += Math.max(0, due.at - this.monotonic);
      this.monotonic = Math.max(this.monotonic, due.at);
      const { run } = due;
      due.run = null;
      run();
    }
    this.date += end - this.monotonic;
    this.monotonic = end;
  }

  held() {
    return this.button.attributes["aria-disabled"] === "true";
  }

  /** Whether sending the form got past the script. */
  submit() {
    let prevented = false;
    this.form.listeners.submit({ preventDefault: () => { prevented = true; } });
    return !prevented;
  }
}

test("it speaks as the server does", () => {
  for (const [language, waits] of Object.entries(WAITS)) {
    for (const [seconds, words] of waits) {
      assert.equal(new Page(seconds, { language }).timer.textContent, words, `${language} ${seconds}`);
    }
  }
});

test("in the end the title speaks of no failure any more, in either language", () => {
  for (const language of Object.keys(MARKS)) {
    const page = new Page(1, { language });
    assert.equal(page.document.title, `${MARKS[language]}Doorward`);
    page.pass(1);
    assert.equal(page.document.title, "Doorward");
  }
});

test("every second counts, and in the end the form goes through again", () => {
  const page = new Page(3);
  assert.equal(page.held(), true);
  assert.equal(page.submit(), false);
  page.pass(1);
  assert.equal(page.timer.textContent, "2 seconds");
  page.pass(1.999);
  assert.equal(page.held(), true);
  page.pass(0.001);
  assert.equal(page.held(), false);
  assert.equal(page.submit(), true);
  assert.deepEqual([page.pending.hidden, page.over.hidden], [true, false]);
  assert.deepEqual([...page.classes], ["notice"]);
  assert.deepEqual([page.wait.hidden, page.meanwhile.hidden], [false, true], "what was true meanwhile is not said any more");
});

test("a timer that runs early writes nothing twice and skips no second", () => {
  const page = new Page(3, { late: -3 });
  page.pass(3.1);
  assert.deepEqual(page.written, ["3 seconds", "2 seconds", "1 second", "0 seconds"]);
  assert.equal(page.held(), false);
});

test("no timer is set for a moment before the second is over", () => {
  const page = new Page(3, { late: 0.3 });
  page.pass(3.1);
  assert.deepEqual(page.written, ["3 seconds", "2 seconds", "1 second", "0 seconds"]);
  assert.equal(page.timers.length, 3);
});

test("a timer that runs late tells what is left, not what it missed", () => {
  const page = new Page(5, { late: 1400 });
  page.pass(10);
  assert.deepEqual(page.written, ["5 seconds", "3 seconds", "1 second", "0 seconds"]);
});

test("who comes back to the page meanwhile sees it counting as before", () => {
  const page = new Page(3);
  for (let looks = 0; looks < 10; looks += 1) {
    page.pass(0.35);
    page.document.listeners.visibilitychange();
    assert.ok(page.timers.filter((timer) => timer.run).length <= 1, "the timer that was set before is no more");
  }
  assert.deepEqual(page.written, ["3 seconds", "2 seconds", "1 second", "0 seconds"]);
});

test("it is announced at first, each minute and in the end, not each second", () => {
  const page = new Page(150);
  page.pass(200);
  assert.deepEqual(page.announced, ["Again in 2 minutes and 30 seconds.", "Again in 2 minutes.", "Again in 1 minute.", "Again now."]);
});

test("who sends the form too soon hears how long it still takes", () => {
  const page = new Page(30);
  page.pass(10);
  assert.equal(page.submit(), false);
  assert.equal(page.announced.at(-1), "Again in 20 seconds.");
});

test("a computer that slept has waited all the same", () => {
  const page = new Page(860);
  page.date += 3_600_000; // and no timer ran
  page.document.listeners.visibilitychange();
  assert.equal(page.held(), false);
  assert.equal(page.announced.at(-1), "Again now.");
});

test("a clock that is set back makes nobody wait longer", () => {
  const page = new Page(10);
  page.date -= 3_600_000;
  page.pass(10);
  assert.equal(page.held(), false);
});

test("where the wait is that of a name, another name may be tried at once", () => {
  const page = new Page(860, { of: "username" });
  page.name.value = "bob";
  page.name.listeners.input();
  assert.equal(page.held(), false);
  assert.equal(page.submit(), true);
  page.name.value = "ann";
  page.name.listeners.input();
  assert.equal(page.held(), true);
});

test("where it is that of the network, another name has to wait as well", () => {
  const page = new Page(860);
  page.name.value = "bob";
  assert.equal(page.submit(), false);
});
