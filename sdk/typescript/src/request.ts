/** What was given to `fetch`, taken apart so that it can be sent more than once. */
export interface Outgoing {
  readonly url: URL;
  /** Whether it may change something (RFC 9110, 9.2.1), and needs the CSRF token. */
  readonly unsafe: boolean;
  /** Whether it can be sent again: a stream is used up by sending it once. */
  readonly repeatable: boolean;
  readonly signal: AbortSignal | undefined;
  /** The arguments of `fetch`, fresh each time. The header is set unless its value is null. */
  arguments(header: string, token: string | null): [RequestInfo | URL, RequestInit];
}

const SAFE = /^(GET|HEAD|OPTIONS|TRACE)$/i;

/** @throws {TypeError} as `fetch` does, for a URL that is none. */
export function outgoing(input: RequestInfo | URL, init: RequestInit | undefined, pageUrl: string): Outgoing {
  const request = input instanceof Request ? input : null;
  const url = new URL(request?.url ?? (input as string | URL), pageUrl);
  const unsafe = !SAFE.test(init?.method ?? request?.method ?? "GET");
  return {
    url,
    unsafe,
    repeatable: !(init?.body instanceof ReadableStream),
    signal: init?.signal ?? request?.signal,
    arguments(header, token) {
      const headers = new Headers(init?.headers ?? request?.headers);
      if (token !== null) headers.set(header, token);
      const sent: RequestInit = { ...init, headers, credentials: "include" };
      // A redirect keeps headers, also to another origin (Fetch, 4.4): the token is not for whoever an app redirects to.
      if (token !== null && init?.redirect === undefined && request?.redirect !== "manual") {
        sent.redirect = "error";
      }
      // A Request has its body as a stream. What is sent is a copy each time, for the price of keeping what was read.
      return [request ? request.clone() : input, sent];
    },
  };
}

/** As the promise, or rejected as soon as a request is aborted that waits for it. */
export async function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise;
  signal.throwIfAborted();
  let abort: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason as Error);
    signal.addEventListener("abort", abort, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
