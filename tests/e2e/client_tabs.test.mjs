// Many tabs of one browser share a session: one refreshes for all, and a logout is one everywhere.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { People, startBrowser } from './harness/browser.mjs';
import { ask, openTab, outliveAccessToken, secret, shown, signedInPerson, startClientSite } from './harness/client_site.mjs';
import { Rig, becomesTrue } from './harness/processes.mjs';

const TABS = 10;

describe('the client in many tabs', () => {
  const rig = new Rig();
  let site;
  let people;

  before(async () => {
    site = await startClientSite(rig);
    people = new People(await startBrowser(rig));
  });
  after(() => rig.stop());

  /** Somebody who is signed in, in as many tabs. */
  async function signedIn(tabs, prepare) {
    const { context, page } = await signedInPerson(people, site, { prepare });
    const others = await Promise.all(Array.from({ length: tabs - 1 }, () => openTab(context, site)));
    return { context, pages: [page, ...others] };
  }

  const withoutLocks = context => context.addInitScript(() => Object.defineProperty(Navigator.prototype, 'locks', { value: undefined }));

  // What stands in for locks has no atomic step: on a machine that is busy, two tabs may go ahead at once. Without it, all ten do.
  for (const [how, prepare, most] of [['one refresh', async () => {}, 1], ['few refreshes where there are no Web Locks', withoutLocks, 4]]) {
    test(`ten tabs whose access token runs out go on by ${how}`, async () => {
      const { context, pages } = await signedIn(TABS, prepare);
      const before = site.recorder.refreshes;
      await outliveAccessToken(context);
      const answers = await Promise.all(pages.map(page => ask(page)));
      assert.deepEqual(answers, pages.map(() => 200));
      const refreshes = site.recorder.refreshes - before;
      assert.ok(refreshes >= 1 && refreshes <= most, `${refreshes} refreshes`);
      for (const page of pages.slice(1)) assert.deepEqual(await shown(page), ['moment', 'secret']);
      await people.leave();
    });
  }

  test('a logout in one tab closes stream and socket of another, which shows so by itself', async () => {
    const { pages: [page, other] } = await signedIn(2);
    const { upstream } = site;
    await other.evaluate(() => globalThis.app.listen());
    await becomesTrue(async () => upstream.streams.size === 1 && upstream.sockets.size === 1, 'both are open');
    upstream.say('good morning');
    await other.waitForFunction(() => globalThis.app.heard.length === 2);
    assert.deepEqual((await other.evaluate(() => globalThis.app.heard)).sort(), ['good morning by event', 'good morning by message']);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await becomesTrue(async () => upstream.streams.size === 0 && upstream.sockets.size === 0, 'both are closed');
    await other.getByLabel('Username').waitFor();
    // The same page all the time.
    assert.deepEqual(await shown(other), ['moment', 'secret', 'login']);
    assert.equal(await secret(other).count(), 0);
    await people.leave();
  });
});
