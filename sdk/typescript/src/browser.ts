import type { Cancel, Environment, Sign } from "./environment.js";

/** A timer that is told more than 2^31 - 1 runs at once. */
const LONGEST_TIMER_MS = 2e9;

/** What may refuse to be looked at: a browser that blocks cookies throws at `localStorage`. */
export function unlessRefused<T>(look: () => T | null | undefined): T | null {
  try {
    return look() ?? null;
  } catch {
    return null;
  }
}

export function listen(types: readonly string[], run: (event: Event) => void): Cancel {
  // Captured, so that a page that stops its events on the way does not look like nobody at the keys.
  for (const type of types) addEventListener(type, run, true);
  return () => {
    for (const type of types) removeEventListener(type, run, true);
  };
}

const EVENTS: Readonly<Record<Sign, readonly string[]>> = {
  active: ["pointerdown", "keydown"],
  visible: ["visibilitychange"],
  restored: ["pageshow"],
  online: ["online"],
};

/** The browser that this runs in. Where pages are only rendered ahead, nothing but its making works. */
export function browser(): Environment {
  return {
    fetch: (input, init) => fetch(input, init),
    pageUrl: () => (globalThis.location as Location | undefined)?.href ?? "http://localhost/",
    cookies: () => document.cookie,
    now: () => ({ elapsed: performance.now(), wall: Date.now() }),
    random: () => Math.random(),
    after(milliseconds, run) {
      const timer = setTimeout(run, Math.min(milliseconds, LONGEST_TIMER_MS));
      return () => clearTimeout(timer);
    },
    on: (sign, run) =>
      listen(EVENTS[sign], (event) => {
        const hidden = sign === "visible" && document.hidden;
        const loaded = sign === "restored" && !(event as PageTransitionEvent).persisted;
        if (!hidden && !loaded) run();
      }),
    locks: () => unlessRefused(() => navigator.locks),
    broadcast: (name) => unlessRefused(() => new BroadcastChannel(name)),
  };
}
