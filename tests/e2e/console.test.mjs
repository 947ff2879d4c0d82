// The console in an administrator's hands: by keyboard alone, following the log live, taking it away as a file.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, afterEach, before, describe, test } from 'node:test';
import { People, logInByPage, startBrowser } from './harness/browser.mjs';
import { ADMIN, PLAIN, addUser, logIn, setUp, startDoorward } from './harness/doorward.mjs';
import { Client } from './harness/http_client.mjs';
import { Rig, becomesTrue } from './harness/processes.mjs';

/** What a program that is not kind calls itself. */
const HOSTILE = '=cmd|"/c calc"!A1<img src=x onerror=alert(1)>';

describe('console', () => {
  const rig = new Rig();
  let people;
  let url;
  let admin;

  before(async () => {
    people = new People(await startBrowser(rig));
    const { port } = await startDoorward(rig, {
      env: { DOORWARD_THROTTLE__ACCOUNT_DELAYS: '0s', DOORWARD_THROTTLE__ADDRESS_DELAYS: '0s', DOORWARD_RATE_LIMIT__LOGIN: '6000/minute' },
    });
    url = `http://localhost:${port}/auth`;
    admin = new Client(`http://localhost:${port}`);
    await setUp(admin);
    await addUser(admin, PLAIN);
  });
  afterEach(() => people.leave());
  after(() => rig.stop());

  async function administrator(options) {
    const { page, context } = await people.come(options);
    await page.goto(`${url}/login`);
    await logInByPage(page, ADMIN);
    await page.waitForURL(`${url}/account**`);
    return { page, context };
  }

  /** Somebody fails to sign in elsewhere. */
  async function failToSignIn(username) {
    const body = JSON.stringify({ username, password: 'not-the-password' });
    const headers = { 'Content-Type': 'application/json', 'User-Agent': HOSTILE };
    const answer = await new Client(new URL(url).origin).post('/auth/v1/login', { body, headers });
    assert.equal(answer.status, 401, answer.text);
  }

  /** Presses Tab until what has the focus is called so. */
  async function tabTo(page, role, name) {
    const wanted = page.getByRole(role, { name, exact: true });
    await wanted.first().waitFor();
    for (let presses = 0; presses < 200; presses += 1) {
      await page.keyboard.press('Tab');
      const focused = await wanted.evaluateAll(found => found.includes(document.activeElement));
      if (focused) return;
    }
    assert.fail(`Tab never comes to the ${role} ${name}`);
  }

  /** Presses Enter where the focus is, and waits for the page that comes of it. */
  async function enter(page) {
    await Promise.all([page.waitForEvent('domcontentloaded'), page.keyboard.press('Enter')]);
  }

  test('the keyboard is enough to sign in, find a user, disable and enable them', async () => {
    const { page } = await people.come();
    await page.goto(`${url}/login`);
    await page.locator('#username:focus').waitFor();
    await page.keyboard.type(ADMIN.username);
    await page.keyboard.press('Tab');
    await page.keyboard.type(ADMIN.password);
    await page.keyboard.press('Enter');
    await page.waitForURL(`${url}/account**`);

    await tabTo(page, 'link', 'Administration');
    await enter(page);
    await tabTo(page, 'link', 'Users');
    await enter(page);
    await tabTo(page, 'searchbox', 'Name or email begins with');
    await page.keyboard.type(PLAIN.username.slice(0, 4));
    await enter(page);
    await tabTo(page, 'link', PLAIN.username);
    await enter(page);
    await tabTo(page, 'link', 'Disable the account…');
    await enter(page);
    await tabTo(page, 'button', 'Disable the account');
    await enter(page);
    await page.getByRole('status').filter({ hasText: 'The account is disabled' }).waitFor();
    const login = { json: { username: PLAIN.username, password: PLAIN.password } };
    assert.equal((await new Client(admin.origin).post('/auth/v1/login', login)).status, 403);

    await tabTo(page, 'button', 'Enable the account');
    await enter(page);
    await page.getByRole('status').filter({ hasText: 'The account is enabled' }).waitFor();
    await logIn(new Client(admin.origin), PLAIN);
  });

  test('whoever follows the log sees what happens elsewhere, as text, and can hold it', async () => {
    const { page } = await administrator();
    await page.goto(`${url}/admin/audit?event=login.refused`);
    await page.getByRole('link', { name: 'Follow live' }).click();
    const status = page.locator('[data-live]');
    await status.filter({ hasText: 'New events appear here' }).waitFor();
    const events = page.locator('.events > li');
    const before = await events.count();

    await failToSignIn(PLAIN.username);
    const newest = events.first();
    await becomesTrue(async () => await events.count() === before + 1, 'the event is shown');
    assert.equal(await newest.getByRole('heading').innerText(), 'Sign-in refused');
    assert.equal(await newest.locator('.outcome').innerText(), 'Refused');
    const owner = newest.getByRole('link', { name: PLAIN.username });
    assert.match(await owner.getAttribute('href'), /^\/auth\/admin\/users\/[\w-]+$/);
    await newest.getByText('wrong name or password').waitFor();
    await newest.getByText('Unknown device').waitFor();
    assert.equal(await page.locator('img').count(), 0);
    await page.locator('[data-said]').filter({ hasText: 'Sign-in refused' }).waitFor({ state: 'attached' });

    await page.getByRole('button', { name: 'Pause' }).click();
    await failToSignIn(PLAIN.username);
    await status.filter({ hasText: 'Paused. New events: 1' }).waitFor();
    assert.equal(await events.count(), before + 1);
    await page.getByRole('button', { name: 'Go on' }).click();
    await becomesTrue(async () => await events.count() === before + 2, 'what was held is shown');
  });

  test('whoever is signed out meanwhile is told so, and no event is shown any more', async () => {
    const { page } = await administrator();
    await page.goto(`${url}/admin/audit?follow=1`);
    await page.locator('[data-live]').filter({ hasText: 'New events appear here' }).waitFor();
    const session = (await page.evaluate(async base => (await fetch(`${base}/v1/session`)).json(), url)).session;
    const ended = await admin.request('DELETE', `/auth/v1/sessions/${session.id}`, { headers: admin.csrf() });
    assert.equal(ended.status, 204, ended.text);
    await page.locator('[data-live]').filter({ hasText: 'You are signed out' }).waitFor();
    await page.getByRole('link', { name: 'Sign in again' }).click();
    await page.getByLabel('Username').waitFor();
  });

  test('following outlasts the access token', async () => {
    const brief = await startDoorward(rig, { env: { DOORWARD_SESSION__ACCESS_TTL: '5s' } });
    const origin = `http://localhost:${brief.port}`;
    await setUp(new Client(origin));
    const { page } = await people.come();
    let streams = 0;
    page.on('response', response => { if (response.url().includes('/audit/stream') && response.ok()) streams += 1; });
    await page.goto(`${origin}/auth/admin/audit?follow=1`);
    await logInByPage(page, ADMIN);
    await becomesTrue(async () => streams >= 3, 'two access tokens have ended');
    await new Client(origin).post('/auth/v1/login', { json: { username: 'somebody', password: 'not-the-password' } });
    await page.locator('.events').getByText('Sign-in refused').first().waitFor();
  });

  test('whoever has no script sees new events all the same', async () => {
    const { page } = await administrator({ javaScriptEnabled: false });
    await page.goto(`${url}/admin/audit?event=login.refused&follow=1`);
    const events = page.locator('.events > li');
    const before = await events.count();
    await failToSignIn(PLAIN.username);
    await becomesTrue(async () => await events.count() > before, 'the page is loaded again');
  });

  for (const [format, look] of [
    ['CSV', text => {
      assert.match(text, /\r\n/);
      assert.doesNotMatch(text, /(^|,|")=cmd/m, 'no spreadsheet takes it for a formula');
    }],
    ['JSON', text => {
      const events = JSON.parse(text);
      assert.ok(events.length > 0 && events.every(event => event.event === 'login.refused'));
      assert.ok(events.some(event => event.user_agent === HOSTILE));
    }],
  ]) {
    test(`the log is taken away as ${format}, with the filter of the page`, async () => {
      await failToSignIn(PLAIN.username);
      const { page } = await administrator();
      await page.goto(`${url}/admin/audit?event=login.refused`);
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('link', { name: `Export as ${format}` }).click(),
      ]);
      assert.match(download.suggestedFilename(), new RegExp(`\\.${format.toLowerCase()}$`));
      const text = await readFile(await download.path(), 'utf8');
      assert.match(text, /login\.refused/);
      assert.doesNotMatch(text, /login\.succeeded/);
      look(text);
    });
  }
});
