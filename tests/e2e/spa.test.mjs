// The React example, built, behind a real nginx, in a real Chromium.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { logInByPage, lookAt, noteEverShown, People, startBrowser } from './harness/browser.mjs';
import { ADMIN, PLAIN, addUser, logIn, setUp } from './harness/doorward.mjs';
import { Client } from './harness/http_client.mjs';
import { PasskeyDevice, enrolPasskey } from './harness/passkeys.mjs';
import { Rig, becomesTrue } from './harness/processes.mjs';
import { PATIENT, setUpApp } from './harness/second_factors.mjs';
import { buildSpa, startSpa } from './harness/spa.mjs';

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';

describe('the React example', () => {
  const rig = new Rig();
  let dist;
  let app;
  let people;
  let admin;

  before(async () => {
    people = new People(await startBrowser(rig));
    dist = await buildSpa(rig);
    app = await startSpa(rig, dist, { env: PATIENT });
    admin = new Client(app);
    await setUp(admin);
  });
  afterEach(() => people.leave());
  after(() => rig.stop());

  /** Somebody whose browser notes what is ever shown: `login` and `protected`. */
  async function visitor(options) {
    const person = await people.come(options);
    const everShown = await noteEverShown(person, { login: 'input[type=password]', protected: 'nav' });
    return { ...person, everShown };
  }

  /** Whoever this is signs in on the page that is shown, and sees the harbour. */
  async function signIn(page, who, site = app) {
    await page.goto(site);
    await logInByPage(page, who);
    await page.getByRole('heading', { name: 'Harbour' }).waitFor();
  }

  const signInPage = page => page.getByRole('heading', { name: 'Sign in' });

  /** The numbers of the movements that are shown, the newest first. */
  const movements = page => page.getByRole('list', { name: 'Movements' }).locator('li').evaluateAll(items => items.map(item => item.value));

  async function newUser(username) {
    const user = { ...PLAIN, username };
    await addUser(admin, user);
    return user;
  }

  test('its files are public, and its server answers nobody who is not signed in', async () => {
    const nobody = new Client(app);
    const page = await nobody.get('/devices');
    assert.equal(page.status, 200);
    assert.match(page.header('content-security-policy'), /^default-src 'none'; script-src 'self';/);
    for (const [method, path] of [['GET', '/events'], ['POST', '/api/boom'], ['GET', '/api/whatever']]) {
      const answer = await nobody.request(method, path, { headers: { 'X-Auth-User': 'forged' } });
      assert.equal(answer.status, 401, path);
      assert.equal(answer.json.code, 'not_authenticated', path);
    }
  });

  test('nothing protected is ever on the page of somebody who is not signed in, who then comes to where they wanted', async () => {
    const ann = await newUser('ann');
    const { page, everShown } = await visitor();
    await page.goto(`${app}/devices`);
    await logInByPage(page, { ...ann, password: 'not-the-password' });
    await page.getByRole('alert').waitFor();
    assert.deepEqual(await everShown(), ['login']);
    await logInByPage(page, ann);
    await page.getByRole('heading', { name: 'Devices' }).waitFor();
    assert.equal(page.url(), `${app}/devices`);
  });

  test('a link to the login page leads to no other site, and whoever is signed in never sees it', async () => {
    const { page, everShown } = await visitor();
    await signIn(page, await newUser('bea'));
    for (const to of ['https://evil.example/', '//evil.example', '/auth/logout', '/login']) {
      await page.goto(`${app}/login?to=${encodeURIComponent(to)}`);
      await page.getByRole('heading', { name: 'Harbour' }).waitFor();
      assert.equal(page.url(), `${app}/`);
      assert.deepEqual(await everShown(), ['protected']);
    }
  });

  test('whoever is signed in sees no login page, although the access token has gone', async () => {
    const { page, context, everShown } = await visitor();
    await signIn(page, await newUser('cleo'));
    await context.clearCookies({ name: 'dw_session' });
    await page.reload();
    await page.getByRole('heading', { name: 'Harbour' }).waitFor();
    assert.deepEqual(await everShown(), ['protected']);
  });

  test('the stream goes on past the end of the access token, and leaves nothing out', async () => {
    const site = await startSpa(rig, dist, { env: { DOORWARD_SESSION__ACCESS_TTL: '4s' } });
    await setUp(new Client(site));
    const { page, everShown } = await visitor();
    const answers = [];
    page.on('response', response => answers.push(`${response.status()} ${new URL(response.url()).pathname}`));
    await signIn(page, ADMIN, site);
    // Nobody touches the page: it is the stream that is refused, and has the token refreshed.
    const asked = text => answers.slice(answers.indexOf('401 /events') + 1).includes(text);
    await becomesTrue(async () => asked('200 /auth/v1/refresh') && asked('200 /events'), 'the stream goes on', () => answers.join('\n'));
    const [last] = await movements(page);
    await becomesTrue(async () => (await movements(page))[0] > last, 'more has come');
    await page.getByText('Live', { exact: true }).waitFor();
    const shown = await movements(page);
    assert.deepEqual(shown, shown.map((_, index) => shown[0] - index));
    assert.deepEqual(await everShown(), ['login', 'protected']);
  });

  test('a browser that is signed out from another one turns to the login page by itself', async () => {
    const eve = await newUser('eve');
    const here = await visitor();
    const there = await visitor({ userAgent: FIREFOX });
    await signIn(here.page, eve);
    await signIn(there.page, eve);
    await here.page.getByRole('link', { name: 'Devices' }).click();
    const devices = here.page.getByRole('list', { name: 'Devices' }).locator('li');
    await devices.filter({ hasText: 'Firefox on Linux' }).getByRole('button', { name: 'Sign out' }).click();
    await devices.filter({ hasText: 'Firefox on Linux' }).waitFor({ state: 'detached' });
    await signInPage(there.page).waitFor();
    assert.equal(await there.page.getByRole('list', { name: 'Movements' }).count(), 0);
    // It was the other one that ended.
    await here.page.reload();
    await devices.filter({ hasText: '(this one)' }).waitFor();
  });

  test('whoever signs out is out, in every tab', async () => {
    const { page, context } = await visitor();
    await signIn(page, await newUser('fay'));
    const other = await context.newPage();
    await other.goto(`${app}/devices`);
    await other.getByRole('heading', { name: 'Devices' }).waitFor();
    await page.getByRole('banner').getByRole('button', { name: 'Sign out' }).click();
    await signInPage(page).waitFor();
    await signInPage(other).waitFor();
    const cookies = (await context.cookies()).map(({ name }) => name);
    assert.ok(!cookies.some(name => /session|refresh|csrf/.test(name)), cookies.join(' '));
  });

  test('whoever could not be signed out is told so, and stays', async () => {
    const { page, context } = await visitor();
    await signIn(page, await newUser('gwen'));
    const signOut = page.getByRole('banner').getByRole('button', { name: 'Sign out' });
    await context.route('**/auth/v1/logout', route => route.abort());
    await signOut.click();
    await page.getByRole('alert').waitFor();
    await page.getByRole('heading', { name: 'Harbour' }).waitFor();
    await context.unroute('**/auth/v1/logout');
    await signOut.click();
    await signInPage(page).waitFor();
  });

  test('what asks for a recent authentication waits for it, by password and by code', async () => {
    const hana = await newUser('hana');
    const { page } = await visitor();
    await signIn(page, hana);
    const moved = page.getByText('hana has the boom');
    const move = page.getByRole('button', { name: 'Move the boom' });
    const dialog = page.getByRole('dialog', { name: 'Confirm that it is you' });
    await move.click();
    await moved.waitFor();

    // Second factors change on another device: nobody counts as recently authenticated any more.
    const elsewhere = new Client(app);
    await logIn(elsewhere, hana);
    const { app: authenticator, recoveryCodes } = await setUpApp(elsewhere);
    await move.click();
    await dialog.waitFor();
    await lookAt(page, 'spa-step-up');
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await page.getByText('The boom stays as it is').waitFor();
    await move.click();
    await dialog.getByLabel('Code from your authenticator app').fill(await authenticator.wrongCode());
    await dialog.getByRole('button', { name: 'Continue' }).click();
    await dialog.getByRole('alert').waitFor();
    await dialog.getByLabel('Code from your authenticator app').fill(await authenticator.nextCode());
    await dialog.getByRole('button', { name: 'Continue' }).click();
    await dialog.waitFor({ state: 'detached' });
    await becomesTrue(async () => await moved.count() === 2, 'the boom was moved again');

    // From now on the login has a second step.
    await page.getByRole('banner').getByRole('button', { name: 'Sign out' }).click();
    await logInByPage(page, hana);
    await page.getByRole('heading', { name: 'One more step' }).waitFor();
    await lookAt(page, 'spa-second-step');
    await page.getByRole('button', { name: 'Use a recovery code instead' }).click();
    await page.getByLabel('Recovery code').fill(recoveryCodes[0]);
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('heading', { name: 'Harbour' }).waitFor();
  });

  test('a passkey confirms who it is, and signs in', async () => {
    const ivy = await newUser('ivy');
    const { page } = await visitor();
    await PasskeyDevice.plugInto(page);
    await signIn(page, ivy);
    const elsewhere = new Client(app);
    await logIn(elsewhere, ivy);
    // That is a change of factors: what signed in by password counts no more.
    await enrolPasskey(page, `${app}/auth`, elsewhere);
    await page.goto(app);
    await page.getByRole('button', { name: 'Move the boom' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Use a passkey' }).click();
    await page.getByText('ivy has the boom').waitFor();
    await page.getByRole('banner').getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await page.getByRole('heading', { name: 'Harbour' }).waitFor();
  });

  test('its pages are easy to use for everybody, narrow and wide, light and dark', async () => {
    const { page } = await visitor();
    await page.goto(app);
    await signInPage(page).waitFor();
    const { autocomplete } = Object.fromEntries(await page.locator('form').evaluate(form => [
      ['autocomplete', [...form.elements].filter(({ name }) => name).map(({ name, autocomplete }) => [name, autocomplete])],
    ]));
    assert.deepEqual(autocomplete, [['username', 'username'], ['password', 'current-password']]);
    await lookAt(page, 'spa-login');
    await logInByPage(page, ADMIN);
    await page.getByRole('list', { name: 'Movements' }).locator('li').first().waitFor();
    await lookAt(page, 'spa-harbour');
    await page.getByRole('link', { name: 'Devices' }).click();
    await page.getByText('(this one)').waitFor();
    await lookAt(page, 'spa-devices');
  });
});
