import { browserStreams } from "./browser_streams.js";
import type { Doorward } from "./doorward.js";
import type { Cancel, StreamEnvironment } from "./environment.js";

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;
/** A connection that held for so long was no failure. */
const STEADY_MS = 10_000;

/** What is kept open while somebody is signed in. */
export interface Stream {
  close(): void;
}

/** What is told of a connection that ended or never came to be. */
interface Connection {
  /** Closes it; nothing is told of it any more. */
  close(): void;
}

/**
 * Keeps a connection open while the same session is signed in, and only then. When it breaks, Doorward is asked who is
 * signed in, which also refreshes an access token that ran out: a browser does not tell a refused handshake from a broken
 * line. Then it is tried again, after longer and longer.
 */
function keepOpen(doorward: Doorward, connect: (broken: () => void) => Promise<Connection>): Stream {
  const { environment } = doorward;
  let user: string | null = null;
  let connection: Connection | null = null;
  let attempt = 0;
  let failures = 0;
  let cancel: Cancel = () => undefined;

  function disconnect(): void {
    attempt += 1;
    cancel();
    connection?.close();
    connection = null;
  }

  async function open(): Promise<void> {
    const mine = (attempt += 1);
    const since = environment.now();
    const broken = () => {
      if (mine !== attempt) return;
      disconnect();
      if (environment.now().elapsed - since.elapsed >= STEADY_MS) failures = 0;
      const waitMs = Math.min(FIRST_WAIT_MS * 2 ** failures, LONGEST_WAIT_MS) * (0.75 + environment.random() / 2);
      failures += 1;
      cancel = environment.after(waitMs, () => void again());
    };
    try {
      const made = await connect(broken);
      // Signed out, or broken, while a ticket was fetched.
      if (mine === attempt) connection = made;
      else made.close();
    } catch {
      broken();
    }
  }

  async function again(): Promise<void> {
    const mine = attempt;
    const { status } = await doorward.checkSession();
    // Whoever is signed in later is heard of by `follow`.
    if (mine === attempt && status === "authenticated") await open();
  }

  function follow(): void {
    const now = doorward.getSnapshot().user?.id ?? null;
    if (now === user) return;
    user = now;
    failures = 0;
    disconnect();
    if (now !== null) void open();
  }

  const unsubscribe = doorward.subscribe(follow);
  follow();
  return {
    close() {
      unsubscribe();
      disconnect();
    },
  };
}

/** For those who show whether what they show is live. */
interface Liveness {
  readonly onOpen?: () => void;
  /** It is open no more: it broke, and `onOpen` follows when it is open again, or it was closed. */
  readonly onClose?: () => void;
}

/** Tells `onClose` after `onOpen`, and once. */
function livenessOf({ onOpen, onClose }: Liveness) {
  let open = false;
  return {
    opened(): void {
      open = true;
      onOpen?.();
    },
    lost(): void {
      if (open) onClose?.();
      open = false;
    },
  };
}

export interface EventStreamOptions extends Liveness {
  /** Called for each event. */
  readonly onEvent: (event: MessageEvent<string>) => void;
  /** The types of events; `message` unless given. */
  readonly types?: readonly string[];
  readonly streams?: StreamEnvironment;
}

/**
 * Server-sent events, with credentials, while somebody is signed in: closed at a logout in whatever tab, opened again after
 * the next login, and again when the connection breaks for good, as browsers give up after a 401.
 *
 * `url` may be a function of the id of the last event, where the server takes it in the URL: a browser sends
 * `Last-Event-ID` only when it reconnects by itself.
 */
export function eventStream(
  doorward: Doorward,
  url: string | ((lastEventId: string) => string),
  options: EventStreamOptions,
): Stream {
  const { onEvent, types = ["message"], streams = browserStreams } = options;
  const liveness = livenessOf(options);
  let lastEventId = "";
  return keepOpen(doorward, (broken) => {
    const source = streams.eventSource(typeof url === "function" ? url(lastEventId) : url);
    let live = true;
    for (const type of types) {
      source.addEventListener(type, (event) => {
        if (!live) return;
        const message = event as MessageEvent<string>;
        if (message.lastEventId !== "") lastEventId = message.lastEventId;
        onEvent(message);
      });
    }
    source.addEventListener("open", () => {
      if (live) liveness.opened();
    });
    source.addEventListener("error", () => {
      if (!live) return;
      liveness.lost();
      // Otherwise the browser is reconnecting by itself.
      if (source.readyState === source.CLOSED) broken();
    });
    return Promise.resolve({
      close() {
        live = false;
        source.close();
        liveness.lost();
      },
    });
  });
}

export interface SocketOptions extends Liveness {
  readonly onMessage: (event: MessageEvent<unknown>) => void;
  readonly protocols?: readonly string[];
  /**
   * Fetches a one-time ticket for servers that do not see the cookies; it is sent as the query parameter `ticket`. Called
   * anew for each connection. `doorward.fetch` refreshes on the way.
   */
  readonly ticket?: () => Promise<string>;
  readonly streams?: StreamEnvironment;
}

export interface Socket extends Stream {
  /** Sends, if it is open; says whether it was. Nothing is kept for later. */
  send(data: string | ArrayBufferLike | Blob | ArrayBufferView<ArrayBuffer>): boolean;
}

/**
 * A WebSocket while somebody is signed in: closed at a logout in whatever tab, so that nothing of the session stays open;
 * opened again after the next login, and whenever it breaks.
 */
export function socket(doorward: Doorward, url: string | URL, options: SocketOptions): Socket {
  const { onMessage, protocols = [], ticket, streams = browserStreams } = options;
  const liveness = livenessOf(options);
  let current: WebSocket | null = null;

  async function connect(broken: () => void): Promise<Connection> {
    const address = new URL(url, doorward.environment.pageUrl());
    address.protocol = address.protocol.replace(/^http/, "ws");
    if (ticket) address.searchParams.set("ticket", await ticket());
    const made = streams.webSocket(address.href, [...protocols]);
    let live = true;
    current = made;
    made.addEventListener("open", () => {
      if (live) liveness.opened();
    });
    made.addEventListener("message", (event) => {
      if (live) onMessage(event);
    });
    made.addEventListener("close", () => {
      if (live) broken();
    });
    return {
      close() {
        live = false;
        if (current === made) current = null;
        made.close(1000);
        liveness.lost();
      },
    };
  }

  const stream = keepOpen(doorward, connect);
  return {
    close: () => stream.close(),
    send(data) {
      if (current?.readyState !== 1) return false; // WebSocket.OPEN
      current.send(data);
      return true;
    },
  };
}
