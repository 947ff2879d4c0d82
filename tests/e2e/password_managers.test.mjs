// What password managers go by: forms, names, labels and autocomplete on every page that takes a secret; and what Chromium's own
// says about them, in the console.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { newPerson, startBrowser } from './harness/browser.mjs';
import { PLAIN, addUser, logIn, printedSetupUrl, setUp, startDoorward } from './harness/doorward.mjs';
import { Client } from './harness/http_client.mjs';
import { Rig } from './harness/processes.mjs';
import { PATIENT, logInByPassword, reachSecondStep, setUpApp } from './harness/second_factors.mjs';

const SECOND = { username: 'sally', password: 'lantern-biscuit-meadow-29' };
/** What the browser is made to say once, so that it is known to have looked. */
const LOOKED = /^\[DOM\] Password field is not contained in a form/;

/** What Chromium's password manager says against a page when it is loaded again. */
async function chromiumsOpinion(page) {
  const said = [];
  page.on('console', message => { if (message.text().startsWith('[DOM]')) said.push(message.text()); });
  // It looks at a page once; this field is there for it to find.
  await page.addInitScript(() => addEventListener('DOMContentLoaded', () => {
    document.body.append(Object.assign(document.createElement('input'), { type: 'password', autocomplete: 'current-password' }));
  }));
  const looked = page.waitForEvent('console', message => LOOKED.test(message.text()));
  await page.reload();
  await looked;
  // What it says at the same time has come before the answer to this.
  await page.evaluate(() => {});
  const ofThisField = said.findIndex(text => LOOKED.test(text));
  return said.filter((_, at) => at !== ofThisField);
}

describe('password managers', () => {
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
    const elsewhere = new Client(new URL(url).origin);
    await logIn(elsewhere, SECOND);
    await setUpApp(elsewhere);
  });
  after(() => rig.stop());

  /** What each page is reached by, and what its fields are to a password manager: autocomplete and name, in their order. */
  const pages = {
    'the login page': [page => page.goto(`${url}/login`), ['username webauthn: username', 'current-password: password']],
    'the page for the second factor': [page => reachSecondStep(page, url, SECOND), ['one-time-code: code', 'off: code']],
    'the page to set Doorward up': [
      async page => page.goto(await printedSetupUrl(await startDoorward(rig, { env: { DOORWARD_SETUP__TOKEN: undefined } }))),
      ['username: username', 'email: email', 'new-password: password'],
    ],
    'an invitation': [
      async page => page.goto((await addUser(admin, { username: 'guest' })).invite_url),
      ['username: ', 'new-password: new_password'],
    ],
    'the page to change the password': [
      async page => { await logInByPassword(page, url); await page.goto(`${url}/password`); },
      ['username: ', 'current-password: current_password', 'new-password: new_password'],
    ],
    'the page to confirm who it is': [
      async page => { await logInByPassword(page, url); await page.goto(`${url}/step-up?rd=${encodeURIComponent(`${url}/account`)}`); },
      ['username: ', 'current-password: password'],
    ],
    'the page to set an authenticator app up': [
      async page => {
        await logInByPassword(page, url);
        await page.goto(`${url}/account/factors`);
        await page.getByRole('button', { name: 'Set up an authenticator app' }).click();
        await page.getByRole('heading', { name: 'Set up an authenticator app' }).waitFor();
      },
      ['one-time-code: code'],
    ],
  };

  for (const [name, [open, expected]] of Object.entries(pages)) {
    test(`find their way about ${name}`, async () => {
      const { page } = await newPerson(browser);
      await open(page);
      const forms = await page.locator('form:has(input:not([type=hidden], [type=checkbox]))').evaluateAll(found => found.map(form => ({
        // As an attribute: a field may have the name.
        method: form.getAttribute('method'),
        submits: form.querySelector('button[type=submit]') !== null,
        fields: [...form.querySelectorAll('input:not([type=hidden], [type=checkbox])')].map(input => ({
          says: `${input.autocomplete}: ${input.name}`,
          // What only a password manager reads is nobody's to name.
          named: input.labels.length > 0 || input.ariaHidden === 'true',
        })),
      })));
      assert.deepEqual(forms.flatMap(({ fields }) => fields.map(({ says }) => says)), expected);
      for (const { method, submits, fields } of forms) {
        assert.ok(method === 'post' && submits, 'a form that is sent as forms are');
        assert.ok(fields.every(({ named }) => named), 'every field has a label');
      }
      assert.deepEqual(await chromiumsOpinion(page), []);
    });
  }
});
