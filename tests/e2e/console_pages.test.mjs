// Every page of the console and of the account, reached by following links as people do, in both languages, wide and narrow, light
// and dark: axe finds nothing to complain of, none is scrolled sideways, and the browser refuses nothing that they contain.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { glanceAt, newPerson, startBrowser } from './harness/browser.mjs';
import { ADMIN, PLAIN, addUser, logIn, printedSetupUrl, setUp, startDoorward } from './harness/doorward.mjs';
import { Client } from './harness/http_client.mjs';
import { Rig } from './harness/processes.mjs';
import { setUpAppByPage, signOut } from './harness/second_factors.mjs';

const LANGUAGES = [
  { locale: 'en-GB', lang: 'en' },
  { locale: 'de-DE', lang: 'de' },
];

/** What must be among the pages that links lead to: a walk that finds nothing finds nothing wrong. */
const REACHED = [
  '/admin', '/admin?range=day', '/admin?range=month', '/admin/users', '/admin/users/new', '/admin/users/ID', '/admin/sessions',
  '/admin/audit', '/admin/audit?follow=1', '/admin/audit?user', '/admin/audit?address', '/admin/lockouts', '/admin/keys',
  '/admin/keys/rotate', '/admin/users/ID/disable', '/admin/users/ID/delete', '/account', '/account/factors', '/password', '/logout',
];

/** Parameters of which each value is another page. */
const KINDS = ['range', 'follow'];

/** What a page is, whoever and whatever it shows. */
function kindOf(url) {
  const path = url.pathname.replace(/^\/auth/, '').replace(/\/[\w-]{20,}(?=\/|$)/g, '/ID');
  const query = [...url.searchParams].map(([name, value]) => (KINDS.includes(name) ? `${name}=${value}` : name)).sort();
  return path + (query.length > 0 ? `?${query.join('&')}` : '');
}

/** Where the links of the page that is shown lead, downloads apart. */
async function linksOf(page) {
  const links = await page.locator('a[href]:not([download])').evaluateAll(found => found.map(link => link.href));
  return links.map(link => new URL(link)).filter(link => link.origin === new URL(page.url()).origin);
}

/** Looks at each kind of page that links lead to from `start`, and returns the kinds. */
async function walk(page, start, lang) {
  const seen = new Set();
  const ahead = [new URL(start)];
  while (ahead.length > 0) {
    const url = ahead.shift();
    url.hash = '';
    if (seen.has(kindOf(url))) continue;
    seen.add(kindOf(url));
    const answer = await page.goto(url.href);
    assert.equal(answer.status(), 200, url.href);
    assert.equal(await page.locator('html').getAttribute('lang'), lang, url.href);
    await glanceAt(page, `${kindOf(url)}, ${lang}`);
    ahead.push(...await linksOf(page));
  }
  return seen;
}

/** Shows name and password to the page that asks for them, whatever it speaks. */
async function showPassword(page, { username, password }) {
  await page.waitForLoadState('domcontentloaded');
  await page.locator('#username').fill(username);
  await page.locator('#password').fill(password);
  await Promise.all([page.waitForEvent('domcontentloaded'), page.locator('#password').press('Enter')]);
}

const LONG = { username: 'a-name-of-sixty-letters-without-any-place-to-break-the-line-at', password: PLAIN.password };

describe('pages of the console', () => {
  const rig = new Rig();
  let browser;
  let url;
  let invitation;

  before(async () => {
    browser = await startBrowser(rig);
    const { port } = await startDoorward(rig, {
      env: {
        DOORWARD_LOCKOUT__THRESHOLD: '3', DOORWARD_THROTTLE__ACCOUNT_DELAYS: '0s', DOORWARD_THROTTLE__ADDRESS_DELAYS: '0s',
        DOORWARD_RATE_LIMIT__LOGIN: '6000/minute',
      },
    });
    url = `http://localhost:${port}/auth`;
    const admin = new Client(`http://localhost:${port}`);
    await setUp(admin);
    await addUser(admin, { ...PLAIN, email: 'mallory.of.a.very.long.name@subdomain.of.a.long.domain.example.com' });
    await addUser(admin, LONG);
    ({ invite_url: invitation } = await addUser(admin, { username: 'guest', email: 'guest@example.com' }));
    await logIn(new Client(admin.origin), PLAIN);
    for (const username of [PLAIN.username, 'nobody']) {
      const stranger = new Client(admin.origin);
      for (let attempt = 0; attempt < 4; attempt += 1) {
        await stranger.post('/auth/v1/login', { json: { username, password: 'not-the-password' } });
      }
    }
  });
  after(() => rig.stop());

  // Colours on their way from light to dark are nobody's choice.
  const come = ({ locale }) => newPerson(browser, { locale, reducedMotion: 'reduce' });

  async function signIn(page, person) {
    await page.goto(`${url}/login`);
    await showPassword(page, person);
    await page.waitForURL(`${url}/account**`);
  }

  for (const { locale, lang } of LANGUAGES) {
    test(`nothing is wrong with a page that an administrator or a user comes to by links: ${lang}`, async () => {
      const { page, complaints } = await come({ locale });
      await signIn(page, ADMIN);
      const seen = await walk(page, `${url}/admin`, lang);
      for (const kind of REACHED) assert.ok(seen.has(kind), `${kind} is among ${[...seen].join(' ')}`);
      assert.deepEqual(complaints, []);
    });

    test(`nothing is wrong with a page that stands before signing in: ${lang}`, async () => {
      const fresh = await startDoorward(rig, { env: { DOORWARD_SETUP__TOKEN: undefined } });
      const setup = await printedSetupUrl(fresh);
      const { page, complaints } = await come({ locale });
      const look = async (name, address, status = 200) => {
        if (address !== undefined) assert.equal((await page.goto(address)).status(), status, address);
        assert.equal(await page.locator('html').getAttribute('lang'), lang, name);
        await glanceAt(page, `${name}, ${lang}`);
      };
      await look('setup', setup);
      await look('invitation', invitation);
      await look('dead link', `${url}/invite/dws_dead`, 404);
      await look('not found', `${url}/nowhere`, 404);
      await look('login', `${url}/login`);
      await showPassword(page, { ...ADMIN, password: 'not-the-password' });
      await look('login, refused');
      await signIn(page, LONG);
      await look('not allowed', `${url}/admin`, 403);
      assert.deepEqual(complaints, []);
    });
  }

  test('nothing is wrong with the second step of signing in, in German either', async () => {
    const { page } = await come({ locale: 'en-GB' });
    await signIn(page, LONG);
    await page.goto(`${url}/account/factors`);
    await setUpAppByPage(page);
    await signOut(page, url);
    for (const { locale, lang } of LANGUAGES) {
      const { page: step, complaints } = await come({ locale });
      await step.goto(`${url}/login`);
      await showPassword(step, LONG);
      await step.locator('#code').waitFor();
      await glanceAt(step, `second step, ${lang}`);
      assert.deepEqual(complaints, []);
    }
  });
});
