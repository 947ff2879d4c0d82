import type { AxiosInstance, AxiosRequestConfig } from "axios";
import type { Doorward } from "./doorward.js";

/**
 * Has an axios instance send its requests by `doorward.fetch`: credentials, CSRF token, silent refresh, step-up, all as
 * there, for it is the same code. It needs axios 1.12, whose `fetch` adapter takes the function to use.
 *
 * @returns the same instance.
 */
export function withDoorward(instance: AxiosInstance, doorward: Doorward): AxiosInstance {
  const defaults: Pick<AxiosRequestConfig, "adapter" | "env"> = instance.defaults;
  defaults.adapter = "fetch";
  defaults.env = { ...defaults.env, fetch: doorward.fetch };
  return instance;
}
