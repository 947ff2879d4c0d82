// What people do about second factors, by the API and by the pages.
import assert from 'node:assert/strict';
import { AuthenticatorApp } from './authenticator_app.mjs';
import { getWithCookies, logInByPage } from './browser.mjs';
import { PLAIN, addUser, logIn, setUp, startDoorward } from './doorward.mjs';
import { Client } from './http_client.mjs';

/** Who mistypes may try again at once, faster than people do. */
export const PATIENT = {
  DOORWARD_THROTTLE__ACCOUNT_DELAYS: '0s', DOORWARD_THROTTLE__ADDRESS_DELAYS: '0s', DOORWARD_RATE_LIMIT__LOGIN: '6000/minute',
};

export const RECOVERY_CODE = /[0-9A-HJKMNP-TV-Z]{4}(?:-[0-9A-HJKMNP-TV-Z]{4}){3}/g;

/** A Doorward with a user beside the administrator. */
export async function withUser(rig, env) {
  const { port } = await startDoorward(rig, { env: { ...PATIENT, ...env } });
  const admin = new Client(`http://localhost:${port}`);
  await setUp(admin);
  const user = await addUser(admin, PLAIN);
  return { url: `http://localhost:${port}/auth`, admin, user };
}

/** The same, and the user has an authenticator app; `elsewhere` is another device of theirs, which has just set it up. */
export async function withApp(rig, env) {
  const installed = await withUser(rig, env);
  const elsewhere = new Client(new URL(installed.url).origin);
  await logIn(elsewhere, PLAIN);
  return { ...installed, elsewhere, ...await setUpApp(elsewhere) };
}

async function post(client, path, json) {
  const answer = await client.post(`/auth/v1${path}`, { json, headers: client.csrf() });
  assert.equal(answer.status, 200, answer.text);
  return answer.json;
}

/** Sets up an authenticator app for whoever `client` has just logged in as. */
export async function setUpApp(client) {
  const { otpauth_uri: uri } = await post(client, '/mfa/totp');
  const app = AuthenticatorApp.of(uri);
  const { recovery_codes: recoveryCodes } = await post(client, '/mfa/totp/confirm', { code: await app.nextCode() });
  return { app, recoveryCodes };
}

/** Confirms, by a code, that it is its owner who uses `client`. */
export async function stepUp(client, app) {
  await post(client, '/step-up', { method: 'totp', code: await app.nextCode() });
}

/** Removes the authenticator app of whoever uses `client`. */
export async function removeApp(client) {
  const answer = await client.request('DELETE', '/auth/v1/mfa/totp', { headers: client.csrf() });
  assert.equal(answer.status, 204, answer.text);
}

/** Makes new recovery codes: a change of factors, which makes every authentication of their owner stale. */
export async function makeRecoveryCodes(client) {
  return (await post(client, '/mfa/recovery-codes')).recovery_codes;
}

/** What the server knows about the session that a browser holds; nothing if it holds none. */
export async function sessionOf(context, url) {
  const answer = await getWithCookies(`${url}/v1/session`, await context.cookies(`${url}/v1/session`));
  return answer.status === 401 ? undefined : answer.json.session;
}

/** The first step of a login that has a second one. */
export async function showPassword(page, person) {
  await logInByPage(page, person);
  await page.getByRole('heading', { name: 'One more step' }).waitFor();
}

/** Signs in where a password is enough. */
export async function logInByPassword(page, url, person = PLAIN) {
  await page.goto(`${url}/login`);
  await logInByPage(page, person);
  await page.waitForURL(`${url}/account**`);
}

/** Goes as far as the second step of signing in. */
export async function reachSecondStep(page, url, person = PLAIN) {
  await page.goto(`${url}/login`);
  await showPassword(page, person);
}

/** Signs in by both steps. */
export async function logInByApp(page, url, app, person = PLAIN) {
  await reachSecondStep(page, url, person);
  await showCode(page, await app.nextCode());
  await page.waitForURL(`${url}/account**`);
}

/** Types a code into the field for those of authenticator apps, on whichever page has one. */
export async function showCode(page, code) {
  const field = page.getByLabel('Code from your authenticator app');
  await field.fill(code);
  await Promise.all([page.waitForEvent('domcontentloaded'), field.press('Enter')]);
}

export async function showRecoveryCode(page, code) {
  await page.getByText('Use a recovery code instead').click();
  const field = page.getByLabel('Recovery code', { exact: true });
  await field.fill(code);
  await Promise.all([page.waitForEvent('domcontentloaded'), field.press('Enter')]);
}

/** The app that the page for setting one up shows its secret to. */
export async function appBeingSetUp(page) {
  return AuthenticatorApp.of(await page.getByRole('link', { name: 'Open it there' }).getAttribute('href'));
}

/** Sets up an authenticator app by the page for it, and leaves the page that shows the recovery codes open. */
export async function setUpAppByPage(page) {
  await page.getByRole('button', { name: 'Set up an authenticator app' }).click();
  const app = await appBeingSetUp(page);
  await showCode(page, await app.nextCode());
  await page.getByRole('heading', { name: 'Your app is set up' }).waitFor();
  return app;
}

/** Adds a passkey of the device that is plugged into the page, by the page of second factors. */
export async function addPasskey(page) {
  await page.getByRole('button', { name: 'Add a passkey' }).click();
  await page.getByText('Your passkey is added').waitFor();
}

/** Follows the way to the page that asks who it is, and back, from the page of second factors. */
export async function confirmByApp(page, app) {
  await page.getByRole('link', { name: 'Confirm that it is you' }).click();
  await showCode(page, await app.nextCode());
  await page.getByRole('button', { name: 'Make new recovery codes' }).waitFor();
}

export async function signOut(page, url) {
  await page.goto(`${url}/logout`);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByText('You are signed out').waitFor();
}
