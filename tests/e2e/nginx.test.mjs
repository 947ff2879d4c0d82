// The nginx example, in a real nginx.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { forwardAuthHolds } from './harness/forward_auth_suite.mjs';
import { guessingIsCounted } from './harness/guessing_suite.mjs';
import { Client } from './harness/http_client.mjs';
import { setUp } from './harness/doorward.mjs';
import { Rig } from './harness/processes.mjs';
import { startSite } from './harness/proxies.mjs';

forwardAuthHolds('nginx', 'same-host');
forwardAuthHolds('nginx', 'sibling-hosts');
guessingIsCounted('nginx');

const rig = new Rig();
after(() => rig.stop());

test('the question itself cannot be asked from outside', async () => {
  const site = await startSite(rig, 'nginx', 'same-host');
  const client = new Client(site.app);
  await setUp(client);
  for (const path of ['/_doorward/app', '/_doorward/default', '/_doorward/../_doorward/app']) {
    assert.equal((await client.get(path)).status, 404, path);
  }
});
