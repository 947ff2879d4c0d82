// A sibling host tosses a refresh cookie of its own at us, so that a victim works in the attacker's account without knowing.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import https from 'node:https';
import { after, before, describe, test } from 'node:test';
import { logInByPage, newPerson, startBrowser } from './harness/browser.mjs';
import { certificate } from './harness/certificates.mjs';
import { PLAIN, addUser, logIn, setUp } from './harness/doorward.mjs';
import { Client } from './harness/http_client.mjs';
import { Rig, freePort } from './harness/processes.mjs';
import { startSite } from './harness/proxies.mjs';

const VICTIM = { username: 'victim', password: 'walnut-compass-drizzle-55' };

describe('a sibling host that tosses its own refresh cookie', () => {
  const rig = new Rig();
  let site;
  let browser;
  let evil;
  let tossed = [];

  before(async () => {
    browser = await startBrowser(rig);
    // https, and no cookie.domain: the refresh cookie is __Secure- and may be shadowed, session and CSRF are __Host- and may not.
    site = await startSite(rig, 'nginx', 'same-host', { tls: true });
    const admin = new Client(site.auth);
    await setUp(admin);
    await addUser(admin, VICTIM);
    await addUser(admin, PLAIN);
    const { cert, key } = await certificate(rig, ['evil.example.com']);
    const server = https.createServer({ cert: await readFile(cert), key: await readFile(key) }, (_, response) => {
      response.setHeader('Set-Cookie', tossed);
      response.end('a harmless page');
    });
    const port = await freePort();
    await new Promise(resolve => { server.listen(port, '127.0.0.1', resolve); });
    rig.defer(() => { server.closeAllConnections(); server.close(); });
    evil = `https://evil.example.com:${port}/`;
  });
  after(() => rig.stop());

  /** The attacker's own good refresh token, thrown at every path where it could matter. */
  async function toss(page) {
    const attacker = new Client(site.auth);
    await logIn(attacker, PLAIN);
    const token = attacker.jar.value('dw_refresh');
    tossed = ['/auth', '/auth/continue', '/auth/v1/refresh', '/'].map(path =>
      `__Secure-dw_refresh=${token}; Domain=example.com; Path=${path}; Secure; HttpOnly`);
    await page.goto(evil);
    const jar = await page.context().cookies(`${site.auth}/auth/continue`);
    assert.ok(jar.some(cookie => cookie.value === token), 'the attack itself works: the cookie is in the jar');
  }

  /** Whose session the browser would use now. */
  async function actsAs(page) {
    const cookies = await page.context().cookies(`${site.auth}/auth/v1/session`);
    const header = cookies.map(cookie => `${cookie.name}=${cookie.value}`).join('; ');
    const answer = await new Client(site.auth).get('/auth/v1/session', { headers: { Cookie: header } });
    return answer.status === 200 ? answer.json.user.username : answer.status;
  }

  test('a victim who is not signed in comes to the login page, not into the attacker\'s account', async () => {
    const { page } = await newPerson(browser);
    await toss(page);
    await page.goto(`${site.app}/reports`);
    await page.getByLabel('Username').waitFor();
    assert.notEqual(await actsAs(page), PLAIN.username);
    await logInByPage(page, VICTIM);
    await page.waitForURL(`${site.app}/reports`);
    assert.equal(await actsAs(page), VICTIM.username);
  });

  test('a victim of whose session only the CSRF cookie is left comes to the login page', async () => {
    const { page, context } = await newPerson(browser);
    await page.goto(`${site.app}/reports`);
    await logInByPage(page, VICTIM);
    await page.waitForURL(`${site.app}/reports`);
    await context.clearCookies({ name: '__Host-dw_session' });
    await context.clearCookies({ name: '__Secure-dw_refresh' });
    await toss(page);
    await page.goto(`${site.app}/reports`);
    await page.getByLabel('Username').waitFor();
    assert.notEqual(await actsAs(page), PLAIN.username);
  });

  test('a victim whose access token has ended never becomes the attacker, and does not stay stuck', async () => {
    const { page, context } = await newPerson(browser);
    await page.goto(`${site.app}/reports`);
    await logInByPage(page, VICTIM);
    await page.waitForURL(`${site.app}/reports`);
    await toss(page);
    await context.clearCookies({ name: '__Host-dw_session' });
    const seen = [];
    for (let visit = 0; visit < 3; visit += 1) {
      await page.goto(`${site.app}/reports`);
      // Where a visit ends, not a page on the way there: the app, which tells what headers it got, the login page, or the error.
      const ends = [page.getByText('x-auth-user'), page.getByLabel('Username'), page.getByText('Conflicting cookies')];
      await ends.reduce((one, other) => one.or(other)).first().waitFor();
      seen.push(await actsAs(page));
      if (await page.getByLabel('Username').count() > 0) {
        await logInByPage(page, VICTIM);
        await page.waitForURL(`${site.app}/reports`);
      }
    }
    assert.ok(!seen.includes(PLAIN.username), seen.join());
    assert.equal(seen.at(-1), VICTIM.username, seen.join());
  });
});
