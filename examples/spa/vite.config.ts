import { defineConfig } from "vite";
import { forwardAuth } from "./forward_auth.ts";

const doorward = "http://127.0.0.1:8080";
const upstream = "http://127.0.0.1:3000";

// What nginx.conf does in production, for the development server. Targets are objects: given as a string, Vite sends
// another Host than the browser's.
const proxy = { "/auth": { target: doorward, xfwd: true }, "/api": { target: upstream }, "/events": { target: upstream } };

export default defineConfig({
  plugins: [forwardAuth({ doorward: `${doorward}/auth`, policies: { "/api/boom": "recent", "/api/": "api", "/events": "api" } })],
  // The client is a link into this repository here: it shares the app's React, as it does where it is installed, and is never
  // taken from a cache of before it was changed.
  resolve: { dedupe: ["react"] },
  optimizeDeps: { exclude: ["@doorward/client"] },
  server: { proxy, strictPort: true },
  // The Content-Security-Policy allows no data: URLs.
  build: { assetsInlineLimit: 0 },
});
