// Between nginx and Doorward: notes what Doorward is asked and what it says, and loses answers when told to.
import http from 'node:http';
import { freePort } from './processes.mjs';

/** What Doorward was asked; see `startRecorder`. */
export class Recorder {
  /** `{ method, path, status }`, in the order of the questions; the status is null where Doorward did not answer. */
  asked = [];
  #losing = null;

  /**
   * The next answer to this path is lost on its way, after Doorward has given it. `breaking`: what the browser gets is no answer at
   * all, rather than the proxy's page about it.
   */
  loseNext(path, breaking) {
    this.#losing = { path, breaking };
  }

  /** How an answer is lost, if it is. */
  loss(path) {
    if (path !== this.#losing?.path) return null;
    const loss = this.#losing;
    this.#losing = null;
    return loss;
  }

  /** How often this was asked. */
  count(method, path) {
    return this.asked.filter(asked => asked.method === method && asked.path === path).length;
  }

  get refreshes() {
    return this.count('POST', '/auth/v1/refresh');
  }
}

/** A connection that breaks has nginx break the browser's. Otherwise a proxy says that nobody answered it. */
function lose(response, { breaking }) {
  if (breaking) response.destroy();
  else response.writeHead(502, { 'Content-Type': 'text/html' }).end('<h1>Bad Gateway</h1>');
}

/** Starts one in front of the Doorward at a port. */
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
        const loss = recorder.loss(path);
        if (loss) lose(response, loss);
        else response.writeHead(answer.statusCode, answer.rawHeaders).end(Buffer.concat(chunks));
      });
    });
    forward.on('error', () => lose(response, { breaking: false }));
    request.pipe(forward);
  });
  recorder.port = await freePort();
  await new Promise(resolve => { server.listen(recorder.port, '127.0.0.1', resolve); });
  rig.defer(() => { server.closeAllConnections(); server.close(); });
  return recorder;
}
