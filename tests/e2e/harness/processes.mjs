// Real processes, started on free ports and stopped by whoever started them.
import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root. */
export const root = fileURLToPath(new URL('../../..', import.meta.url));

/** What cargo builds into. */
export const target = process.env.CARGO_TARGET_DIR ?? path.join(root, 'target');

// A setting in the environment of whoever runs the tests must not reach the server under test.
const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('DOORWARD_')));

const READY_WITHIN_MS = 30_000;

/** What one test file has started; `stop` undoes it in reverse order. */
export class Rig {
  #undo = [];

  /** Remembers how to undo something. */
  defer(undo) {
    this.#undo.push(undo);
  }

  /** Stops and removes everything. */
  async stop() {
    for (const undo of this.#undo.reverse()) await undo();
    this.#undo = [];
  }

  /** A directory that is removed in the end. */
  async directory() {
    const directory = await mkdtemp(path.join(tmpdir(), 'doorward-e2e-'));
    this.defer(() => rm(directory, { recursive: true, force: true }));
    return directory;
  }

  /**
   * Starts a program and waits until `ready()` resolves to true.
   *
   * @returns {Promise<{child, output: () => string, stop: () => Promise<number|null>}>}
   */
  async start(command, args, { env = {}, cwd = root, ready }) {
    const child = spawn(command, args, { cwd, env: { ...environment, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', data => { output += data; });
    child.stderr.on('data', data => { output += data; });
    const exited = new Promise(resolve => {
      child.on('error', error => { output += `${error.message}\n`; resolve(-1); });
      child.on('exit', code => resolve(code));
    });
    const stop = async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      return exited;
    };
    this.defer(stop);
    const gone = exited.then(code => { throw new Error(`${command} ended with ${code}:\n${output}`); });
    gone.catch(() => {});
    await Promise.race([becomesTrue(ready, `${command} is ready`, () => output), gone]);
    return { child, output: () => output, stop };
  }
}

/** Asks again until `condition()` resolves to true: for what only another process can tell. */
export async function becomesTrue(condition, what, explain = () => '', withinMs = READY_WITHIN_MS) {
  const end = Date.now() + withinMs;
  for (;;) {
    if (await condition().catch(() => false)) return;
    if (Date.now() > end) throw new Error(`not so within ${withinMs} ms: ${what}\n${explain()}`);
    await new Promise(resolve => setTimeout(resolve, 20));
  }
}

/** Whether something listens on this port of the loopback address. */
export function listens(port) {
  return new Promise(resolve => {
    const socket = net.connect(port, '127.0.0.1');
    socket.on('connect', () => { socket.destroy(); resolve(true); });
    socket.on('error', () => resolve(false));
  });
}

const portsGiven = new Set();

/**
 * A port that was free a moment ago: below those that the system gives to outgoing connections, so that none takes it meanwhile,
 * and at random, so that tests beside this one hardly ever choose the same.
 */
export async function freePort() {
  for (;;) {
    const port = randomInt(10_100, 32_000);
    if (portsGiven.has(port) || !await canListen(port)) continue;
    portsGiven.add(port);
    return port;
  }
}

function canListen(port) {
  return new Promise(resolve => {
    const server = net.createServer();
    server.on('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/** Runs a program to its end. */
export function run(command, args, { env = {}, cwd = root, onOutput = () => {} } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: { ...environment, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const take = data => { output += data; onOutput(data); };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.on('error', reject);
    child.on('exit', code => resolve({ code, output }));
  });
}
