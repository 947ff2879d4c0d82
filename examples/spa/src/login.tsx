import { useState, type ReactNode } from "react";
import type { SecondFactorDue } from "@doorward/client";
import { useDoorward } from "@doorward/client/react";
import { Form, Problem, useAction } from "./action.tsx";
import { PasswordField, SecondFactor } from "./factors.tsx";

/** Signs in. Where to go then is not its business: `<GuestOnly>` above it sees that somebody is signed in. */
export function Login(): ReactNode {
  const doorward = useDoorward();
  const [due, setDue] = useState<SecondFactorDue | null>(null);
  return (
    <main className="card">
      <title>Sign in · Harbour</title>
      {due === null ? (
        <FirstStep onDue={setDue} />
      ) : (
        <>
          <h1>One more step</h1>
          <SecondFactor
            methods={due.methods}
            byCode={(code) => doorward.loginMfa(code)}
            byPasskey={() => doorward.loginPasskey()}
          />
          <button type="button" className="link" onClick={() => setDue(null)}>
            Start again
          </button>
        </>
      )}
    </main>
  );
}

function FirstStep({ onDue }: { readonly onDue: (due: SecondFactorDue) => void }): ReactNode {
  const doorward = useDoorward();
  const action = useAction();

  async function signIn(value: (name: string) => string): Promise<void> {
    const answer = await doorward.login({ username: value("username"), password: value("password") });
    if (answer.status === "mfa_required") onDue(answer);
  }

  return (
    <>
      <h1>Sign in</h1>
      <Form action={action} onSubmit={signIn}>
        <label>
          Username
          <input name="username" autoComplete="username" autoCapitalize="none" spellCheck={false} required autoFocus />
        </label>
        <PasswordField label="Password" />
        <Problem action={action} />
        <button className="primary" disabled={action.busy}>Sign in</button>
      </Form>
      <button type="button" disabled={action.busy} onClick={() => action.run(() => doorward.loginPasskey())}>
        Sign in with a passkey
      </button>
    </>
  );
}
