// Cookies that somebody deletes by hand, clocks that are wrong, computers that sleep: nobody is signed out by mistake, and
// whoever is signed out is told so.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { People, startBrowser } from './harness/browser.mjs';
import {
  ask, assertNeverSignedOut, dropCookie, outliveAccessToken, shown, signIn, signedInPerson, startClientSite,
} from './harness/client_site.mjs';
import { Rig, becomesTrue } from './harness/processes.mjs';

const HOUR_MS = 3_600_000;
/** Past half of what an access token has, when it is refreshed ahead of time. */
const PAST_HALF_MS = 8 * 60_000;

describe('the client, cookies and clocks', () => {
  const rig = new Rig();
  let site;
  let people;

  before(async () => {
    site = await startClientSite(rig);
    people = new People(await startBrowser(rig));
  });
  after(() => rig.stop());

  describe('a cookie that is deleted by hand', () => {
    test('the session cookie: one silent refresh', async () => {
      const { context, page } = await signedInPerson(people, site);
      const before = site.recorder.refreshes;
      await dropCookie(context, 'dw_session');
      assert.equal(await ask(page), 200);
      assert.equal(site.recorder.refreshes, before + 1);
      await assertNeverSignedOut(page);
      await people.leave();
    });

    test('the CSRF cookie: Doorward sets another, and nobody notices', async () => {
      const { context, page } = await signedInPerson(people, site);
      await dropCookie(context, 'dw_csrf');
      assert.equal(await ask(page, '/auth/v1/sessions', { method: 'DELETE' }), 200);
      await dropCookie(context, 'dw_csrf');
      await page.reload();
      await page.getByText('The secret of').waitFor();
      await outliveAccessToken(context);
      assert.equal(await ask(page, '/auth/v1/sessions', { method: 'DELETE' }), 200);
      assert.deepEqual(await shown(page), ['moment', 'secret']);
      await people.leave();
    });

    for (const [what, cookie] of [['the refresh cookie', 'dw_refresh'], ['the CSRF cookie, when the session cookie is gone as well', 'dw_csrf']]) {
      test(`${what}: signed out in the end, honestly and without asking for ever`, async () => {
        const { context, page } = await signedInPerson(people, site);
        await dropCookie(context, cookie);
        if (cookie === 'dw_refresh') assert.equal(await ask(page), 200, 'the access token is good yet');
        const asked = site.recorder.asked.length;
        await outliveAccessToken(context);
        await page.evaluate(() => { globalThis.answer = globalThis.app.ask('/api/orders'); });
        // First, for whoever asks for ever has no answer.
        await page.getByLabel('Username').waitFor();
        assert.equal(await page.evaluate(() => globalThis.answer), 401);
        // Hours later nothing else has been asked.
        for (let hour = 0; hour < 3; hour += 1) {
          await page.getByLabel('Username').press('a');
          await context.clock.fastForward(HOUR_MS);
        }
        const since = site.recorder.asked.slice(asked).map(({ method, path }) => `${method} ${path}`);
        assert.ok(since.length <= 3, since.join());
        await signIn(page);
        await people.leave();
      });
    }
  });

  for (const [how, wrongMs] of [['an hour fast', HOUR_MS], ['an hour slow', -HOUR_MS]]) {
    test(`a clock that is ${how} makes no refresh more or less`, async () => {
      const before = site.recorder.refreshes;
      const { context, page } = await signedInPerson(people, site, { wrongMs });
      for (let times = 0; times < 5; times += 1) assert.equal(await ask(page), 200);
      assert.equal(site.recorder.refreshes, before);
      // While somebody is at the keys, ahead of time.
      await page.keyboard.press('Shift');
      await context.clock.fastForward(PAST_HALF_MS);
      await becomesTrue(async () => site.recorder.refreshes === before + 1, 'it refreshes ahead of time');
      assert.equal(await ask(page), 200);
      assert.equal(site.recorder.refreshes, before + 1);
      await assertNeverSignedOut(page);
      await people.leave();
    });
  }

  for (const [how, byMs] of [['forward', HOUR_MS], ['back', -HOUR_MS]]) {
    test(`a clock that is set ${how} by an hour makes at most one refresh more, and none too late`, async () => {
      const before = site.recorder.refreshes;
      const { context, page } = await signedInPerson(people, site);
      await page.keyboard.press('Shift');
      await context.clock.setSystemTime(await page.evaluate(by => Date.now() + by, byMs));
      for (let times = 0; times < 5; times += 1) assert.equal(await ask(page), 200);
      const more = site.recorder.refreshes - before;
      assert.ok(more <= 1, `${more}`);
      await page.keyboard.press('Shift');
      await context.clock.fastForward(PAST_HALF_MS);
      await becomesTrue(async () => site.recorder.refreshes === before + more + 1, 'it refreshes ahead of time');
      await assertNeverSignedOut(page);
      await people.leave();
    });
  }
});
