// Pages of others: they can frame none of ours, and what they ask for in the name of their visitors they do not get.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { newPerson, startBrowser } from './harness/browser.mjs';
import { certificate } from './harness/certificates.mjs';
import { ask, secret, signIn, startClientSite } from './harness/client_site.mjs';
import { startElsewhere } from './harness/elsewhere.mjs';
import { Rig } from './harness/processes.mjs';

/** Runs in a page: what it gets when it asks for something in its visitor's name. */
async function attempt({ app, auth, socket }) {
  const outcome = async promise => promise.then(value => `got ${value}`, () => 'nothing');
  const read = (url, init) => outcome(fetch(url, { credentials: 'include', ...init }).then(response => response.text()));
  const heard = (source, good, bad) => outcome(new Promise((resolve, reject) => {
    source.addEventListener(good, () => resolve(good));
    for (const type of bad) source.addEventListener(type, reject);
  }));
  return {
    session: await read(`${auth}/v1/session`),
    orders: await read(`${app}/api/orders`),
    refresh: await read(`${auth}/v1/refresh`, { method: 'POST' }),
    withHeader: await read(`${auth}/v1/sessions`, { method: 'DELETE', headers: { 'X-CSRF-Token': 'guessed' } }),
    opaque: await read(`${app}/api/orders`, { mode: 'no-cors' }),
    client: await outcome(import(`${app}/client/index.js`)),
    stream: await heard(new EventSource(`${app}/live/events`, { withCredentials: true }), 'open', ['error']),
    socket: await heard(new WebSocket(socket), 'open', ['error', 'close']),
  };
}

describe('a page of another site', () => {
  const rig = new Rig();
  let site;
  let browser;

  before(async () => {
    site = await startClientSite(rig);
    browser = await startBrowser(rig);
  });
  after(() => rig.stop());

  const PATHS = ['login', 'account', 'account/factors', 'password', 'step-up', 'logout', 'setup', 'continue', 'problems/not_found', 'nowhere'];

  // A sibling host is the same site to a browser: the Strict cookies go along.
  for (const [where, host] of [['of another domain', 'evil.test'], ['on a sibling host', 'evil.example.com']]) {
    describe(where, () => {
      let page;
      let evil;
      let own;

      before(async () => {
        const urls = [`${site.origin}/client/index.js`, site.app, ...PATHS.map(path => `${site.auth}/${path}`)];
        const { cert, key } = await certificate(rig, [host]);
        const tls = { cert: await readFile(cert), key: await readFile(key) };
        const elsewhere = await startElsewhere(rig, urls.map(url => `<iframe src="${url}"></iframe>`).join(''), tls);
        evil = `https://${host}:${elsewhere}/`;
        const { context } = await newPerson(browser);
        own = await context.newPage();
        await own.goto(site.app);
        await signIn(own);
        page = await context.newPage();
      });

      test('frames none of our pages', async () => {
        await page.goto(evil);
        const [ofAnybody, ...ours] = page.frames().filter(frame => frame !== page.mainFrame());
        // This is what one looks like that may be framed.
        assert.match(await ofAnybody.evaluate(() => document.body.innerText), /createDoorward/);
        assert.equal(ours.length, PATHS.length + 1);
        for (const frame of ours) {
          const { href, text } = await frame.evaluate(() => ({ href: location.href, text: document.body.innerText }));
          assert.equal(href, 'chrome-error://chromewebdata/', text);
        }
      });

      test('gets nothing when it asks in its visitor\'s name, and changes nothing', async () => {
        await page.goto(evil);
        const socket = `${site.origin.replace('https', 'wss')}/live/socket`;
        const got = await page.evaluate(attempt, { app: site.origin, auth: site.auth, socket });
        assert.deepEqual(got, {
          session: 'nothing', orders: 'nothing', refresh: 'nothing', withHeader: 'nothing',
          opaque: 'got ', client: 'nothing', stream: 'nothing', socket: 'nothing',
        });
        assert.equal(site.upstream.sockets.size, 0);
        await page.evaluate(url => fetch(url, { method: 'POST', mode: 'no-cors', credentials: 'include' }), `${site.auth}/v1/logout`);
        assert.equal(await ask(own), 200, 'nobody is signed out by it');
        assert.equal(await secret(own).count(), 1);
      });
    });
  }
});
