// An authenticator app that shares no code with us: oathtool (RFC 6238) makes the codes, zbarimg reads what a camera would see.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { run } from './processes.mjs';

const PERIOD_SECONDS = 30;

/** The app on somebody's phone, with one account in it. */
export class AuthenticatorApp {
  #secret;
  /** By how many steps its clock is ahead, and the last step whose code was shown. */
  #ahead = 0;
  #last = -1;

  /** @param {string} secret in base32 */
  constructor(secret) {
    this.#secret = secret;
  }

  /** What the app knows once it has seen a QR code. */
  static of(otpauthUri) {
    return new AuthenticatorApp(new URL(otpauthUri).searchParams.get('secret'));
  }

  /**
   * A code that was not shown before. Whoever asks twice within half a minute does not wait for the next one: the app's clock
   * gains a step, which is as much as is accepted, and is remembered.
   */
  async nextCode() {
    const step = Math.max(Math.floor(Date.now() / 1000 / PERIOD_SECONDS) + this.#ahead, this.#last + 1);
    this.#ahead = step - Math.floor(Date.now() / 1000 / PERIOD_SECONDS);
    this.#last = step;
    return (await this.#codesFrom(step, 1))[0];
  }

  /** Six digits that are the code of no step near now. */
  async wrongCode() {
    const near = await this.#codesFrom(Math.floor(Date.now() / 1000 / PERIOD_SECONDS) - 20, 40);
    for (let number = 0; ; number += 1) {
      const code = String(number).padStart(6, '0');
      if (!near.includes(code)) return code;
    }
  }

  async #codesFrom(step, count) {
    const when = `--now=@${step * PERIOD_SECONDS}`;
    const { code, output, said } = await run('oathtool', ['--totp', '--base32', when, `--window=${count - 1}`, this.#secret]);
    assert.equal(code, 0, output);
    return said.trim().split('\n');
  }
}

/** What a camera reads off the page: the contents of the one QR code that a picture of it shows. */
export async function readQrCode(rig, page) {
  const file = path.join(await rig.directory(), 'page.png');
  await writeFile(file, await page.screenshot({ fullPage: true }));
  const { code, output, said } = await run('zbarimg', ['--quiet', '--raw', '-Sdisable', '-Sqrcode.enable', file]);
  assert.equal(code, 0, output);
  return said.trim();
}
