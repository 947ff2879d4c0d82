import type { Environment } from "./environment.js";
import { browser } from "./browser.js";
import type { DoorwardError } from "./problem.js";

/** What `onStepUp` is told. */
export interface StepUpDemand {
  /** The request that waits. */
  readonly url: string;
  readonly problem: DoorwardError;
}

export interface Options {
  /** Where Doorward is, with its base path; relative to the page. `/auth` unless given. */
  readonly baseUrl?: string | URL;
  /**
   * Origins of further servers that take Doorward's cookies, such as `https://api.example.com`. To these and to the one of
   * `baseUrl`, and to no others, `fetch` sends credentials and the CSRF token.
   */
  readonly origins?: readonly string[];
  /** The name of the CSRF cookie, if the server's is configured. */
  readonly csrfCookie?: string;
  /** The name of the CSRF header, if the server's is configured. */
  readonly csrfHeader?: string;
  /**
   * Called when a request is refused until its user has authenticated anew. Ask for password or code, call `stepUp` or
   * `stepUpPasskey`, and resolve: the request is then sent again. Resolve with `false`, or reject, to let the refusal
   * stand. Requests that are refused meanwhile wait for the same call.
   */
  readonly onStepUp?: (demand: StepUpDemand) => Promise<unknown>;
  /** The world outside; the browser unless given. */
  readonly environment?: Environment;
}

/** Options, made up and looked at. */
export interface Settings extends Omit<Options, "baseUrl" | "origins"> {
  /** Ends without a slash. */
  readonly base: string;
  readonly origins: ReadonlySet<string>;
  readonly csrfCookie: string;
  readonly csrfHeader: string;
  readonly environment: Environment;
}

/**
 * @throws {TypeError} for a URL or an origin that is none. An origin has no path: that would look like a restriction, and
 * be none.
 */
export function settingsOf(options: Options): Settings {
  const environment = options.environment ?? browser();
  const base = new URL(options.baseUrl ?? "/auth", environment.pageUrl());
  const origins = (options.origins ?? []).map((origin) => {
    const url = new URL(origin);
    if (url.pathname !== "/") throw new TypeError(`${origin} has a path`);
    return url.origin;
  });
  return {
    csrfCookie: base.protocol === "https:" ? "__Host-dw_csrf" : "dw_csrf",
    csrfHeader: "X-CSRF-Token",
    ...options,
    base: (base.origin + base.pathname).replace(/\/+$/, ""),
    origins: new Set([base.origin, ...origins]),
    environment,
  };
}
