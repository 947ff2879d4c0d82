import { listen, unlessRefused } from "./browser.js";
import type { SeldomEnvironment } from "./environment.js";

/** The browser's own. Apart from the rest of it: only parts that are loaded later need it. */
export const browserSeldom: SeldomEnvironment = {
  storage: () => unlessRefused(() => localStorage),
  onStored: (run) =>
    listen(["storage"], (event) => {
      const { key, newValue } = event as StorageEvent;
      if (key !== null && newValue !== null) run(key, newValue);
    }),
  authenticators: () => unlessRefused(() => ({ credentials: navigator.credentials, json: PublicKeyCredential })),
};
