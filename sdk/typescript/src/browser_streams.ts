import type { StreamEnvironment } from "./environment.js";

/** The browser's own. Apart from the rest of it, so that an app without streams does not load it. */
export const browserStreams: StreamEnvironment = {
  eventSource: (url) => new EventSource(url, { withCredentials: true }),
  webSocket: (url, protocols) => new WebSocket(url, protocols),
};
