// Shows new events of the audit log as they happen, at the top of the list. Without it the page is loaded again now and then.
//
// The server words the events; here they are only put in place, as text, in copies of the page's own template.
(() => {
  "use strict";

  const list = document.querySelector("[data-stream]");
  if (!list || !globalThis.EventSource) return;
  const template = document.querySelector("template[data-event]");
  const status = document.querySelector("[data-live]");
  const said = document.querySelector("[data-said]");
  const again = document.querySelector("[data-again]");
  const pause = document.querySelector("[data-pause]");

  // A page that is open for a week stays a page; and whoever pauses it for a week reads the log instead.
  const shownMax = 500;
  const retryAfter = 5_000;
  const refusalsMax = 3;
  const sayAfter = 1_000;

  const { lang } = document.documentElement;
  // As the other times of the page.
  const language = lang === "en" ? "en-GB" : lang;
  const clock = new Intl.DateTimeFormat(language, {
    day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit",
  });
  const number = new Intl.NumberFormat(language);

  // The latest event that is known here: what comes twice is shown once.
  let latest = Number(list.firstElementChild?.dataset.seq ?? 0);
  let paused = false;
  let state = "live";
  let held = [];
  let heldCount = 0;
  let refusals = 0;

  function tell() {
    status.textContent = paused && state !== "over"
      ? status.dataset.waiting.replace("#", number.format(heldCount))
      : status.dataset[state];
  }

  function enter(next) {
    state = next;
    if (next === "over") {
      again.hidden = false;
      pause.hidden = true;
    }
    tell();
  }

  // --- An event as a row

  function row(event) {
    const item = template.content.firstElementChild.cloneNode(true);
    item.dataset.seq = event.seq;
    item.classList.toggle("refused", event.refused === true);
    for (const slot of item.querySelectorAll("[data-slot]")) {
      slot.textContent = event[slot.dataset.slot] ?? "";
    }
    for (const link of item.querySelectorAll("[data-link]")) {
      const url = event[link.dataset.link];
      // The server gives paths of its own and nothing else; whatever else came is text without a link.
      if (typeof url === "string" && /^\/(?![/\\])/.test(url)) link.setAttribute("href", url);
    }
    for (const part of item.querySelectorAll("dl > div")) {
      part.hidden = part.querySelector("dd").textContent.trim() === "";
    }
    const time = item.querySelector("time");
    const at = new Date(event.datetime);
    time.setAttribute("datetime", event.datetime);
    if (!Number.isNaN(at.getTime())) time.textContent = clock.format(at);
    return item;
  }

  function show(events) {
    for (const event of events) list.prepend(row(event));
    while (list.children.length > shownMax) list.lastElementChild.remove();
    const none = document.querySelector("[data-none]");
    if (none && events.length > 0) none.hidden = true;
  }

  // Those who hear the page are told the latest of what came within a second, not each.
  let saying = 0;

  function say(event) {
    clearTimeout(saying);
    saying = setTimeout(() => {
      said.textContent = [event.event, event.who, event.reason].filter(Boolean).join(", ");
    }, sayAfter);
  }

  function take(message) {
    let event;
    try {
      event = JSON.parse(message.data);
    } catch {
      return;
    }
    if (!(event && event.seq > latest)) return;
    latest = event.seq;
    if (paused) {
      held.push(event);
      held = held.slice(-shownMax);
      heldCount += 1;
      tell();
      return;
    }
    show([event]);
    say(event);
  }

  // --- The connection

  // What is asked for goes on where it was left, also where the browser gave up and this script begins anew.
  function address() {
    const url = new URL(list.dataset.stream, location.href);
    const known = Number(url.searchParams.get("last_event_id"));
    url.searchParams.set("last_event_id", String(Math.max(latest, known)));
    return url.href;
  }

  function connect() {
    const source = new EventSource(address());
    source.addEventListener("open", () => {
      refusals = 0;
      enter("live");
    });
    source.addEventListener("message", take);
    source.addEventListener("error", () => {
      enter("lost");
      // Otherwise the browser tries again by itself.
      if (source.readyState === EventSource.CLOSED) afterwards();
    });
  }

  // Refused: because the session is over, or because the server cannot just now; a stream does not tell. An access token
  // that has ended is no end: the page's other script soon has the next one, on a computer that slept as well.
  async function afterwards() {
    const asking = new AbortController();
    const answer = await fetch(address(), { cache: "no-store", signal: asking.signal }).catch(() => null);
    const refused = answer !== null && [401, 403].includes(answer.status);
    const { code } = refused ? await answer.json().catch(() => ({})) : {};
    asking.abort();
    refusals = refused ? refusals + 1 : 0;
    if (refused && (code !== "session_expired" && code !== "not_authenticated" || refusals > refusalsMax)) enter("over");
    else setTimeout(connect, retryAfter);
  }

  pause.addEventListener("click", () => {
    paused = !paused;
    pause.textContent = paused ? pause.dataset.resume : pause.dataset.pause;
    if (!paused) {
      show(held);
      held = [];
      heldCount = 0;
    }
    tell();
  });
  pause.hidden = false;
  connect();
})();
