// What passkeys.js does, on a page made of a few elements, before a server and a browser that answer as they are told.
// Run with: node --test crates/doorward/tests/passkeys.test.mjs

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import vm from "node:vm";

const script = readFileSync(new URL("../src/pages/assets/passkeys.js", import.meta.url), "utf8");
const base64url = (text) => Buffer.from(text).toString("base64url");
/** With both of the letters that base64url has of its own. */
const CHALLENGE = "ab~cd?";
const OPTIONS = {
  register: {
    challenge: base64url(CHALLENGE),
    user: { id: base64url("ann's id"), name: "ann" },
    excludeCredentials: [{ id: base64url("old"), type: "public-key" }],
    timeout: 300_000,
  },
  confirm: { challenge: base64url(CHALLENGE), allowCredentials: [{ id: base64url("mine"), type: "public-key" }], timeout: 300_000 },
  "sign-in": { challenge: base64url(CHALLENGE), timeout: 300_000 },
};

/** What a form has to say, in its page's language, as a browser reads it from `data-say-not-allowed-error` and the like. */
const WORDS = {
  sayNotAllowedError: "Es wurde kein Passkey verwendet.",
  saySecurityError: "Unter dieser Adresse nicht.",
  sayStoreUnavailable: "Gerade nicht.",
  sayConflict: "Mehr sind nicht erlaubt.",
  sayFailed: "Noch einmal, bitte.",
};

class Form {
  hidden = true;
  listeners = {};
  submitted = [];
  status = { textContent: "" };

  constructor(kind, { otherwise, csrf = kind === "sign-in" ? undefined : "token" } = {}) {
    this.dataset = { passkey: kind, options: `/auth/v1/${kind}/options`, csrfHeader: "x-csrf-token", otherwise, ...WORDS };
    this.elements = { credential: { value: "" } };
    if (csrf) this.elements.csrf_token = { value: csrf };
    const button = { attributes: {}, focused: false };
    button.setAttribute = (name, value) => { button.attributes[name] = value; };
    button.focus = () => { button.focused = true; };
    this.button = button;
  }

  querySelector(selector) {
    return { button: this.button, "[role=status]": this.status }[selector];
  }

  addEventListener(kind, listener) {
    this.listeners[kind] = listener;
  }

  submit() {
    this.submitted.push(JSON.parse(this.elements.credential.value));
  }

  get busy() {
    return this.button.attributes["aria-disabled"] === "true";
  }
}

/** What a browser answers, with `toJSON` or without. */
function credential(members, json) {
  const response = { clientDataJSON: Buffer.from("client"), getTransports: () => ["internal"], ...members };
  const made = { id: base64url("mine"), type: "public-key", response };
  return json ? { ...made, toJSON: () => json } : made;
}

class Page {
  asked = [];
  prompts = [];
  timers = [];
  listeners = {};
  went = [];
  hint = { hidden: false };
  answer = (form) => ({ ok: true, json: { publicKey: OPTIONS[form] } });

  constructor(forms, { api = {}, without = false, conditional, autofocus = false } = {}) {
    this.forms = forms;
    if (conditional !== undefined) api = { ...api, isConditionalMediationAvailable: async () => conditional };
    const prompt = (kind) => (asked) => new Promise((resolve, reject) => {
      this.prompts.push({ kind, ...asked, resolve, reject });
      asked.signal?.addEventListener("abort", () => reject(asked.signal.reason));
    });
    vm.runInNewContext(script, {
      PublicKeyCredential: without ? undefined : api,
      navigator: { credentials: { create: prompt("create"), get: prompt("get") } },
      document: {
        querySelectorAll: (selector) => (selector === "form[data-passkey]" ? forms : [this.hint]),
        querySelector: () => (autofocus ? {} : null),
      },
      fetch: async (address, asked) => {
        this.asked.push({ address, ...asked });
        const { ok, json } = this.answer(address.split("/")[3]);
        return { ok, json: async () => json };
      },
      setTimeout: (run, delay) => this.timers.push({ run, delay }),
      clearTimeout: (id) => { if (id) this.timers[id - 1].run = () => {}; },
      addEventListener: (kind, listener) => { this.listeners[kind] = listener; },
      location: { assign: (address) => this.went.push(address) },
      AbortController, atob, btoa,
    });
  }

  async settled() {
    await new Promise(setImmediate);
    return this;
  }

  async press(form) {
    let prevented = false;
    form.listeners.submit({ preventDefault: () => { prevented = true; } });
    assert.ok(prevented, "the empty form is not sent");
    return this.settled();
  }
}

const text = (bytes) => Buffer.from(bytes).toString();
const error = (name) => Object.assign(new Error("what no user understands"), { name });

test("without passkeys in the browser the page stays as it is", async () => {
  const form = new Form("confirm");
  const page = await new Page([form], { without: true }).settled();
  assert.deepEqual([form.hidden, page.hint.hidden, page.asked.length], [true, false, 0]);
});

test("what is there to press is shown, and has the focus where nothing else does", async () => {
  for (const [kind, autofocus, focused] of [["confirm", false, true], ["confirm", true, false], ["sign-in", false, false]]) {
    const form = new Form(kind);
    const page = await new Page([form], { autofocus }).settled();
    assert.deepEqual([form.hidden, page.hint.hidden, form.button.focused], [false, true, focused], kind);
  }
});

test("a new passkey is asked for as the server says, and sent to it", async () => {
  const form = new Form("register");
  const page = await new Page([form]).press(form);
  const [{ address, method, headers, credentials }] = page.asked;
  assert.deepEqual([address, method, { ...headers }, credentials], ["/auth/v1/register/options", "POST", { "x-csrf-token": "token" }, "same-origin"]);
  const [{ kind, publicKey, resolve }] = page.prompts;
  assert.equal(kind, "create");
  assert.deepEqual([text(publicKey.challenge), text(publicKey.user.id), publicKey.user.name], [CHALLENGE, "ann's id", "ann"]);
  assert.deepEqual(publicKey.excludeCredentials.map(({ id, type }) => [text(id), type]), [["old", "public-key"]]);
  resolve(credential({ attestationObject: Buffer.from([251, 255, 254]) }));
  await page.settled();
  assert.deepEqual(form.submitted, [{
    id: base64url("mine"), rawId: base64url("mine"), type: "public-key", clientExtensionResults: {},
    response: { clientDataJSON: base64url("client"), attestationObject: "-__-", transports: ["internal"] },
  }]);
});

test("a browser that speaks JSON itself does so", async () => {
  const form = new Form("confirm");
  const page = new Page([form], { api: { parseRequestOptionsFromJSON: (json) => ({ parsed: json }) } });
  await page.press(form);
  assert.deepEqual(page.prompts[0].publicKey.parsed, OPTIONS.confirm);
  page.prompts[0].resolve(credential({}, { id: "by itself" }));
  await page.settled();
  assert.deepEqual(form.submitted, [{ id: "by itself" }]);
});

test("by hand, an answer has all that the server examines", async () => {
  const form = new Form("confirm");
  const page = await new Page([form]).press(form);
  assert.deepEqual(page.prompts[0].publicKey.allowCredentials.map(({ id }) => text(id)), ["mine"]);
  const broken = credential({ authenticatorData: Buffer.from("data"), signature: Buffer.from("sig"), userHandle: Buffer.from("ann"), getTransports: undefined });
  page.prompts[0].resolve({ ...broken, toJSON: () => { throw new TypeError("Illegal invocation"); } });
  await page.settled();
  assert.deepEqual(form.submitted[0].response, {
    clientDataJSON: base64url("client"), authenticatorData: base64url("data"), signature: base64url("sig"), userHandle: base64url("ann"),
  });
});

test("a question that is closed is told in the words of the page, and can be asked again", async () => {
  const form = new Form("confirm", { otherwise: "/auth/login" });
  const page = new Page([form]);
  for (const [name, words] of [["NotAllowedError", WORDS.sayNotAllowedError], ["SecurityError", WORDS.saySecurityError], ["Strange", WORDS.sayFailed]]) {
    await page.press(form);
    assert.deepEqual([form.busy, form.status.textContent], [true, ""]);
    page.prompts.at(-1).reject(error(name));
    await page.settled();
    assert.equal(form.status.textContent, words);
    assert.deepEqual([form.busy, form.submitted, page.went], [false, [], []], name);
  }
});

test("who presses twice is asked once", async () => {
  const form = new Form("confirm");
  const page = new Page([form]);
  await page.press(form);
  await page.press(form);
  assert.equal(page.prompts.length, 1);
});

test("where the session is over or too old, the page leads on; any other refusal is told", async () => {
  const TOLD = { conflict: WORDS.sayConflict, store_unavailable: WORDS.sayStoreUnavailable, some_other_code: WORDS.sayFailed };
  for (const code of ["not_authenticated", "session_expired", "session_revoked", "step_up_required", "csrf_failed"].concat(Object.keys(TOLD))) {
    const form = new Form("register", { otherwise: "/auth/step-up?rd=x" });
    const page = new Page([form]);
    page.answer = () => ({ ok: false, json: { code, detail: "There are twenty already." } });
    await page.press(form);
    assert.deepEqual(page.went, code in TOLD ? [] : ["/auth/step-up?rd=x"], code);
    assert.equal(form.status.textContent, TOLD[code] ?? "", "in the page's words, whatever the API speaks");
    assert.equal(page.prompts.length, 0);
  }
});

test("passkeys are among what the browser fills in, asked for by nobody in particular", async () => {
  const form = new Form("sign-in");
  const page = await new Page([form], { conditional: true }).settled();
  const [{ headers, credentials }] = page.asked;
  assert.deepEqual([{ ...headers }, credentials], [{}, "omit"]);
  const [{ kind, mediation, publicKey, resolve }] = page.prompts;
  assert.deepEqual([kind, mediation, text(publicKey.challenge)], ["get", "conditional", CHALLENGE]);
  resolve(credential({}, { id: "chosen" }));
  await page.settled();
  assert.deepEqual(form.submitted, [{ id: "chosen" }]);
});

test("nothing is offered where the browser cannot, or on other pages", async () => {
  for (const [kind, conditional] of [["sign-in", false], ["sign-in", undefined], ["confirm", true]]) {
    const page = await new Page([new Form(kind)], { conditional }).settled();
    assert.deepEqual([page.asked.length, page.prompts.length], [0, 0], kind);
  }
});

test("an offer is made anew before it is too old, and the old one is good for nothing", async () => {
  const form = new Form("sign-in");
  const page = await new Page([form], { conditional: true }).settled();
  const [{ run, delay }] = page.timers;
  assert.equal(delay, 240_000);
  run();
  await page.settled();
  assert.deepEqual([page.prompts.length, page.prompts[0].signal.aborted, page.prompts[1].signal.aborted], [2, true, false]);
  assert.equal(form.status.textContent, "", "nobody asked, so nobody is told");
});

test("the button takes the place of the offer, which comes back when it is not used", async () => {
  const form = new Form("sign-in");
  const page = await new Page([form], { conditional: true }).settled();
  await page.press(form);
  assert.deepEqual([page.prompts.length, page.prompts[0].signal.aborted, page.prompts[1].mediation], [2, true, undefined]);
  page.prompts[1].reject(error("NotAllowedError"));
  await page.settled();
  assert.deepEqual([page.prompts.length, page.prompts[2].mediation], [3, "conditional"]);
  assert.equal(form.status.textContent, WORDS.sayNotAllowedError);
});

test("whoever presses the button while an offer is on its way is asked once, and sends one answer", async () => {
  const early = new Form("sign-in");
  const page = new Page([early], { conditional: true });
  await page.press(early);
  assert.deepEqual(page.prompts.map(({ mediation }) => mediation), [undefined]);

  const late = new Form("sign-in");
  const other = await new Page([late], { conditional: true }).settled();
  other.prompts[0].resolve(credential({}, { id: "offered" }));
  await other.press(late);
  assert.deepEqual(late.submitted, []);
});

test("a page that comes back by the Back button can be used again", async () => {
  const form = new Form("sign-in");
  const page = await new Page([form], { conditional: true }).settled();
  await page.press(form);
  page.prompts[1].resolve(credential({}, { id: "chosen" }));
  await page.settled();
  assert.equal(form.busy, true, "the form is on its way");
  page.listeners.pageshow({ persisted: false });
  assert.equal(form.busy, true);
  page.listeners.pageshow({ persisted: true });
  await page.settled();
  assert.deepEqual([form.busy, page.prompts.at(-1).mediation], [false, "conditional"]);
});
