/** The cookies of a browser, as far as Doorward's need it: names, paths, life, and which of them a script sees. */
export interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly path: string;
  readonly maxAgeMs: number;
  readonly httpOnly: boolean;
}

export class Jar {
  readonly #cookies = new Map<string, Cookie & { readonly until: number }>();

  constructor(readonly time: () => number) {}

  store(cookies: readonly Cookie[]): void {
    for (const cookie of cookies) this.#cookies.set(cookie.name, { ...cookie, until: this.time() + cookie.maxAgeMs });
  }

  delete(name: string): void {
    this.#cookies.delete(name);
  }

  #live(): Cookie[] {
    return [...this.#cookies.values()].filter(({ until }) => until > this.time());
  }

  /** All of them are of one host, and SameSite=Strict. */
  sentTo(url: URL): Map<string, string> {
    const sent = url.host === "app.example.com" ? this.#live().filter(({ path }) => url.pathname.startsWith(path)) : [];
    return new Map(sent.map(({ name, value }) => [name, value]));
  }

  document(): string {
    const seen = this.#live().filter(({ httpOnly }) => !httpOnly);
    return seen.map(({ name, value }) => `${name}=${value}`).join("; ");
  }
}
