import { useCallback, useEffect, useState, type ReactNode } from "react";
import type { Session } from "@doorward/client";
import { useDoorward } from "@doorward/client/react";
import { Problem, useAction } from "./action.tsx";
import { Moment } from "./moment.tsx";

/** A browser in words, as far as it tells. */
function deviceInWords(userAgent: string | null | undefined): string {
  const named = (names: readonly string[]) => names.find((name) => userAgent?.includes(name));
  // Each of these says that it is all of those after it as well.
  const browser = named(["Edg", "OPR", "Firefox", "Chrome", "Safari"])?.replace("Edg", "Edge").replace("OPR", "Opera");
  const system = named(["Android", "iPhone", "iPad", "Windows", "Mac", "Linux"]);
  return [browser ?? "A program", system].filter(Boolean).join(" on ");
}

/** Where the user is signed in, with a way to end each of it. */
export function Devices(): ReactNode {
  const doorward = useDoorward();
  const [sessions, setSessions] = useState<readonly Session[]>([]);
  const { busy, problem, run } = useAction();

  const load = useCallback(async () => {
    const { items } = await doorward.listSessions();
    setSessions(items);
  }, [doorward]);
  useEffect(() => run(load), [load]);

  async function end({ id, current }: Session): Promise<void> {
    // Its own session ends by logout, which clears the cookies, too.
    if (current) return doorward.logout();
    await doorward.revokeSession(id);
    await load();
  }

  return (
    <>
      <title>Devices · Harbour</title>
      <h1 id="devices">Devices</h1>
      <Problem action={{ problem }} />
      <ul aria-labelledby="devices" className="rows">
        {sessions.map((session) => {
          const device = deviceInWords(session.user_agent);
          return (
            <li key={session.id}>
              <span>
                <strong>{device}</strong>
                {session.current && " (this one)"}
                <br />
                {session.address}, last used <Moment at={session.last_seen_at} />
              </span>
              <button type="button" aria-label={`Sign out: ${device}`} disabled={busy} onClick={() => run(() => end(session))}>
                Sign out
              </button>
            </li>
          );
        })}
      </ul>
    </>
  );
}
