// Strict cookies do not travel with a click in a mail or a chat; the person must not notice (M-N11).
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { logInByPage, newPerson, startBrowser } from './harness/browser.mjs';
import { PLAIN, addUser, setUp } from './harness/doorward.mjs';
import { startElsewhere } from './harness/elsewhere.mjs';
import { Client } from './harness/http_client.mjs';
import { Rig } from './harness/processes.mjs';
import { startSite } from './harness/proxies.mjs';

describe('a link from another site', () => {
  const rig = new Rig();
  let browser;
  before(async () => { browser = await startBrowser(rig); });
  after(() => rig.stop());

  for (const [proxy, layout] of [['nginx', 'same-host'], ['caddy', 'same-host'], ['nginx', 'sibling-hosts'], ['caddy', 'sibling-hosts']]) {
    describe(`${proxy}, ${layout}`, () => {
      let site;
      let person;
      let linked;
      let chat;

      before(async () => {
        site = await startSite(rig, proxy, layout);
        const admin = new Client(site.auth);
        await setUp(admin);
        await addUser(admin, PLAIN);
        linked = `${site.app}/reports/7?page=2&sort=%2Bdate`;
        const port = await startElsewhere(rig, `<a href="${linked}">the report</a>
          <form method="post" action="${site.app}/reports"><input name="text" value="forged"><button>win a prize</button></form>`);
        chat = `http://chat.test:${port}/`;
        person = await newPerson(browser);
        await person.page.goto(linked);
        await logInByPage(person.page, PLAIN);
        await person.page.waitForURL(linked);
      });

      test('before, the first visit asked for the password and returned to the page', () => {
        assert.equal(person.passwordsAskedAt.length, 1);
      });

      test('whoever is signed in sees the page and no login', async () => {
        const { page, passwordsAskedAt, documents } = person;
        passwordsAskedAt.length = 0;
        documents.length = 0;
        await page.goto(chat);
        await page.getByText('the report').click();
        await page.waitForURL(linked);
        await page.getByText(`"${PLAIN.username}"`).waitFor();
        assert.deepEqual(passwordsAskedAt, []);
        assert.deepEqual(documents.filter(({ url }) => new URL(url).pathname.endsWith('/login')), []);
        // The click did arrive without cookies; otherwise this test would show nothing.
        assert.ok(documents.some(({ url }) => url.startsWith(`${site.auth}/auth/continue`)), JSON.stringify(documents));
      });

      test('whoever is signed in stays so when the access token has gone', async () => {
        const { page, context, passwordsAskedAt } = person;
        passwordsAskedAt.length = 0;
        await context.clearCookies({ name: /dw_session$/ });
        await page.goto(chat);
        await page.getByText('the report').click();
        await page.waitForURL(linked);
        await page.getByText(`"${PLAIN.username}"`).waitFor();
        assert.deepEqual(passwordsAskedAt, []);
      });

      test('a form of another site posts nothing', async () => {
        const { page } = person;
        await page.goto(chat);
        const [answer] = await Promise.all([
          page.waitForResponse(response => response.request().method() === 'POST'),
          page.getByText('win a prize').click(),
        ]);
        assert.ok([401, 403].includes(answer.status()), String(answer.status()));
      });

      test('whoever is not signed in comes to the login page once, and to the page after it', async () => {
        const stranger = await newPerson(browser);
        await stranger.page.goto(chat);
        await stranger.page.getByText('the report').click();
        await logInByPage(stranger.page, PLAIN);
        await stranger.page.waitForURL(linked);
        assert.equal(stranger.passwordsAskedAt.length, 1);
      });
    });
  }
});
