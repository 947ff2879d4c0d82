// Somebody whose browser prefers German, from signing in to signing out; and what the scripts say to them.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { lookAt, newPerson, startBrowser } from './harness/browser.mjs';
import { PLAIN, addUser, setUp, startDoorward } from './harness/doorward.mjs';
import { Client } from './harness/http_client.mjs';
import { Rig } from './harness/processes.mjs';

describe('in German', () => {
  const rig = new Rig();
  let browser;

  before(async () => { browser = await startBrowser(rig); });
  after(() => rig.stop());

  /** Somebody German, and the address of a Doorward in which they have an account. */
  async function visitor(env = {}) {
    const { port } = await startDoorward(rig, { env });
    const admin = new Client(`http://localhost:${port}`);
    await setUp(admin);
    await addUser(admin, PLAIN);
    // Colours on their way from light to dark are nobody's choice.
    const person = await newPerson(browser, { locale: 'de-DE', timezoneId: 'Europe/Berlin', reducedMotion: 'reduce' });
    return { url: `http://localhost:${port}/auth`, ...person };
  }

  async function signIn(page, { username, password }) {
    await page.getByLabel('Benutzername').fill(username);
    await page.getByLabel('Passwort', { exact: true }).fill(password);
    await page.getByRole('button', { name: 'Anmelden', exact: true }).click();
  }

  test('pages and scripts speak German to somebody who prefers it, and write dates as they do', async () => {
    const { url, page, complaints } = await visitor();
    await page.goto(`${url}/login`);
    assert.equal(await page.evaluate(() => document.documentElement.lang), 'de');
    const show = page.getByRole('button', { name: 'Passwort anzeigen' });
    assert.equal(await show.textContent(), 'Anzeigen');
    await show.click();
    await page.getByRole('button', { name: 'Passwort verbergen' }).waitFor();
    await lookAt(page, 'german-login');
    await signIn(page, PLAIN);
    await page.waitForURL(`${url}/account**`);
    const times = await page.locator('.sessions time').allTextContents();
    assert.ok(times.length > 0);
    // In their own zone, so without a name for it.
    for (const time of times) assert.match(time, /^\d{1,2}\. \p{L}+\.? \d{4}, \d{2}:\d{2}$/u);
    await lookAt(page, 'german-account');
    await page.goto(`${url}/account/factors`);
    await lookAt(page, 'german-factors');
    await page.getByRole('link', { name: 'Abmelden' }).click();
    await page.getByRole('button', { name: 'Abmelden' }).click();
    await page.getByText('Sie sind abgemeldet').waitFor();
    assert.deepEqual(complaints, []);
  });

  test('whoever has to wait sees it counted down in German', async () => {
    const { url, page, complaints } = await visitor({ DOORWARD_LOCKOUT__THRESHOLD: '1' });
    await page.goto(`${url}/login`);
    await signIn(page, { ...PLAIN, password: 'not-the-password' });
    const timer = page.getByRole('timer');
    const first = await timer.textContent();
    await page.waitForFunction(shown => document.querySelector('[role=timer]').textContent !== shown, first);
    for (const told of [first, await timer.textContent()]) assert.match(told, /^\d+ Minuten?( und \d+ Sekunden?)?$/);
    assert.match(await page.title(), /^Fehler: Anmelden/);
    await lookAt(page, 'german-locked');
    assert.deepEqual(complaints, []);
  });

  test('a passkey that nobody gives is told of in German', async () => {
    const { url, page } = await visitor();
    await page.addInitScript(() => {
      navigator.credentials.get = asked => asked.mediation === 'conditional'
        ? new Promise(() => {})
        : Promise.reject(new DOMException('what no user understands', 'NotAllowedError'));
    });
    await page.goto(`${url}/login`);
    await page.getByRole('button', { name: 'Mit einem Passkey anmelden' }).click();
    await page.getByText('Es wurde kein Passkey verwendet').waitFor();
  });
});
