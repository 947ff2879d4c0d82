// A device with passkeys, made by the browser itself for tests: the WebAuthn domain of the DevTools protocol.
import assert from 'node:assert/strict';

/** What fingerprint readers and the like in laptops and phones are: discoverable passkeys, the user verified. */
const PLATFORM = {
  protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true,
  automaticPresenceSimulation: true,
};

/** A device that is plugged into one page. */
export class PasskeyDevice {
  #session;
  #id;

  constructor(session, id) {
    this.#session = session;
    this.#id = id;
  }

  /**
   * Plugs one in. `options` as in the protocol's VirtualAuthenticatorOptions.
   *
   * The browser then fills in passkeys only where `autofill` says so. It would do it at once, before anybody has typed anything
   * or pressed a button.
   */
  static async plugInto(page, { autofill = false, ...options } = {}) {
    if (!autofill) {
      await page.context().addInitScript(() => { PublicKeyCredential.isConditionalMediationAvailable = async () => false; });
    }
    const session = await page.context().newCDPSession(page);
    await session.send('WebAuthn.enable', { enableUI: false });
    const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', { options: { ...PLATFORM, ...options } });
    return new PasskeyDevice(session, authenticatorId);
  }

  #send(method, parameters = {}) {
    return this.#session.send(`WebAuthn.${method}`, { authenticatorId: this.#id, ...parameters });
  }

  /** The one passkey on it, private key included. */
  async passkey() {
    const { credentials: [passkey, ...others] } = await this.#send('getCredentials');
    if (passkey === undefined || others.length > 0) throw new Error('there is not one passkey on the device');
    return passkey;
  }

  /** Puts a passkey on it, in place of the one with its id if there is one: how a clone or a backup gets there. */
  async put(passkey) {
    await this.#send('removeCredential', { credentialId: passkey.credentialId }).catch(() => {});
    await this.#send('addCredential', { credential: passkey });
  }

  /** Whether its user shows a finger, a face or a PIN when asked. */
  async verifiesUser(isUserVerified) {
    await this.#send('setUserVerified', { isUserVerified });
  }

  /** Whether somebody is there to touch it. If not, a question stays open. */
  async isTouched(enabled) {
    await this.#send('setAutomaticPresenceSimulation', { enabled });
  }

  async unplug() {
    await this.#send('removeVirtualAuthenticator');
  }
}

/** What a script of the page that is shown gets from the browser for a new passkey. */
function make(page, options) {
  return page.evaluate(async json => {
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(json);
    return (await navigator.credentials.create({ publicKey })).toJSON();
  }, options);
}

/** What a script of the page that is shown gets from the browser for a passkey. */
export function show(page, options) {
  return page.evaluate(async json => {
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(json);
    return (await navigator.credentials.get({ publicKey })).toJSON();
  }, options);
}

/** A page of Doorward that asks for no passkey itself. */
export async function goToQuietPage(page, url) {
  await page.goto(`${url}/problems/not_found`);
}

/**
 * Gives the user that `client` has just logged in as a passkey on the device that is plugged into `page`, and leaves a page of
 * Doorward open there that asks for nothing. Returns their recovery codes.
 */
export async function enrolPasskey(page, url, client) {
  await goToQuietPage(page, url);
  const options = await client.post('/auth/v1/passkeys/options', { headers: client.csrf() });
  assert.equal(options.status, 200, options.text);
  const made = await make(page, options.json.publicKey);
  const added = await client.post('/auth/v1/passkeys', { json: { name: 'Blue laptop', ...made }, headers: client.csrf() });
  assert.equal(added.status, 201, added.text);
  return added.json.recovery_codes;
}

/** What a browser is asked that signs in by a passkey alone: no secret, whoever asks is told. */
export async function askedToSignIn(client) {
  const options = await client.post('/auth/v1/login/passkey/options');
  assert.equal(options.status, 200, options.text);
  return options.json.publicKey;
}
