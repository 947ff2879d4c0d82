import { initialState, markOf, type Answer, type Event, type Mark, type State, type World } from "../../src/state.js";
import { step } from "../../src/step.js";
import type { Message } from "../../src/message.js";
import { DoorwardError } from "../../src/problem.js";
import { down, lost, refused } from "./answers.js";
import { aSession, aUser } from "./server.js";

interface ModelTab {
  state: State;
  frozen: boolean;
  /** When this tab was told of its logout by the server. */
  loggedOutAt: number;
  inbox: Message[];
}

type Kind = "session" | "refresh" | "login" | "logout";

/** What sets cookies takes turns. */
interface Turn {
  readonly tab: number;
  readonly kind: "refresh" | "login" | "logout";
}

interface Request {
  readonly tab: number;
  readonly kind: Kind;
  readonly mark: Mark;
  /** Null while it is on its way to the server. */
  reply: { readonly answer: Answer; readonly at: number } | null;
}

interface Powers {
  /** Whether people log in and out. */
  readonly logins: boolean;
  readonly outages: boolean;
  readonly freezing: boolean;
  /** Whether sessions end by themselves. */
  readonly endings: boolean;
}

interface Cookies {
  readonly session: string;
  readonly csrf: string;
  readonly generation: number;
}

/** Tabs that share cookies and a lock, and a server. Every event is chosen by a number. */
export class Model {
  readonly tabs: ModelTab[];
  lastLoginAt = -1;
  #clock = 0;
  #made = 0;
  #requests: Request[] = [];
  /** Who holds the lock, and who holds the one for those who have waited too long for the first. */
  #holders: [Turn | null, Turn | null] = [null, null];
  #queue: Turn[] = [];
  #cookies: Cookies | null = null;
  /** Whether the browser still has the access token, and the server would take it. */
  #access = true;
  readonly #sessions = new Map<string, { readonly user: string; generation: number; readonly csrf: Set<string> }>();

  constructor(
    count: number,
    readonly powers: Powers,
  ) {
    this.#begin("ada");
    this.tabs = Array.from({ length: count }, () => ({ state: initialState, frozen: false, loggedOutAt: -2, inbox: [] }));
  }

  truth(): readonly [string, string | null] {
    const session = this.#cookies && this.#sessions.get(this.#cookies.session);
    return session ? ["authenticated", session.user] : ["unauthenticated", null];
  }

  refreshesUnderWay(): number {
    return this.tabs.filter(({ state, frozen }) => !frozen && state.refresh === "server").length;
  }

  /** One thing happens. Says in which tab, if it was an answer of another epoch. */
  act(choice: number): number | null {
    this.#clock += 1;
    const options = this.#options();
    const chosen = options[choice % options.length];
    return chosen ? chosen() : null;
  }

  /** The network is well, nobody does anything, and every tab looks once more. */
  calmDown(): void {
    for (const tab of this.tabs) tab.frozen = false;
    this.#quiet();
    for (const at of this.tabs.keys()) {
      // Twice: what failed before is tried again, and what was found out may have failed.
      this.#dispatch(at, { type: "wake" });
      this.#dispatch(at, { type: "check" });
      this.#quiet();
    }
  }

  #quiet(): void {
    for (let left = 1_000; left > 0; left -= 1) {
      this.#clock += 200_000; // every wait is over
      const next = this.#deliveries(false)[0] ?? this.#turns(false)[0];
      if (!next) return;
      next();
    }
    throw new Error("it never comes to rest");
  }

  #options(): (() => number | null)[] {
    return [...this.#deliveries(true), ...this.#turns(true), ...this.#people(), ...this.#fate()];
  }

  /** Messages, requests and answers that arrive, or do not. */
  #deliveries(losses: boolean): (() => number | null)[] {
    const options: (() => number | null)[] = [];
    for (const [at, tab] of this.tabs.entries()) {
      const [message] = tab.inbox;
      if (!message || tab.frozen) continue;
      options.push(() => this.#dispatch(at, { type: "heard", message: tab.inbox.shift() ?? message }));
      if (losses) options.push(() => (tab.inbox.shift(), null));
    }
    for (const request of this.#requests) {
      if (!request.reply) {
        options.push(() => this.#serve(request));
        if (losses && this.powers.outages) {
          options.push(() => this.#reply(request, lost()));
          options.push(() => this.#reply(request, down()));
        }
      } else if (!this.tabs[request.tab]?.frozen) {
        options.push(() => this.#arrive(request));
        if (losses && this.powers.outages) {
          options.push(() => {
            if (request.reply) request.reply = { ...request.reply, answer: lost() };
            return this.#arrive(request);
          });
        }
      }
    }
    return options;
  }

  /** The lock goes to the next; or somebody has waited long enough for a tab that is frozen. */
  #turns(impatience: boolean): (() => number | null)[] {
    const next = this.#queue.findIndex(({ tab }) => !this.tabs[tab]?.frozen);
    if (next < 0) return [];
    const [first, second] = this.#holders;
    if (!first) return [() => this.#take(next, 0)];
    return impatience && this.tabs[first.tab]?.frozen && !second ? [() => this.#take(next, 1)] : [];
  }

  #people(): (() => number | null)[] {
    const options: (() => number | null)[] = [];
    for (const [at, tab] of this.tabs.entries()) {
      if (this.powers.freezing) options.push(() => ((tab.frozen = !tab.frozen), null));
      if (tab.frozen) continue;
      options.push(() => this.#dispatch(at, { type: "check" }));
      options.push(() => this.#dispatch(at, { type: "renew", mark: markOf(tab.state, this.#world()) }));
      options.push(() => this.#dispatch(at, { type: "wake" }));
      const changed = tab.state.status === "authenticated" && this.#world().csrf !== tab.state.csrf;
      if (this.powers.logins || !changed) options.push(() => this.#dispatch(at, { type: "restored" }));
      if (!this.powers.logins || this.#queue.some((turn) => turn.tab === at && turn.kind !== "refresh")) continue;
      for (const kind of ["login", "logout"] as const) options.push(() => (this.#queue.push({ tab: at, kind }), null));
    }
    return options;
  }

  #fate(): (() => number | null)[] {
    const options = [() => ((this.#access = false), null), () => ((this.#clock += 30_000), null)];
    if (this.powers.endings) options.push(() => (this.#sessions.clear(), null));
    return options;
  }

  #world(): World {
    return { now: { elapsed: this.#clock, wall: this.#clock }, csrf: this.#cookies?.csrf ?? null, random: 0.5 };
  }

  #dispatch(at: number, event: Event): null {
    const tab = this.tabs[at];
    if (!tab) return null;
    const [state, ...effects] = step(tab.state, event, this.#world());
    tab.state = state;
    for (const effect of effects) {
      if (effect.type === "ask_session") this.#send(at, "session");
      else if (effect.type === "take_turn") this.#queue.push({ tab: at, kind: "refresh" });
      else for (const [other, { inbox }] of this.tabs.entries()) if (other !== at) inbox.push(effect.message);
    }
    return null;
  }

  #send(at: number, kind: Kind): void {
    const state = this.tabs[at]?.state;
    if (state) this.#requests.push({ tab: at, kind, mark: markOf(state, this.#world()), reply: null });
  }

  #take(index: number, lock: 0 | 1): null {
    const [turn] = this.#queue.splice(index, 1);
    if (!turn) return null;
    this.#holders[lock] = turn;
    if (turn.kind === "refresh") {
      this.#dispatch(turn.tab, { type: "turn" });
      if (this.tabs[turn.tab]?.state.refresh === "server") this.#send(turn.tab, "refresh");
      else this.#release(turn.tab, turn.kind);
    } else {
      this.#send(turn.tab, turn.kind);
    }
    return null;
  }

  #release(at: number, kind: Turn["kind"]): void {
    const lock = this.#holders.findIndex((turn) => turn?.tab === at && turn.kind === kind);
    if (lock >= 0) this.#holders[lock] = null;
  }

  #reply(request: Request, answer: Answer): null {
    request.reply = { answer, at: this.#clock };
    return null;
  }

  #begin(user: string): string {
    const id = `session-${++this.#made}`;
    this.#sessions.set(id, { user, generation: 0, csrf: new Set() });
    this.#setCookies(id);
    return id;
  }

  #setCookies(id: string): void {
    const session = this.#sessions.get(id);
    if (!session) return;
    const csrf = `csrf-${++this.#made}`;
    session.csrf.add(csrf);
    this.#cookies = { session: id, csrf, generation: session.generation };
    this.#access = true;
  }

  #signedIn(id: string): Answer {
    const user = this.#sessions.get(id)?.user ?? "";
    return { user: aUser(user), session: aSession(id), leftMs: 900_000 };
  }

  /** The server decides, and the browser has the cookies from then on, even if the answer is not heard. */
  #serve(request: Request): null {
    const cookies = this.#cookies;
    const session = cookies && this.#sessions.get(cookies.session);
    switch (request.kind) {
      case "session":
        if (!cookies) return this.#reply(request, refused("not_authenticated"));
        if (!session) return this.#reply(request, refused("session_revoked"));
        return this.#reply(request, this.#access ? this.#signedIn(cookies.session) : refused("not_authenticated"));
      case "refresh":
        if (!cookies) return this.#reply(request, refused("not_authenticated"));
        if (!session) return this.#reply(request, refused("session_revoked"));
        if (!session.csrf.has(request.mark.csrf ?? "")) return this.#reply(request, refused("csrf_failed", 403));
        if (cookies.generation === session.generation) session.generation += 1;
        this.#setCookies(cookies.session);
        return this.#reply(request, this.#signedIn(cookies.session));
      case "login": {
        if (cookies) this.#sessions.delete(cookies.session);
        this.lastLoginAt = this.#clock;
        return this.#reply(request, this.#signedIn(this.#begin(request.tab % 2 === 0 ? "ada" : "bob")));
      }
      case "logout":
        if (cookies) this.#sessions.delete(cookies.session);
        this.#cookies = null;
        return this.#reply(request, refused("logged_out"));
    }
  }

  #arrive(request: Request): number | null {
    this.#requests = this.#requests.filter((each) => each !== request);
    const tab = this.tabs[request.tab];
    if (!tab || !request.reply) return null;
    const { answer, at } = request.reply;
    const { mark, kind } = request;
    const stale = mark.epoch !== tab.state.epoch;
    switch (kind) {
      case "session":
        this.#dispatch(request.tab, { type: "checked", mark, answer });
        return stale ? request.tab : null;
      case "refresh":
        this.#dispatch(request.tab, { type: "refreshed", mark, answer });
        if (tab.state.refresh === "server") this.#send(request.tab, "refresh");
        else this.#release(request.tab, kind);
        return stale ? request.tab : null;
      case "login":
        this.#release(request.tab, kind);
        if (!(answer instanceof Error)) this.#dispatch(request.tab, { type: "signed_in", mark, answer });
        return null;
      case "logout":
        this.#release(request.tab, kind);
        if (answer instanceof DoorwardError && answer.code === "logged_out") {
          tab.loggedOutAt = at;
          this.#dispatch(request.tab, { type: "signed_out", mark });
        } else {
          this.#dispatch(request.tab, { type: "check" });
        }
        return null;
    }
  }
}
