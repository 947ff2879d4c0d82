import { useState, type FormEvent, type ReactNode } from "react";

export interface Action {
  /** Whether it is under way. */
  readonly busy: boolean;
  /** What went wrong the last time, for people. */
  readonly problem: string | null;
  /** Does something, unless something is under way. */
  readonly run: (work: () => Promise<unknown>) => void;
}

/** What a button or a form does: one thing at a time. The errors of the client speak to people. */
export function useAction(): Action {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  async function perform(work: () => Promise<unknown>): Promise<void> {
    setBusy(true);
    setProblem(null);
    try {
      await work();
    } catch (error) {
      setProblem(error instanceof Error ? error.message : "Something went wrong.");
    }
    setBusy(false);
  }

  return { busy, problem, run: (work) => void (busy || perform(work)) };
}

export function Problem({ action }: { readonly action: Pick<Action, "problem"> }): ReactNode {
  return action.problem && <p className="problem" role="alert">{action.problem}</p>;
}

interface FormProps {
  readonly action: Action;
  /** Is given a field's value by its name. */
  readonly onSubmit: (value: (name: string) => string) => Promise<unknown>;
  readonly children: ReactNode;
}

/** A real form, as password managers expect one. Should the script ever fail, then by POST: no password gets into a URL. */
export function Form({ action, onSubmit, children }: FormProps): ReactNode {
  function submit(event: FormEvent<HTMLFormElement>): void {
    event.preventDefault();
    const values = new FormData(event.currentTarget);
    action.run(() => onSubmit((name) => String(values.get(name) ?? "")));
  }
  return (
    <form method="post" onSubmit={submit} aria-busy={action.busy}>
      {children}
    </form>
  );
}
