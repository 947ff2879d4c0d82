import type { Connect, Plugin } from "vite";

export interface ForwardAuthOptions {
  /** Doorward's address, with its base path. */
  readonly doorward: string;
  /** The policy that is asked for, by the beginning of the path; the first that fits counts. */
  readonly policies: Readonly<Record<string, string>>;
}

/**
 * What `auth_request` is in nginx, for Vite's development server: Doorward is asked about each request to the app's own
 * server, which is told in `X-Auth-*` who is calling. `http.trusted_proxies` of Doorward names 127.0.0.1.
 */
export function forwardAuth({ doorward, policies }: ForwardAuthOptions): Plugin {
  const rules = Object.entries(policies);

  const ask: Connect.NextHandleFunction = (request, response, next) => {
    // Nobody but Doorward says who is calling, on public paths too.
    for (const name of Object.keys(request.headers)) if (/^x[-_]auth[-_]/.test(name)) delete request.headers[name];
    const rule = rules.find(([path]) => request.url?.startsWith(path));
    if (!rule) return next();
    const { method = "", url = "", headers } = request;
    const sent = new Headers({ "X-Original-Method": method, "X-Original-URL": `http://${headers.host ?? ""}${url}` });
    for (const name of ["cookie", "authorization", "origin", "sec-fetch-site", "sec-fetch-mode", "x-csrf-token", "user-agent"]) {
      const value = headers[name];
      if (typeof value === "string") sent.set(name, value);
    }
    fetch(`${doorward}/verify/${rule[1]}`, { headers: sent, redirect: "manual" })
      .then(async (answer) => {
        if (answer.ok) {
          answer.headers.forEach((value, name) => {
            if (name.startsWith("x-auth-")) request.headers[name] = value;
          });
          return next();
        }
        const type = answer.headers.get("Content-Type") ?? "text/plain";
        response.writeHead(answer.status, { "Content-Type": type }).end(await answer.text());
      })
      .catch(next);
  };

  return {
    name: "doorward-forward-auth",
    configureServer: (server) => void server.middlewares.use(ask),
  };
}
