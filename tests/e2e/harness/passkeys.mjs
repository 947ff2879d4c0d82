// A device with passkeys, made by the browser itself for tests: the WebAuthn domain of the DevTools protocol.

/** What fingerprint readers and the like in laptops and phones are: discoverable passkeys, the user verified. */
const PLATFORM = {
  protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true,
};

/** A stick that is touched, and asks for neither finger nor PIN. */
export const STICK = { transport: 'usb', hasUserVerification: false, isUserVerified: false };

/**
 * A device that is plugged into one page. Nobody touches it but within `touched`: a page that offers passkeys to be filled in
 * would sign in by itself otherwise, before a test has typed anything.
 */
export class PasskeyDevice {
  #session;
  #id;

  constructor(session, id) {
    this.#session = session;
    this.#id = id;
  }

  /** Plugs one in. `options` as in the protocol's VirtualAuthenticatorOptions. */
  static async plugInto(page, options = {}) {
    const session = await page.context().newCDPSession(page);
    await session.send('WebAuthn.enable', { enableUI: false });
    const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
      options: { ...PLATFORM, automaticPresenceSimulation: false, ...options },
    });
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

  /** Somebody is there to touch it, until this is done. */
  async touched(act) {
    await this.#send('setAutomaticPresenceSimulation', { enabled: true });
    const result = await act();
    await this.#send('setAutomaticPresenceSimulation', { enabled: false });
    return result;
  }
}
