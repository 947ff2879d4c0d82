// The Back button after a logout, and links from elsewhere: what people do who did not read how sessions work.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { People, logInByPage, startBrowser } from './harness/browser.mjs';
import { ask, dropCookie, secret, shown, signIn, startClientSite } from './harness/client_site.mjs';
import { PLAIN } from './harness/doorward.mjs';
import { startElsewhere } from './harness/elsewhere.mjs';
import { Rig } from './harness/processes.mjs';

/** Playwright's browsers have no back/forward cache unless they are told to. */
const WITH_BACK_FORWARD_CACHE = { ignoreDefaultArgs: ['--disable-back-forward-cache'] };

describe('the client and where people go', () => {
  const rig = new Rig();
  let site;
  let people;

  before(async () => {
    site = await startClientSite(rig);
    people = new People(await startBrowser(rig, WITH_BACK_FORWARD_CACHE));
  });
  after(() => rig.stop());

  async function signedIn() {
    const { context, page } = await people.come();
    await page.goto(site.app);
    await signIn(page);
    return { context, page };
  }

  async function signOutByPage(page) {
    await page.goto(`${site.auth}/logout`);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByText('You are signed out').waitFor();
  }

  /** The Back button, so many times. Nothing of Playwright's: it would wait for a page to load, which one that was kept does not. */
  const goBack = (page, times) => page.evaluate(count => { history.go(-count); }, times);

  test('Back after a logout on another page shows an app as it is for strangers, from its first frame on', async () => {
    const { page } = await signedIn();
    await page.evaluate(() => {
      addEventListener('pageshow', ({ persisted }) => {
        requestAnimationFrame(() => { globalThis.firstFrame = { persisted, text: document.body.innerText }; });
      });
    });
    await signOutByPage(page);
    await goBack(page, 2);
    await page.waitForURL(site.app, { waitUntil: 'commit' });
    await page.waitForFunction(() => globalThis.firstFrame !== undefined);
    const { persisted, text } = await page.evaluate(() => globalThis.firstFrame);
    assert.ok(persisted, 'the page is the one that was left, as it was left');
    assert.doesNotMatch(text, /secret|mallory/);
    await page.getByLabel('Username').waitFor();
    assert.deepEqual(await shown(page), ['moment', 'login', 'secret', 'moment', 'login']);
    await people.leave();
  });

  test('Back after a logout in the app shows nothing of the account page', async () => {
    const { page } = await people.come();
    await page.goto(`${site.auth}/login`);
    await logInByPage(page, PLAIN);
    await page.waitForURL(`${site.auth}/account**`);
    await page.goto(site.app);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Username').waitFor();
    await goBack(page, 1);
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    assert.equal(await page.locator('.sessions').count(), 0);
    await people.leave();
  });

  test('Back after a logout on the page for it shows nothing of the account page either', async () => {
    const { page } = await people.come();
    await page.goto(`${site.auth}/login`);
    await logInByPage(page, PLAIN);
    await page.waitForURL(`${site.auth}/account**`);
    await signOutByPage(page);
    await goBack(page, 2);
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    assert.equal(await page.locator('.sessions').count(), 0);
    await people.leave();
  });

  for (const [what, prepare, refreshes] of [
    ['whoever is signed in', async () => {}, 0],
    ['whose access token has gone', context => dropCookie(context, 'dw_session'), 1],
  ]) {
    test(`a link from another site: ${what} sees the app and no login`, async () => {
      const { context, page } = await signedIn();
      const port = await startElsewhere(rig, `<a href="${site.app}">the app</a>`);
      const before = site.recorder.refreshes;
      await prepare(context);
      await page.goto(`http://chat.test:${port}/`);
      await page.getByText('the app').click();
      await secret(page).waitFor();
      assert.deepEqual(await shown(page), ['moment', 'secret']);
      assert.equal(await ask(page), 200);
      assert.equal(site.recorder.refreshes - before, refreshes);
      await people.leave();
    });
  }
});
