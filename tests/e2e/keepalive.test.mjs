// A form that stays open past three access lifetimes is then sent (keepalive.js), and would not have been without.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { logInByPage, newPerson, startBrowser } from './harness/browser.mjs';
import { PLAIN, addUser, setUp } from './harness/doorward.mjs';
import { Client } from './harness/http_client.mjs';
import { Rig } from './harness/processes.mjs';
import { startSite } from './harness/proxies.mjs';

const ACCESS_TTL_SECONDS = 3;

describe('keepalive.js', () => {
  const rig = new Rig();
  let site;
  let browser;

  before(async () => {
    browser = await startBrowser(rig);
    site = await startSite(rig, 'nginx', 'same-host', { env: { DOORWARD_SESSION__ACCESS_TTL: `${ACCESS_TTL_SECONDS}s` } });
    const admin = new Client(site.auth);
    await setUp(admin);
    await addUser(admin, PLAIN);
  });
  after(() => rig.stop());

  /** Opens the form and leaves it alone until the access token has ended three times over, by the browser's own clock. */
  async function formLeftOpen(options) {
    const person = await newPerson(browser, options);
    const { page } = person;
    await page.goto(`${site.app}/form`);
    await logInByPage(page, PLAIN);
    await page.getByLabel('Text').fill('what took hours to write');
    const opened = Date.now();
    const over = opened + 3.5 * ACCESS_TTL_SECONDS * 1000;
    await new Promise(resolve => setTimeout(resolve, over - Date.now()));
    return person;
  }

  test('a form open past three access lifetimes is sent', async () => {
    const { page, passwordsAskedAt } = await formLeftOpen({});
    passwordsAskedAt.length = 0;
    const [answer] = await Promise.all([
      page.waitForResponse(response => response.request().method() === 'POST' && response.url() === `${site.app}/submit`),
      page.getByRole('button', { name: 'Send' }).click(),
    ]);
    assert.equal(answer.status(), 200);
    await page.getByText('text=what+took+hours+to+write').waitFor();
    assert.deepEqual(passwordsAskedAt, []);
  });

  test('without the script it would have been lost', async () => {
    const { page } = await formLeftOpen({ javaScriptEnabled: false });
    const [answer] = await Promise.all([
      page.waitForResponse(response => response.request().method() === 'POST' && response.url() === `${site.app}/submit`),
      page.getByRole('button', { name: 'Send' }).click(),
    ]);
    assert.equal(answer.status(), 401);
  });
});
