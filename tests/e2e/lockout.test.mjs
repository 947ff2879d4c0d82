// Wrong passwords, as the pages tell of them: what happened, how long to wait, and that the owner's own browser goes on.
// Pictures go to target/screenshots.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { logInByPage, lookAt, newPerson, startBrowser } from './harness/browser.mjs';
import { ADMIN, PLAIN, SETUP_TOKEN, addUser, setUp, startDoorward } from './harness/doorward.mjs';
import { Client } from './harness/http_client.mjs';
import { Rig } from './harness/processes.mjs';

const THRESHOLD = 3;
const NOBODY = { username: 'nobody-of-this-name', password: 'not-the-password' };

// Only the lock is met here: neither delays nor the rate limit come first.
const LOCK_ONLY = {
  DOORWARD_LOCKOUT__THRESHOLD: String(THRESHOLD),
  DOORWARD_THROTTLE__ACCOUNT_DELAYS: '0s',
  DOORWARD_THROTTLE__ADDRESS_DELAYS: '0s',
  DOORWARD_RATE_LIMIT__LOGIN: '6000/minute',
};

describe('wrong passwords', () => {
  const rig = new Rig();
  let browser;

  before(async () => { browser = await startBrowser(rig); });
  after(() => rig.stop());

  /** A Doorward with a user beside the administrator. */
  async function withUsers(env) {
    const { port } = await startDoorward(rig, { env: { ...LOCK_ONLY, ...env } });
    const admin = new Client(`http://localhost:${port}`);
    await setUp(admin);
    const plain = await addUser(admin, PLAIN);
    return { url: `http://localhost:${port}/auth`, admin, plain };
  }

  /** A stranger who guesses until the account is locked. */
  async function lock(url, { username }) {
    const stranger = new Client(new URL(url).origin);
    const guess = () => stranger.post('/auth/v1/login', { json: { username, password: 'not-the-password' } });
    const statuses = [];
    for (let attempt = 0; attempt < THRESHOLD; attempt += 1) statuses.push((await guess()).status);
    assert.deepEqual(statuses, [401, 401, 429]);
  }

  /** Sends a form and waits for what comes of it: the next page has the same fields. */
  async function sent(page, send) {
    await Promise.all([page.waitForEvent('domcontentloaded'), send()]);
  }

  async function tryPasswordChange(page) {
    await page.getByLabel('Current password', { exact: true }).fill('not-the-password');
    await page.getByLabel('New password', { exact: true }).fill('saffron-harbour-pencil-64');
    await sent(page, () => page.getByRole('button', { name: 'Change password' }).click());
  }

  /** Whether this is the form of the login page: its script sends something too. */
  const isLogin = request => request.method() === 'POST' && new URL(request.url()).pathname === '/auth/login';

  const button = page => page.getByRole('button', { name: 'Sign in', exact: true });
  const timer = page => page.getByRole('timer');

  /** What the page says, but for how long it still takes. */
  async function words(page) {
    return (await page.locator('#failure').innerText()).replace(/in [^.]*(second|minute)s?\./, 'in a while.');
  }

  test('a stranger who locks an account is told so and for how long, and may try again after that', async () => {
    const { url } = await withUsers({ DOORWARD_LOCKOUT__DURATION: '3s' });
    const { page, documents, complaints } = await newPerson(browser);
    // Everything that the countdown shows, from its first text on: each may be seen late here, and the first be over by then.
    await page.addInitScript(() => addEventListener('DOMContentLoaded', () => {
      const clock = document.querySelector('[role=timer]');
      if (clock === null) return;
      const alert = document.querySelector('[role=alert]');
      const submit = document.querySelector('button[type=submit]');
      globalThis.shown = [];
      const note = () => globalThis.shown.push({
        wait: clock.textContent,
        held: submit.ariaDisabled === 'true',
        told: alert.checkVisibility() && alert.textContent.includes('Too many wrong passwords'),
      });
      note();
      new MutationObserver(note).observe(clock, { childList: true });
    }));
    await page.goto(`${url}/login`);
    const waits = [];
    for (let attempt = 0; attempt < THRESHOLD; attempt += 1) {
      const answer = page.waitForResponse(response => isLogin(response.request()));
      await sent(page, () => logInByPage(page, { ...PLAIN, password: 'not-the-password' }));
      waits.push(await (await answer).headerValue('Retry-After'));
    }
    assert.deepEqual(documents.map(({ status }) => status), [200, 401, 401, 429]);
    assert.deepEqual(waits.slice(0, -1), [null, null]);
    assert.ok(waits.at(-1) >= 1 && waits.at(-1) <= 3, waits.at(-1));
    assert.equal(await page.getByLabel('Username').inputValue(), PLAIN.username);
    await page.locator('#password:focus').waitFor();

    await page.getByText('You can try again now.').first().waitFor();
    const shown = await page.evaluate(() => globalThis.shown);
    const seconds = shown.map(({ wait }) => Number(wait.match(/^(\d+) seconds?$/)[1]));
    const isOver = seconds.map(left => left === 0);
    assert.ok(seconds[0] <= waits.at(-1) && seconds.at(-1) === 0, JSON.stringify(shown));
    assert.ok(seconds.every((left, index) => index === 0 || left < seconds[index - 1]), JSON.stringify(shown));
    assert.deepEqual(shown.map(({ held }) => !held), isOver, JSON.stringify(shown));
    assert.deepEqual(shown.map(({ told }) => !told), isOver, JSON.stringify(shown));
    assert.equal(await button(page).getAttribute('aria-disabled'), 'false');
    assert.equal(await page.getByText('Too many wrong passwords').isVisible(), false, 'that is over');
    assert.equal(await page.title(), 'Sign in · Doorward');
    await logInByPage(page, PLAIN);
    await page.waitForURL(`${url}/account**`);
    assert.deepEqual(complaints, []);
  });

  test('while it counts down the form is held back, unless it is for another name', async () => {
    const { url } = await withUsers();
    const { page } = await newPerson(browser);
    const posted = [];
    page.on('request', request => { if (isLogin(request)) posted.push(request.postData()); });
    await lock(url, PLAIN);
    await page.goto(`${url}/login`);
    await sent(page, () => logInByPage(page, PLAIN));
    await timer(page).waitFor();
    await page.getByLabel('Password', { exact: true }).fill(PLAIN.password);
    await page.keyboard.press('Enter');
    await button(page).click({ force: true });
    await logInByPage(page, ADMIN);
    await page.waitForURL(`${url}/account**`);
    assert.deepEqual(posted.map(form => new URLSearchParams(form).get('username')), [PLAIN.username, ADMIN.username]);
  });

  test('without script the page says the same, and the form stays usable', async () => {
    const { url } = await withUsers();
    await lock(url, PLAIN);
    const { page, documents } = await newPerson(browser, { javaScriptEnabled: false });
    await page.goto(`${url}/login`);
    for (let attempt = 0; attempt < 2; attempt += 1) {
      await sent(page, () => logInByPage(page, PLAIN));
      await page.getByRole('alert').getByText('Too many wrong passwords').waitFor();
      assert.match(await timer(page).textContent(), /^(15 minutes|14 minutes and \d+ seconds?)$/);
      await page.getByText('An administrator can unlock it.').waitFor();
      assert.equal(await page.getByText('You can try again now.').isVisible(), false);
    }
    assert.deepEqual(documents.map(({ status }) => status), [200, 429, 429]);
  });

  test('a name that is nobody’s is locked in the very same words', async () => {
    const { url } = await withUsers();
    const { page } = await newPerson(browser);
    const said = [];
    for (const person of [PLAIN, NOBODY]) {
      await page.goto(`${url}/login`);
      for (let attempt = 0; attempt < THRESHOLD; attempt += 1) {
        await sent(page, () => logInByPage(page, { ...person, password: 'not-the-password' }));
      }
      await page.getByRole('alert').getByText('Too many wrong passwords').waitFor();
      said.push(await words(page));
    }
    assert.equal(said[0], said[1]);
    assert.match(said[0], /in a while\./);
  });

  test('a browser that had signed in before signs in at once while strangers are locked out, and its owner is told', async () => {
    const { url } = await withUsers();
    const { page: own } = await newPerson(browser);
    await own.goto(`${url}/login`);
    await logInByPage(own, PLAIN);
    await own.waitForURL(`${url}/account**`);
    await own.goto(`${url}/logout`);
    await own.getByRole('button', { name: 'Sign out' }).click();
    await own.getByText('You are signed out').waitFor();

    await lock(url, PLAIN);
    const { page: stranger } = await newPerson(browser);
    await stranger.goto(`${url}/login`);
    await logInByPage(stranger, PLAIN);
    await stranger.getByRole('alert').getByText('Too many wrong passwords').waitFor();

    await own.goto(`${url}/login`);
    await logInByPage(own, PLAIN);
    await own.waitForURL(`${url}/account**`);
    await own.getByRole('heading', { name: 'Somebody entered wrong passwords for your account' }).waitFor();
    await own.getByText('This browser is not affected').waitFor();
  });

  test('of the browsers that an account knows, all but the one that asks can be forgotten', async () => {
    const { url } = await withUsers();
    const people = [await newPerson(browser), await newPerson(browser)];
    for (const { page } of people) {
      await page.goto(`${url}/login`);
      await logInByPage(page, PLAIN);
      await page.waitForURL(`${url}/account**`);
    }
    const [{ page: lost }, { page: kept }] = people;
    await kept.getByRole('button', { name: 'Forget all other browsers' }).click();
    await kept.getByText('All other browsers are forgotten').waitFor();
    await lock(url, PLAIN);
    await lost.goto(`${url}/account`);
    await lost.getByText('This one is none of them').waitFor();
    for (const { page } of people) {
      await page.goto(`${url}/logout`);
      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.goto(`${url}/login`);
      await logInByPage(page, PLAIN);
    }
    await kept.waitForURL(`${url}/account**`);
    await lost.getByRole('alert').getByText('Too many wrong passwords').waitFor();
  });

  test('who enters wrong current passwords is locked in this session only, and stays signed in', async () => {
    const { url } = await withUsers();
    const { page } = await newPerson(browser);
    await page.goto(`${url}/login`);
    await logInByPage(page, PLAIN);
    await page.waitForURL(`${url}/account**`);
    await page.goto(`${url}/password`);
    for (let attempt = 1; attempt < THRESHOLD; attempt += 1) {
      await tryPasswordChange(page);
      await page.getByText('That is not your current password').waitFor();
    }
    await tryPasswordChange(page);
    await page.getByRole('alert').getByText('you stay signed in').waitFor();
    assert.match(await timer(page).textContent(), /minutes/);
    assert.equal(await page.getByRole('button', { name: 'Change password' }).getAttribute('aria-disabled'), 'true');
    await page.goto(`${url}/account`);
    await page.getByRole('heading', { name: 'Who you are' }).waitFor();
  });

  test('these pages need no sideways scrolling, and axe finds nothing to complain of', async () => {
    const { page } = await newPerson(browser, { reducedMotion: 'reduce' });
    const failed = () => page.locator('#failure').waitFor();

    const slow = { DOORWARD_THROTTLE__ACCOUNT_DELAYS: '40s', DOORWARD_THROTTLE__ADDRESS_DELAYS: '40s' };
    const { port } = await startDoorward(rig, { env: { ...slow, DOORWARD_THROTTLE__ADDRESS_FREE_FAILURES: '0' } });
    await page.goto(`http://localhost:${port}/auth/setup`);
    for (let attempt = 0; attempt < 2; attempt += 1) {
      await page.getByLabel('Setup token').fill(attempt === 0 ? 'dws_wrong' : SETUP_TOKEN);
      await page.getByLabel('Username').fill(ADMIN.username);
      await page.getByLabel('Password', { exact: true }).fill(ADMIN.password);
      await sent(page, () => page.getByRole('button', { name: 'Create administrator' }).click());
    }
    await page.getByText('That was too soon').waitFor();
    await lookAt(page, 'setup-too-soon');

    const { url, admin } = await withUsers();
    const { invite_url: invitation } = await addUser(admin, { username: 'guest' });
    await page.goto(invitation);
    await page.getByLabel('New password', { exact: true }).fill('password1');
    await page.getByRole('button', { name: 'Set password' }).click();
    await page.locator('#new_password-error').waitFor();
    await lookAt(page, 'invitation-too-common');

    await page.goto(`${url}/login`);
    await logInByPage(page, PLAIN);
    await page.waitForURL(`${url}/account**`);
    await page.goto(`${url}/password`);
    for (let attempt = 0; attempt < THRESHOLD; attempt += 1) await tryPasswordChange(page);
    await page.getByRole('alert').waitFor();
    await lookAt(page, 'password-locked');
    await lock(url, PLAIN);
    await page.goto(`${url}/account`);
    await lookAt(page, 'account-strangers-locked');
    await page.getByRole('button', { name: 'Forget all other browsers' }).click();
    await page.getByText('All other browsers are forgotten').waitFor();
    await lookAt(page, 'account-browsers-forgotten');

    await page.context().clearCookies();
    await page.goto(`${url}/login`);
    await logInByPage(page, PLAIN);
    await failed();
    await lookAt(page, 'login-locked');
  });
});
