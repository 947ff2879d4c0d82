// The example of several nodes: a real PostgreSQL, three real nodes, a real nginx, started by its one command.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { ADMIN, binary, logIn, SETUP_TOKEN, setUp } from './harness/doorward.mjs';
import { Client } from './harness/http_client.mjs';
import { becomesTrue, freePort, Rig } from './harness/processes.mjs';
import { adapt } from './harness/proxies.mjs';

const rig = new Rig();
after(() => rig.stop());

const NODES = ['8081', '8082', '8083'];

/** Starts the example, its ports and its directory alone replaced. */
async function startExample() {
  const home = await rig.directory();
  // As root, the database runs as another user, who has to come through.
  await chmod(home, 0o711);
  const [front, ...nodes] = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
  const directory = path.join(home, 'several');
  const places = [['/tmp/doorward-several-nodes', directory], ['8000', String(front)]];
  const ports = NODES.map((port, at) => [port, String(nodes[at])]);
  await mkdir(path.join(home, 'example'), { mode: 0o700 });
  const config = await adapt('several-nodes/doorward.toml', path.join(home, 'example', 'doorward.toml'), places);
  await adapt('several-nodes/nginx.conf', path.join(home, 'example', 'nginx.conf'), [...places, ...ports]);
  const run = await adapt('several-nodes/run', path.join(home, 'example', 'run'), [...places, ...ports]);
  const address = `http://localhost:${front}`;
  const env = { DOORWARD: binary, DOORWARD_SETUP__TOKEN: SETUP_TOKEN };
  await rig.start('bash', [run], { env, ready: async () => (await new Client(address).get('/readyz')).status === 200 });
  return { address, nodes, directory, config };
}

/** What a command answers, run beside the nodes. */
async function command({ config, directory, nodes }, ...args) {
  const env = { ...process.env, DOORWARD_MASTER_KEY_FILE: path.join(directory, 'master.key') };
  const all = [...args, '--json', '--config', config, '--data-dir', path.join(directory, `node-${nodes[0]}`)];
  return JSON.parse((await promisify(execFile)(binary, all, { env })).stdout);
}

test('three nodes are one, and two of them go on when the third dies', async () => {
  const example = await startExample();
  const { address, nodes, directory } = example;
  const admin = new Client(address);
  await setUp(admin);

  // Each node by itself: whoever signed in through nginx is signed in everywhere.
  for (const port of nodes) {
    const direct = admin.at(`http://localhost:${port}`);
    await becomesTrue(async () => (await direct.get('/auth/v1/me')).status === 200, `node ${port} lets the administrator in`);
  }

  const listed = async () => (await command(example, 'node', 'list')).items;
  await becomesTrue(async () => (await listed()).filter(node => !node.silent).length === 3, 'three nodes tell of themselves');

  // One dies as by a power cut. Nobody who asks notices.
  process.kill(Number(await readFile(path.join(directory, `node-${nodes[1]}.pid`), 'utf8')), 'SIGKILL');
  for (let asked = 0; asked < 12; asked += 1) assert.equal((await admin.get('/auth/v1/me')).status, 200);
  const other = new Client(address);
  await logIn(other, ADMIN);
  assert.equal((await other.get('/auth/v1/me')).status, 200);

  // A session that is ended through one node is refused by all that are left, by its still unexpired token.
  const Cookie = admin.jar.matching(new URL('/auth/v1/me', address)).map(({ name, value }) => `${name}=${value}`).join('; ');
  assert.equal((await admin.post('/auth/v1/logout')).status, 204);
  for (const port of [nodes[0], nodes[2]]) {
    const direct = new Client(`http://localhost:${port}`);
    await becomesTrue(async () => (await direct.get('/auth/v1/me', { headers: { Cookie } })).status === 401, `node ${port} refuses`);
  }
  const isDead = ({ name, silent }) => silent && name.endsWith(`:${nodes[1]}`);
  await becomesTrue(async () => (await listed()).some(isDead), 'the dead node is missed');
});
