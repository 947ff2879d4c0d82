// A client that says exactly what it is told to, forged headers included, and keeps cookies as a browser's jar does.
import http from 'node:http';
import https from 'node:https';

/** A cookie jar: host-only and Domain cookies, paths, Secure; SameSite is left to the tests in a real browser. */
export class CookieJar {
  #cookies = [];

  /** Takes over what an answer sets or clears. */
  store(url, lines) {
    for (const line of lines) {
      const [pair, ...attributes] = line.split(';').map(part => part.trim());
      const cookie = { name: pair.slice(0, pair.indexOf('=')), value: pair.slice(pair.indexOf('=') + 1), line };
      const attribute = name => attributes.find(a => a.toLowerCase().split('=')[0] === name)?.split('=')[1];
      cookie.domain = attribute('domain')?.replace(/^\./, '') ?? url.hostname;
      cookie.hostOnly = attribute('domain') === undefined;
      cookie.path = attribute('path') ?? '/';
      cookie.secure = attributes.some(a => a.toLowerCase() === 'secure');
      const same = c => c.name === cookie.name && c.domain === cookie.domain && c.path === cookie.path;
      this.#cookies = this.#cookies.filter(c => !same(c));
      if (attribute('max-age') !== '0') this.#cookies.push(cookie);
    }
  }

  /** What is sent to this URL. */
  matching(url) {
    const path = url.pathname;
    return this.#cookies.filter(c =>
      (url.hostname === c.domain || (!c.hostOnly && url.hostname.endsWith(`.${c.domain}`)))
      && (path === c.path || path.startsWith(c.path.endsWith('/') ? c.path : `${c.path}/`))
      && (!c.secure || url.protocol === 'https:'));
  }

  /** The value of the cookie whose name ends so, whatever its prefix. */
  value(ending) {
    return this.#cookies.find(c => c.name.endsWith(ending))?.value;
  }
}

/** An answer. */
export class Answer {
  constructor(status, rawHeaders, body) {
    this.status = status;
    this.rawHeaders = [];
    for (let i = 0; i < rawHeaders.length; i += 2) this.rawHeaders.push([rawHeaders[i].toLowerCase(), rawHeaders[i + 1]]);
    this.text = body;
  }

  /** All values of a header. */
  all(name) {
    return this.rawHeaders.filter(([n]) => n === name.toLowerCase()).map(([, value]) => value);
  }

  /** The first value of a header. */
  header(name) {
    return this.all(name)[0];
  }

  get json() {
    return JSON.parse(this.text);
  }
}

/**
 * A client of one origin; several may share a jar. The name is never looked up: the server is on this machine. `from` is the
 * address it comes from, one of 127.0.0.0/8.
 */
export class Client {
  constructor(origin, { jar = new CookieJar(), port, from } = {}) {
    this.origin = new URL(origin);
    this.port = port ?? this.origin.port;
    this.jar = jar;
    this.from = from;
  }

  /** The same browser at another origin. */
  at(origin) {
    return new Client(origin, { jar: this.jar, from: this.from });
  }

  /**
   * Sends one request. `path` goes out as it is, dots and all.
   *
   * @returns {Promise<Answer>}
   */
  request(method, path, { headers = {}, body, json, form } = {}) {
    const sent = { Host: this.origin.host, ...headers };
    let data = body;
    if (json !== undefined) {
      data = JSON.stringify(json);
      sent['Content-Type'] ??= 'application/json';
    }
    if (form !== undefined) {
      data = new URLSearchParams(form).toString();
      sent['Content-Type'] ??= 'application/x-www-form-urlencoded';
    }
    if (data !== undefined) sent['Content-Length'] = Buffer.byteLength(data);
    const url = new URL(path.replace(/^\/\/+/, '/'), this.origin);
    const cookies = this.jar.matching(url).map(c => `${c.name}=${c.value}`).join('; ');
    if (cookies && sent.Cookie === undefined) sent.Cookie = cookies;
    const secure = this.origin.protocol === 'https:';
    const options = {
      host: '127.0.0.1', localAddress: this.from, port: this.port, method, path, headers: sent, agent: false,
      // The certificates are made for this run; that the proxy's is the right one is not what these tests are about.
      ...(secure ? { servername: this.origin.hostname, rejectUnauthorized: false } : {}),
    };
    return new Promise((resolve, reject) => {
      const request = (secure ? https : http).request(options, response => {
        const chunks = [];
        response.on('data', chunk => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const answer = new Answer(response.statusCode, response.rawHeaders, Buffer.concat(chunks).toString('utf8'));
          this.jar.store(url, answer.all('set-cookie'));
          resolve(answer);
        });
      });
      request.on('upgrade', (response, socket) => {
        socket.destroy();
        resolve(new Answer(response.statusCode, response.rawHeaders, ''));
      });
      request.on('error', reject);
      request.end(data);
    });
  }

  get(path, options) {
    return this.request('GET', path, options);
  }

  /** What a browser sends when a person opens a page. */
  navigate(path, { headers = {} } = {}) {
    const navigation = {
      Accept: 'text/html,application/xhtml+xml,*/*;q=0.8',
      'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document', 'Sec-Fetch-Site': 'none', 'Sec-Fetch-User': '?1',
    };
    return this.get(path, { headers: { ...navigation, ...headers } });
  }

  post(path, options) {
    return this.request('POST', path, options);
  }

  /** The header that proves that a request was written by one of our own pages. */
  csrf() {
    return { 'X-CSRF-Token': this.jar.value('dw_csrf') };
  }
}
