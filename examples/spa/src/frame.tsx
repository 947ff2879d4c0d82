import type { ReactNode } from "react";
import { useDoorward, useSession } from "@doorward/client/react";
import { Problem, useAction } from "./action.tsx";
import { Link } from "./pages.tsx";
import type { Prompt } from "./prompt.ts";
import { StepUp } from "./step_up.tsx";

interface FrameProps {
  readonly prompt: Prompt;
  readonly children: ReactNode;
}

/** What surrounds each page of somebody who is signed in. */
export function Frame({ prompt, children }: FrameProps): ReactNode {
  const doorward = useDoorward();
  const { user } = useSession();
  const signOut = useAction();
  return (
    <>
      <header>
        <nav aria-label="Pages">
          <Link to="/">Harbour</Link>
          <Link to="/devices">Devices</Link>
          {/* Doorward's own pages: password, second factors, passkeys. */}
          <a href="/auth/account">Account</a>
        </nav>
        <div className="who">
          <span>{user?.username}</span>
          <button type="button" disabled={signOut.busy} onClick={() => signOut.run(() => doorward.logout())}>
            Sign out
          </button>
        </div>
      </header>
      <main>
        {/* Whoever could not be signed out is told so, and is still here. */}
        <Problem action={signOut} />
        {user?.must_change_password ? (
          <p role="alert">
            Your password has to be changed first. <a href="/auth/password">Change it</a>
          </p>
        ) : (
          children
        )}
      </main>
      <StepUp prompt={prompt} />
    </>
  );
}
