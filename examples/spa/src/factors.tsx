import { useState, type ReactNode } from "react";
import type { Code } from "@doorward/client";
import { Form, Problem, useAction } from "./action.tsx";

interface PasswordFieldProps {
  readonly label: string;
  readonly autoFocus?: boolean;
}

export function PasswordField({ label, autoFocus = false }: PasswordFieldProps): ReactNode {
  return (
    <label>
      {label}
      <input name="password" type="password" autoComplete="current-password" required autoFocus={autoFocus} />
    </label>
  );
}

export interface SecondFactorProps {
  /** What the user has: `totp`, `passkey`, `recovery_code`. */
  readonly methods: readonly string[];
  readonly byCode: (code: Code) => Promise<unknown>;
  readonly byPasskey: () => Promise<unknown>;
}

/** Asks for a code or a passkey: after the password, and when the user is to confirm who they are. */
export function SecondFactor({ methods, byCode, byPasskey }: SecondFactorProps): ReactNode {
  const [method, setMethod] = useState<Code["method"]>(methods.includes("totp") ? "totp" : "recovery_code");
  const action = useAction();
  return (
    <>
      {methods.includes("passkey") && (
        <button type="button" disabled={action.busy} onClick={() => action.run(byPasskey)}>
          Use a passkey
        </button>
      )}
      <Form key={method} action={action} onSubmit={(value) => byCode({ method, code: value("code") })}>
        {method === "totp" ? (
          <label>
            Code from your authenticator app
            <input name="code" autoComplete="one-time-code" inputMode="numeric" required autoFocus />
          </label>
        ) : (
          <label>
            Recovery code
            <input name="code" autoComplete="off" autoCapitalize="characters" spellCheck={false} required autoFocus />
          </label>
        )}
        <Problem action={action} />
        <button className="primary" disabled={action.busy}>Continue</button>
      </Form>
      {methods.includes("totp") && methods.includes("recovery_code") && (
        <button type="button" className="link" onClick={() => setMethod(method === "totp" ? "recovery_code" : "totp")}>
          {method === "totp" ? "Use a recovery code instead" : "Use the authenticator app instead"}
        </button>
      )}
    </>
  );
}
