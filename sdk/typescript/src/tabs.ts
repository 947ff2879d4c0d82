import type { Environment } from "./environment.js";
import type { Message } from "./message.js";

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
  const receive = (data: unknown) => heard(data as Message);
  const channel = environment.broadcast(name);
  if (!channel) {
    const line = import("./storage_line.js").then(
      ({ openStorageLine }) => openStorageLine(environment, name, receive),
      () => null,
    );
    return {
      tell: (message) => void line.then((open) => open?.send(message)),
      close: () => void line.then((open) => open?.close()),
    };
  }
  channel.onmessage = ({ data }) => receive(data);
  return {
    tell: (message) => channel.postMessage(message),
    close: () => channel.close(),
  };
}
