// A form that stays open past three access lifetimes is then sent (keepalive.js), and would not have been without.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { logInByPage, newPerson, startBrowser } from './harness/browser.mjs';
import { PLAIN, addUser, setUp } from './harness/doorward.mjs';
import { Client } from './harness/http_client.mjs';
import { Rig, becomesTrue } from './harness/processes.mjs';
import { startSite } from './harness/proxies.mjs';

const ACCESS_TTL_SECONDS = 5;
const rig = new Rig();
let browser;
before(async () => { browser = await startBrowser(rig); });
after(() => rig.stop());

// On a sibling host the script refreshes across origins: cookie.domain, http.allowed_origins and CORS must play together.
for (const [proxy, layout] of [['nginx', 'same-host'], ['caddy', 'sibling-hosts']]) {
  describe(`keepalive.js, ${proxy}, ${layout}`, () => {
    let site;

    before(async () => {
      site = await startSite(rig, proxy, layout, { env: { DOORWARD_SESSION__ACCESS_TTL: `${ACCESS_TTL_SECONDS}s` } });
      const admin = new Client(site.auth);
      await setUp(admin);
      await addUser(admin, PLAIN);
    });

    /** Opens the form and writes. */
    async function formOpened(options) {
      const person = await newPerson(browser, options);
      const { page } = person;
      await page.goto(`${site.app}/form`);
      await logInByPage(page, PLAIN);
      await page.getByLabel('Text').fill('what took hours to write');
      return person;
    }

    /** Sends the form. */
    async function sent(page) {
      const [answer] = await Promise.all([
        page.waitForResponse(response => response.request().method() === 'POST' && response.url() === `${site.app}/submit`),
        page.getByRole('button', { name: 'Send' }).click(),
      ]);
      return answer;
    }

    test('a form open past three access lifetimes is sent', async () => {
      const { page, passwordsAskedAt } = await formOpened({});
      passwordsAskedAt.length = 0;
      const opened = Date.now();
      let refreshed = opened;
      page.on('response', response => {
        const isRefresh = response.request().method() === 'POST' && response.url() === `${site.auth}/auth/v1/refresh`;
        if (isRefresh && response.ok()) refreshed = Date.now();
      });
      await becomesTrue(async () => refreshed - opened > 3 * ACCESS_TTL_SECONDS * 1000, 'refreshed after three lifetimes');
      assert.equal((await sent(page)).status(), 200);
      await page.getByText('text=what+took+hours+to+write').waitFor();
      assert.deepEqual(passwordsAskedAt, []);
    });

    test('without the script it would have been lost', async () => {
      const { page, context } = await formOpened({ javaScriptEnabled: false });
      const hasSession = async () => (await context.cookies()).some(cookie => cookie.name.endsWith('dw_session'));
      await becomesTrue(async () => !await hasSession(), 'the session cookie has ended');
      assert.equal((await sent(page)).status(), 401);
    });
  });
}
