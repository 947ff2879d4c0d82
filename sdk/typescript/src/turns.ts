import type { Environment } from "./environment.js";

/**
 * Whatever makes the server set cookies takes turns among the tabs of a browser: refresh, login, logout, step-up. Else a
 * refresh's late answer could put the cookies of a session that is over in the place of a new login's.
 *
 * Going ahead without a turn is never dangerous, only wasteful: the server gives racing tabs the same successor. So
 * whoever has waited for `patienceMs`, for a tab that hangs, goes on without that tab.
 */
export interface Turns {
  take<T>(patienceMs: number, work: () => Promise<T>): Promise<T>;
}

export function openTurns(environment: Environment, name: string): Turns {
  const locks = environment.locks();
  if (!locks) {
    // Pages without https have no locks. Browsers that have them need not load what stands in for them.
    const leases = import("./leases.js").then(({ openLeases }) => openLeases(environment, name));
    return { take: (patienceMs, work) => leases.then((turns) => turns.take(patienceMs, work), work) };
  }
  return {
    async take(patienceMs, work) {
      let begun: ReturnType<typeof work> | null = null;
      const begin = () => (begun ??= work());
      // Those who wait in vain for a tab that hangs line up once more, without it.
      for (const line of [name, `${name} again`]) {
        const giveUp = new AbortController();
        const cancel = environment.after(patienceMs, () => giveUp.abort());
        try {
          await locks.request(line, { signal: giveUp.signal }, async () => {
            cancel();
            await begin().catch(() => undefined); // the caller hears of it below
          });
          break;
        } catch {
          // Not ours in time, or locks are refused here.
        }
        cancel();
      }
      return begin();
    },
  };
}
