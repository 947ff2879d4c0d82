// The examples as they are in the repository, their ports and host names alone replaced, in real proxies.
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { certificate } from './certificates.mjs';
import { startDoorward } from './doorward.mjs';
import { Client } from './http_client.mjs';
import { freePort, listens, root } from './processes.mjs';

/** Replaces each text, and nothing within what was put in another's place: port 30004 begins as port 3000 does. */
function replaced(text, [first, ...others]) {
  if (first === undefined) return text;
  const [old, wanted] = first;
  return text.split(old).map(part => replaced(part, others)).join(wanted);
}

/** Copies an example, replacing each text; one that is not there would make the test prove nothing. */
export async function adapt(from, to, replacements) {
  const text = await readFile(path.join(root, 'examples', from), 'utf8');
  for (const [old] of replacements) if (!text.includes(old)) throw new Error(`examples/${from} has no ${old}`);
  await writeFile(to, replaced(text, replacements));
  return to;
}

/**
 * An app behind a proxy, with Doorward on the same host or on a sibling host.
 *
 * @param {'nginx'|'caddy'} proxy
 * @param {'same-host'|'sibling-hosts'} layout
 * @param {{env?: object, tls?: boolean}} options settings of Doorward beside the example's; `tls` puts the same-host layout on
 *     https://app.example.com, which only nginx's can.
 */
export async function startSite(rig, proxy, layout, { env = {}, tls = false } = {}) {
  const [front, doorwardPort, appPort] = await Promise.all([freePort(), freePort(), freePort()]);
  const sameHost = layout === 'same-host';
  const plainHost = sameHost && !tls;
  const app = plainHost ? `http://app.localhost:${front}` : `https://app.example.com:${front}`;
  const auth = sameHost ? app : `https://auth.example.com:${front}`;
  const directory = await rig.directory();
  const config = await adapt(`${proxy}/${layout}.toml`, path.join(directory, 'doorward.toml'), sameHost
    ? [['http://app.localhost:8000', app]]
    : [['https://auth.example.com', auth], ['https://app.example.com', app]]);
  const doorward = await startDoorward(rig, { config, env, port: doorwardPort });
  await rig.start('python3', [path.join(root, 'examples', 'upstream.py'), String(appPort), sameHost ? '/auth' : `${auth}/auth`], { ready: () => listens(appPort) });
  const site = { app, auth, front, doorward, directory, doorwardPort, appPort, sameHost, tls };
  await (proxy === 'nginx' ? startNginx : startCaddy)(rig, site, layout);
  return site;
}

async function startNginx(rig, { front, directory, doorwardPort, appPort, sameHost, tls }, layout) {
  const doorwardAt = ['127.0.0.1:8080', `127.0.0.1:${doorwardPort}`];
  const appAt = ['127.0.0.1:3000', `127.0.0.1:${appPort}`];
  await adapt('nginx/doorward.conf', path.join(directory, 'doorward.conf'), [doorwardAt]);
  const { cert, key } = await certificate(rig, ['app.example.com', 'auth.example.com']);
  const secure = `listen 127.0.0.1:${front} ssl; ssl_certificate ${cert}; ssl_certificate_key ${key};`;
  const listening = sameHost
    ? [['listen 8000;', tls ? secure : `listen 127.0.0.1:${front};`], ['app.localhost', tls ? 'app.example.com' : 'app.localhost']]
    : [['listen 443 ssl;', `listen 127.0.0.1:${front} ssl;`], ['/etc/ssl/example.com/fullchain.pem', cert], ['/etc/ssl/example.com/privkey.pem', key]];
  await adapt(`nginx/${layout}.conf`, path.join(directory, 'site.conf'), [doorwardAt, appAt, ...listening]);
  await runNginx(rig, directory, front);
}

/** Runs nginx with the `site.conf` of the directory, and whatever that includes; `front` is where it listens. */
export async function runNginx(rig, directory, front) {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map(kind => `${kind}_temp_path ${directory}/${kind};`).join(' ');
  await writeFile(path.join(directory, 'nginx.conf'), `
    ${process.getuid() === 0 ? 'user root;' : ''}
    daemon off; worker_processes 1; pid ${directory}/nginx.pid; error_log stderr warn;
    events { worker_connections 256; }
    http { access_log off; ${temporary} include site.conf; }
  `);
  await rig.start('nginx', ['-p', directory, '-c', path.join(directory, 'nginx.conf'), '-e', 'stderr'], { ready: () => listens(front) });
}

async function startCaddy(rig, { app, auth, front, directory, doorwardPort, appPort, sameHost }, layout) {
  await copyFile(path.join(root, 'examples', 'caddy', 'doorward.caddy'), path.join(directory, 'doorward.caddy'));
  const replacements = [['127.0.0.1:8080', `127.0.0.1:${doorwardPort}`], ['127.0.0.1:3000', `127.0.0.1:${appPort}`]];
  if (sameHost) replacements.push(['app.localhost:8000', `app.localhost:${front}`]);
  const caddyfile = await adapt(`caddy/Caddyfile.${layout}`, path.join(directory, 'Caddyfile'), replacements);
  // Caddy signs its own certificates here and asks nobody; the rest of the file is the example's.
  const globals = `{
    admin off
    auto_https disable_redirects
    local_certs
    skip_install_trust
    ${sameHost ? '' : `https_port ${front}`}
    default_bind 127.0.0.1
  }\n`;
  await writeFile(caddyfile, globals + await readFile(caddyfile, 'utf8'));
  const home = { HOME: directory, XDG_DATA_HOME: directory, XDG_CONFIG_HOME: directory };
  // It listens before it has made its certificates.
  const answers = async origin => (await new Client(origin).get('/public/')).status > 0;
  const ready = async () => await answers(app) && answers(auth);
  await rig.start('caddy', ['run', '--config', caddyfile], { env: home, ready });
}
