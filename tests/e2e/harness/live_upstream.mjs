// An app's own server behind the proxy, with an event stream and a WebSocket.
import http from 'node:http';
import { WebSocketServer } from 'ws';
import { freePort } from './processes.mjs';

/** What it was asked, and what it holds open; see `startLiveUpstream`. */
export class LiveUpstream {
  /** `METHOD PATH` of each request that got through to it. */
  asked = [];
  streams = new Set();
  sockets = new Set();

  /** Tells everybody who listens. */
  say(text) {
    for (const stream of this.streams) stream.write(`data: ${text} by event\n\n`);
    for (const socket of this.sockets) socket.send(`${text} by message`);
  }
}

export async function startLiveUpstream(rig) {
  const upstream = new LiveUpstream();
  const server = http.createServer((request, response) => {
    upstream.asked.push(`${request.method} ${request.url}`);
    request.resume();
    if (request.url !== '/live/events') {
      response.setHeader('Content-Type', 'application/json').end(JSON.stringify({ user: request.headers['x-auth-user'] }));
      return;
    }
    response.writeHead(200, { 'Content-Type': 'text/event-stream' }).flushHeaders();
    upstream.streams.add(response);
    response.on('close', () => upstream.streams.delete(response));
  });
  new WebSocketServer({ server, path: '/live/socket' }).on('connection', socket => {
    upstream.sockets.add(socket);
    socket.on('close', () => upstream.sockets.delete(socket));
  });
  upstream.port = await freePort();
  await new Promise(resolve => { server.listen(upstream.port, '127.0.0.1', resolve); });
  rig.defer(() => {
    for (const socket of upstream.sockets) socket.terminate();
    server.closeAllConnections();
    server.close();
  });
  return upstream;
}
