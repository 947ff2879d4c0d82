/** Connects the client, which wants the user to confirm who they are, with the dialog that asks them. */
export interface Prompt {
  /** Resolves with whether it was confirmed. */
  readonly ask: () => Promise<boolean>;
  /** Ends the question; nothing if there is none. */
  readonly answer: (confirmed: boolean) => void;
  readonly isOpen: () => boolean;
  readonly subscribe: (listener: () => void) => () => void;
}

export function createPrompt(): Prompt {
  const listeners = new Set<() => void>();
  let waiting: ((confirmed: boolean) => void) | null = null;

  function set(next: typeof waiting): void {
    waiting = next;
    for (const listener of listeners) listener();
  }

  return {
    // The client asks once for all requests that wait.
    ask: () => new Promise(set),
    answer(confirmed) {
      waiting?.(confirmed);
      if (waiting) set(null);
    },
    isOpen: () => waiting !== null,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
