// Two libraries of third parties verify our access tokens from our published keys, without knowing anything else of us.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import path from 'node:path';
import { createLocalJWKSet, createRemoteJWKSet, jwtVerify } from 'jose';
import { ADMIN, setUp, startDoorward } from './harness/doorward.mjs';
import { PATIENCE_MS, Rig, run, target } from './harness/processes.mjs';

const PYJWT = `
import sys, jwt
token, keys, audience, issuer = sys.argv[1:]
key = jwt.PyJWKClient(keys).get_signing_key_from_jwt(token).key
claims = jwt.decode(token, key, algorithms=["EdDSA"], audience=audience, issuer=issuer, options={"require": ["exp", "iat", "nbf", "sub", "jti"]})
print(claims["name"])
`;

describe('an access token', () => {
  const rig = new Rig();
  let origin;
  let token;
  let expected;

  before(async () => {
    const { direct, port } = await startDoorward(rig, { env: { DOORWARD_TOKEN_ENDPOINT__ENABLED: 'true' } });
    origin = `http://localhost:${port}`;
    await setUp(direct);
    const answer = await direct.post('/auth/v1/token', { form: { username: ADMIN.username, password: ADMIN.password } });
    assert.equal(answer.status, 200, answer.text);
    token = answer.json.access_token;
    expected = { issuer: `${origin}/auth`, audience: origin, algorithms: ['EdDSA'], typ: 'at+jwt' };
  });
  after(() => rig.stop());

  test('is verified by jose', async () => {
    const keys = createRemoteJWKSet(new URL(`${origin}/auth/.well-known/jwks.json`), { timeoutDuration: PATIENCE_MS });
    const { payload, protectedHeader } = await jwtVerify(token, keys, {
      ...expected, requiredClaims: ['sub', 'sid', 'jti', 'iat', 'nbf', 'exp', 'auth_time', 'aal', 'amr', 'roles', 'name'],
    });
    assert.equal(payload.name, ADMIN.username);
    assert.deepEqual(payload.roles, ['admin']);
    assert.deepEqual(payload.amr, ['pwd']);
    assert.equal(payload.aal, 1);
    assert.equal(payload.exp - payload.iat, 900);
    assert.equal(protectedHeader.alg, 'EdDSA');
  });

  test('is verified by PyJWT', async () => {
    const keys = `${origin}/auth/.well-known/jwks.json`;
    const { code, output } = await run(path.join(target, 'python', 'bin', 'python'), ['-c', PYJWT, token, keys, origin, `${origin}/auth`]);
    assert.equal(code, 0, output);
    assert.equal(output.trim(), ADMIN.username);
  });

  test('is refused by jose once a single claim was changed', async () => {
    const { keys } = await (await fetch(`${origin}/auth/.well-known/jwks.json`)).json();
    const [header, payload, signature] = token.split('.');
    const claims = { ...JSON.parse(Buffer.from(payload, 'base64url')), roles: ['admin', 'owner'] };
    const forged = [header, Buffer.from(JSON.stringify(claims)).toString('base64url'), signature].join('.');
    await assert.rejects(jwtVerify(forged, createLocalJWKSet({ keys }), expected), { code: 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED' });
  });

  test('the published keys hold nothing secret', async () => {
    const { keys } = await (await fetch(`${origin}/auth/.well-known/jwks.json`)).json();
    assert.ok(keys.length >= 1);
    for (const key of keys) {
      assert.equal(key.kty, 'OKP');
      assert.equal(key.d, undefined);
    }
  });
});
