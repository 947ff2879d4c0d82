// The app's own server: an event stream, and one thing to do. It depends on nothing.
//
//     node examples/spa/upstream.mjs [PORT [MOVEMENT_MS [STREAM_MS]]]
//
// It listens on 127.0.0.1, on port 3000 unless told otherwise. Something moves every MOVEMENT_MS (3000). A stream ends after
// STREAM_MS (30000), and the browser asks for the next: what was allowed once is asked anew, so that no stream outlives its
// session by more than that.

import { createServer } from "node:http";

const [port, movementMs, streamMs] = [3000, 3000, 30_000].map((usual, index) => Number(process.argv[index + 2] ?? usual));

const REMEMBERED = 1000;
/** To how many movements of before whoever comes without knowing any is treated. */
const AT_FIRST = 5;
const SHIPS = ["Albatross", "Bluebell", "Cormorant", "Dorothea", "Eider", "Fulmar"];
const DOINGS = ["comes in", "makes fast", "takes on water", "puts to sea"];

const movements = [];
const streams = new Set();
let boom = "open";

const written = (movement) => `id: ${movement.id}\ndata: ${JSON.stringify(movement)}\n\n`;

function move(what) {
  const movement = { id: (movements.at(-1)?.id ?? 0) + 1, at: new Date().toISOString(), what };
  movements.push(movement);
  if (movements.length > REMEMBERED) movements.shift();
  for (const response of streams) response.write(written(movement));
}

/** What came after the last one that the browser knows: in the header when it reconnects by itself, else in the URL. */
function missed({ headers, url }) {
  const after = headers["last-event-id"] || new URL(url, "http://localhost").searchParams.get("after");
  return after ? movements.filter(({ id }) => id > Number(after)) : movements.slice(-AT_FIRST);
}

function stream(request, response) {
  // nginx keeps nothing back of what says so.
  response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no" });
  response.write(`retry: 1000\n\n${missed(request).map(written).join("")}`);
  streams.add(response);
  const end = setTimeout(() => response.end(), streamMs);
  response.on("close", () => {
    clearTimeout(end);
    streams.delete(response);
  });
}

function moveBoom(request, response) {
  boom = boom === "open" ? "closed" : "open";
  // The proxy says who it is, whatever the browser sent: Doorward's word, percent-encoded outside of ASCII.
  move(`${decodeURIComponent(request.headers["x-auth-user"] ?? "somebody")} has the boom ${boom}`);
  response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify({ boom }));
}

createServer((request, response) => {
  const { pathname } = new URL(request.url, "http://localhost");
  if (request.method === "GET" && pathname === "/events") stream(request, response);
  else if (request.method === "POST" && pathname === "/api/boom") moveBoom(request, response);
  else response.writeHead(404).end();
}).listen(port, "127.0.0.1", () => console.log(`upstream on http://127.0.0.1:${port}`));

setInterval(() => {
  const turn = movements.at(-1)?.id ?? 0;
  move(`${SHIPS[turn % SHIPS.length]} ${DOINGS[Math.floor(turn / SHIPS.length) % DOINGS.length]}`);
}, movementMs);
