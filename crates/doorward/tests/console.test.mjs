// What console.js does, on a page made of a few elements, for readers in several zones.
// Run with: node --test crates/doorward/tests/console.test.mjs

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import vm from "node:vm";

const script = readFileSync(new URL("../src/pages/assets/console.js", import.meta.url), "utf8");

/** Runs the script in this process's zone, on a page with a label, a name for the zone and a field. */
function run(lang, given) {
  const label = { textContent: "06:00", getAttribute: () => "2025-11-21T06:00:00Z" };
  const zone = { textContent: "UTC" };
  const form = { addEventListener: (_, listener) => { form.listener = listener; } };
  const field = { name: "from", defaultValue: given, value: given, form };
  const found = { "[data-hour]": [label], "[data-zone-name]": [zone], "input[type=datetime-local]": [field] };
  vm.runInNewContext(script, {
    document: { documentElement: { lang }, querySelectorAll: (selector) => found[selector] },
    Intl,
    Date,
  });
  const submit = () => {
    const sent = {};
    form.listener({ formData: { set: (name, value) => { sent[name] = value; } } });
    return sent;
  };
  return { label, zone, field, submit };
}

if (process.env.TZ_UNDER_TEST) {
  const { label, zone, field, submit } = run("en", "2025-11-21T06:00");
  const shown = field.value;
  const untouched = submit().from;
  field.value = "2025-07-01T12:30";
  const summer = submit().from;
  field.value = "";
  const empty = run("de", "").field.value;
  process.stdout.write(JSON.stringify([label.textContent, zone.textContent, shown, untouched, summer, submit().from, empty]));
} else {
  test("hours and fields are in the reader's zone, and what is sent is in UTC", () => {
    for (const [zone, hour, name, shown, summer] of [
      ["UTC", "06:00", "UTC", "2025-11-21T06:00", "2025-07-01T12:30"],
      ["Europe/Berlin", "07:00", "CET", "2025-11-21T07:00", "2025-07-01T10:30"],
      ["Asia/Kolkata", "11:30", "GMT+5:30", "2025-11-21T11:30", "2025-07-01T07:00"],
      ["America/St_Johns", "02:30", "GMT-3:30", "2025-11-21T02:30", "2025-07-01T15:00"],
    ]) {
      // The zone of a process is settled when it starts.
      const environment = { ...process.env, TZ: zone, TZ_UNDER_TEST: "1", NODE_TEST_CONTEXT: "" };
      const { stdout, stderr } = spawnSync(process.execPath, [fileURLToPath(import.meta.url)], { env: environment, encoding: "utf8" });
      assert.equal(stderr, "");
      assert.deepEqual(JSON.parse(stdout), [hour, name, shown, "2025-11-21T06:00", summer, "", ""], zone);
    }
  });
}
