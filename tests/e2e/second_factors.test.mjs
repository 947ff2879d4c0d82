// Authenticator apps and recovery codes, as people use them: a real oathtool makes the codes, a real QR reader sees the page.
// Pictures go to target/screenshots.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, afterEach, before, describe, test } from 'node:test';
import { readQrCode } from './harness/authenticator_app.mjs';
import { People, getWithCookies, logInByPage, startBrowser, takePictures } from './harness/browser.mjs';
import { PLAIN } from './harness/doorward.mjs';
import { Rig } from './harness/processes.mjs';
import {
  RECOVERY_CODE, appBeingSetUp, logInByApp, logInByPassword, makeRecoveryCodes, reachSecondStep, sessionOf,
  setUpAppByPage, showCode, showPassword, showRecoveryCode, signOut, stepUp, withApp, withUser,
} from './harness/second_factors.mjs';

const NEW_PASSWORD = 'saffron-harbour-pencil-64';

describe('second factors', () => {
  const rig = new Rig();
  let people;

  before(async () => { people = new People(await startBrowser(rig)); });
  afterEach(() => people.leave());
  after(() => rig.stop());

  for (const javaScriptEnabled of [true, false]) {
    const how = javaScriptEnabled ? 'with script' : 'without script';

    test(`an authenticator app is set up by its QR code, and its codes sign in, ${how}`, async () => {
      const { url } = await withUser(rig);
      const { page, context } = await people.come({ javaScriptEnabled });
      await logInByPassword(page, url);
      await page.getByRole('link', { name: 'Set up a second factor' }).click();
      await page.getByRole('button', { name: 'Set up an authenticator app' }).click();
      const uri = await page.getByRole('link', { name: 'Open it there' }).getAttribute('href');
      assert.match(uri, /^otpauth:\/\/totp\/[^?]*:mallory\?secret=[A-Z2-7]{32}&issuer=/);
      assert.equal(await readQrCode(rig, page), uri);
      const toType = (await page.locator('.secret-text').innerText()).replace(/\s/g, '');
      assert.equal(toType, new URL(uri).searchParams.get('secret'));

      const app = await appBeingSetUp(page);
      await showCode(page, await app.wrongCode());
      await page.getByText('That code is not right').waitFor();
      assert.equal(await readQrCode(rig, page), uri, 'the app that has it already keeps it');
      await showCode(page, await app.nextCode());
      await page.getByRole('heading', { name: 'Your app is set up' }).waitFor();
      await page.getByRole('link', { name: 'I have saved them' }).click();
      await page.getByText('10 left').first().waitFor();

      await signOut(page, url);
      await reachSecondStep(page, url);
      const names = (await context.cookies(`${url}/login`)).map(cookie => cookie.name);
      assert.ok(names.includes('dw_pending') && !names.includes('dw_session'), names.join());
      await showCode(page, await app.nextCode());
      await page.waitForURL(`${url}/account**`);
      const { aal, amr } = await sessionOf(context, url);
      assert.deepEqual({ aal, amr }, { aal: 2, amr: ['pwd', 'otp', 'mfa'] });
    });

    test(`recovery codes are shown once, to be downloaded, and one of them signs in once, ${how}`, async () => {
      const { url } = await withUser(rig);
      const { page } = await people.come({ javaScriptEnabled });
      await logInByPassword(page, url);
      await page.goto(`${url}/account/factors`);
      await setUpAppByPage(page);
      const codes = await page.locator('.recovery-codes code').allInnerTexts();
      assert.equal(new Set(codes).size, 10);
      for (const code of codes) assert.deepEqual(code.match(RECOVERY_CODE), [code]);
      const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Download' }).click()]);
      assert.equal(download.suggestedFilename(), 'recovery-codes.txt');
      assert.deepEqual((await readFile(await download.path(), 'utf8')).match(RECOVERY_CODE), codes);

      await page.getByRole('link', { name: 'I have saved them' }).click();
      await page.getByText('10 left').first().waitFor();
      for (const shown of [`${url}/account/factors`, `${url}/account`]) {
        await page.goto(shown);
        assert.doesNotMatch(await page.content(), new RegExp(codes.join('|')), shown);
      }

      await signOut(page, url);
      await reachSecondStep(page, url);
      await showRecoveryCode(page, codes[3].toLowerCase().replaceAll('-', ''));
      await page.waitForURL(`${url}/account**`);
      await page.getByText('9 left: one was used. If that was not you').waitFor();

      await signOut(page, url);
      await reachSecondStep(page, url);
      await showRecoveryCode(page, codes[3]);
      await page.getByText('none of your recovery codes, or it was used already').waitFor();
    });

    test(`whoever has not shown it for long is asked for it, and returns to where that was, ${how}`, async () => {
      const { url, elsewhere, app } = await withApp(rig);
      const { page, context } = await people.come({ javaScriptEnabled });
      await logInByApp(page, url, app);
      const old = await context.cookies(`${url}/account`);

      // A change of factors makes what every session has shown as good as old.
      await stepUp(elsewhere, app);
      await makeRecoveryCodes(elsewhere);
      await page.goto(`${url}/account/factors`);
      assert.equal(await page.getByRole('button', { name: 'Make new recovery codes' }).count(), 0);
      await page.getByRole('link', { name: 'Confirm that it is you' }).click();
      await showCode(page, await app.wrongCode());
      await page.getByText('That code is not right, or was used already').waitFor();
      await showCode(page, await app.nextCode());
      await page.waitForURL(`${url}/account/factors**`);
      await page.getByRole('button', { name: 'Make new recovery codes' }).waitFor();
      const copied = await getWithCookies(`${url}/v1/session`, old);
      assert.equal(copied.json.code, 'session_revoked', 'the session that it came from is dead');

      await stepUp(elsewhere, app);
      await makeRecoveryCodes(elsewhere);
      await page.goto(`${url}/password`);
      await page.getByRole('heading', { name: 'Confirm that it is you' }).waitFor();
      await showCode(page, await app.nextCode());
      await page.waitForURL(`${url}/password**`);
      await page.getByLabel('Current password', { exact: true }).fill(PLAIN.password);
      await page.getByLabel('New password', { exact: true }).fill(NEW_PASSWORD);
      await page.getByRole('button', { name: 'Change password' }).click();
      await page.waitForURL(`${url}/account**`);
    });
  }

  test('recovery codes on paper are the codes, and nothing to press', async () => {
    const { url } = await withUser(rig);
    const { page } = await people.come();
    await logInByPassword(page, url);
    await page.goto(`${url}/account/factors`);
    await setUpAppByPage(page);
    await page.evaluate(() => { globalThis.print = () => { globalThis.printed = true; }; });
    await page.getByRole('button', { name: 'Print' }).click();
    assert.equal(await page.evaluate(() => globalThis.printed), true);
    await page.emulateMedia({ media: 'print' });
    await takePictures(page, 'recovery-codes-on-paper');
    assert.equal(await page.locator('.recovery-codes code').filter({ visible: true }).count(), 10);
    for (const pressed of ['Print', 'Download', 'I have saved them', 'Sign out']) {
      assert.equal(await page.getByText(pressed, { exact: true }).filter({ visible: true }).count(), 0, pressed);
    }
  });

  test('a code that has signed in is refused in words when somebody else types it', async () => {
    const { url, app } = await withApp(rig);
    const code = await app.nextCode();
    const { page: owner } = await people.come();
    const { page: onlooker, context } = await people.come();
    for (const page of [owner, onlooker]) {
      await reachSecondStep(page, url);
      await showCode(page, code);
    }
    await owner.waitForURL(`${url}/account**`);
    await onlooker.getByText('That code is not right, or was used already').waitFor();
    await onlooker.getByText('You can try 4 more times').waitFor();
    assert.equal(await sessionOf(context, url), undefined);
    await showCode(onlooker, await app.nextCode());
    await onlooker.waitForURL(`${url}/account**`);
  });

  test('five wrong codes lead back to the password, and on to where somebody wanted', async () => {
    const { url, app } = await withApp(rig);
    const { page, documents } = await people.come();
    await page.goto(`${url}/login?rd=${encodeURIComponent('/auth/password')}`);
    await showPassword(page, PLAIN);
    for (const left of ['You can try 4 more', 'You can try 3 more', 'You can try 2 more', 'You can try once more']) {
      await showCode(page, await app.wrongCode());
      await page.getByText(left).waitFor();
    }
    await showCode(page, await app.wrongCode());
    await page.getByText('Please start again with your password').waitFor();
    assert.deepEqual(documents.map(({ status }) => status), [200, 200, 401, 401, 401, 401, 401]);
    await showPassword(page, PLAIN);
    await showCode(page, await app.nextCode());
    await page.waitForURL(`${url}/password**`);
  });

  test('whoever signs out during the second step starts over', async () => {
    const { url, app } = await withApp(rig);
    const { page, context } = await people.come();
    await reachSecondStep(page, url);
    const copied = await context.cookies(`${url}/login`);
    await signOut(await context.newPage(), url);
    const thief = await people.come();
    await thief.context.addCookies(copied);
    await thief.page.goto(`${url}/login/mfa`);
    await thief.page.getByLabel('Username').waitFor();
    await showCode(page, await app.nextCode());
    await page.getByText('Please start again with your password').waitFor();
    assert.equal(await sessionOf(context, url), undefined);
  });

  test('a device that its owner trusts is asked for the password only, and no other is spared', async () => {
    const { url, elsewhere, app } = await withApp(rig, { DOORWARD_MFA__TRUST_DEVICE: '30d' });
    const { page, context } = await people.come();
    await page.goto(`${url}/login`);
    await page.getByLabel('Do not ask for a second factor on this device for 30 days').check();
    await showPassword(page, PLAIN);
    await showCode(page, await app.nextCode());
    await page.waitForURL(`${url}/account**`);
    await signOut(page, url);
    await logInByPassword(page, url);
    assert.equal((await sessionOf(context, url)).aal, 1);

    const { page: other } = await people.come();
    await logInByApp(other, url, app);
    await signOut(other, url);
    await reachSecondStep(other, url);

    await stepUp(elsewhere, app);
    await makeRecoveryCodes(elsewhere);
    await signOut(page, url);
    await reachSecondStep(page, url);
  });

  test('an app that another one took the place of opens nothing, nor does one that was removed', async () => {
    const { url, app: first } = await withApp(rig);
    const { page, context } = await people.come();
    await logInByApp(page, url, first);
    await page.goto(`${url}/account/factors`);
    await page.getByRole('button', { name: 'Set up another app instead' }).click();
    const second = await appBeingSetUp(page);
    await showCode(page, await second.nextCode());
    await page.getByRole('link', { name: 'I have saved them' }).click();
    await page.getByRole('link', { name: 'Confirm that it is you' }).click();
    await showCode(page, await first.nextCode());
    await page.getByText('That code is not right, or was used already').waitFor();
    await showCode(page, await second.nextCode());
    await page.getByRole('button', { name: 'Remove the app' }).click();
    await page.getByText('The authenticator app is removed').waitFor();
    await signOut(page, url);
    await logInByPassword(page, url);
    assert.deepEqual((await sessionOf(context, url)).amr, ['pwd']);
  });

  test('once an administrator has reset the factors of somebody, the password alone lets them in', async () => {
    const { url, admin, user, app } = await withApp(rig);
    const { page, context } = await people.come();
    await reachSecondStep(page, url);
    const reset = await admin.request('DELETE', `/auth/v1/admin/users/${user.id}/mfa`, { headers: admin.csrf() });
    assert.equal(reset.status, 204, reset.text);
    await showCode(page, await app.nextCode());
    await page.getByText('Please start again with your password').waitFor();
    await logInByPage(page, PLAIN);
    await page.waitForURL(`${url}/account**`);
    await page.getByRole('link', { name: 'Set up a second factor' }).waitFor();
    assert.deepEqual((await sessionOf(context, url)).amr, ['pwd']);
    const audit = await admin.get('/auth/v1/admin/audit?event=mfa.factors_reset');
    assert.deepEqual(audit.json.items.map(event => event.user_id), [user.id]);
  });
});
