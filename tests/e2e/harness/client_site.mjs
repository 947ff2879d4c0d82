// An app that uses the client for browsers as it is shipped, on one host with Doorward behind a real nginx.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { logInByPage } from './browser.mjs';
import { certificate } from './certificates.mjs';
import { PLAIN, addUser, setUp, startDoorward } from './doorward.mjs';
import { Client } from './http_client.mjs';
import { startLiveUpstream } from './live_upstream.mjs';
import { freePort, root } from './processes.mjs';
import { adapt, runNginx } from './proxies.mjs';
import { startRecorder } from './recorder.mjs';

/** Nothing may be loaded or shown but what is ours; no markup is made of text. */
const POLICY = "default-src 'none'; script-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
  + "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

/** Longer than the access token is good, in milliseconds. */
export const PAST_ACCESS_TTL_MS = 16 * 60_000;

function siteConfiguration({ front, cert, key, upstream, recorder }) {
  return `
    map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
    server {
      listen 127.0.0.1:${front} ssl;
      server_name app.example.com;
      ssl_certificate ${cert};
      ssl_certificate_key ${key};
      include doorward.conf;
      # Each request on a connection of its own: where one breaks that served before, the browser itself asks again.
      keepalive_timeout 0;
      types { text/html html; text/javascript js; }

      location = / { return 302 /app/index.html; }
      location /app/ {
        alias ${path.join(root, 'tests', 'e2e', 'client_app')}/;
        add_header Content-Security-Policy "${POLICY}";
        add_header Cache-Control no-cache;
      }
      location /client/ { alias ${path.join(root, 'sdk', 'typescript', 'dist')}/; }
      location /api/ {
        auth_request /_doorward/app;
        proxy_pass http://127.0.0.1:${upstream.port};
      }
      location /live/ {
        auth_request /_doorward/app;
        proxy_pass http://127.0.0.1:${upstream.port};
        proxy_http_version 1.1;
        proxy_buffering off;
        proxy_set_header Host $http_host;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection $connection_upgrade;
      }
      location /auth/ {
        proxy_pass http://127.0.0.1:${recorder.port};
        proxy_set_header Host            $http_host;
        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        proxy_set_header X-Request-Id    $request_id;
        # A 502 of the recorder's is passed on. This one is nginx's own, of an answer that broke off: the browser gets none.
        error_page 502 = @lost;
      }
      location @lost { return 444; }
    }
  `;
}

/**
 * Starts it, with a user. `recorder` sees what Doorward is asked, `upstream` is the app's own server, `restart` starts
 * Doorward again after it was killed.
 */
export async function startClientSite(rig, { env = {} } = {}) {
  const [front, upstream, directory] = await Promise.all([freePort(), startLiveUpstream(rig), rig.directory()]);
  const origin = `https://app.example.com:${front}`;
  const config = await adapt('nginx/same-host.toml', path.join(directory, 'doorward.toml'), [['http://app.localhost:8000', origin]]);
  const doorward = await startDoorward(rig, { config, env });
  const recorder = await startRecorder(rig, doorward.port);
  await adapt('nginx/doorward.conf', path.join(directory, 'doorward.conf'), [['127.0.0.1:8080', `127.0.0.1:${doorward.port}`]]);
  const { cert, key } = await certificate(rig, ['app.example.com']);
  await writeFile(path.join(directory, 'site.conf'), siteConfiguration({ front, cert, key, upstream, recorder }));
  await runNginx(rig, directory, front);
  const admin = new Client(origin);
  await setUp(admin);
  await addUser(admin, PLAIN);
  return {
    origin, app: `${origin}/app/index.html`, auth: `${origin}/auth`, admin, doorward, recorder, upstream,
    restart: () => startDoorward(rig, { config, env, port: doorward.port, directory: doorward.directory }),
  };
}

/** Signs in by the app's own page, which is shown. */
export async function signIn(page, person = PLAIN) {
  await logInByPage(page, person);
  await secret(page).waitFor();
}

/**
 * Somebody who has signed in by the app's own page, before a clock that can be turned; it is wrong by so many milliseconds. `prepare`
 * is done to their browser before.
 */
export async function signedInPerson(people, site, { wrongMs = 0, prepare = async () => {} } = {}) {
  const { context, page } = await people.come();
  await context.clock.install({ time: Date.now() + wrongMs });
  await prepare(context);
  await page.goto(site.app);
  await signIn(page);
  return { context, page };
}

/** Whether who signed in there is shown as signed in, and was all the time since. */
export async function assertNeverSignedOut(page) {
  assert.deepEqual(await shown(page), ['moment', 'login', 'secret']);
  assert.equal(await page.evaluate(() => globalThis.app.doorward.getSnapshot().status), 'authenticated');
}

/** What only who is signed in may see. */
export function secret(page) {
  return page.getByText('The secret of');
}

/** Opens the app in a further tab, where somebody is signed in already. */
export async function openTab(context, site) {
  const page = await context.newPage();
  await page.goto(site.app);
  await secret(page).waitFor();
  return page;
}

/** Has the app in a page ask its server: a status, or the name of what went wrong. */
export function ask(page, address = '/api/orders', init = {}) {
  return page.evaluate(([given, options]) => globalThis.app.ask(given, options), [address, init]);
}

/** What was shown in a page, in its order: `moment`, `login`, `secret`. */
export function shown(page) {
  return page.evaluate(() => globalThis.app.shown);
}

/** The browser drops a cookie, by the end of its name. */
export function dropCookie(context, ending) {
  return context.clearCookies({ name: new RegExp(`${ending}$`) });
}

/**
 * The access token's time is up, for a context with a clock that can be turned: as when a computer has slept. The browser
 * has dropped the cookie then.
 */
export async function outliveAccessToken(context) {
  await dropCookie(context, 'dw_session');
  await context.clock.fastForward(PAST_ACCESS_TTL_MS);
}
