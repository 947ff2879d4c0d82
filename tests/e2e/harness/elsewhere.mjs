// Sites that are not ours.
import http from 'node:http';
import { freePort } from './processes.mjs';

/** A site whose every page says what it is told. Returns its port: it answers to any name. */
export async function startElsewhere(rig, html) {
  const port = await freePort();
  const server = http.createServer((_, response) => response.setHeader('Content-Type', 'text/html').end(html));
  await new Promise(resolve => { server.listen(port, '127.0.0.1', resolve); });
  rig.defer(() => { server.closeAllConnections(); server.close(); });
  return port;
}
