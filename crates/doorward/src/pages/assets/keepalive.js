// Keeps a page signed in while it is open, for apps whose pages are plain forms. Include it as
// <script src="BASE/keepalive.js" defer></script>; it needs nothing else, and does nothing where nobody is signed in.
//
// The access token lives for minutes; a form may stay open for hours. This script trades the refresh cookie for a new
// access token at half its life, once for all tabs, and, if a computer slept through that, before a form is sent.
// It never navigates: whether somebody has to sign in is the server's word, on the next request.
(() => {
  "use strict";

  /* Filled in when served. */
  const settings = "@SETTINGS@";

  const script = document.currentScript;
  const already = Symbol.for("doorward.keepalive");
  if (!script || !script.src || globalThis[already]) return;
  globalThis[already] = true;

  const refreshUrl = new URL("v1/refresh", script.src).href;
  const name = `doorward.refreshed_at ${refreshUrl}`;
  const lifetime = settings.accessTtlSeconds * 1000;
  const halfLife = lifetime / 2;
  // "Too old to send a form with": a little early, since the form still has to travel.
  const nearlyOver = lifetime - Math.min(30_000, lifetime / 10);
  const answerWithin = 10_000;
  const lockWithin = 5_000;
  const longestTimer = 2 ** 31 - 1;

  // --- What we know of the access token. It is HttpOnly, so its age is only known from our own refreshes.

  let ownRefreshedAt = null; // for where local storage is switched off

  function refreshedAt() {
    try {
      const stored = Number(localStorage.getItem(name));
      if (stored > 0) return stored;
    } catch {}
    return ownRefreshedAt;
  }

  function remember(at) {
    ownRefreshedAt = at;
    try {
      localStorage.setItem(name, String(at));
    } catch {}
  }

  // Infinite when unknown: never refreshed from here, or the clock was set back.
  function age() {
    const at = refreshedAt();
    return at === null || at > Date.now() ? Infinity : Date.now() - at;
  }

  // The CSRF token, exactly as sent: no decoding, so nothing to fail on; a value may hold "=", and the space after ";"
  // may be missing. One that cannot be a header's value is as good as none.
  function csrfToken() {
    for (const pair of document.cookie.split(";")) {
      const at = pair.indexOf("=");
      if (at > 0 && pair.slice(0, at).trim() === settings.csrfCookie) {
        const value = pair.slice(at + 1).trim();
        if (/^[\x21-\x7e]+$/.test(value)) return value;
      }
    }
    return null;
  }

  // --- Refreshing

  let refusedWith = null; // the CSRF token of a session that is over; another one means a new sign-in
  let failures = 0;
  let notBefore = 0;

  // Whether there is anything to keep alive.
  function live() {
    const token = csrfToken();
    return token !== null && token !== refusedWith;
  }

  async function refresh() {
    const token = csrfToken();
    if (token === null || token === refusedWith) return;
    const startedAt = Date.now(); // the new token is at least this young
    let answer = null;
    const abort = new AbortController();
    const timeout = setTimeout(() => abort.abort(), answerWithin);
    try {
      answer = await fetch(refreshUrl, {
        method: "POST",
        credentials: "include",
        cache: "no-store",
        redirect: "error",
        headers: { [settings.csrfHeader]: token },
        signal: abort.signal,
      });
    } catch {
      // No network, or no answer in time: says nothing about the session.
    } finally {
      clearTimeout(timeout);
    }
    if (answer && answer.ok) {
      failures = 0;
      notBefore = 0;
      refusedWith = null;
      remember(startedAt);
    } else if (answer && answer.status !== 429 && answer.status < 500) {
      refusedWith = token;
    } else {
      failures += 1;
      const wait = Number(answer && answer.headers.get("Retry-After"));
      if (wait > 0) notBefore = Date.now() + wait * 1000;
    }
  }

  // One refresh at a time across tabs. The server gives racing tabs the same successor, so where the lock is missing
  // (plain http) or held by a frozen tab, going ahead without it is only a little wasteful.
  async function alone(work) {
    if (!navigator.locks) return work();
    const abort = new AbortController();
    const timeout = setTimeout(() => abort.abort(), lockWithin);
    let begun = false;
    try {
      return await navigator.locks.request(name, { signal: abort.signal }, () => {
        begun = true;
        clearTimeout(timeout);
        return work();
      });
    } catch {
      return begun ? undefined : work();
    } finally {
      clearTimeout(timeout);
    }
  }

  let underway = null;

  // Resolves, always, once the token is younger than `limit` or we have tried. Another tab may have done it meanwhile.
  function freshen(limit) {
    if (!live() || age() < limit || Date.now() < notBefore) return Promise.resolve();
    if (!underway) {
      const token = csrfToken();
      const since = Date.now();
      underway = alone(() => {
        if (age() < limit) return undefined;
        // Another tab was quicker, and its cookies are here before its note in local storage, which lags.
        if (csrfToken() !== token) return remember(since);
        return refresh();
      })
        .catch(() => {})
        .finally(() => {
          underway = null;
          schedule();
        });
    }
    return underway;
  }

  // --- When

  let timer = 0;

  function schedule() {
    clearTimeout(timer);
    if (!live()) return;
    let delay = Math.max(halfLife - age(), 0);
    if (failures > 0) delay = Math.min(5_000 * 2 ** (failures - 1), 300_000) * (0.75 + Math.random() / 2);
    delay = Math.max(delay, notBefore - Date.now(), 250);
    timer = setTimeout(check, Math.min(delay, longestTimer));
  }

  // Refreshes if it is time to, and sets the timer for the next time.
  function check() {
    freshen(halfLife).then(schedule);
  }

  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") check();
  });
  addEventListener("online", check);
  addEventListener("pageshow", check);
  addEventListener("storage", (event) => {
    if (event.key === name) schedule();
  });

  // --- Forms

  const waiting = new WeakSet();
  const passing = new WeakSet();

  // Seen before the page's own handlers, so that they run once, after the refresh, with the same button. Attributes
  // are read as such: a field named "action" or "method" hides the form's property of that name.
  function onSubmit(event) {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || passing.delete(form)) return;
    const submitter = event.submitter || null;
    const of = (attribute) =>
      (submitter && submitter.getAttribute(`form${attribute}`)) || form.getAttribute(attribute) || "";
    if (of("method").toLowerCase() !== "post") return;
    if (waiting.has(form)) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    if (!live() || age() < nearlyOver || !HTMLFormElement.prototype.requestSubmit) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    waiting.add(form);
    // Sent in any case: without a network, or without a session, the browser and the server say so best.
    freshen(nearlyOver).then(() => {
      waiting.delete(form);
      if (!form.isConnected) return;
      const button = submitter && submitter.isConnected && submitter.form === form ? submitter : null;
      passing.add(form);
      HTMLFormElement.prototype.requestSubmit.call(form, button);
      passing.delete(form);
    });
  }

  addEventListener("submit", onSubmit, { capture: true });
  check();
})();
