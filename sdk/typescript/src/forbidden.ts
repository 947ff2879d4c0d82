import type { Engine } from "./engine.js";
import { doorwardCode, problemOf } from "./problem.js";
import type { Mark } from "./state.js";

/** What a 403 that something can be done about was for, once that is done; else null. */
export type Forbidden = (response: Response, begun: Mark, url: string) => Promise<string | null>;

export function openForbidden({ settings, read, world, settle }: Engine): Forbidden {
  const { onStepUp } = settings;
  let steppingUp: Promise<boolean> | null = null;

  /** Asks the user once, however many requests wait for it. */
  async function stepUp(url: string, response: Response): Promise<boolean> {
    if (!onStepUp) return false;
    const problem = await problemOf(response.clone());
    // In a function of its own: a callback that throws at once is as one that rejects.
    const asked = async () => (await onStepUp({ url, problem })) !== false;
    steppingUp ??= asked()
      .catch(() => false)
      .finally(() => (steppingUp = null));
    return steppingUp;
  }

  return async (response, begun, url) => {
    const code = await doorwardCode(response);
    switch (code) {
      case "csrf_failed":
        // Refused before anything was done. It was another session's token; or none, and then Doorward sets a new one.
        await settle({ type: "check" });
        return world().csrf === begun.csrf ? null : code;
      case "password_change_required":
        await settle({ type: "check" });
        return null;
      case "step_up_required":
        // Another request may have had the user step up while this one was under way.
        if (read().epoch !== begun.epoch) return "stepped up";
        return (await stepUp(url, response)) ? code : null;
      default:
        return null;
    }
  };
}
