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

/** How long is waited for what must come: so long that a machine which is busy with other things makes no test fail. */
export const PATIENCE_MS = 120_000;

/** What one test file has started; `stop` undoes it in reverse order. */
export class Rig {
  #undo = [];

  /** Remembers how to undo something. */
  defer(undo) {
    this.#undo.push(undo);
  }

  /** Stops and removes everything. Tells what went wrong with it, once all is done. */
  async stop() {
    const failures = [];
    for (const undo of this.#undo.reverse()) {
      try {
        await undo();
      } catch (failure) {
        failures.push(failure);
      }
    }
    this.#undo = [];
    if (failures.length > 0) throw new AggregateError(failures, failures.map(failure => failure.message).join('\n'));
  }

  /** A directory that is removed in the end. */
  async directory() {
    const directory = await mkdtemp(path.join(tmpdir(), 'doorward-e2e-'));
    this.defer(() => rm(directory, { recursive: true, force: true }));
    return directory;
  }

  /**
   * Starts a program and waits until `ready()` resolves to true. If it has ended by itself before all is stopped, then that is
   * told, with its output: what failed because of it says little.
   *
   * @returns {Promise<{child, output: () => string, kill: () => Promise<void>}>} `kill` ends it as a power cut would.
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
    let killed = false;
    const kill = async () => {
      killed = true;
      child.kill('SIGKILL');
      await exited;
    };
    this.defer(async () => {
      if (killed) return;
      if (child.exitCode !== null || child.signalCode !== null) {
        throw new Error(`${command} had ended by itself with ${child.exitCode ?? child.signalCode}:\n${output}`);
      }
      child.kill('SIGTERM');
      await exited;
    });
    const gone = exited.then(code => { throw new Error(`${command} ended with ${code}:\n${output}`); });
    gone.catch(() => {});
    await Promise.race([becomesTrue(ready, `${command} is ready`, () => output), gone]);
    return { child, output: () => output, kill };
  }
}

/** Asks again until `condition()` resolves to true: for what only another process can tell. */
export async function becomesTrue(condition, what, explain = () => '', withinMs = PATIENCE_MS) {
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

/** Runs a program to its end. `output` is all that it said; `said` is what it said to its standard output alone. */
export function run(command, args, { env = {}, cwd = root, onOutput = () => {} } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: { ...environment, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let said = '';
    const take = data => { output += data; onOutput(data); };
    child.stdout.on('data', data => { said += data; take(data); });
    child.stderr.on('data', take);
    child.on('error', reject);
    // Not yet on `exit`: some of the output may still be on its way.
    child.on('close', code => resolve({ code, output, said }));
  });
}
