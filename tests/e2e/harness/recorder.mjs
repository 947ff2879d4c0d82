// Between nginx and Doorward: notes what Doorward is asked and what it says, and loses answers when told to.
import http from 'node:http';
import { freePort } from './processes.mjs';

/** What Doorward was asked; see `startRecorder`. */
export class Recorder {
  /** `{ method, path, status }`, in the order of the questions; the status is null where Doorward did not answer. */
  asked = [];
  /** How many of the next answers to this path are lost on their way, after Doorward has given them. */
  #losing = { path: '', count: 0 };

  lose(path, count) {
    this.#losing = { path, count };
  }

  isLost(path) {
    if (path !== this.#losing.path || this.#losing.count === 0) return false;
    this.#losing.count -= 1;
    return true;
  }

  /** How often this was asked. */
  count(method, path) {
    return this.asked.filter(asked => asked.method === method && asked.path === path).length;
  }

  get refreshes() {
    return this.count('POST', '/auth/v1/refresh');
  }
}

/** Starts one in front of the Doorward at a port. An answer that is lost is a connection that breaks, for nginx. */
export async function startRecorder(rig, doorwardPort) {
  const recorder = new Recorder();
  const server = http.createServer((request, response) => {
    const { method, url: path, headers } = request;
    const asked = { method, path, status: null };
    recorder.asked.push(asked);
    const forward = http.request({ host: '127.0.0.1', port: doorwardPort, method, path, headers, agent: false }, answer => {
      const chunks = [];
      answer.on('data', chunk => chunks.push(chunk));
      answer.on('error', () => response.destroy());
      answer.on('end', () => {
        asked.status = answer.statusCode;
        if (recorder.isLost(path)) response.destroy();
        else response.writeHead(answer.statusCode, answer.rawHeaders).end(Buffer.concat(chunks));
      });
    });
    // As a proxy says that nobody is there.
    forward.on('error', () => response.writeHead(502, { 'Content-Type': 'text/html' }).end('<h1>Bad Gateway</h1>'));
    request.pipe(forward);
  });
  recorder.port = await freePort();
  await new Promise(resolve => { server.listen(recorder.port, '127.0.0.1', resolve); });
  rig.defer(() => { server.closeAllConnections(); server.close(); });
  return recorder;
}
