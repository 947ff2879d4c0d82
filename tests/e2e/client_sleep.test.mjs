// A tab whose process stands still while three access tokens run out, as when a laptop is closed.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { People, startBrowser } from './harness/browser.mjs';
import { ask, shown, signIn, startClientSite } from './harness/client_site.mjs';
import { Rig, becomesTrue } from './harness/processes.mjs';

const ACCESS_TTL_MS = 3_000;

const rig = new Rig();
after(() => rig.stop());

/** What runs the browser's pages. */
async function pageProcesses(browser) {
  const devtools = await browser.newBrowserCDPSession();
  const { processInfo } = await devtools.send('SystemInfo.getProcessInfo');
  return processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id);
}

test('whoever comes back to a tab that slept over three expiries finds it signed in, by one refresh', async () => {
  const site = await startClientSite(rig, { env: { DOORWARD_SESSION__ACCESS_TTL: `${ACCESS_TTL_MS}ms` } });
  const browser = await startBrowser(rig);
  const people = new People(browser);
  const { page } = await people.come();
  await page.goto(site.app);
  await signIn(page);

  const processes = await pageProcesses(browser);
  for (const id of processes) process.kill(id, 'SIGSTOP');
  const asleep = Date.now();
  await becomesTrue(async () => Date.now() - asleep > 3 * ACCESS_TTL_MS, 'three access tokens have run out');
  const before = site.recorder.refreshes;
  const awake = Date.now();
  for (const id of processes) process.kill(id, 'SIGCONT');

  await page.keyboard.press('Shift');
  await becomesTrue(async () => site.recorder.refreshes > before, 'it refreshes before anything is asked for');
  assert.equal(await ask(page), 200);
  // On a slow machine the next one may have come due: at half of what the token has.
  const due = 1 + Math.floor((Date.now() - awake) / (ACCESS_TTL_MS / 2));
  assert.ok(site.recorder.refreshes - before <= due, `${site.recorder.refreshes - before} refreshes where ${due} are due`);
  assert.deepEqual(await shown(page), ['moment', 'login', 'secret']);
  await people.leave();
});
