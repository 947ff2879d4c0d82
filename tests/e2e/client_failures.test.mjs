// What goes wrong on the way signs nobody out: a server that is killed, answers that are lost, no network, a slow one.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { People, logInByPage, startBrowser } from './harness/browser.mjs';
import { ask, assertNeverSignedOut, outliveAccessToken, secret, shown, signedInPerson, startClientSite } from './harness/client_site.mjs';
import { PLAIN } from './harness/doorward.mjs';
import { Rig, becomesTrue } from './harness/processes.mjs';

const REFRESH = '/auth/v1/refresh';
/** The slow end of what Chromium calls Slow 3G. */
const SLOW_3G = { offline: false, latency: 2000, downloadThroughput: 50_000, uploadThroughput: 50_000 };

describe('the client when something goes wrong', () => {
  const rig = new Rig();
  let site;
  let people;

  before(async () => {
    site = await startClientSite(rig);
    people = new People(await startBrowser(rig));
  });
  after(() => rig.stop());

  for (const [how, breaking, first] of [['the proxy answers in its place', false, 'unavailable'], ['the line breaks', true, 200]]) {
    test(`an answer to a refresh that is lost is asked for again: ${how}`, async () => {
      const { context, page } = await signedInPerson(people, site);
      const { recorder } = site;
      const before = recorder.refreshes;
      recorder.loseNext(REFRESH, breaking);
      await outliveAccessToken(context);
      assert.equal(await ask(page), first);
      await page.waitForFunction(() => globalThis.app.doorward.getSnapshot().problem === null);
      assert.equal(await ask(page), 200);
      const [lost, ...again] = recorder.asked.filter(({ path }) => path === REFRESH).slice(before);
      assert.equal(lost.status, 200, 'the server has done it');
      assert.deepEqual(again.map(({ status }) => status), [200]);
      // With the successor that it was given it goes on.
      await outliveAccessToken(context);
      assert.equal(await ask(page), 200);
      await assertNeverSignedOut(page);
      await people.leave();
    });
  }

  test('somebody who is offline while the access token runs out stays signed in, and goes on when online', async () => {
    const { context, page } = await signedInPerson(people, site);
    await context.setOffline(true);
    await outliveAccessToken(context);
    // No timer runs from here on: it is the browser that says that it is online.
    await context.clock.pauseAt(Date.now() + 3_600_000);
    // The answer comes when no attempt is under way any more.
    assert.equal(await ask(page), 'TypeError', 'as fetch says it');
    await assertNeverSignedOut(page);
    const before = site.recorder.refreshes;
    await context.setOffline(false);
    await becomesTrue(async () => site.recorder.refreshes > before, 'it refreshes by itself');
    assert.equal(await ask(page), 200);
    assert.equal(site.recorder.refreshes, before + 1);
    await assertNeverSignedOut(page);
    await people.leave();
  });

  test('over Slow 3G people sign in and go on, and nothing is sent twice', async () => {
    const { context, page } = await people.come();
    await context.clock.install();
    await page.goto(site.app);
    const devtools = await context.newCDPSession(page);
    await devtools.send('Network.emulateNetworkConditions', SLOW_3G);
    const { recorder, upstream } = site;
    const logins = recorder.count('POST', '/auth/v1/login');
    await logInByPage(page, PLAIN);
    await secret(page).waitFor();
    assert.equal(recorder.count('POST', '/auth/v1/login'), logins + 1);
    const before = recorder.refreshes;
    await outliveAccessToken(context);
    assert.equal(await ask(page, '/api/orders/slow', { method: 'POST', body: 'one pizza' }), 200);
    assert.equal(recorder.refreshes, before + 1);
    assert.equal(upstream.asked.filter(asked => asked === 'POST /api/orders/slow').length, 1);
    await assertNeverSignedOut(page);
    await people.leave();
  });

  // The last one: nothing is left to ask if it fails.
  test('a server that is killed and comes back signs nobody out, and requests go on', async () => {
    const { context, page } = await signedInPerson(people, site);
    await site.doorward.kill();
    await outliveAccessToken(context);
    assert.equal(await ask(page), 500, 'nginx has nobody to ask');
    assert.equal(await page.evaluate(() => globalThis.app.doorward.getSnapshot().problem.code), 'unavailable');
    await assertNeverSignedOut(page);
    // Who comes just now is told neither that they are signed in nor that they are not.
    const newcomer = await context.newPage();
    await newcomer.goto(site.app);
    await newcomer.waitForFunction(() => globalThis.app?.doorward.getSnapshot().problem?.code === 'unavailable');
    assert.equal(await newcomer.getByText('One moment').count(), 1);
    site.doorward = await site.restart();
    // It is tried again without anybody asking for it.
    await secret(newcomer).waitFor();
    await page.waitForFunction(() => globalThis.app.doorward.getSnapshot().problem === null);
    assert.equal(await ask(page), 200);
    assert.deepEqual(await shown(newcomer), ['moment', 'secret']);
    await assertNeverSignedOut(page);
    await people.leave();
  });
});
