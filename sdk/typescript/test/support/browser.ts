// A browser made of a clock that is moved by hand and of tabs that share cookies, locks, channels and storage. Whatever
// happens outside a tab (a request arrives, a lock is granted, a message is heard) is a task that waits to be run, so that
// a test decides on the order, and nothing ever sleeps.

import { vi } from "vitest";
import type { Broadcast, Cancel, Environment, Locks, SeldomEnvironment, Sign } from "../../src/environment.js";
import { Jar } from "./jar.js";
import { Server, type Received } from "./server.js";

/** Lets everything that is ready to go on inside the tabs do so. */
export const breathe = () => new Promise<void>((done) => setImmediate(done));

interface Task {
  readonly tab: Tab | null;
  readonly what: string;
  readonly run: () => void;
}

interface Timer {
  readonly tab: Tab;
  at: number;
  readonly run: () => void;
}

/** What becomes of a request: `lost`: the server has done it, and the answer does not arrive; `hangs`: no answer, ever. */
export type Fate = "answered" | "lost" | "unreachable" | "hangs" | Response;

export class Browser {
  /** What has really passed. */
  time = 0;
  /** By how much the computer's clock is wrong, in milliseconds. */
  wrong = 0;
  readonly jar = new Jar(() => this.time);
  readonly server: Server;
  tasks: Task[] = [];
  /** Tasks that are kept back, by what they are: `POST /auth/v1/refresh is answered`. */
  held: (what: string) => boolean = () => false;
  timers: Timer[] = [];
  readonly tabs: Tab[] = [];
  readonly values = new Map<string, string>();
  /** What each request comes to; `answered` unless a test says otherwise. */
  fate: (request: Received) => Fate = () => "answered";
  /** Every request that left a tab, in the order in which they went out. */
  readonly received: Received[] = [];
  readonly locked = new Map<string, { holder: Tab | null; waiting: (() => void)[] }>();

  constructor(options: { readonly accessMs?: number } = {}) {
    this.server = new Server(() => this.time, options.accessMs ?? 900_000);
  }

  open(lacking: readonly ("locks" | "broadcast" | "storage")[] = []): Tab {
    const tab = new Tab(this, lacking);
    this.tabs.push(tab);
    return tab;
  }

  /** Runs whatever is ready, in order, until nothing is. */
  async settle(): Promise<void> {
    for (let loaded = false; ; ) {
      await breathe();
      const at = this.tasks.findIndex(({ tab, what }) => !tab?.frozen && !this.held(what));
      const [task] = at < 0 ? [] : this.tasks.splice(at, 1);
      if (!task && loaded) return;
      // Parts of the client are loaded when they are needed, which takes real time.
      if (!task) await vi.dynamicImportSettled();
      loaded = !task;
      task?.run();
    }
  }

  /** Lets go what was kept back. */
  async release(): Promise<void> {
    this.held = () => false;
    await this.settle();
  }

  /** Moves the clock, running what falls due on the way. */
  async pass(milliseconds: number): Promise<void> {
    await this.settle();
    const end = this.time + milliseconds;
    for (;;) {
      const due = this.timers.filter(({ at, tab }) => at <= end && !tab.frozen).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.timers.splice(this.timers.indexOf(due), 1);
      this.time = Math.max(this.time, due.at);
      due.run();
      await this.settle();
    }
    this.time = end;
    await this.settle();
  }

  /** The computer sleeps: time passes, no timer runs, and `performance.now()` stands still. */
  sleep(milliseconds: number): void {
    this.time += milliseconds;
    for (const timer of this.timers) timer.at += milliseconds;
    for (const tab of this.tabs) tab.asleep += milliseconds;
  }

  later(tab: Tab | null, what: string, run: () => void): void {
    this.tasks.push({ tab, what, run });
  }

  /** Their names: `POST /auth/v1/refresh`. */
  get requests(): string[] {
    return this.received.map(({ method, path }) => `${method} ${path}`);
  }

  count(request: string): number {
    return this.requests.filter((each) => each === request).length;
  }
}

export class Tab implements Environment {
  frozen = false;
  asleep = 0;
  readonly url = "https://app.example.com/page";
  readonly listeners = new Map<string, Set<(...given: string[]) => void>>();
  readonly channels = new Set<Channel>();
  #seed: number;
  passkeys: ReturnType<SeldomEnvironment["authenticators"]> = null;

  constructor(
    readonly browser: Browser,
    readonly lacking: readonly string[],
  ) {
    this.#seed = 1 + browser.tabs.length;
  }

  readonly fetch = (input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> => {
    const { browser } = this;
    return new Promise((resolve, reject) => {
      const request = new Request(input instanceof Request ? input : new URL(input, this.url), {
        ...init,
        duplex: "half",
      } as RequestInit);
      const fail = () => reject(new TypeError("Failed to fetch"));
      request.signal.addEventListener("abort", () => reject(request.signal.reason as Error));
      void request.text().then((body) => {
        const received: Received = {
          method: request.method,
          path: new URL(request.url).pathname,
          url: request.url,
          headers: request.headers,
          cookies: new Map(),
          body,
          init,
        };
        browser.later(null, `${received.method} ${received.path} arrives`, () => {
          browser.received.push(received);
          const fate = browser.fate(received);
          if (fate === "hangs") return;
          if (fate === "unreachable") {
            browser.later(this, "no network", fail);
            return;
          }
          // Cookies go along as they are when it is sent.
          received.cookies = browser.jar.sentTo(new URL(request.url));
          const { response, cookies } = fate instanceof Response ? { response: fate, cookies: [] } : browser.server.answer(received);
          browser.later(fate === "lost" ? null : this, `${received.method} ${received.path} is answered`, () => {
            if (fate === "lost") {
              browser.later(this, "the connection breaks", fail);
              return;
            }
            browser.jar.store(cookies);
            resolve(response);
          });
        });
      });
    });
  };

  pageUrl = () => this.url;
  cookies = () => this.browser.jar.document();
  /** Another sequence in each tab, and the same in each run. */
  random = () => {
    this.#seed = (this.#seed * 48_271) % (2 ** 31 - 1);
    return this.#seed / 2 ** 31;
  };
  now = () => ({ elapsed: this.browser.time - this.asleep, wall: this.browser.time + this.browser.wrong });

  after = (milliseconds: number, run: () => void): Cancel => {
    const timer = { tab: this, at: this.browser.time + milliseconds, run };
    this.browser.timers.push(timer);
    return () => {
      const at = this.browser.timers.indexOf(timer);
      if (at >= 0) this.browser.timers.splice(at, 1);
    };
  };

  #listen(type: string, run: (...given: string[]) => void): Cancel {
    const set = this.listeners.get(type) ?? new Set();
    this.listeners.set(type, set.add(run));
    return () => void set.delete(run);
  }

  on = (sign: Sign, run: () => void): Cancel => this.#listen(sign, run);
  onStored = (run: (key: string, value: string) => void): Cancel =>
    this.#listen("stored", (key = "", value = "") => run(key, value));

  /** Somebody touches a key, the page comes into sight, and so on. */
  feel(sign: Sign): void {
    for (const run of [...(this.listeners.get(sign) ?? [])]) run();
  }

  locks = (): Locks | null => {
    if (this.lacking.includes("locks")) return null;
    const { browser } = this;
    return {
      request: (name, { signal }, granted) =>
        new Promise((resolve, reject) => {
          const lock = browser.locked.get(name) ?? { holder: null, waiting: [] };
          browser.locked.set(name, lock);
          const grant = () => {
            lock.holder = this;
            browser.later(this, "a lock is granted", () => {
              if (signal.aborted) release();
              else void granted().then(resolve, reject).finally(release);
            });
          };
          const release = () => {
            lock.holder = null;
            lock.waiting.shift()?.();
          };
          signal.addEventListener("abort", () => {
            const at = lock.waiting.indexOf(grant);
            if (at >= 0) lock.waiting.splice(at, 1);
            reject(new DOMException("given up", "AbortError"));
          });
          if (lock.holder === null) grant();
          else lock.waiting.push(grant);
        }),
    };
  };

  broadcast = (name: string): Broadcast | null => (this.lacking.includes("broadcast") ? null : new Channel(this, name));

  storage = () => {
    const { browser, lacking } = this;
    const refused = () => {
      throw new DOMException("storage is switched off", "SecurityError");
    };
    return {
      getItem: (key: string) => (lacking.includes("storage") ? refused() : (browser.values.get(key) ?? null)),
      setItem: (key: string, value: string) => {
        if (lacking.includes("storage")) refused();
        browser.values.set(key, value);
        for (const tab of browser.tabs) {
          if (tab === this) continue;
          browser.later(tab, "storage event", () => {
            for (const run of [...(tab.listeners.get("stored") ?? [])]) run(key, value);
          });
        }
      },
      removeItem: (key: string) => void browser.values.delete(key),
    };
  };

  authenticators = () => this.passkeys;

  get seldom(): this {
    return this;
  }
}

class Channel implements Broadcast {
  onmessage: Broadcast["onmessage"] = null;

  constructor(
    readonly tab: Tab,
    readonly name: string,
  ) {
    tab.channels.add(this);
  }

  postMessage(message: unknown): void {
    for (const tab of this.tab.browser.tabs) {
      if (tab === this.tab) continue;
      for (const channel of tab.channels) {
        if (channel.name !== this.name) continue;
        const data: unknown = structuredClone(message);
        tab.browser.later(tab, "message", () => channel.onmessage?.({ data } as MessageEvent<unknown>));
      }
    }
  }

  close(): void {
    this.tab.channels.delete(this);
  }
}
