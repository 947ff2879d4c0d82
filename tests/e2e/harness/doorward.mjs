// The real binary, with a data directory of its own and its first users.
import assert from 'node:assert/strict';
import path from 'node:path';
import { Client } from './http_client.mjs';
import { becomesTrue, freePort, target } from './processes.mjs';

export const binary = process.env.DOORWARD_BIN ?? path.join(target, 'debug', 'doorward');

export const SETUP_TOKEN = 'setup-token-of-the-end-to-end-tests-0123456789';

/** The first administrator. */
export const ADMIN = { username: 'root', password: 'quarrel-lantern-mosaic-71', email: 'root@example.com' };

/** A user with neither an e-mail address nor a role. */
export const PLAIN = { username: 'mallory', password: 'thimble-orchard-velvet-38' };

/**
 * Starts `doorward serve`.
 *
 * @param {{config?: string, env?: object, port?: number, directory?: string}} options `config` is a file; without a
 *     `DOORWARD_HTTP__PUBLIC_URL` in `env` and without `config` the public URL is the loopback address. `directory` is that of one
 *     that ran before, to go on with its data.
 */
export async function startDoorward(rig, { config, env = {}, port, directory: ofAnother } = {}) {
  const listen = port ?? await freePort();
  const directory = ofAnother ?? await rig.directory();
  const defaults = config === undefined ? { DOORWARD_HTTP__PUBLIC_URL: `http://localhost:${listen}` } : {};
  const direct = new Client(`http://localhost:${listen}`);
  const args = ['serve', ...(config === undefined ? [] : ['--config', config])];
  const running = await rig.start(binary, args, {
    cwd: directory,
    env: {
      DOORWARD_HTTP__LISTEN: `127.0.0.1:${listen}`,
      DOORWARD_DATA_DIR: path.join(directory, 'data'),
      DOORWARD_SETUP__TOKEN: SETUP_TOKEN,
      ...defaults,
      ...env,
    },
    ready: async () => (await direct.get('/healthz')).status === 200,
  });
  return { ...running, port: listen, direct, directory };
}

/** The URL that a Doorward without users prints, a moment after it has begun to listen. */
export async function printedSetupUrl({ output }) {
  const printed = () => output().match(/http:\/\/localhost:\S+\/setup\S*/)?.[0];
  await becomesTrue(async () => printed() !== undefined, 'the setup URL is printed', output);
  return printed();
}

/** Makes the first administrator through `client`, which is logged in afterwards. */
export async function setUp(client) {
  const answer = await client.post('/auth/v1/setup', { json: { setup_token: SETUP_TOKEN, ...ADMIN } });
  assert.equal(answer.status, 201, answer.text);
  return answer.json;
}

/** Logs in through `client`. */
export async function logIn(client, { username, password }) {
  const answer = await client.post('/auth/v1/login', { json: { username, password } });
  assert.equal(answer.status, 200, answer.text);
  return answer.json;
}

/** Makes a user, as the administrator that `client` is. */
export async function addUser(client, user) {
  const answer = await client.post('/auth/v1/admin/users', { json: user, headers: client.csrf() });
  assert.equal(answer.status, 201, answer.text);
  return answer.json;
}
