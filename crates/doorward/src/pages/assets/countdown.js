// Counts down how long the next attempt has to wait, and holds the form back until then. Without it the page says how
// long, once, and the form stays as it is: the server decides either way.
(() => {
  "use strict";

  const wait = document.querySelector("[data-wait-seconds]");
  if (!wait) return;
  const [pending, over] = wait.querySelectorAll("[data-wait-text]");
  const timer = wait.querySelector("[role=timer]");
  const said = wait.querySelector("[role=status]");
  const seconds = Number(wait.dataset.waitSeconds);
  // Whose attempts have to wait: another name may be tried at once.
  const name = document.getElementById(wait.dataset.waitOf || "");
  const forms = [...document.querySelectorAll("main form")];
  const buttons = forms.flatMap((form) => [...form.querySelectorAll("button[type=submit]")]);

  // Two clocks, and the one that is ahead counts: one stands still while the computer sleeps, the other may be set back.
  const began = Date.now();
  const opened = performance.now();
  const elapsed = () => Math.max(Date.now() - began, performance.now() - opened);
  const leftAfter = (milliseconds) => Math.max(0, Math.ceil(seconds - milliseconds / 1000));
  const left = () => leftAfter(elapsed());

  const language = document.documentElement.lang;
  const counted = (count, unit) =>
    new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "long" }).format(count);
  const list = new Intl.ListFormat(language);
  const both = (greater, unit, lesser, lesserUnit) =>
    list.format([counted(greater, unit), ...(lesser === 0 ? [] : [counted(lesser, lesserUnit)])]);

  // As the server says it.
  function words(count) {
    if (count < 60) return counted(count, "second");
    if (count < 3600) return both(Math.floor(count / 60), "minute", count % 60, "second");
    const minutes = Math.ceil(count / 60);
    if (count < 86400) return both(Math.floor(minutes / 60), "hour", minutes % 60, "minute");
    const hours = Math.ceil(count / 3600);
    return both(Math.floor(hours / 24), "day", hours % 24, "hour");
  }

  let next;
  let shown = null;
  let minutesSaid = null;

  const isHeld = (count) => count > 0 && !(name && name.value !== name.defaultValue);

  function hold(count) {
    for (const button of buttons) button.setAttribute("aria-disabled", String(isHeld(count)));
  }

  // Those who hear the page are told at first, each minute and in the end, not each second.
  function say(count) {
    said.textContent = (count > 0 ? pending : over).textContent;
  }

  function show(count) {
    shown = count;
    timer.textContent = words(count);
    pending.hidden = count === 0;
    over.hidden = count > 0;
    hold(count);
    if (minutesSaid !== Math.ceil(count / 60)) {
      minutesSaid = Math.ceil(count / 60);
      say(count);
    }
    if (count === 0) leave();
  }

  function tick() {
    clearTimeout(next);
    const passed = elapsed();
    const count = leftAfter(passed);
    if (count !== shown) show(count);
    // Rounded up, as a timer drops fractions and would run before the second is over. One that runs early all the same changes
    // nothing, and is set again for what is left of that second.
    if (count > 0) next = setTimeout(tick, Math.ceil((seconds - count + 1) * 1000 - passed));
  }

  // What happened, and what to do meanwhile, is true no more.
  function leave() {
    const notice = wait.parentElement;
    notice.classList.remove("bad");
    for (const element of notice.children) element.hidden = element !== wait;
    const { errorMark } = wait.dataset;
    if (document.title.startsWith(errorMark)) document.title = document.title.slice(errorMark.length);
  }

  for (const form of forms) {
    form.addEventListener("submit", (event) => {
      const count = left();
      if (!isHeld(count)) return;
      event.preventDefault();
      say(count);
    });
  }
  if (name) name.addEventListener("input", () => hold(left()));
  // Timers of a tab that nobody looks at run late.
  document.addEventListener("visibilitychange", tick);
  tick();
})();
