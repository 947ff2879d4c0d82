// The pages of second factors, seen by axe. Pictures go to target/screenshots.
import { after, afterEach, before, describe, test } from 'node:test';
import { People, lookAt, startBrowser } from './harness/browser.mjs';
import { Rig } from './harness/processes.mjs';
import { PasskeyDevice } from './harness/passkeys.mjs';
import {
  addPasskey, appBeingSetUp, logInByPassword, reachSecondStep, showCode, showRecoveryCode, signOut, withUser,
} from './harness/second_factors.mjs';

describe('pages of second factors', () => {
  const rig = new Rig();
  let people;

  before(async () => { people = new People(await startBrowser(rig)); });
  afterEach(() => people.leave());
  after(() => rig.stop());

  test('none needs sideways scrolling, and axe finds nothing to complain of', async () => {
    const { url } = await withUser(rig, { DOORWARD_MFA__TRUST_DEVICE: '30d' });
    // Colours on their way from light to dark are nobody's choice.
    const { page } = await people.come({ reducedMotion: 'reduce' });
    await page.goto(`${url}/login`);
    await lookAt(page, 'login-with-trust');
    await logInByPassword(page, url);
    await lookAt(page, 'account-without-factors');
    await page.goto(`${url}/account/factors`);
    await lookAt(page, 'factors-none');
    await page.getByRole('button', { name: 'Set up an authenticator app' }).click();
    const app = await appBeingSetUp(page);
    await lookAt(page, 'totp');
    await showCode(page, await app.wrongCode());
    await page.getByText('That code is not right').waitFor();
    await lookAt(page, 'totp-wrong-code');
    await showCode(page, await app.nextCode());
    await page.getByRole('heading', { name: 'Your app is set up' }).waitFor();
    await lookAt(page, 'recovery-codes');
    await page.getByRole('link', { name: 'I have saved them' }).click();
    await page.getByRole('link', { name: 'Confirm that it is you' }).waitFor();
    await lookAt(page, 'factors-to-confirm');
    await page.getByRole('link', { name: 'Confirm that it is you' }).click();
    await lookAt(page, 'step-up');
    await showCode(page, await app.wrongCode());
    await page.getByText('That code is not right').waitFor();
    await lookAt(page, 'step-up-wrong-code');
    await showCode(page, await app.nextCode());
    await PasskeyDevice.plugInto(page);
    await addPasskey(page);
    await page.goto(`${url}/step-up?rd=${encodeURIComponent('/auth/account/factors')}`);
    await showCode(page, await app.nextCode());
    await page.getByRole('button', { name: 'Remove the app' }).waitFor();
    await lookAt(page, 'factors-app-and-passkey');
    await signOut(page, url);
    await reachSecondStep(page, url);
    await lookAt(page, 'second-step');
    await showCode(page, await app.wrongCode());
    await page.getByText('You can try 4 more times').waitFor();
    await lookAt(page, 'second-step-wrong-code');
    await showRecoveryCode(page, 'AAAA-AAAA-AAAA-AAAA');
    await page.getByText('none of your recovery codes').waitFor();
    await lookAt(page, 'second-step-wrong-recovery-code');
  });
});
