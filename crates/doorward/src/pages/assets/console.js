// Comfort for the console; none of its pages needs it. The server knows no zone but UTC, the reader knows theirs.
(() => {
  "use strict";

  const { lang } = document.documentElement;
  // As the other times of the page.
  const language = lang === "en" ? "en-GB" : lang;
  const zoneName = new Intl.DateTimeFormat(language, { timeZoneName: "short" })
    .formatToParts()
    .find((part) => part.type === "timeZoneName").value;

  // Hours below the pictures.
  const hour = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  for (const label of document.querySelectorAll("[data-hour]")) {
    label.textContent = hour.format(new Date(label.getAttribute("data-hour")));
  }
  for (const zone of document.querySelectorAll("[data-zone-name]")) zone.textContent = zoneName;

  // Fields for a time of day: shown in the reader's zone, and sent in UTC, as the page means them without this script.
  const local = (date) => new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
  for (const field of document.querySelectorAll("input[type=datetime-local]")) {
    const given = new Date(`${field.defaultValue}Z`);
    field.value = Number.isNaN(given.getTime()) ? "" : local(given);
    field.form.addEventListener("formdata", (event) => {
      const chosen = new Date(field.value);
      event.formData.set(field.name, Number.isNaN(chosen.getTime()) ? "" : chosen.toISOString().slice(0, 16));
    });
  }
})();
