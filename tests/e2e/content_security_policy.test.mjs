// No page of ours does what its own Content-Security-Policy forbids: all pages that links lead to, and those that none leads to.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { logInByPage, newPerson, startBrowser } from './harness/browser.mjs';
import { signIn, startClientSite } from './harness/client_site.mjs';
import { ADMIN, PLAIN, addUser, logIn, printedSetupUrl, setUp, startDoorward } from './harness/doorward.mjs';
import { Client } from './harness/http_client.mjs';
import { Rig } from './harness/processes.mjs';
import { PATIENT, reachSecondStep, setUpApp } from './harness/second_factors.mjs';

const SECOND = { username: 'sally', password: 'lantern-biscuit-meadow-29' };
/** Of pages that differ in an id or a query alone, so many are looked at. */
const OF_A_KIND = 3;

/** Somebody whose browser reports each violation, with the page that it happened on. */
async function reporting(browser) {
  const person = await newPerson(browser);
  const violations = [];
  await person.context.exposeBinding('doorwardTestViolation', (_, violation) => { violations.push(violation); });
  await person.context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', ({ documentURI, effectiveDirective, blockedURI, sample }) => {
      globalThis.doorwardTestViolation(`${documentURI}: ${effectiveDirective} ${blockedURI} ${sample}`);
    });
  });
  return { ...person, violations };
}

/** Opens a page and lets its scripts come to rest. Every one of ours has a policy, which names no exception for what stands in the page. */
async function visit({ page }, url) {
  const response = await page.goto(url, { waitUntil: 'load' });
  const policy = response.headers()['content-security-policy'] ?? '';
  assert.match(policy, /default-src 'none'/, url);
  assert.doesNotMatch(policy, /unsafe/, url);
  await page.evaluate(() => new Promise(done => { requestAnimationFrame(() => setTimeout(done)); }));
}

/** The pages below `base` that the links of the page that is shown lead to. What the API answers is none. */
async function links(page, base) {
  const all = await page.locator('a[href]').evaluateAll(found => found.map(({ href }) => href.replace(/#.*/, '')));
  return all.filter(href => href.startsWith(`${base}/`) && !href.startsWith(`${base}/v1/`));
}

/** What a page is a page of: its address without what is somebody's or something's own. */
function kindOf(url) {
  const { pathname, searchParams } = new URL(url);
  return `${pathname.replace(/\/[\w-]{16,}/g, '/ID')}?${[...searchParams.keys()].sort().join('&')}`;
}

/** Follows every link from `start`. Returns the paths of all pages that were seen. */
async function walk(person, base, start) {
  const seen = new Set();
  const kinds = new Map();
  const waiting = [start];
  while (waiting.length > 0) {
    const url = waiting.shift();
    const kind = kindOf(url);
    if (seen.has(url) || (kinds.get(kind) ?? 0) >= OF_A_KIND) continue;
    seen.add(url);
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    await visit(person, url);
    waiting.push(...await links(person.page, base));
  }
  return [...seen].map(url => new URL(url).pathname);
}

describe('Content-Security-Policy', () => {
  const rig = new Rig();
  let browser;
  let url;
  let admin;

  before(async () => {
    browser = await startBrowser(rig);
    const { port } = await startDoorward(rig, { env: PATIENT });
    url = `http://localhost:${port}/auth`;
    admin = new Client(`http://localhost:${port}`);
    await setUp(admin);
    await addUser(admin, PLAIN);
    await addUser(admin, SECOND);
  });
  after(() => rig.stop());

  function assertQuiet({ violations, complaints }) {
    assert.deepEqual(violations, []);
    assert.deepEqual(complaints, []);
  }

  test('what is forbidden is noticed here', async () => {
    const person = await reporting(browser);
    await visit(person, `${url}/login`);
    await person.page.evaluate(() => {
      const reported = new Promise(done => { document.addEventListener('securitypolicyviolation', done, { once: true }); });
      document.body.append(Object.assign(document.createElement('img'), { src: 'https://evil.example/pixel' }));
      return reported;
    });
    assert.match(person.violations.join(), /img-src https:\/\/evil\.example/);
  });

  for (const [who, user, expected] of [
    ['an administrator', ADMIN, ['/auth/account', '/auth/account/factors', '/auth/password', '/auth/logout', '/auth/admin']],
    ['anybody else', PLAIN, ['/auth/account', '/auth/account/factors', '/auth/password', '/auth/logout']],
  ]) {
    test(`no page that links lead ${who} to violates it`, async () => {
      const person = await reporting(browser);
      await person.page.goto(`${url}/login`);
      await logInByPage(person.page, user);
      await person.page.waitForURL(`${url}/account**`);
      const seen = await walk(person, url, `${url}/account`);
      for (const path of expected) assert.ok(seen.includes(path), `${path} is not among ${seen.join()}`);
      assertQuiet(person);
    });
  }

  test('no page that is reached otherwise violates it', async () => {
    const elsewhere = new Client(new URL(url).origin);
    await logIn(elsewhere, SECOND);
    await setUpApp(elsewhere);
    const { invite_url: invitation } = await addUser(admin, { username: 'guest' });
    const person = await reporting(browser);
    const { page } = person;
    const printed = await printedSetupUrl(await startDoorward(rig, { env: { DOORWARD_SETUP__TOKEN: undefined } }));
    for (const address of [printed, invitation, `${url}/invite/dws_dead`, `${url}/nowhere`, `${url}/problems/session_expired`]) {
      await visit(person, address);
    }
    await page.goto(`${url}/login`);
    await logInByPage(page, { ...PLAIN, password: 'not-the-password' });
    await page.getByRole('alert').waitFor();
    await reachSecondStep(page, url, SECOND);
    await visit(person, `${url}/login`);
    await logInByPage(page, PLAIN);
    await page.waitForURL(`${url}/account**`);
    await visit(person, `${url}/step-up?rd=${encodeURIComponent(`${url}/account`)}`);
    await page.goto(`${url}/account/factors`);
    await page.getByRole('button', { name: 'Set up an authenticator app' }).click();
    await page.getByRole('link', { name: 'Open it there' }).waitFor();
    await page.goto(`${url}/logout`);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByText('You are signed out').waitFor();
    assertQuiet(person);
  });

  test('nor does the client, under a policy that forbids all but what it needs', async () => {
    const site = await startClientSite(rig);
    const person = await reporting(browser);
    await visit(person, site.app);
    await signIn(person.page);
    await person.page.evaluate(() => globalThis.app.listen());
    await person.page.evaluate(() => globalThis.app.doorward.listSessions());
    await person.page.getByRole('button', { name: 'Sign out' }).click();
    await person.page.getByLabel('Username').waitFor();
    assertQuiet(person);
  });
});
