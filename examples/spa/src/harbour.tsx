import { useEffect, useState, type ReactNode } from "react";
import { eventStream } from "@doorward/client";
import { useDoorward } from "@doorward/client/react";
import { Problem, useAction } from "./action.tsx";
import { Moment } from "./moment.tsx";

/** What the app's server tells in its stream. */
interface Movement {
  readonly id: number;
  readonly at: string;
  readonly what: string;
}

const MOST = 50;

/** A protected page: what happens, live, and something that only those may do who have lately shown who they are. */
export function Harbour(): ReactNode {
  return (
    <>
      <title>Harbour</title>
      <h1>Harbour</h1>
      <Boom />
      <Movements />
    </>
  );
}

function Movements(): ReactNode {
  const doorward = useDoorward();
  const [movements, setMovements] = useState<readonly Movement[]>([]);
  const [live, setLive] = useState(false);
  useEffect(() => {
    const stream = eventStream(doorward, (lastEventId) => `/events?after=${lastEventId}`, {
      onEvent({ data }) {
        const movement = JSON.parse(data) as Movement;
        setMovements((known) => [movement, ...known].slice(0, MOST));
      },
      onOpen: () => setLive(true),
      onClose: () => setLive(false),
    });
    return () => stream.close();
  }, [doorward]);
  return (
    <section>
      <h2 id="movements">Movements</h2>
      <p className="quiet">{live ? "Live" : "Connecting …"}</p>
      <ol aria-labelledby="movements" reversed className="rows">
        {movements.map(({ id, at, what }) => (
          <li key={id} value={id}>
            <span>{what}</span> <Moment at={at} />
          </li>
        ))}
      </ol>
    </section>
  );
}

function Boom(): ReactNode {
  const doorward = useDoorward();
  const action = useAction();

  async function move(): Promise<void> {
    // The server's policy asks for a recent authentication: the client has the user confirm, and sends it again.
    const answer = await doorward.fetch("/api/boom", { method: "POST" });
    if (answer.status === 403) throw new Error("The boom stays as it is: that was not confirmed.");
    if (!answer.ok) throw new Error("The boom does not answer.");
  }

  return (
    <section>
      <h2>Boom</h2>
      <p>It closes the harbour, and whoever moves it confirms who they are.</p>
      <Problem action={action} />
      <button type="button" disabled={action.busy} onClick={() => action.run(move)}>
        Move the boom
      </button>
    </section>
  );
}
