import { browserSeldom } from "./browser_seldom.js";
import type { Environment } from "./environment.js";

/** What stands in for a `BroadcastChannel`. */
export interface StorageLine {
  send(data: unknown): void;
  close(): void;
}

/** Writing to `localStorage` makes an event in every other tab. */
export function openStorageLine(
  { seldom = browserSeldom }: Environment,
  key: string,
  receive: (data: unknown) => void,
): StorageLine {
  const close = seldom.onStored((stored, value) => {
    if (stored !== key) return;
    let data: unknown;
    try {
      data = JSON.parse(value);
    } catch {
      return; // not ours
    }
    receive(data);
  });
  return {
    send(data) {
      try {
        const storage = seldom.storage();
        storage?.setItem(key, JSON.stringify(data));
        // The event has gone out; who is signed in is nobody's business later.
        storage?.removeItem(key);
      } catch {
        // Full, or refused.
      }
    },
    close,
  };
}
