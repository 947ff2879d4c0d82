// What doorward.js does, on a page made of a few elements, in either language.
// Run with: node --test crates/doorward/tests/doorward.test.mjs

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import vm from "node:vm";

const script = readFileSync(new URL("../src/pages/assets/doorward.js", import.meta.url), "utf8");

class Element {
  listeners = {};
  attributes = {};
  children = [];

  constructor(members = {}) {
    Object.assign(this, members);
  }

  setAttribute(name, value) {
    this.attributes[name] = value;
  }

  getAttribute(name) {
    return this.attributes[name] ?? null;
  }

  hasAttribute(name) {
    return name in this.attributes;
  }

  addEventListener(kind, listener) {
    this.listeners[kind] = listener;
  }

  append(child) {
    this.children.push(child);
  }

  querySelector() {
    return this.input;
  }
}

/** Runs the script on a page with these elements, for a reader in `timeZone`. Returns the page's window, with a clock at `now`. */
function run({ lang, found = {}, forms = [], timeZone = "Europe/Berlin", navigator = {} }) {
  const window = new Element({ now: 0 });
  const format = class extends Intl.DateTimeFormat {
    constructor(locale, options) {
      super(locale, { ...options, timeZone });
    }
  };
  vm.runInNewContext(script, {
    document: {
      documentElement: { lang },
      querySelectorAll: (selector) => found[selector] ?? [],
      getElementById: (id) => found[id],
      createElement: () => new Element(),
      forms,
    },
    navigator,
    addEventListener: (kind, listener) => window.addEventListener(kind, listener),
    performance: { now: () => window.now },
    Intl: { DateTimeFormat: format },
    print: () => {},
  });
  return window;
}

test("a time is told in the reader's own zone, as the page's language writes it", () => {
  for (const [lang, timeZone, words] of [
    ["en", "Europe/Berlin", "21 Nov 2025, 06:53"],
    ["de", "Europe/Berlin", "21. Nov. 2025, 06:53"],
    ["en", "America/New_York", "21 Nov 2025, 00:53"],
    ["de", "America/New_York", "21. Nov. 2025, 00:53"],
  ]) {
    const time = new Element({ dateTime: "2025-11-21T05:53:00Z", textContent: "as the server wrote it" });
    run({ lang, timeZone, found: { "time[datetime]": [time] } });
    assert.equal(time.textContent, words);
    time.attributes["data-seconds"] = "";
    run({ lang, timeZone, found: { "time[datetime]": [time] } });
    assert.equal(time.textContent, `${words}:00`, "where seconds matter");
  }
});

test("a time that cannot be read stays as it is", () => {
  const time = new Element({ dateTime: "", textContent: "zu unbekannter Zeit" });
  run({ lang: "de", found: { "time[datetime]": [time] } });
  assert.equal(time.textContent, "zu unbekannter Zeit");
});

test("the button that shows a password is called as the page calls it", () => {
  for (const [lang, show, hide, showLabel, hideLabel] of [
    ["en", "Show", "Hide", "Show new password", "Hide new password"],
    ["de", "Anzeigen", "Verbergen", "Neues Passwort anzeigen", "Neues Passwort verbergen"],
  ]) {
    const input = new Element({ id: "new_password", type: "password", form: new Element() });
    const box = new Element({ input, dataset: { show, hide, showLabel, hideLabel } });
    run({ lang, found: { ".secret": [box] } });
    const [button] = box.children;
    const called = () => [input.type, button.textContent, button.attributes["aria-label"]];
    assert.deepEqual(called(), ["password", show, showLabel]);
    button.listeners.click();
    assert.deepEqual(called(), ["text", hide, hideLabel]);
    input.form.listeners.submit();
    assert.deepEqual(called(), ["password", show, showLabel], "sent as a password");
  }
});

test("a one-time link is copied, and the button says so; where that is not allowed it is selected", async () => {
  for (const allowed of [true, false]) {
    const copied = [];
    const writeText = async (text) => {
      if (!allowed) throw new Error("not allowed");
      copied.push(text);
    };
    const link = new Element({ value: "https://login.example.com/auth/invite/dws_x", select: () => (link.selected = true) });
    const button = new Element({ hidden: true, textContent: "Kopieren", dataset: { copied: "Kopiert" } });
    run({ lang: "de", found: { "[data-copied]": [button], link }, navigator: { clipboard: { writeText } } });
    assert.equal(button.hidden, false, "it needs a script");
    await button.listeners.click();
    assert.deepEqual(copied, allowed ? [link.value] : []);
    assert.equal(button.textContent, allowed ? "Kopiert" : "Kopieren");
    assert.equal(link.selected, true);
  }
});

test("a form that is sent twice in a row is sent once, until its request must have come to nothing", () => {
  const [form, other, search] = ["post", "post", "get"].map((method) => new Element({ attributes: { method } }));
  const window = run({ lang: "en", forms: [form, other, search] });
  const isSent = (target, defaultPrevented = false) => {
    let sent = !defaultPrevented;
    window.listeners.submit({ target, defaultPrevented, preventDefault: () => (sent = false) });
    return sent;
  };
  assert.equal(isSent(form, true), false, "held back by another script");
  assert.deepEqual([isSent(form), isSent(form)], [true, false]);
  assert.deepEqual([isSent(other), isSent(search), isSent(search)], [true, true, true]);
  window.now = 9_999;
  assert.equal(isSent(form), false);
  window.now = 10_000;
  assert.deepEqual([isSent(form), isSent(form)], [true, false]);
  window.listeners.pageshow({ persisted: true });
  assert.equal(isSent(form), true, "back by the Back button");
});
