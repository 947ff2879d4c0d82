import type { Cancel, Environment, Sign } from "./environment.js";

/** The most that a timer can be told; more would run at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** What may refuse to be looked at: a browser that blocks cookies throws at `localStorage`. */
function unlessRefused<T>(look: () => T | null | undefined): T | null {
  try {
    return look() ?? null;
  } catch {
    return null;
  }
}

function listen(target: EventTarget, types: readonly string[], run: (event: Event) => void): Cancel {
  // Captured, so that a page that stops its events on the way does not look like nobody at the keys.
  for (const type of types) target.addEventListener(type, run, true);
  return () => {
    for (const type of types) target.removeEventListener(type, run, true);
  };
}

const signs: Readonly<Record<Sign, (run: () => void) => Cancel>> = {
  active: (run) => listen(window, ["pointerdown", "keydown"], run),
  visible: (run) =>
    listen(document, ["visibilitychange", "resume"], () => {
      if (document.visibilityState === "visible") run();
    }),
  restored: (run) =>
    listen(window, ["pageshow"], (event) => {
      if ((event as PageTransitionEvent).persisted) run();
    }),
  online: (run) => listen(window, ["online"], run),
};

/** The browser that this runs in. Where pages are only rendered ahead, nothing but its making works. */
export function browser(): Environment {
  return {
    fetch: (input, init) => fetch(input, init),
    pageUrl: () => (typeof location === "undefined" ? "http://localhost/" : location.href),
    cookies: () => document.cookie,
    now: () => ({ elapsed: performance.now(), wall: Date.now() }),
    random: () => Math.random(),
    after(milliseconds, run) {
      const timer = setTimeout(run, Math.min(milliseconds, LONGEST_TIMER_MS));
      return () => clearTimeout(timer);
    },
    on: (sign, run) => signs[sign](run),
    locks: () => unlessRefused(() => navigator.locks),
    broadcast: (name) => unlessRefused(() => new BroadcastChannel(name)),
    storage: () => unlessRefused(() => localStorage),
    onStored: (run) =>
      listen(window, ["storage"], (event) => {
        const { key, newValue } = event as StorageEvent;
        if (key !== null && newValue !== null) run(key, newValue);
      }),
    authenticators: () => unlessRefused(() => ({ credentials: navigator.credentials, json: PublicKeyCredential })),
  };
}
