// Passkeys, as people use them: Chromium keeps them on a device of its own making, and asks for them as it asks anybody.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { People, logInByPage, startBrowser } from './harness/browser.mjs';
import { PLAIN, addUser, logIn, setUp } from './harness/doorward.mjs';
import { startElsewhere } from './harness/elsewhere.mjs';
import { Client } from './harness/http_client.mjs';
import { PasskeyDevice, askedToSignIn, enrolPasskey, goToQuietPage, show } from './harness/passkeys.mjs';
import { Rig } from './harness/processes.mjs';
import { startSite } from './harness/proxies.mjs';
import {
  PATIENT, addPasskey, logInByPassword, reachSecondStep, sessionOf, showRecoveryCode, signOut, withUser,
} from './harness/second_factors.mjs';

const base64url = base64 => base64.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
const NOT_OURS = 'That passkey does not open this account';
const CLOSED = 'No passkey was used: the question was closed';

describe('passkeys', () => {
  const rig = new Rig();
  let people;

  before(async () => { people = new People(await startBrowser(rig)); });
  afterEach(() => people.leave());
  after(() => rig.stop());

  /** Somebody signed out, who has a passkey on the device at their browser. */
  async function withPasskey(options) {
    const installed = await withUser(rig);
    const person = await people.come();
    const device = await PasskeyDevice.plugInto(person.page, options);
    const client = new Client(new URL(installed.url).origin);
    await logIn(client, PLAIN);
    const recoveryCodes = await enrolPasskey(person.page, installed.url, client);
    return { ...installed, ...person, device, recoveryCodes };
  }

  const passkeyAlone = page => page.getByRole('button', { name: 'Sign in with a passkey' });
  const secondFactor = page => page.getByRole('button', { name: 'Use your passkey' });

  /** Presses a button that asks for a passkey, and is signed in. */
  async function signsIn(page, url, button) {
    await button.click();
    await page.waitForURL(`${url}/account**`);
  }

  /** Presses such a button, and is told this. */
  async function isTold(page, button, words) {
    await button.click();
    await page.getByText(words).waitFor();
  }

  /** Has the browser asked something else than the server asks, once: what a page does that was tampered with. */
  async function tamper(page, change) {
    await page.route('**/passkey/options', async route => {
      const response = await route.fetch();
      const json = await response.json();
      change(json.publicKey);
      await route.fulfill({ response, json });
    }, { times: 1 });
  }

  /** The latest event of this name. */
  async function latest(admin, event) {
    const audit = await admin.get(`/auth/v1/admin/audit?event=${event}&limit=1`);
    return audit.json.items[0];
  }

  test('one is added on the account page, and is the second factor of the next login', async () => {
    const { url } = await withUser(rig);
    const { page, context } = await people.come();
    await PasskeyDevice.plugInto(page);
    await logInByPassword(page, url);
    await page.getByRole('link', { name: 'Set up a second factor' }).click();
    await page.getByLabel('What to call the new one').fill('Blue laptop');
    await addPasskey(page);
    assert.equal(await page.locator('.recovery-codes code').count(), 10);
    await page.getByRole('link', { name: 'I have saved them' }).click();
    const listed = page.getByRole('listitem').filter({ hasText: 'Blue laptop' });
    await listed.getByText('on one device only').waitFor();
    await listed.getByText('never').waitFor();

    await signOut(page, url);
    await reachSecondStep(page, url);
    await signsIn(page, url, secondFactor(page));
    const { aal, amr } = await sessionOf(context, url);
    assert.deepEqual({ aal, amr }, { aal: 2, amr: ['pwd', 'hwk', 'mfa'] });
    await page.goto(`${url}/account/factors`);
    await listed.waitFor();
    assert.equal(await listed.getByText('never').count(), 0, 'it was used');
  });

  test('one that verifies its user signs in without name or password', async () => {
    const { url, page, context } = await withPasskey({ defaultBackupEligibility: true, defaultBackupState: true });
    await page.goto(`${url}/login?rd=${encodeURIComponent('/auth/account/factors')}`);
    await signsIn(page, url, passkeyAlone(page));
    await page.getByText('on all devices that share your passkeys').waitFor();
    assert.equal(new URL(page.url()).pathname, '/auth/account/factors', 'where they wanted');
    const { aal, amr } = await sessionOf(context, url);
    assert.deepEqual({ aal, amr }, { aal: 2, amr: ['swk', 'user', 'mfa'] });
  });

  test('one is offered where the name is typed, and signs in without a button', async () => {
    const { url, page, context } = await withPasskey({ autofill: true });
    await page.goto(`${url}/login`, { waitUntil: 'commit' });
    await page.waitForURL(`${url}/account**`);
    assert.deepEqual((await sessionOf(context, url)).amr, ['hwk', 'user', 'mfa']);
    // Browsers with a face offer them at fields that say so.
    const { page: other } = await people.come();
    await other.goto(`${url}/login`);
    assert.equal(await other.getByLabel('Username').getAttribute('autocomplete'), 'username webauthn');
  });

  test('whoever is not recognised by their device is told, and can try again', async () => {
    const { url, page, context, device } = await withPasskey();
    await device.verifiesUser(false);
    await page.goto(`${url}/login`);
    await isTold(page, passkeyAlone(page), CLOSED);
    assert.equal(await sessionOf(context, url), undefined);
    await device.verifiesUser(true);
    await signsIn(page, url, passkeyAlone(page));
  });

  test('one that does not verify its user is good after the password, and never alone', async () => {
    const { url, admin, page, context, device } = await withPasskey();
    const passkey = await device.passkey();
    await device.unplug();
    await (await PasskeyDevice.plugInto(page, { hasUserVerification: false, isUserVerified: false })).put(passkey);
    await page.goto(`${url}/login`);
    // Such a device does not answer what is really asked here: the browser is told less.
    const id = base64url(passkey.credentialId);
    await tamper(page, options => {
      options.userVerification = 'discouraged';
      options.allowCredentials = [{ type: 'public-key', id }];
    });
    await isTold(page, passkeyAlone(page), NOT_OURS);
    assert.equal(await sessionOf(context, url), undefined);
    assert.equal((await latest(admin, 'login.refused')).details.cause, 'user_not_verified');
    await reachSecondStep(page, url);
    await signsIn(page, url, secondFactor(page));
    assert.deepEqual((await sessionOf(context, url)).amr, ['pwd', 'hwk', 'mfa']);
  });

  test('a copy of one is refused and reported once its owner has used theirs, who is not kept out', async () => {
    const { url, admin, user, page, context, device } = await withPasskey();
    const copy = await device.passkey();
    await page.goto(`${url}/login`);
    await signsIn(page, url, passkeyAlone(page));
    await signOut(page, url);
    const original = await device.passkey();
    await device.put(copy);
    await page.goto(`${url}/login`);
    await isTold(page, passkeyAlone(page), NOT_OURS);
    assert.equal(await sessionOf(context, url), undefined);
    const { user_id: whose, reason, details } = await latest(admin, 'passkey.clone_suspected');
    assert.deepEqual({ whose, reason }, { whose: user.id, reason: 'counter_regressed' });
    assert.deepEqual(details, { counter: String(original.signCount), presented: String(copy.signCount + 1) });
    await device.put(original);
    await signsIn(page, url, passkeyAlone(page));
  });

  test('what it answers on another site is worth nothing here, however much that site looks like this', async () => {
    const { url, admin, page } = await withPasskey();
    const port = await startElsewhere(rig, '<title>Sign in</title>');
    const phisher = new Client(new URL(url).origin);
    // Browsers keep passkeys apart by host. To them this is the same one.
    await page.goto(`http://localhost:${port}/`);
    const there = await show(page, await askedToSignIn(phisher));
    const relayed = await phisher.post('/auth/v1/login/passkey', { json: there });
    assert.deepEqual([relayed.status, relayed.json.code], [401, 'invalid_credentials']);
    assert.equal((await latest(admin, 'login.refused')).details.cause, 'wrong_origin');
    await page.goto(`http://phish.localhost:${port}/`);
    const asked = await askedToSignIn(phisher);
    await assert.rejects(show(page, asked), /SecurityError/);

    await goToQuietPage(page, url);
    const here = await show(page, await askedToSignIn(phisher));
    const answer = await phisher.post('/auth/v1/login/passkey', { json: here });
    assert.equal(answer.status, 200, 'but for where it was made it is the same');
  });

  test('an answer that was overheard signs in nobody else', async () => {
    const { url, admin, page } = await withPasskey();
    await page.goto(`${url}/login`);
    const sent = page.waitForRequest(`${url}/login/passkey`);
    await signsIn(page, url, passkeyAlone(page));
    const credential = new URLSearchParams((await sent).postData()).get('credential');
    const json = JSON.parse(credential);
    const thief = new Client(new URL(url).origin);
    const replayed = await thief.post('/auth/v1/login/passkey', { json });
    assert.deepEqual([replayed.status, replayed.json.code], [401, 'invalid_credentials']);
    const knowsPassword = await thief.post('/auth/v1/login', { json: PLAIN });
    assert.equal(knowsPassword.json.status, 'mfa_required', knowsPassword.text);
    const asSecondFactor = await thief.post('/auth/v1/login/passkey', { json, headers: thief.csrf() });
    assert.deepEqual([asSecondFactor.status, asSecondFactor.json.code], [401, 'mfa_code_invalid']);
    assert.equal((await latest(admin, 'mfa.refused')).details.cause, 'wrong_challenge', 'it answers another question');
  });

  test('whoever closes the question is left at a page that still works', async () => {
    const { url, page, device } = await withPasskey({ autofill: true });
    await device.isTouched(false);
    // The browser closes it itself: nobody can press its Cancel from here, and scripts are told the same.
    const close = options => { options.timeout = 1; };
    const offered = page.waitForResponse(`${url}/v1/login/passkey/options`);
    await page.goto(`${url}/login`);
    await offered;
    await tamper(page, close);
    await isTold(page, passkeyAlone(page), CLOSED);
    await logInByPage(page, PLAIN);
    await tamper(page, close);
    await isTold(page, secondFactor(page), CLOSED);
    await device.isTouched(true);
    await signsIn(page, url, secondFactor(page));
  });

  test('one confirms who it is, is not made twice on a device, and opens nothing once it is removed', async () => {
    const { url, page, context } = await withPasskey();
    await page.goto(`${url}/login`);
    await signsIn(page, url, passkeyAlone(page));
    await page.goto(`${url}/account/factors`);
    // A change of factors makes what was shown as good as old.
    await page.getByRole('button', { name: 'Make new recovery codes' }).click();
    await page.getByRole('link', { name: 'I have saved them' }).click();
    await page.getByRole('link', { name: 'Confirm that it is you' }).click();
    await secondFactor(page).and(page.locator(':focus')).waitFor();
    await page.keyboard.press('Enter');
    await page.waitForURL(`${url}/account/factors**`);
    await isTold(page, page.getByRole('button', { name: 'Add a passkey' }), 'This device has a passkey for your account');
    await page.getByRole('button', { name: /^Remove Blue laptop/ }).click();
    await page.getByText('That passkey is removed here').waitFor();

    await signOut(page, url);
    await page.goto(`${url}/login`);
    await isTold(page, passkeyAlone(page), NOT_OURS);
    await logInByPage(page, PLAIN);
    await page.waitForURL(`${url}/account**`);
    assert.deepEqual((await sessionOf(context, url)).amr, ['pwd']);
  });

  test('where no script runs they are not offered, and there is another way in', async () => {
    const { url, recoveryCodes } = await withPasskey();
    const { page } = await people.come({ javaScriptEnabled: false });
    await page.goto(`${url}/login`);
    assert.equal(await passkeyAlone(page).count(), 0);
    await reachSecondStep(page, url);
    await page.getByText('Passkeys work here with JavaScript').waitFor();
    assert.equal(await secondFactor(page).count(), 0);
    await showRecoveryCode(page, recoveryCodes[0]);
    await page.waitForURL(`${url}/account**`);
    await page.goto(`${url}/account/factors`);
    await page.getByText('To add a passkey you need JavaScript').waitFor();
  });

  test('one opens an app behind nginx that wants a second factor', async () => {
    const site = await startSite(rig, 'nginx', 'same-host', { env: { ...PATIENT, DOORWARD_POLICIES__STAFF__AAL: '2' } });
    const admin = new Client(site.auth);
    await setUp(admin);
    await addUser(admin, { ...PLAIN, roles: ['staff'] });
    const client = new Client(site.auth);
    await logIn(client, PLAIN);
    const { page } = await people.come();
    await PasskeyDevice.plugInto(page);
    await enrolPasskey(page, `${site.auth}/auth`, client);
    const wanted = `${site.app}/staff/?week=7`;
    await page.goto(wanted);
    await passkeyAlone(page).click();
    await page.waitForURL(wanted);
    const { headers } = JSON.parse(await page.locator('body').innerText());
    assert.deepEqual(headers.filter(([name]) => name.toLowerCase() === 'x-auth-aal').map(([, value]) => value), ['2']);
  });
});
