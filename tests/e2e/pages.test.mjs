// The pages, as people use them: with and without script, by keyboard, and seen by axe. Pictures go to target/screenshots.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { logInByPage, lookAt, newPerson, startBrowser } from './harness/browser.mjs';
import { ADMIN, PLAIN, addUser, logIn, printedSetupUrl, setUp, startDoorward } from './harness/doorward.mjs';
import { Client } from './harness/http_client.mjs';
import { Rig } from './harness/processes.mjs';
import { logInByPassword } from './harness/second_factors.mjs';

const NEW_PASSWORD = 'saffron-harbour-pencil-64';

describe('pages', () => {
  const rig = new Rig();
  let browser;

  before(async () => { browser = await startBrowser(rig); });
  after(() => rig.stop());

  /** A Doorward that is set up, with a user beside the administrator. */
  async function withUsers() {
    // Who mistypes here tries again at once, faster than people do; lockout.test.mjs is about those who have to wait.
    const { port } = await startDoorward(rig, { env: { DOORWARD_THROTTLE__ACCOUNT_DELAYS: '0s' } });
    const url = `http://localhost:${port}/auth`;
    const admin = new Client(`http://localhost:${port}`);
    await setUp(admin);
    await addUser(admin, PLAIN);
    return { url, admin };
  }

  for (const javaScriptEnabled of [true, false]) {
    const how = javaScriptEnabled ? 'with script' : 'without script';

    test(`the printed setup URL makes the first administrator, who is signed in afterwards, ${how}`, async () => {
      // No token is given here: this is what a new user sees.
      const doorward = await startDoorward(rig, { env: { DOORWARD_SETUP__TOKEN: undefined } });
      const { port } = doorward;
      const printed = await printedSetupUrl(doorward);
      const { page, complaints } = await newPerson(browser, { javaScriptEnabled });
      await page.goto(printed);
      await page.getByLabel('Username').fill(ADMIN.username);
      await page.getByLabel('Email').fill(ADMIN.email);
      await page.getByLabel('Password', { exact: true }).fill(ADMIN.password);
      await page.getByRole('button', { name: 'Create administrator' }).click();
      await page.waitForURL(`http://localhost:${port}/auth/account**`);
      await page.getByText(ADMIN.email).waitFor();
      const again = await (await newPerson(browser, { javaScriptEnabled })).page.goto(printed);
      assert.equal(again.status(), 409);
      assert.deepEqual(complaints, []);
    });

    test(`somebody signs in, changes the password, signs another device out, and signs out, ${how}`, async () => {
      const { url } = await withUsers();
      const { page, complaints } = await newPerson(browser, { javaScriptEnabled });
      await page.goto(`${url}/login`);
      await logInByPage(page, { ...PLAIN, password: 'not-the-password' });
      await page.getByRole('alert').waitFor();
      await logInByPage(page, PLAIN);
      await page.waitForURL(`${url}/account**`);

      await page.getByRole('link', { name: 'Change password' }).click();
      await page.getByLabel('Current password', { exact: true }).fill(PLAIN.password);
      await page.getByLabel('New password', { exact: true }).fill(NEW_PASSWORD);
      await page.getByRole('button', { name: 'Change password' }).click();
      await page.waitForURL(`${url}/account**`);

      const phone = new Client(new URL(url).origin);
      await logIn(phone, { ...PLAIN, password: NEW_PASSWORD });
      const laptop = new Client(new URL(url).origin);
      await logIn(laptop, { ...PLAIN, password: NEW_PASSWORD });
      await page.reload();
      assert.equal(await page.locator('.sessions > li').count(), 3);
      await page.getByRole('button', { name: /^Sign out .*node|^Sign out Unknown/ }).first().click();
      await page.getByText('That device is signed out').waitFor();
      assert.equal(await page.locator('.sessions > li').count(), 2);
      const left = [await phone.get('/auth/v1/session'), await laptop.get('/auth/v1/session')].map(a => a.status).sort();
      assert.deepEqual(left, [200, 401]);
      await page.getByRole('button', { name: 'Sign out all other devices' }).click();
      await page.getByText('One other device is signed out').waitFor();
      assert.equal((await phone.get('/auth/v1/session')).status, 401);
      assert.equal((await laptop.get('/auth/v1/session')).status, 401);

      await page.getByRole('main').getByRole('link', { name: 'Sign out' }).click();
      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.getByText('You are signed out').waitFor();
      await page.goto(`${url}/account`);
      await page.getByLabel('Username').waitFor();
      assert.deepEqual(complaints, []);
    });

    test(`a one-time link sets a password once, ${how}`, async () => {
      const { url, admin } = await withUsers();
      const { invite_url: invitation } = await addUser(admin, { username: 'guest', email: 'guest@example.com' });
      const { page, complaints } = await newPerson(browser, { javaScriptEnabled });
      await page.goto(invitation);
      await page.getByLabel('New password', { exact: true }).fill(NEW_PASSWORD);
      await page.getByRole('button', { name: 'Set password' }).click();
      await page.waitForURL(address => !address.pathname.includes('/invite/'));
      const second = await newPerson(browser, { javaScriptEnabled });
      await second.page.goto(invitation);
      await second.page.getByText('This link no longer works').waitFor();
      await logIn(new Client(new URL(url).origin), { username: 'guest', password: NEW_PASSWORD });
      assert.deepEqual(complaints, []);
    });
  }

  test('signing in takes nothing but the keyboard', async () => {
    const { url } = await withUsers();
    const { page } = await newPerson(browser);
    await page.goto(`${url}/login`);
    // A page has it when it is first drawn, which may be after it was loaded.
    await page.locator('#username:focus').waitFor();
    await page.keyboard.type(PLAIN.username);
    await page.keyboard.press('Tab');
    await page.keyboard.type(PLAIN.password);
    await page.keyboard.press('Enter');
    await page.waitForURL(`${url}/account**`);
  });

  test('a button that is pressed twice sends once', async () => {
    const { url } = await withUsers();
    const { page } = await newPerson(browser);
    await logInByPassword(page, url);
    await page.goto(`${url}/password`);
    await page.getByLabel('Current password', { exact: true }).fill(PLAIN.password);
    await page.getByLabel('New password', { exact: true }).fill(NEW_PASSWORD);
    let sent = 0;
    let goOn;
    const pressedAgain = new Promise(resolve => { goOn = resolve; });
    await page.route(`${url}/password`, async route => {
      sent += 1;
      await pressedAgain;
      await route.continue();
    });
    const { x, y } = await page.getByRole('button', { name: 'Change password' }).boundingBox();
    // By the mouse alone: a click of Playwright's waits for the page that it leads to.
    const press = () => page.mouse.click(x + 5, y + 5);
    const first = page.waitForRequest(`${url}/password`);
    await press();
    await first;
    await press();
    goOn();
    await page.waitForURL(`${url}/account**`);
    assert.equal(sent, 1);
  });

  test('nothing that a page shows about a stranger is markup', async () => {
    const { url } = await withUsers();
    const { page, complaints } = await newPerson(browser);
    const marked = encodeURIComponent('"><img src=x onerror=alert(1)>');
    for (const path of [`/login?rd=${marked}`, `/login?notice=${marked}`, `/setup?token=${marked}`, `/continue?rd=${marked}`, `/invite/${marked}`]) {
      await page.goto(url + path);
      assert.equal(await page.locator('img').count(), 0, path);
    }
    assert.deepEqual(complaints, []);
  });

  test('no page needs sideways scrolling, and axe finds nothing to complain of', async () => {
    const printed = await printedSetupUrl(await startDoorward(rig, { env: { DOORWARD_SETUP__TOKEN: undefined } }));
    const { url, admin } = await withUsers();
    await addUser(admin, { username: 'guest' });
    const { invite_url: invitation } = await addUser(admin, { username: 'second-guest' });
    const { items } = (await admin.get('/auth/v1/admin/users')).json;
    const plain = items.find(user => user.username === PLAIN.username);
    const reset = (await admin.post(`/auth/v1/admin/users/${plain.id}/reset-link`, { headers: admin.csrf() })).json;
    // Colours on their way from light to dark are nobody's choice.
    const { page } = await newPerson(browser, { reducedMotion: 'reduce' });
    const look = async (name, address) => {
      if (address !== undefined) await page.goto(address);
      await lookAt(page, name);
    };
    await look('setup', printed);
    await look('setup-without-token', printed.replace(/setup.*/, 'setup'));
    await look('login', `${url}/login`);
    await look('login-to-continue', `${url}/continue?rd=${encodeURIComponent(`${url}/account`)}`);
    await logInByPage(page, { ...PLAIN, password: 'not-the-password' });
    await page.getByRole('alert').waitFor();
    await look('login-refused');
    await look('invitation', invitation);
    await look('reset', reset.reset_url ?? reset.url);
    await look('dead-link', `${url}/invite/dws_dead`);
    await look('not-found', `${url}/nowhere`);
    await page.goto(`${url}/login`);
    await logInByPage(page, PLAIN);
    await page.waitForURL(`${url}/account**`);
    await logIn(new Client(new URL(url).origin), PLAIN);
    await look('account', `${url}/account`);
    await look('password', `${url}/password`);
    await look('logout', `${url}/logout`);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByText('You are signed out').waitFor();
    await look('signed-out');
  });
});
