// Guessing at passwords through a real proxy: whom the failures are counted of, and where the known device's cookie goes.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { logInByPage, newPerson, startBrowser } from './browser.mjs';
import { ADMIN, PLAIN, addUser, logIn, setUp } from './doorward.mjs';
import { Client } from './http_client.mjs';
import { Rig } from './processes.mjs';
import { startSite } from './proxies.mjs';

/** The third failure from an address makes everybody there wait for so long that no test waits it out; nothing else does. */
const GUARD = {
  DOORWARD_THROTTLE__ADDRESS_FREE_FAILURES: '2',
  DOORWARD_THROTTLE__ADDRESS_DELAYS: '1h',
  DOORWARD_THROTTLE__ACCOUNT_DELAYS: '0s',
  DOORWARD_LOCKOUT__WINDOW: '1h',
};

/** Registers the rules for one proxy. */
export function guessingIsCounted(proxy) {
  describe(`${proxy}, guessing`, () => {
    const rig = new Rig();
    let site;
    let admin;
    // The proxy itself is 127.0.0.1 and trusted: clients come from other addresses of this machine.
    const at = (from, jar) => new Client(site.auth, { from, jar });

    before(async () => {
      site = await startSite(rig, proxy, 'same-host', { env: GUARD });
      admin = at('127.0.0.9');
      await setUp(admin);
      await addUser(admin, PLAIN);
    });
    after(() => rig.stop());

    let guesses = 0;
    /** A wrong password for a name that nobody tried before; what came of it. */
    async function guess(client, headers) {
      guesses += 1;
      const answer = await client.post('/auth/v1/login', { json: { username: `nobody${guesses}`, password: 'guess' }, headers });
      return answer.json.code;
    }

    /** What a client may say about where it comes from; another place each time. */
    const claims = {
      'X-Forwarded-For': n => ({ 'X-Forwarded-For': `198.51.100.${n}` }),
      'X-Forwarded-For that ends in the proxy': n => ({ 'X-Forwarded-For': `198.51.100.${n}, 127.0.0.1` }),
      'X-Real-IP and its like': n => ({ 'X-Real-IP': `198.51.100.${n}`, 'True-Client-IP': `198.51.100.${n}`, 'CF-Connecting-IP': `198.51.100.${n}` }),
    };
    Object.entries(claims).forEach(([what, claim], index) => {
      test(`a client that claims other addresses is counted where it is: ${what}`, async () => {
        const from = `127.0.0.${20 + index}`;
        const client = at(from);
        for (let n = 1; n <= 3; n += 1) assert.equal(await guess(client, claim(n)), 'invalid_credentials');
        assert.equal(await guess(client, claim(4)), 'too_many_attempts');
        assert.equal(await guess(client, {}), 'too_many_attempts', 'the same count with and without claims');
        const audit = await admin.get('/auth/v1/admin/audit?event=login.refused&limit=1');
        assert.equal(audit.json.items[0].address, from);
      });
    });

    test('a client that claims other addresses by Forwarded gains one count, which all such clients share', async () => {
      const claim = n => ({ Forwarded: `for=198.51.100.${n}` });
      const codes = [];
      for (let n = 1; n <= 8; n += 1) codes.push(await guess(at(`127.0.0.${30 + n}`), claim(n)));
      assert.equal(codes.at(-1), 'too_many_attempts', codes.join());
    });

    test('whoever claims the address of somebody else does not slow them', async () => {
      const client = at('127.0.0.50');
      for (let n = 1; n <= 4; n += 1) await guess(client, { 'X-Forwarded-For': '127.0.0.51', Forwarded: 'for=127.0.0.51' });
      assert.equal(await guess(at('127.0.0.51')), 'invalid_credentials');
    });

    test('a known device is let in at once from an address where others guess, and a stranger is not', async () => {
      const owner = at('127.0.0.60');
      await logIn(owner, PLAIN);
      await owner.post('/auth/v1/logout');
      const stranger = at('127.0.0.60');
      for (let n = 1; n <= 3; n += 1) await guess(stranger);
      const refused = await stranger.post('/auth/v1/login', { json: { username: PLAIN.username, password: PLAIN.password } });
      assert.equal(refused.json.code, 'too_many_attempts', refused.text);
      assert.ok(Number(refused.header('retry-after')) > 3500, refused.header('retry-after'));
      await logIn(owner, PLAIN);
      await owner.post('/auth/v1/logout');
      const other = await owner.post('/auth/v1/login', { json: { username: ADMIN.username, password: ADMIN.password } });
      assert.equal(other.json.code, 'too_many_attempts', 'to any other account it is a stranger');
    });

    test('the cookie of a known device goes to Doorward and to no app', async () => {
      // A browser comes from 127.0.0.1: at a site of its own, where nobody has guessed from there.
      const site = await startSite(rig, proxy, 'same-host');
      const first = new Client(site.auth);
      await setUp(first);
      await addUser(first, PLAIN);
      const { page, context } = await newPerson(await startBrowser(rig));
      await page.goto(`${site.auth}/auth/login?rd=${encodeURIComponent(`${site.app}/reports`)}`);
      const sent = page.waitForRequest(`${site.app}/reports`);
      await logInByPage(page, PLAIN);
      await sent;
      await page.getByText('x-auth-user').waitFor();
      const { headers } = JSON.parse(await page.locator('body').innerText());
      const seenByApp = headers.filter(([name]) => name.toLowerCase() === 'cookie').map(([, value]) => value).join('; ');
      assert.match(seenByApp, /dw_session=/);
      assert.doesNotMatch(seenByApp, /dw_device|dw_refresh/);
      const [device] = (await context.cookies(`${site.auth}/auth/login`)).filter(cookie => cookie.name.endsWith('dw_device'));
      assert.equal(device.path, '/auth');
      assert.ok(device.httpOnly);
    });
  });
}
