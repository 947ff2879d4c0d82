// Second factors where an operator demands them: of everybody, or behind a real nginx of whoever comes to some app.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { People, getWithCookies, logInByPage, startBrowser } from './harness/browser.mjs';
import { PLAIN, addUser, logIn, setUp } from './harness/doorward.mjs';
import { Client } from './harness/http_client.mjs';
import { Rig } from './harness/processes.mjs';
import { startSite } from './harness/proxies.mjs';
import {
  PATIENT, confirmByApp, logInByApp, logInByPassword, makeRecoveryCodes, removeApp, setUpApp, setUpAppByPage, showCode, stepUp,
} from './harness/second_factors.mjs';

const rig = new Rig();
let people;

before(async () => { people = new People(await startBrowser(rig)); });
afterEach(() => people.leave());
after(() => rig.stop());

/** An app behind nginx, and the administrator of its Doorward. */
async function siteWith(env) {
  const site = await startSite(rig, 'nginx', 'same-host', { env: { ...PATIENT, ...env } });
  const admin = new Client(site.auth);
  await setUp(admin);
  return { ...site, admin, url: `${site.auth}/auth` };
}

/** What the app was told of whoever is at its page, by this header. */
async function told(page, header) {
  const { headers } = JSON.parse(await page.locator('body').innerText());
  return headers.filter(([name]) => name.toLowerCase() === header).map(([, value]) => value);
}

describe('second factors, demanded of everybody', () => {
  test('a new user sets one up first, and then arrives where they wanted', async () => {
    const { url, app: appUrl, admin } = await siteWith({ DOORWARD_MFA__REQUIRED: 'everyone' });
    await stepUp(admin, (await setUpApp(admin)).app);
    await addUser(admin, PLAIN);
    const wanted = `${appUrl}/reports?year=2025`;
    const { page, context } = await people.come();
    await page.goto(wanted);
    await logInByPage(page, PLAIN);
    const due = page.getByRole('heading', { name: 'Set up a second factor' });
    await due.waitFor();
    for (const shut of [`${url}/account`, `${appUrl}/reports`, `${url}/continue?rd=%2F`, wanted]) {
      await page.goto(shut);
      await due.waitFor();
      assert.equal(new URL(page.url()).pathname, '/auth/account/factors', shut);
    }
    for (const shut of [`${url}/v1/sessions`, `${appUrl}/reports`]) {
      const answer = await getWithCookies(shut, await context.cookies(shut));
      assert.deepEqual([answer.status, answer.json.code], [403, 'step_up_required'], shut);
    }
    const app = await setUpAppByPage(page);
    await page.getByRole('link', { name: 'I have saved them' }).click();
    await page.waitForURL(wanted);
    assert.deepEqual(await told(page, 'x-auth-user'), [PLAIN.username]);

    await page.goto(`${url}/account/factors`);
    await confirmByApp(page, app);
    await page.getByText('this is your only one, so it cannot be removed').waitFor();
    assert.equal(await page.getByRole('button', { name: /^Remove/ }).count(), 0);
  });
});

describe('an app behind nginx that wants a second factor, shown lately', () => {
  let site;
  let wanted;
  const staff = username => ({ username, password: PLAIN.password, roles: ['staff'] });

  before(async () => {
    site = await siteWith({
      DOORWARD_POLICIES__STAFF__AAL: '2', DOORWARD_POLICIES__STAFF__MAX_AGE: '1h', DOORWARD_POLICIES__APP__MAX_AGE: '1h',
    });
    wanted = `${site.app}/staff/?week=7`;
  });

  async function isAskedToConfirm(page) {
    await page.getByRole('heading', { name: 'Confirm that it is you' }).waitFor();
  }

  /** Where they wanted, let in by two factors. */
  async function hasArrived(page) {
    await page.waitForURL(wanted);
    assert.deepEqual(await told(page, 'x-auth-aal'), ['2']);
  }

  test('has those who have none set one up, show it, and come back', async () => {
    const user = staff('ann');
    await addUser(site.admin, user);
    const { page } = await people.come();
    await page.goto(wanted);
    await logInByPage(page, user);
    await page.getByText('asks for a second factor').waitFor();
    const app = await setUpAppByPage(page);
    await page.getByRole('link', { name: 'I have saved them' }).click();
    await isAskedToConfirm(page);
    await showCode(page, await app.nextCode());
    await hasArrived(page);
  });

  test('has those who signed in by their password alone show theirs, and come back', async () => {
    const user = staff('ben');
    await addUser(site.admin, user);
    const { page } = await people.come();
    await logInByPassword(page, site.url, user);
    const elsewhere = new Client(site.auth);
    await logIn(elsewhere, user);
    const { app } = await setUpApp(elsewhere);
    await page.goto(wanted);
    await isAskedToConfirm(page);
    await showCode(page, await app.nextCode());
    await hasArrived(page);
  });

  test('has those who showed theirs too long ago show it again, and come back', async () => {
    const user = staff('cat');
    await addUser(site.admin, user);
    const elsewhere = new Client(site.auth);
    await logIn(elsewhere, user);
    const { app } = await setUpApp(elsewhere);
    const { page } = await people.come();
    await logInByApp(page, site.url, app, user);
    await page.goto(wanted);
    await hasArrived(page);
    // As good as old by this.
    await stepUp(elsewhere, app);
    await makeRecoveryCodes(elsewhere);
    await page.goto(wanted);
    await isAskedToConfirm(page);
    await showCode(page, await app.nextCode());
    await hasArrived(page);
  });

  test('has those without one show their password again where that will do, and come back', async () => {
    const user = { username: 'dan', password: PLAIN.password };
    await addUser(site.admin, user);
    const { page } = await people.come();
    await logInByPassword(page, site.url, user);
    const elsewhere = new Client(site.auth);
    await logIn(elsewhere, user);
    const { app } = await setUpApp(elsewhere);
    await stepUp(elsewhere, app);
    await removeApp(elsewhere);
    const reports = `${site.app}/reports?year=2025`;
    await page.goto(reports);
    await isAskedToConfirm(page);
    await page.getByLabel('Password', { exact: true }).fill(PLAIN.password);
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.waitForURL(reports);
    assert.deepEqual(await told(page, 'x-auth-user'), ['dan']);
  });
});
