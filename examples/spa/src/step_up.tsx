import { useEffect, useRef, useSyncExternalStore, type ReactNode } from "react";
import type { User } from "@doorward/client";
import { useDoorward, useSession } from "@doorward/client/react";
import { Form, Problem, useAction } from "./action.tsx";
import { PasswordField, SecondFactor } from "./factors.tsx";
import type { Prompt } from "./prompt.ts";

/** Asks the user to confirm who they are, when the client wants it: a request waits meanwhile, and goes on then. */
export function StepUp({ prompt }: { readonly prompt: Prompt }): ReactNode {
  const open = useSyncExternalStore(prompt.subscribe, prompt.isOpen);
  const { user } = useSession();
  // Who is signed out meanwhile confirms nothing any more.
  useEffect(() => () => prompt.answer(false), [prompt]);
  return open && user && <Dialog user={user} prompt={prompt} />;
}

function Dialog({ user, prompt }: { readonly user: User; readonly prompt: Prompt }): ReactNode {
  const doorward = useDoorward();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);

  const confirmed = () => prompt.answer(true);
  return (
    <dialog ref={dialog} className="card" aria-labelledby="step-up" onClose={() => prompt.answer(false)}>
      <h2 id="step-up">Confirm that it is you</h2>
      {hasFactor(user) ? (
        <SecondFactor
          methods={methodsOf(user)}
          byCode={(code) => doorward.stepUp(code).then(confirmed)}
          byPasskey={() => doorward.stepUpPasskey().then(confirmed)}
        />
      ) : (
        <ByPassword user={user} onPassword={(password) => doorward.stepUp({ password }).then(confirmed)} />
      )}
      <button type="button" className="link" onClick={() => dialog.current?.close()}>
        Cancel
      </button>
    </dialog>
  );
}

interface ByPasswordProps {
  readonly user: User;
  readonly onPassword: (password: string) => Promise<unknown>;
}

function ByPassword({ user, onPassword }: ByPasswordProps): ReactNode {
  const action = useAction();
  return (
    <Form action={action} onSubmit={(value) => onPassword(value("password"))}>
      {/* For password managers: whose password it is. */}
      <input name="username" autoComplete="username" value={user.username} readOnly hidden />
      <PasswordField label="Your password" autoFocus />
      <Problem action={action} />
      <button className="primary" disabled={action.busy}>Continue</button>
    </Form>
  );
}

/** Whoever has a second factor confirms by it: the password alone is not enough then. */
const hasFactor = ({ mfa }: User): boolean => mfa.totp || mfa.passkeys > 0;

function methodsOf({ mfa }: User): readonly string[] {
  const has = { totp: mfa.totp, passkey: mfa.passkeys > 0, recovery_code: mfa.recovery_codes_left > 0 };
  return Object.entries(has).flatMap(([name, there]) => (there ? [name] : []));
}
