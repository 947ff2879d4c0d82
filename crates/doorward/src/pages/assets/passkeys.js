// Passkeys: asks our API what to ask the browser, asks the browser, and sends what it answers as a form, to a page that
// says how to go on. Pages without it have another way in.
(() => {
  "use strict";

  const forms = [...document.querySelectorAll("form[data-passkey]")];
  if (forms.length === 0 || !globalThis.PublicKeyCredential || !navigator.credentials) return;

  // --- The JSON of WebAuthn Level 3 (5.1), by hand where a browser, or a password manager in its place, cannot.

  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const base64url = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
  const described = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

  function creationOptions(json) {
    if (PublicKeyCredential.parseCreationOptionsFromJSON) return PublicKeyCredential.parseCreationOptionsFromJSON(json);
    const user = { ...json.user, id: bytes(json.user.id) };
    return { ...json, user, challenge: bytes(json.challenge), excludeCredentials: described(json.excludeCredentials) };
  }

  function requestOptions(json) {
    if (PublicKeyCredential.parseRequestOptionsFromJSON) return PublicKeyCredential.parseRequestOptionsFromJSON(json);
    return { ...json, challenge: bytes(json.challenge), allowCredentials: described(json.allowCredentials) };
  }

  function credentialJson(credential) {
    try {
      return JSON.stringify(credential.toJSON());
    } catch {}
    const response = {};
    for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (credential.response[name]) response[name] = base64url(credential.response[name]);
    }
    if (credential.response.getTransports) response.transports = credential.response.getTransports();
    const { id, type } = credential;
    return JSON.stringify({ id, rawId: id, type, response, clientExtensionResults: {} });
  }

  // --- What to ask for. The API says so anew each time, as its answer is good for minutes only.

  class Refused extends Error {
    constructor(problem) {
      super(problem.code);
      this.code = problem.code;
    }
  }

  async function askedFor(form) {
    const token = form.elements.csrf_token;
    const answer = await fetch(form.dataset.options, {
      method: "POST",
      headers: token ? { [form.dataset.csrfHeader]: token.value } : {},
      // Whoever signs in by a passkey alone is nobody yet, whatever this browser holds.
      credentials: form.dataset.passkey === "sign-in" ? "omit" : "same-origin",
    });
    const json = await answer.json();
    if (!answer.ok) throw new Refused(json);
    return json.publicKey;
  }

  async function askBrowser(form) {
    const json = await askedFor(form);
    if (form.dataset.passkey === "register") return navigator.credentials.create({ publicKey: creationOptions(json) });
    return navigator.credentials.get({ publicKey: requestOptions(json) });
  }

  function send(form, credential) {
    form.elements.credential.value = credentialJson(credential);
    form.submit();
  }

  // --- When it does not work.

  // The form has the words: for `NotAllowedError` in `data-say-not-allowed-error`, for `conflict` in `data-say-conflict`.
  const said = ({ dataset }, what) =>
    dataset[`say${String(what).replace(/(^|_)(.)/g, (_, before, letter) => letter.toUpperCase())}`];

  const OVER = ["not_authenticated", "session_expired", "session_revoked", "step_up_required", "csrf_failed"];

  function failed(form, error) {
    const { otherwise } = form.dataset;
    if (error instanceof Refused && otherwise && OVER.includes(error.code)) {
      location.assign(otherwise);
      return;
    }
    const what = error instanceof Refused ? error.code : error.name;
    form.querySelector("[role=status]").textContent = said(form, what) || said(form, "failed");
  }

  // --- The buttons.

  let busy = false;

  function setBusy(form, now) {
    busy = now;
    form.querySelector("button").setAttribute("aria-disabled", String(now));
  }

  async function run(form) {
    if (busy) return;
    setBusy(form, true);
    form.querySelector("[role=status]").textContent = "";
    stopOffering();
    try {
      send(form, await askBrowser(form));
    } catch (error) {
      failed(form, error);
      setBusy(form, false);
      offer();
    }
  }

  // --- Passkeys among what the browser offers to fill in, beside the names that it knows.

  const signIn = forms.find((form) => form.dataset.passkey === "sign-in");
  let offered;
  let renewal;

  function stopOffering() {
    clearTimeout(renewal);
    if (offered) offered.abort();
    offered = null;
  }

  async function offer() {
    if (!signIn || !PublicKeyCredential.isConditionalMediationAvailable) return;
    const mine = new AbortController();
    offered = mine;
    try {
      if (!(await PublicKeyCredential.isConditionalMediationAvailable())) return;
      const json = await askedFor(signIn);
      if (offered !== mine) return;
      // Somebody may look at this page for longer than the question is good for.
      renewal = setTimeout(() => {
        stopOffering();
        offer();
      }, json.timeout * 0.8);
      const publicKey = requestOptions(json);
      const credential = await navigator.credentials.get({ publicKey, mediation: "conditional", signal: mine.signal });
      if (offered === mine) send(signIn, credential);
    } catch {
      // Nobody asked for it, so there is nothing to say.
    }
  }

  for (const form of forms) {
    form.hidden = false;
    // Where there is nothing to type, it is what people come for.
    if (form.dataset.passkey === "confirm" && !document.querySelector("[autofocus]")) form.querySelector("button").focus();
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      run(form);
    });
  }
  for (const hint of document.querySelectorAll("[data-without-passkeys]")) hint.hidden = true;
  // A page that comes back by the Back button stands still where it was left: waiting for where it sent its form to.
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    for (const form of forms) setBusy(form, false);
    stopOffering();
    offer();
  });
  offer();
})();
