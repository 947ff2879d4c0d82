// Comfort for the pages; none of them needs it.
"use strict";

// Times in the reader's own zone. The server cannot know it. English as the server writes it: day first, 24 hours.
const { lang } = document.documentElement;
const minutes = { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" };
const dates = (options) => new Intl.DateTimeFormat(lang === "en" ? "en-GB" : lang, options);
const [whole, precise] = [dates(minutes), dates({ ...minutes, second: "2-digit" })];
for (const time of document.querySelectorAll("time[datetime]")) {
  const at = new Date(time.dateTime);
  const { format } = time.hasAttribute("data-seconds") ? precise : whole;
  if (!Number.isNaN(at.getTime())) time.textContent = format(at);
}

// Buttons that print the page.
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}

// Buttons that copy the one-time link that is shown.
for (const button of document.querySelectorAll("[data-copied]")) {
  const field = document.getElementById("link");
  button.hidden = false;
  button.addEventListener("click", async () => {
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
      button.textContent = button.dataset.copied;
    } catch {
      // Not allowed here: it is selected, to be copied by hand.
    }
  });
}

// A button to see the password that is being typed.
for (const box of document.querySelectorAll(".secret")) {
  const input = box.querySelector("input");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "reveal";
  const show = (shown) => {
    input.type = shown ? "text" : "password";
    button.textContent = shown ? box.dataset.hide : box.dataset.show;
    button.setAttribute("aria-label", shown ? box.dataset.hideLabel : box.dataset.showLabel);
  };
  show(false);
  button.addEventListener("click", () => show(input.type === "password"));
  // Sent as a password, or the browser would offer it again as ordinary text that was once typed.
  input.form.addEventListener("submit", () => show(false));
  box.append(button);
}

// Pressed twice, sent once: the second answer would be about what the first request left, as a current password that was
// right a moment ago. Only for a while, so that nobody is stuck whose request came to nothing.
const HELD_BACK_MS = 10000;
const sent = new WeakMap();
addEventListener("submit", (event) => {
  const form = event.target;
  // As an attribute: a field may have the name. Whatever else holds a form back has done so by now.
  if (event.defaultPrevented || form.getAttribute("method") !== "post") return;
  if (performance.now() - sent.get(form) < HELD_BACK_MS) event.preventDefault();
  else sent.set(form, performance.now());
});
// Back by the Back button, as it was left.
addEventListener("pageshow", (event) => {
  if (event.persisted) for (const form of document.forms) sent.delete(form);
});
