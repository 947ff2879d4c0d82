import type { ReactNode } from "react";
import { GuestOnly, RequireAuth, RequireSetup, useSession } from "@doorward/client/react";
import { Devices } from "./devices.tsx";
import { Frame } from "./frame.tsx";
import { Harbour } from "./harbour.tsx";
import { Login } from "./login.tsx";
import { isPage, LOGIN, loginFor, Redirect, usePath, wantedPage } from "./pages.tsx";
import type { Prompt } from "./prompt.ts";

/** Shown while nobody knows who is signed in: nothing protected, and no login page either. */
function Waiting(): ReactNode {
  const { problem } = useSession();
  // Most of the time it is over before anybody could read it.
  return <main className="waiting">{problem && <p role="alert">The server cannot be reached. Trying again …</p>}</main>;
}

function NotSetUp(): ReactNode {
  return <main className="waiting">Doorward has no administrator yet: open the setup URL that it printed when it was started.</main>;
}

/** Each page, for those whom it is for. */
export function App({ prompt }: { readonly prompt: Prompt }): ReactNode {
  const path = usePath();
  if (!isPage(path)) return <Redirect to="/" />;
  return (
    <RequireSetup pending={<Waiting />} fallback={<NotSetUp />}>
      {path === LOGIN ? (
        <GuestOnly pending={<Waiting />} fallback={<Redirect to={wantedPage()} />}>
          <Login />
        </GuestOnly>
      ) : (
        <RequireAuth pending={<Waiting />} fallback={<Redirect to={loginFor(path)} />}>
          <Frame prompt={prompt}>{path === "/devices" ? <Devices /> : <Harbour />}</Frame>
        </RequireAuth>
      )}
    </RequireSetup>
  );
}
