// Sites that are not ours.
import http from 'node:http';
import https from 'node:https';
import { freePort } from './processes.mjs';

/** A site whose every page says what it is told; over https with `tls`, a certificate and its key. Returns its port: it answers to any name. */
export async function startElsewhere(rig, html, tls) {
  const port = await freePort();
  const answer = (_, response) => response.setHeader('Content-Type', 'text/html').end(html);
  const server = tls ? https.createServer(tls, answer) : http.createServer(answer);
  await new Promise(resolve => { server.listen(port, '127.0.0.1', resolve); });
  rig.defer(() => { server.closeAllConnections(); server.close(); });
  return port;
}
