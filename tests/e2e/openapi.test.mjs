// The OpenAPI document is valid by somebody else's validator, and the server keeps to it while schemathesis tries to break both.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { ADMIN, setUp, startDoorward } from './harness/doorward.mjs';
import { Rig, root, run, target } from './harness/processes.mjs';

const python = program => path.join(target, 'python', 'bin', program);
// The same requests each time, however fast the machine: about 50 and 25 seconds of them.
const EXAMPLES_AS_ADMINISTRATOR = 150;
const EXAMPLES_AS_NOBODY = 80;

describe('OpenAPI', () => {
  const rig = new Rig();
  let origin;
  let document;
  let file;

  before(async () => {
    const { direct, port, directory } = await startDoorward(rig, {
      env: {
        DOORWARD_TOKEN_ENDPOINT__ENABLED: 'true', DOORWARD_SESSION__MAX_PER_USER: '0',
        // Nothing but failing logins comes from this address, and each of them is to be looked at.
        DOORWARD_RATE_LIMIT__LOGIN: '100000/second', DOORWARD_LOCKOUT__THRESHOLD: '1000000',
        DOORWARD_THROTTLE__ACCOUNT_DELAYS: '0s', DOORWARD_THROTTLE__ADDRESS_DELAYS: '0s',
      },
    });
    origin = `http://localhost:${port}`;
    await setUp(direct);
    const answer = await direct.get('/auth/v1/openapi.json');
    assert.equal(answer.status, 200);
    document = answer.json;
    file = path.join(directory, 'openapi.json');
    await writeFile(file, answer.text);
  });
  after(() => rig.stop());

  test('the document is valid', async () => {
    const { code, output } = await run(python('openapi-spec-validator'), [file]);
    assert.equal(code, 0, output);
  });

  test('the types of the TypeScript client are made of this document; `npm run types -- FILE` in sdk/typescript takes it over', async () => {
    const taken = await readFile(path.join(root, 'sdk', 'typescript', 'openapi.json'), 'utf8');
    // The URL is the installation's.
    assert.deepEqual(JSON.parse(taken), JSON.parse(JSON.stringify({ ...document, servers: undefined })));
  });

  test('the document holds the endpoints of the contract, and no others', () => {
    const paths = Object.entries(document.paths).flatMap(([name, item]) => Object.keys(item)
      .filter(method => ['get', 'put', 'post', 'patch', 'delete'].includes(method)).map(method => `${method} ${name}`));
    const listed = paths.filter(entry => !entry.includes('/verify/')).sort();
    assert.deepEqual(listed, [
      'delete /auth/v1/admin/users/{id}', 'delete /auth/v1/admin/users/{id}/devices', 'delete /auth/v1/admin/users/{id}/mfa',
      'delete /auth/v1/admin/users/{id}/sessions', 'delete /auth/v1/mfa/totp', 'delete /auth/v1/passkeys/{id}', 'delete /auth/v1/sessions',
      'delete /auth/v1/sessions/{id}', 'get /auth/.well-known/jwks.json', 'get /auth/v1/admin/audit', 'get /auth/v1/admin/audit/export', 'get /auth/v1/admin/audit/stream', 'get /auth/v1/admin/keys', 'get /auth/v1/admin/lockouts', 'get /auth/v1/admin/overview', 'get /auth/v1/admin/users',
      'get /auth/v1/admin/users/{id}', 'get /auth/v1/me', 'get /auth/v1/openapi.json', 'get /auth/v1/passkeys', 'get /auth/v1/revocations', 'get /auth/v1/session',
      'get /auth/v1/sessions', 'get /auth/v1/setup', 'get /healthz', 'get /readyz', 'patch /auth/v1/admin/users/{id}', 'post /auth/v1/admin/keys/rotate', 'post /auth/v1/admin/users',
      'post /auth/v1/admin/users/{id}/reset-link', 'post /auth/v1/admin/users/{id}/unlock', 'post /auth/v1/login', 'post /auth/v1/login/mfa',
      'post /auth/v1/login/passkey', 'post /auth/v1/login/passkey/options', 'post /auth/v1/logout', 'post /auth/v1/mfa/recovery-codes',
      'post /auth/v1/mfa/totp', 'post /auth/v1/mfa/totp/confirm', 'post /auth/v1/passkeys', 'post /auth/v1/passkeys/options',
      'post /auth/v1/password', 'post /auth/v1/refresh', 'post /auth/v1/setup', 'post /auth/v1/step-up', 'post /auth/v1/step-up/passkey',
      'post /auth/v1/step-up/passkey/options', 'post /auth/v1/token',
    ].sort());
  });

  async function schemathesis(t, examples, env = {}) {
    const { code, output } = await run(python('schemathesis'), [
      '--config-file', path.join(root, 'tests', 'e2e', 'schemathesis.toml'), 'run', file, '--origin', origin, '--max-examples', String(examples),
      // Answers without end: tests of its own read it.
      '--exclude-path-regex', '/admin/audit/stream$',
      '--generation-deterministic', '--no-color',
    ], { env, cwd: path.dirname(file) });
    assert.equal(code, 0, output);
    const [, cases] = output.match(/(\d+) generated/) ?? assert.fail(output);
    assert.ok(Number(cases) > 500, output);
    t.diagnostic(`${cases} requests`);
  }

  test('schemathesis finds nothing as an administrator', t => schemathesis(t, EXAMPLES_AS_ADMINISTRATOR, {
    SCHEMATHESIS_HOOKS: path.join(root, 'tests', 'e2e', 'schemathesis_hooks.py'),
    DOORWARD_ORIGIN: origin, DOORWARD_USERNAME: ADMIN.username, DOORWARD_PASSWORD: ADMIN.password,
  }));

  test('schemathesis finds nothing as nobody', t => schemathesis(t, EXAMPLES_AS_NOBODY));
});
