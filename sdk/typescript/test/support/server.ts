// Doorward as the client meets it: access tokens that end, refresh tokens that are traded once with a grace for the one
// before, CSRF tokens of a session, and an app behind it under /api/ that acts as whoever the cookie names.

import type { Session, User } from "../../src/types.js";
import type { Cookie } from "./jar.js";

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly url: string;
  readonly headers: Headers;
  cookies: Map<string, string>;
  readonly body: string;
  readonly init: RequestInit;
}

interface Live {
  readonly id: string;
  readonly user: string;
  generation: number;
  readonly csrf: Set<string>;
}

export const CSRF = "__Host-dw_csrf";
const ACCESS = "__Host-dw_session";
export const REFRESH = "__Secure-dw_refresh";
const DAY_MS = 86_400_000;

export function aUser(id: string, more: Partial<User> = {}): User {
  return {
    id,
    username: id,
    roles: [],
    mfa: { totp: false, passkeys: 0, recovery_codes_left: 0 },
    must_change_password: false,
    disabled: false,
    created_at: "2026-01-01T00:00:00Z",
    ...more,
  };
}

export function aSession(id: string, more: Partial<Session> = {}): Session {
  const at = "2026-01-01T00:00:00Z";
  return {
    id, created_at: at, last_seen_at: at, expires_at: at, idle_expires_at: at, aal: 1, amr: ["pwd"], auth_time: at,
    binding: "off", user_agent: "a browser", current: true, ...more,
  };
}

export function problem(status: number, code: string, more: object = {}): Response {
  const body = { type: `https://app.example.com/auth/problems/${code}`, title: code, status, detail: code, code, request_id: "r-1", ...more };
  return new Response(JSON.stringify(body), { status, headers: { "content-type": "application/problem+json" } });
}

export function page(status: number): Response {
  return new Response("<h1>nginx</h1>", { status, headers: { "content-type": "text/html" } });
}

/** Answers that say nothing of how long the access token is good, as servers from before the header. */
export class Server {
  readonly sessions = new Map<string, Live>();
  /** Who did what in the app, by the cookie that came with it. */
  readonly done: { readonly user: string; readonly what: string; readonly body: string }[] = [];
  secondFactorFor = new Set<string>();
  stepUpDemanded = false;
  saysHowLong = true;
  #made = 0;

  constructor(
    readonly time: () => number,
    readonly accessMs: number,
  ) {}

  answer(request: Received): { readonly response: Response; readonly cookies: readonly Cookie[] } {
    const { method, path } = request;
    const only = (response: Response) => ({ response, cookies: [] });
    switch (`${method} ${path}`) {
      case "GET /auth/v1/session": {
        const session = this.#whose(request);
        if (session instanceof Response) return only(session);
        return { response: this.#tells(session, this.#left(request)), cookies: this.#missing(session, request) };
      }
      case "POST /auth/v1/refresh":
        return this.#refresh(request);
      case "POST /auth/v1/login": {
        const { username = "", password } = JSON.parse(request.body) as { username?: string; password: string };
        if (password !== "right") return only(problem(401, "invalid_credentials"));
        this.#endPresented(request);
        if (this.secondFactorFor.has(username)) {
          const body = { status: "mfa_required", methods: ["totp"], expires_in: 300 };
          return { response: Response.json(body), cookies: [cookie(CSRF, this.#name("pending"), "/", 300_000, false)] };
        }
        return this.#begin(username, { status: "authenticated" });
      }
      case "POST /auth/v1/login/mfa":
        return this.#begin([...this.secondFactorFor][0] ?? "", { status: "authenticated" });
      case "POST /auth/v1/logout":
        this.#endPresented(request);
        return {
          response: new Response(null, { status: 204 }),
          cookies: [cookie(ACCESS, "", "/", 0, true), cookie(CSRF, "", "/", 0, false), cookie(REFRESH, "", "/auth", 0, true)],
        };
      case "POST /auth/v1/step-up": {
        const session = this.#whose(request);
        if (session instanceof Response) return only(session);
        this.sessions.delete(session.id);
        this.stepUpDemanded = false;
        return this.#begin(session.user, {});
      }
    }
    const session = this.#whose(request);
    if (session instanceof Response) return only(session);
    if (method !== "GET" && !session.csrf.has(request.headers.get("x-csrf-token") ?? "")) return only(problem(403, "csrf_failed"));
    if (this.stepUpDemanded && path.includes("sensitive")) return only(problem(403, "step_up_required"));
    this.done.push({ user: session.user, what: `${method} ${path}`, body: request.body });
    return only(Response.json({ as: session.user }));
  }

  /** Signs somebody in, as by another way. */
  begin(user: string): readonly Cookie[] {
    return this.#begin(user, {}).cookies;
  }

  #name(kind: string): string {
    this.#made += 1;
    return `${kind}-${this.#made}`;
  }

  #whose(request: Received): Live | Response {
    const [id = "", until = ""] = (request.cookies.get(ACCESS) ?? "").split("|");
    if (id === "") return problem(401, "not_authenticated");
    const session = this.sessions.get(id);
    if (!session) return problem(401, "session_revoked");
    return Number(until) > this.time() ? session : problem(401, "session_expired");
  }

  #left(request: Received): number {
    return Number((request.cookies.get(ACCESS) ?? "").split("|")[1] ?? 0) - this.time();
  }

  /** A new CSRF cookie for who holds all of a session but that. */
  #missing(session: Live, { cookies }: Received): Cookie[] {
    const [holds] = (cookies.get(REFRESH) ?? "").split("|");
    if (holds !== session.id || session.csrf.has(cookies.get(CSRF) ?? "")) return [];
    const csrf = this.#name("csrf");
    session.csrf.add(csrf);
    return [cookie(CSRF, csrf, "/", DAY_MS, false)];
  }

  #refresh(request: Received) {
    const [id = "", generation = ""] = (request.cookies.get(REFRESH) ?? "").split("|");
    const refused = (status: number, code: string) => ({ response: problem(status, code), cookies: [] });
    if (id === "") return refused(401, "not_authenticated");
    const session = this.sessions.get(id);
    if (!session) return refused(401, "session_revoked");
    if (!session.csrf.has(request.headers.get("x-csrf-token") ?? "")) return refused(403, "csrf_failed");
    const behind = session.generation - Number(generation);
    if (behind > 1) {
      this.sessions.delete(id);
      return refused(401, "refresh_token_reused");
    }
    if (behind === 0) session.generation += 1;
    return { response: this.#tells(session, this.accessMs), cookies: this.#cookies(session) };
  }

  #begin(user: string, more: object) {
    const session = { id: this.#name("session"), user, generation: 0, csrf: new Set<string>() };
    this.sessions.set(session.id, session);
    return { response: this.#tells(session, this.accessMs, more), cookies: this.#cookies(session) };
  }

  #endPresented(request: Received): void {
    for (const name of [ACCESS, REFRESH]) this.sessions.delete((request.cookies.get(name) ?? "").split("|")[0] ?? "");
  }

  #cookies({ id, generation, csrf }: Live): readonly Cookie[] {
    const token = this.#name("csrf");
    csrf.add(token);
    return [
      cookie(ACCESS, `${id}|${this.time() + this.accessMs}`, "/", this.accessMs, true),
      cookie(CSRF, token, "/", 7 * DAY_MS, false),
      cookie(REFRESH, `${id}|${generation}`, "/auth", 7 * DAY_MS, true),
    ];
  }

  #tells({ id, user }: Live, leftMs: number, more: object = {}): Response {
    const headers: HeadersInit = this.saysHowLong ? { "x-session-expires-in": String(Math.floor(leftMs / 1000)) } : {};
    return Response.json({ ...more, user: aUser(user), session: aSession(id) }, { headers });
  }
}

function cookie(name: string, value: string, path: string, maxAgeMs: number, httpOnly: boolean): Cookie {
  return { name, value, path, maxAgeMs, httpOnly };
}
