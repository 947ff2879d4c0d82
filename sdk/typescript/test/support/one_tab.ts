import { createDoorward, type Doorward, type Options } from "../../src/index.js";
import { Browser, type Tab } from "./browser.js";

export const REFRESH = "POST /auth/v1/refresh";
export const SESSION = "GET /auth/v1/session";

/** A browser with one tab, in which somebody is signed in unless it is for nobody. */
export class OneTab {
  readonly browser: Browser;
  readonly tab: Tab;
  readonly doorward: Doorward;
  /** Each status there was, in order. */
  readonly seen: string[];

  private constructor(browser: Browser, options: Options) {
    this.browser = browser;
    this.tab = browser.open();
    this.doorward = createDoorward({ environment: this.tab, ...options });
    this.seen = [this.status];
    this.doorward.subscribe(() => {
      if (this.status !== this.seen.at(-1)) this.seen.push(this.status);
    });
  }

  /** The tab as it is before anything is answered. */
  static opening(options: Options = {}, user: string | null = "ada"): OneTab {
    const browser = new Browser();
    if (user !== null) browser.jar.store(browser.server.begin(user));
    return new OneTab(browser, options);
  }

  /** The tab once it is known who is signed in. */
  static async open(options: Options = {}, user: string | null = "ada"): Promise<OneTab> {
    const one = OneTab.opening(options, user);
    await one.browser.settle();
    one.browser.received.length = 0;
    return one;
  }

  get status(): string {
    return this.doorward.getSnapshot().status;
  }

  /** The access token runs out, and the browser drops its cookie, unseen. */
  expire(): void {
    this.browser.time += 1_000_000;
  }

  /** Runs whatever a promise needs, and hands it back. */
  async through<T>(promise: Promise<T>): Promise<T> {
    promise.catch(() => undefined);
    await this.browser.settle();
    return promise;
  }
}
