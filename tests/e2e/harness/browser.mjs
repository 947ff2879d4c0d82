// A real Chromium, as the distribution ships it. Every host name leads to this machine.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { Client } from './http_client.mjs';
import { PATIENCE_MS, target } from './processes.mjs';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const ARGUMENTS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update',
  '--disable-sync', '--disable-dev-shm-usage', '--host-resolver-rules=MAP * 127.0.0.1',
];

/** Starts the browser, with settings for Playwright; each context of it is a person's own, with an empty jar. */
export async function startBrowser(rig, options = {}) {
  const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
  const browser = await chromium.launch({ executablePath, args: ARGUMENTS, timeout: PATIENCE_MS, ...options });
  rig.defer(() => browser.close());
  return browser;
}

/**
 * A person with a browser of their own.
 *
 * `documents` is every page that they were shown: its address, status, and whether it asked for a password. `complaints` is what the
 * browser had to say about our pages: script errors, and what the Content-Security-Policy blocked.
 */
export async function newPerson(browser, options = {}) {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, locale: 'en-GB', ...options });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  const documents = [];
  const complaints = [];
  page.on('response', response => {
    const request = response.request();
    if (request.isNavigationRequest() && request.frame() === page.mainFrame()) {
      documents.push({ url: response.url(), status: response.status() });
    }
  });
  context.on('weberror', webError => complaints.push(String(webError.error())));
  context.on('console', message => {
    if (/Content.Security.Policy|Refused to|blocked/i.test(message.text())) complaints.push(message.text());
  });
  const passwordsAskedAt = [];
  await context.exposeBinding('doorwardTestPasswordAsked', (_, url) => { passwordsAskedAt.push(url); });
  await context.addInitScript(() => addEventListener('DOMContentLoaded', () => {
    if (document.querySelector('input[type=password]')) globalThis.doorwardTestPasswordAsked(location.href);
  }));
  return { context, page, documents, complaints, passwordsAskedAt };
}

/** The people of one test, who leave with it. What a browser of theirs complained of fails the test. */
export class People {
  #browser;
  #here = [];

  constructor(browser) {
    this.#browser = browser;
  }

  /** As `newPerson`. */
  async come(options) {
    const person = await newPerson(this.#browser, options);
    this.#here.push(person);
    return person;
  }

  async leave() {
    const leaving = this.#here.splice(0);
    for (const { context } of leaving) await context.close();
    assert.deepEqual(leaving.flatMap(({ complaints }) => complaints), []);
  }
}

/**
 * Has a person's browser note what is ever put on a page, however shortly.
 *
 * @param {Record<string, string>} marks names of what is looked for, by CSS selectors
 * @returns {() => Promise<string[]>} the names that were seen since the page was loaded, in order of the alphabet
 */
export async function noteEverShown({ context, page }, marks) {
  await context.addInitScript(sought => {
    globalThis.doorwardTestEverShown = new Set();
    new MutationObserver(mutations => {
      for (const node of mutations.flatMap(({ addedNodes }) => [...addedNodes])) {
        for (const [name, mark] of Object.entries(sought)) {
          if (node.matches?.(mark) || node.querySelector?.(mark)) globalThis.doorwardTestEverShown.add(name);
        }
      }
    }).observe(document, { childList: true, subtree: true });
  }, marks);
  return () => page.evaluate(() => [...globalThis.doorwardTestEverShown].sort());
}

/** What a program is answered that comes with cookies of a browser, which keeps them whatever it is told. */
export function getWithCookies(url, cookies) {
  const { origin, pathname, search } = new URL(url);
  const Cookie = cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
  return new Client(origin).get(pathname + search, { headers: { Cookie } });
}

/** Fails if a machine finds a page hard to use for somebody. */
async function assertAccessible(page, name) {
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
  const found = violations.map(v => `${v.id}: ${v.help}: ${v.nodes.map(node => node.html).join(' ')}`);
  assert.deepEqual(found, [], name);
}

/** Takes pictures of a page for people to look at: light and dark, wide and narrow; fails if it has to be scrolled sideways. */
export async function takePictures(page, name) {
  const directory = path.join(target, 'screenshots');
  await mkdir(directory, { recursive: true });
  const before = page.viewportSize();
  for (const colorScheme of ['dark', 'light']) {
    await page.emulateMedia({ colorScheme });
    for (const [width, size] of [['narrow', { width: 320, height: 640 }], ['wide', { width: 1280, height: 800 }]]) {
      await page.setViewportSize(size);
      await page.screenshot({ path: path.join(directory, `${name}-${colorScheme}-${width}.png`), fullPage: true, animations: 'disabled' });
      const needed = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(needed <= size.width, `${name} needs ${needed} px where there are ${size.width}`);
    }
  }
  await page.emulateMedia({ colorScheme: null });
  await page.setViewportSize(before);
}

/** Takes pictures of the page that is shown, and fails if a machine finds it hard to use in either colour scheme. */
export async function lookAt(page, name) {
  await takePictures(page, name);
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    await assertAccessible(page, `${name}, ${colorScheme}`);
  }
}

/** What a page is looked at in: wide and light, narrow and dark. */
const LOOKS = [
  { colorScheme: 'light', size: { width: 1440, height: 900 } },
  { colorScheme: 'dark', size: { width: 320, height: 640 } },
];

/**
 * Fails if the page that is shown is hard to use for somebody, wide and light or narrow and dark, with everything opened that it
 * can open: as `lookAt`, without pictures.
 */
export async function glanceAt(page, name) {
  await page.evaluate(() => { for (const details of document.querySelectorAll('details')) details.open = true; });
  for (const { colorScheme, size } of LOOKS) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize(size);
    const needed = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(needed <= size.width, `${name} needs ${needed} px where there are ${size.width}`);
    await assertAccessible(page, `${name}, ${colorScheme}`);
  }
}

/** Logs in by the page that is shown. */
export async function logInByPage(page, { username, password }) {
  await page.getByLabel('Username').waitFor();
  // Whoever is faster than the page is never noted to have been asked.
  await page.waitForLoadState('domcontentloaded');
  await page.getByLabel('Username').fill(username);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}
