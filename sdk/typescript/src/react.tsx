import { createContext, useContext, useSyncExternalStore, type ReactNode } from "react";
import type { Doorward, Snapshot } from "./doorward.js";

const Context = createContext<Doorward | null>(null);

export interface DoorwardProviderProps {
  /** Made once, outside of any component: `createDoorward()`. */
  readonly doorward: Doorward;
  readonly children?: ReactNode;
}

/** Gives a client to the components below. */
export function DoorwardProvider({ doorward, children }: DoorwardProviderProps): ReactNode {
  return <Context.Provider value={doorward}>{children}</Context.Provider>;
}

/**
 * The client.
 *
 * @throws {Error} outside of a `DoorwardProvider`.
 */
export function useDoorward(): Doorward {
  const doorward = useContext(Context);
  if (!doorward) throw new Error("There is no <DoorwardProvider> above this component.");
  return doorward;
}

/** Rendered ahead on a server, where nobody knows who will look at it. */
const ahead: Snapshot = { status: "unknown", user: null, session: null, setupComplete: null, problem: null };

/** Who is signed in. Renders anew when it changes. */
export function useSession(): Snapshot {
  const { subscribe, getSnapshot } = useDoorward();
  return useSyncExternalStore(subscribe, getSnapshot, () => ahead);
}

export interface GuardProps {
  readonly children?: ReactNode;
  /** Shown while nobody knows: a frame, a spinner, nothing. Never anything protected, and never a login page. */
  readonly pending?: ReactNode;
  /** Shown instead of the children. */
  readonly fallback?: ReactNode;
}

/** The children for whoever is signed in, else `fallback`: a login page, or what navigates to one. */
export function RequireAuth({ children, pending, fallback }: GuardProps): ReactNode {
  const { status } = useSession();
  return status === "authenticated" ? children : status === "unknown" ? pending : fallback;
}

/** The children while nobody is signed in, as a login page, else `fallback`: what leads away from it. */
export function GuestOnly({ children, pending, fallback }: GuardProps): ReactNode {
  const { status } = useSession();
  return status === "unauthenticated" ? children : status === "unknown" ? pending : fallback;
}

/** The children once the server has its first administrator, else `fallback`: what says how to set it up. */
export function RequireSetup({ children, pending, fallback }: GuardProps): ReactNode {
  const { setupComplete } = useSession();
  return setupComplete ? children : setupComplete === null ? pending : fallback;
}
