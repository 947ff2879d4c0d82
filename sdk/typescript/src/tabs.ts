import type { Environment } from "./environment.js";
import { sealed, unsealed, type Message } from "./message.js";

/** A line to the other tabs of this browser. Nothing comes back from oneself. */
export interface Tabs {
  tell(message: Message): void;
  close(): void;
}

/**
 * Opens it: a `BroadcastChannel`, or storage events where that is missing, or nothing where both are; then each tab finds
 * out for itself.
 */
export function openTabs(environment: Environment, name: string, heard: (message: Message) => void): Tabs {
  const receive = (data: unknown) => {
    const message = unsealed(data);
    if (message) heard(message);
  };
  const channel = environment.broadcast(name);
  if (!channel) {
    const line = import("./storage_line.js").then(({ openStorageLine }) => openStorageLine(environment, name, receive));
    const unheard = () => undefined;
    return {
      tell: (message) => void line.then((open) => open.send(sealed(message)), unheard),
      close: () => void line.then((open) => open.close(), unheard),
    };
  }
  channel.onmessage = ({ data }) => receive(data);
  return {
    tell(message) {
      try {
        channel.postMessage(sealed(message));
      } catch {
        // Closed under us, as some browsers do to a page that was put away.
      }
    },
    close: () => channel.close(),
  };
}
