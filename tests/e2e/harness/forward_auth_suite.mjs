// What every proxy must do with an app behind it, whatever its quirks: one list of rules, instantiated for each proxy and layout.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ADMIN, PLAIN, addUser, logIn, setUp } from './doorward.mjs';
import { Client } from './http_client.mjs';
import { Rig } from './processes.mjs';
import { startSite } from './proxies.mjs';

const IDENTITY = ['x-auth-user-id', 'x-auth-user', 'x-auth-email', 'x-auth-roles', 'x-auth-session-id', 'x-auth-aal', 'x-auth-method'];

/** What a client sends who would like to be somebody else. */
const FORGED = {
  'X-Auth-User-Id': 'forged', 'X-Auth-User': 'forged', 'X-Auth-Email': 'forged@example.com', 'X-Auth-Roles': 'forged', 'X-Auth-Aal': '3',
  X_Auth_User: 'forged', X_Auth_Email: 'forged', 'X-Auth_Roles': 'forged', 'X_Auth-User': 'forged', x_auth_user_id: 'forged',
};

/** A page of another site, in a browser that says so, and in an old one. */
const FOREIGN = { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'cors', Origin: 'https://evil.example' };
const FOREIGN_OLD = { Origin: 'https://evil.example' };

/** A client's own description of its request, as if it were the proxy. */
const SELF_DESCRIBED = {
  'X-Forwarded-Method': 'GET', 'X-Original-Method': 'GET', 'X-Forwarded-Uri': '/public/', 'X-Forwarded-Host': 'evil.example',
  'X-Forwarded-Proto': 'https', 'X-Original-URL': 'http://evil.example/public/', 'X-Forwarded-For': '203.0.113.9',
};

/** The headers that the app was told, by lower-case name, underscores told apart from dashes. */
function told(answer) {
  assert.equal(answer.status, 200, answer.text);
  return answer.json.headers.map(([name, value]) => [name.toLowerCase(), value]);
}

/** What an app that takes `_` for `-` (CGI, WSGI, PHP) learns of a header: every value. */
function valuesSeenByCgi(answer, name) {
  return told(answer).filter(([n]) => n.replaceAll('_', '-') === name).map(([, value]) => value);
}

function assertProblem(answer, status, code) {
  assert.equal(answer.status, status, answer.text);
  assert.equal(answer.header('content-type'), 'application/problem+json');
  assert.equal(answer.json.code, code);
}

/** Registers the rules for one proxy in one layout. */
export function forwardAuthHolds(proxy, layout) {
  describe(`${proxy}, ${layout}`, () => {
    const rig = new Rig();
    let site;
    let admin;
    let plain;
    const nobody = () => new Client(site.app);

    before(async () => {
      site = await startSite(rig, proxy, layout, { env: { DOORWARD_TOKEN_ENDPOINT__ENABLED: 'true' } });
    });
    after(() => rig.stop());

    test('before setup the app is closed and says why', async () => {
      assertProblem(await nobody().get('/'), proxy === 'nginx' ? 403 : 503, 'setup_required');
    });

    test('setup and logins work through the proxy', async () => {
      const adminAtAuth = new Client(site.auth);
      await setUp(adminAtAuth);
      await addUser(adminAtAuth, PLAIN);
      admin = adminAtAuth.at(site.app);
      const plainAtAuth = new Client(site.auth);
      await logIn(plainAtAuth, PLAIN);
      plain = plainAtAuth.at(site.app);
    });

    test('an API request that is not logged in gets the problem document', async () => {
      const answer = await nobody().get('/reports?page=2', { headers: { Accept: 'application/json' } });
      assertProblem(answer, 401, 'not_authenticated');
      assert.equal(answer.header('location'), undefined);
    });

    test('a POST that is not logged in is refused, never redirected', async () => {
      const answer = await nobody().post('/reports', { form: { text: 'lost?' }, headers: { Accept: 'text/html' } });
      assertProblem(answer, 401, 'not_authenticated');
      assert.equal(answer.header('location'), undefined);
    });

    for (const path of ['/reports?page=2&q=%20a%26b#', '/a//b?rd=https://evil.example/', '//evil.example/x?y=1']) {
      test(`a browser that is not logged in is sent to continue with exactly its own URL: ${path}`, async () => {
        const asked = path.replace('#', '');
        const answer = await nobody().navigate(asked);
        assert.equal(answer.status, 302, answer.text);
        const location = new URL(answer.header('location'));
        assert.equal(`${location.origin}${location.pathname}`, `${site.auth}/auth/continue`);
        assert.deepEqual([...location.searchParams.entries()], [['rd', `${site.app}${asked}`]]);
      });
    }

    test('a role that is missing is 403, for programs and for browsers', async () => {
      assertProblem(await plain.get('/staff/'), 403, 'forbidden');
      const navigation = await plain.navigate('/staff/');
      assert.equal(navigation.status, 403, navigation.text);
      assert.equal(navigation.header('location'), undefined);
      assert.equal((await admin.get('/staff/')).status, 200);
    });

    test('the app learns who is calling, whatever the client says about itself', async () => {
      const answer = await admin.get('/reports', { headers: FORGED });
      const only = name => { const values = valuesSeenByCgi(answer, name); assert.equal(values.length, 1, name); return values[0]; };
      assert.equal(only('x-auth-user'), ADMIN.username);
      assert.equal(only('x-auth-email'), ADMIN.email);
      assert.equal(only('x-auth-roles'), 'admin');
      assert.equal(only('x-auth-aal'), '1');
      assert.equal(only('x-auth-method'), 'cookie');
      assert.notEqual(only('x-auth-user-id'), 'forged');
      assert.notEqual(only('x-auth-session-id'), '');
      assert.equal(only('host'), new URL(site.app).host);
    });

    test('a user without e-mail and roles has none at the app either', async () => {
      const answer = await plain.get('/reports', { headers: FORGED });
      assert.deepEqual(valuesSeenByCgi(answer, 'x-auth-user'), [PLAIN.username]);
      for (const name of ['x-auth-email', 'x-auth-roles']) {
        assert.deepEqual(valuesSeenByCgi(answer, name).filter(value => value !== ''), [], name);
      }
    });

    test('the public path is open, and nobody is anybody there', async () => {
      for (const client of [nobody(), plain]) {
        const answer = await client.get('/public/logo', { headers: FORGED });
        for (const name of IDENTITY) assert.deepEqual(valuesSeenByCgi(answer, name).filter(value => value !== ''), [], name);
      }
    });

    for (const path of ['/public/../staff/', '/public/%2e%2e/staff/', '/public/..%2fstaff/', '//public/../staff/', '/./staff/', '/staff%2f']) {
      test(`no spelling of a path makes a protected one public: ${path}`, async () => {
        const anonymous = await nobody().get(path);
        assert.notEqual(anonymous.status, 200, anonymous.text);
      });
    }

    for (const path of ['//staff/', '/%73taff/', '/x/../staff/', '/./staff/', '/staff%2f']) {
      test(`no spelling of a path escapes its policy: ${path}`, async () => {
        const answer = await plain.get(path);
        assert.notEqual(answer.status, 200, answer.text);
        assert.equal((await admin.get(path)).status, 200);
      });
    }

    for (const [how, path, headers] of [
      ['', '/reports', FOREIGN],
      [' in a browser that sends Origin only', '/reports', FOREIGN_OLD],
      [' with ?csrf=off', '/reports?csrf=off', FOREIGN],
      [' with X-Forwarded-Method: GET from the client', '/reports', { 'X-Forwarded-Method': 'GET', Origin: 'null' }],
      [' that overrides its method', '/reports', { ...FOREIGN, 'X-HTTP-Method-Override': 'GET' }],
      [' that describes itself as another request', '/reports', { ...FOREIGN, ...SELF_DESCRIBED }],
      [' that tries all of it', '/reports?csrf=off', { ...FOREIGN_OLD, ...SELF_DESCRIBED }],
    ]) {
      test(`a cross-site POST${how} is refused`, async () => {
        assertProblem(await admin.post(path, { form: { text: 'forged' }, headers }), 403, 'cross_site_refused');
      });
    }

    test('describing its own request gains a client nothing and costs it nothing', async () => {
      assert.equal((await admin.get('/reports', { headers: SELF_DESCRIBED })).status, 200);
      assertProblem(await plain.get('/staff/', { headers: SELF_DESCRIBED }), 403, 'forbidden');
      const sent = await nobody().navigate('/reports', { headers: SELF_DESCRIBED });
      assert.equal(new URL(sent.header('location')).searchParams.get('rd'), `${site.app}/reports`);
    });

    test('a POST of our own arrives whole', async () => {
      const text = 'x'.repeat(300_000);
      for (const headers of [{}, { 'Sec-Fetch-Site': 'same-origin', Origin: site.app }]) {
        const answer = await admin.post('/reports', { body: text, headers: { 'Content-Type': 'text/plain', ...headers } });
        assert.deepEqual(valuesSeenByCgi(answer, 'x-auth-user'), [ADMIN.username]);
        assert.equal(answer.json.method, 'POST');
        assert.equal(answer.json.body, text);
      }
    });

    test('a WebSocket handshake from another site is refused', async () => {
      const handshake = {
        Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13', 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
      };
      assertProblem(await admin.get('/live', { headers: { ...handshake, ...FOREIGN_OLD } }), 403, 'cross_site_refused');
      const modern = { 'Sec-Fetch-Mode': 'websocket', 'Sec-Fetch-Site': 'cross-site', Origin: 'https://evil.example' };
      assertProblem(await admin.get('/live', { headers: { ...handshake, ...modern } }), 403, 'cross_site_refused');
      assert.equal((await admin.get('/live', { headers: { ...handshake, Origin: site.app } })).status, 200);
    });

    test('a program is let in by its bearer token, and told how to log in without', async () => {
      const form = { username: PLAIN.username, password: PLAIN.password };
      const tokens = await new Client(site.auth).post('/auth/v1/token', { form });
      assert.equal(tokens.status, 200, tokens.text);
      const bearer = { Authorization: `Bearer ${tokens.json.access_token}` };
      const answer = await nobody().get('/reports', { headers: { ...bearer, ...FORGED } });
      assert.deepEqual(valuesSeenByCgi(answer, 'x-auth-user'), [PLAIN.username]);
      assert.deepEqual(valuesSeenByCgi(answer, 'x-auth-method'), ['bearer']);
      const refused = await nobody().get('/reports', { headers: { Authorization: 'Bearer wrong' } });
      assertProblem(refused, 401, 'token_invalid');
      assert.equal(refused.all('www-authenticate').length, 1);
      assert.match(refused.header('www-authenticate'), /^Bearer/);
    });

    test('whoever logs out is out at the app too', async () => {
      const leaving = new Client(site.auth);
      await logIn(leaving, PLAIN);
      const atApp = leaving.at(site.app);
      const cookies = leaving.jar.matching(new URL(site.app)).map(c => `${c.name}=${c.value}`).join('; ');
      assert.equal((await atApp.get('/reports')).status, 200);
      assert.equal((await leaving.post('/auth/v1/logout')).status, 204);
      assertProblem(await atApp.get('/reports'), 401, 'not_authenticated');
      assertProblem(await atApp.get('/reports', { headers: { Cookie: cookies } }), 401, 'session_revoked');
    });
  });
}
