import { browserSeldom } from "./browser_seldom.js";
import { between, type Cancel, type Environment, type Storage } from "./environment.js";
import type { Turns } from "./turns.js";

/** For how long a lease is good: longer than any request we make under it. */
const LEASE_MS = 25_000;
const LOOK_AGAIN_MS = 100;

interface Lease {
  readonly owner: string;
  readonly until: number;
}

/** Turns by a note in `localStorage`, which has no atomic step: two tabs may go ahead at once, rarely. */
export function openLeases(environment: Environment, name: string): Turns {
  const key = `${name} turn`;
  const pause = (milliseconds: number) => new Promise<void>((done) => void environment.after(milliseconds, done));
  // This tab's own callers line up here, one behind the other.
  let last: Promise<unknown> = Promise.resolve();

  function holder(storage: Storage): Lease | null {
    const text = storage.getItem(key);
    if (text === null) return null;
    const lease = JSON.parse(text) as Partial<Lease> | null;
    const left = Number(lease?.until) - environment.now().wall;
    // One that ends later than any can was written before the clock was set back.
    return lease && left > 0 && left <= LEASE_MS ? { owner: String(lease.owner), until: Number(lease.until) } : null;
  }

  async function obtain(storage: Storage, owner: string, patienceMs: number): Promise<void> {
    const since = environment.now();
    while (between(since, environment.now()) < patienceMs) {
      if (!holder(storage)) {
        storage.setItem(key, JSON.stringify({ owner, until: environment.now().wall + LEASE_MS }));
        // Another tab may have found it free as well: the last to write has it.
        await pause(20 + 40 * environment.random());
        if (holder(storage)?.owner === owner) return;
      } else {
        await pause(LOOK_AGAIN_MS);
      }
    }
  }

  async function turn<T>(patienceMs: number, work: () => Promise<T>): Promise<T> {
    const storage = (environment.seldom ?? browserSeldom).storage();
    const owner = String(environment.random());
    try {
      if (storage) await obtain(storage, owner, patienceMs);
    } catch {
      // Full, refused, or somebody else's value.
    }
    try {
      return await work();
    } finally {
      try {
        if (storage && holder(storage)?.owner === owner) storage.removeItem(key);
      } catch {
        // Refused.
      }
    }
  }

  return {
    take(patienceMs, work) {
      let cancel: Cancel = () => undefined;
      const patience = new Promise<void>((done) => (cancel = environment.after(patienceMs, done)));
      const mine = Promise.race([last, patience]).then(() => {
        cancel();
        return turn(patienceMs, work);
      });
      last = mine.catch(() => undefined);
      return mine;
    },
  };
}
