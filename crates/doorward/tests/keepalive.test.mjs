// What keepalive.js does, in a browser made of a clock that is moved by hand, tabs that share cookies, local storage
// and locks, and a server that answers as told. Run with: node --test crates/doorward/tests/keepalive.test.mjs

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import vm from "node:vm";

const source = readFileSync(new URL("../src/pages/assets/keepalive.js", import.meta.url), "utf8");
const settings = { accessTtlSeconds: 900, csrfCookie: "__Host-dw_csrf", csrfHeader: "X-CSRF-Token" };
const script = source.replace('"@SETTINGS@"', JSON.stringify(settings));
const minutes = 60_000;

/** Lets everything that is ready to go on do so. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

class Browser {
  now = 1_700_000_000_000;
  cookie = "__Host-dw_csrf=token-1";
  storage = new Map();
  timers = [];
  requests = [];
  locked = Promise.resolve();
  /** A tab that is frozen holds the lock. */
  lockIsHeld = false;
  /** What the server says next; a function may also throw, or never answer. */
  answer = async () => ({ ok: true, status: 200, headers: new Headers() });

  /** Moves the clock, running what falls due on the way. */
  async pass(milliseconds) {
    await settle();
    const end = this.now + milliseconds;
    for (;;) {
      const due = this.timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.timers.splice(this.timers.indexOf(due), 1);
      this.now = Math.max(this.now, due.at);
      due.run();
      await settle();
    }
    this.now = end;
    await settle();
  }

  /** The computer sleeps: time passes, and no timer runs. */
  sleep(milliseconds) {
    this.now += milliseconds;
    for (const timer of this.timers) timer.at += milliseconds;
  }

  async open(options = {}) {
    const tab = new Tab(this, options);
    await settle();
    return tab;
  }
}

class Tab {
  listeners = { window: {}, document: {} };
  sent = [];
  navigated = false;

  constructor(browser, { src = "https://app.example.com/auth/keepalive.js", locks = true, storage = true } = {}) {
    const tab = this;
    this.browser = browser;
    this.Form = class HTMLFormElement {
      isConnected = true;
      constructor(attributes) {
        this.attributes = attributes;
      }
      getAttribute(name) {
        return this.attributes[name] ?? null;
      }
      requestSubmit(submitter) {
        tab.submit(this, submitter);
      }
    };
    const listen = (where) => (type, run) => (this.listeners[where][type] ??= []).push(run);
    const refused = () => {
      throw new Error("storage is switched off");
    };
    const context = {
      AbortController,
      HTMLFormElement: this.Form,
      URL,
      Math: Object.assign(Object.create(Math), { random: () => 0.5, max: Math.max, min: Math.min }),
      Date: { now: () => browser.now },
      document: {
        get cookie() {
          return browser.cookie;
        },
        currentScript: src === null ? null : { src },
        visibilityState: "visible",
        addEventListener: listen("document"),
      },
      localStorage: storage
        ? { getItem: (key) => browser.storage.get(key) ?? null, setItem: (key, value) => browser.storage.set(key, value) }
        : { getItem: refused, setItem: refused },
      navigator: locks ? { locks: { request: (_name, options, work) => this.lock(options.signal, work) } } : {},
      addEventListener: listen("window"),
      clearTimeout: (id) => (browser.timers = browser.timers.filter((timer) => timer.id !== id)),
      setTimeout: (run, delay) => {
        const timer = { at: browser.now + delay, run, id: Symbol("timer") };
        browser.timers.push(timer);
        return timer.id;
      },
      fetch: (url, init) => {
        browser.requests.push({ url, ...init });
        return browser.answer(init);
      },
    };
    Object.defineProperty(context, "location", { get: () => (this.navigated = true) });
    vm.runInNewContext(script, context);
  }

  lock(signal, work) {
    if (this.browser.lockIsHeld) {
      return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    }
    const result = this.browser.locked.then(work);
    this.browser.locked = result.catch(() => {});
    return result;
  }

  fire(where, type) {
    for (const run of this.listeners[where][type] ?? []) run({ type });
    return settle();
  }

  /** Submits a form as a click on `submitter` would. */
  submit(form, submitter = null) {
    let prevented = false;
    const event = {
      target: form,
      submitter,
      preventDefault: () => (prevented = true),
      stopImmediatePropagation: () => {},
    };
    for (const run of this.listeners.window.submit ?? []) run(event);
    if (!prevented) this.sent.push({ form, submitter });
  }

  form(attributes = { method: "post" }) {
    return new this.Form(attributes);
  }

  button(form) {
    return { form, isConnected: true, getAttribute: () => null };
  }
}

const refusal = (status, headers = {}) => async () => ({ ok: false, status, headers: new Headers(headers) });

test("on load, with a token of unknown age, it refreshes with the cookie's token in the header", async () => {
  const browser = new Browser();
  await browser.open();
  assert.equal(browser.requests.length, 1);
  const [request] = browser.requests;
  assert.equal(request.url, "https://app.example.com/auth/v1/refresh");
  assert.equal(request.method, "POST");
  assert.equal(request.credentials, "include");
  assert.deepEqual({ ...request.headers }, { "X-CSRF-Token": "token-1" });
});

test("the base path is wherever the script came from", async () => {
  const browser = new Browser();
  await browser.open({ src: "https://auth.example.com/deep/base/keepalive.js?v=1" });
  assert.equal(browser.requests[0].url, "https://auth.example.com/deep/base/v1/refresh");
});

test("included as a module, where its own address is unknown, it does nothing", async () => {
  const browser = new Browser();
  await browser.open({ src: null });
  await browser.pass(60 * minutes);
  assert.equal(browser.requests.length, 0);
});

test("it refreshes at half of the lifetime, again and again", async () => {
  const browser = new Browser();
  await browser.open();
  await browser.pass(7.4 * minutes);
  assert.equal(browser.requests.length, 1);
  await browser.pass(0.2 * minutes);
  assert.equal(browser.requests.length, 2);
  await browser.pass(7.5 * minutes);
  assert.equal(browser.requests.length, 3);
});

test("many tabs make one refresh", async () => {
  const browser = new Browser();
  for (let count = 0; count < 8; count += 1) browser.open();
  await settle();
  await settle();
  assert.equal(browser.requests.length, 1);
  await browser.pass(7.6 * minutes);
  assert.equal(browser.requests.length, 2);
});

test("many tabs make one refresh although local storage lags behind", async () => {
  const browser = new Browser();
  browser.answer = async () => {
    browser.cookie = `__Host-dw_csrf=token-${browser.requests.length + 1}`;
    return { ok: true, status: 200, headers: new Headers() };
  };
  for (let count = 0; count < 8; count += 1) browser.open({ storage: false });
  await settle();
  await settle();
  assert.equal(browser.requests.length, 1);
});

test("it works without locks, and without local storage", async () => {
  const browser = new Browser();
  await browser.open({ locks: false, storage: false });
  await browser.pass(8 * minutes);
  assert.equal(browser.requests.length, 2);
});

test("a lock that a frozen tab holds does not stop it", async () => {
  const browser = new Browser();
  await browser.open();
  browser.lockIsHeld = true;
  await browser.pass(8 * minutes);
  assert.equal(browser.requests.length, 2);
});

for (const [what, cookie, expected] of [
  ["a value with =", "__Host-dw_csrf=a=b==", "a=b=="],
  ["no space after the semicolon", "x=1;__Host-dw_csrf=t;y=2", "t"],
  ["broken percent-encoding", "bad=%E0%A4%A;__Host-dw_csrf=%zz", "%zz"],
  ["pairs without a name or =", ";;=; ;flag; __Host-dw_csrf=t", "t"],
  ["a longer name that ends alike", "x__Host-dw_csrf=other; __Host-dw_csrf=t", "t"],
  ["a value no header can hold beside a good one", "__Host-dw_csrf=\u00e9; __Host-dw_csrf=t", "t"],
]) {
  test(`it reads its cookie among malformed ones: ${what}`, async () => {
    const browser = new Browser();
    browser.cookie = cookie;
    await browser.open();
    assert.equal(browser.requests[0].headers["X-CSRF-Token"], expected);
  });
}

for (const cookie of ["", "dw_csrf=bare-name", "__Host-dw_csrf=", "__Secure-dw_csrf=t", "__Host-dw_csrf"]) {
  test(`without its own cookie it asks for nothing: ${JSON.stringify(cookie)}`, async () => {
    const browser = new Browser();
    browser.cookie = cookie;
    await browser.open();
    await browser.pass(60 * minutes);
    assert.equal(browser.requests.length, 0);
  });
}

test("after a network error it tries again, later and later", async () => {
  const browser = new Browser();
  browser.answer = () => Promise.reject(new TypeError("no network"));
  await browser.open();
  assert.equal(browser.requests.length, 1);
  await browser.pass(5_000);
  assert.equal(browser.requests.length, 2);
  await browser.pass(9_999);
  assert.equal(browser.requests.length, 2);
  await browser.pass(1);
  assert.equal(browser.requests.length, 3);
  await browser.pass(24 * 60 * minutes);
  assert.ok(browser.requests.length < 300, "at most one every five minutes");
});

test("back online it tries at once", async () => {
  const browser = new Browser();
  browser.answer = () => Promise.reject(new TypeError("no network"));
  const tab = await browser.open();
  await tab.fire("window", "online");
  assert.equal(browser.requests.length, 2);
});

test("it waits as long as the server says", async () => {
  const browser = new Browser();
  browser.answer = refusal(503, { "Retry-After": "120" });
  const tab = await browser.open();
  await tab.fire("document", "visibilitychange");
  await browser.pass(119_000);
  assert.equal(browser.requests.length, 1);
  await browser.pass(2_000);
  assert.equal(browser.requests.length, 2);
});

for (const status of [401, 403, 404]) {
  test(`after ${status} it stops, and navigates nowhere`, async () => {
    const browser = new Browser();
    browser.answer = refusal(status);
    const tab = await browser.open();
    await browser.pass(60 * minutes);
    await tab.fire("document", "visibilitychange");
    await tab.fire("window", "pageshow");
    assert.equal(browser.requests.length, 1);
    assert.equal(tab.navigated, false);
  });
}

test("it takes up again once somebody has signed in in another tab", async () => {
  const browser = new Browser();
  browser.answer = refusal(401);
  const tab = await browser.open();
  browser.cookie = "__Host-dw_csrf=token-2";
  await tab.fire("document", "visibilitychange");
  assert.equal(browser.requests.length, 2);
});

test("waking up, it refreshes when the page is looked at", async () => {
  const browser = new Browser();
  const tab = await browser.open();
  browser.sleep(60 * minutes);
  await tab.fire("document", "visibilitychange");
  assert.equal(browser.requests.length, 2);
});

test("with the clock set back the age is unknown, so it refreshes", async () => {
  const browser = new Browser();
  const tab = await browser.open();
  browser.now -= 60 * minutes;
  await tab.fire("window", "pageshow");
  assert.equal(browser.requests.length, 2);
});

test("a form is sent at once while the token is good", async () => {
  const browser = new Browser();
  const tab = await browser.open();
  const form = tab.form();
  tab.submit(form, tab.button(form));
  assert.equal(tab.sent.length, 1);
  assert.equal(browser.requests.length, 1);
});

test("after a sleep a form is sent once, after a refresh, with its button", async () => {
  const browser = new Browser();
  const tab = await browser.open();
  browser.sleep(60 * minutes);
  const form = tab.form();
  const button = tab.button(form);
  let release;
  browser.answer = () => new Promise((resolve) => (release = resolve));
  tab.submit(form, button);
  tab.submit(form, button); // an impatient second click
  await settle();
  assert.equal(tab.sent.length, 0);
  assert.equal(browser.requests.length, 2);
  release({ ok: true, status: 200, headers: new Headers() });
  await settle();
  assert.deepEqual(tab.sent, [{ form, submitter: button }]);
});

test("a form whose fields are called method and action is understood", async () => {
  const browser = new Browser();
  const tab = await browser.open();
  browser.sleep(60 * minutes);
  const form = tab.form();
  Object.assign(form, { method: {}, action: {}, submit: {}, requestSubmit: {} });
  tab.submit(form);
  await settle();
  assert.equal(browser.requests.length, 2);
  assert.equal(tab.sent.length, 1);
});

for (const [what, answer] of [
  ["there is no network", () => Promise.reject(new TypeError("no network"))],
  ["the session is over", refusal(401)],
  ["the server is overloaded", refusal(503, { "Retry-After": "60" })],
]) {
  test(`a form is sent all the same when ${what}`, async () => {
    const browser = new Browser();
    const tab = await browser.open();
    browser.sleep(60 * minutes);
    browser.answer = answer;
    tab.submit(tab.form());
    await settle();
    assert.equal(tab.sent.length, 1);
  });
}

test("a form is sent at the latest when no answer has come for ten seconds", async () => {
  const browser = new Browser();
  const tab = await browser.open();
  browser.sleep(60 * minutes);
  browser.answer = ({ signal }) =>
    new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("aborted"))));
  tab.submit(tab.form());
  await browser.pass(9_999);
  assert.equal(tab.sent.length, 0);
  await browser.pass(1);
  assert.equal(tab.sent.length, 1);
});

test("a form that only searches is not held up", async () => {
  const browser = new Browser();
  const tab = await browser.open();
  browser.sleep(60 * minutes);
  tab.submit(tab.form({ method: "get" }));
  tab.submit(tab.form({}));
  assert.equal(tab.sent.length, 2);
});
