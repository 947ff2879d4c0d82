// examples/spa as its README has it run, its ports alone replaced: built, behind a real nginx, with its own server and Doorward.
import assert from 'node:assert/strict';
import path from 'node:path';
import { startDoorward } from './doorward.mjs';
import { freePort, listens, root, run } from './processes.mjs';
import { adapt } from './proxies.mjs';

const example = path.join(root, 'examples', 'spa');

/** Something moves so often, and a stream ends after so long: what takes half a minute otherwise is seen at once. */
const MOVEMENT_MS = 100;
const STREAM_MS = 1000;

/** Checks the types of the app, and builds it. Returns the directory. */
export async function buildSpa(rig) {
  const dist = path.join(await rig.directory(), 'dist');
  await Promise.all([['tsc'], ['vite', 'build', '--outDir', dist, '--logLevel', 'warn']].map(async ([program, ...args]) => {
    const { code, output } = await run(path.join(example, 'node_modules', '.bin', program), args, { cwd: example });
    assert.equal(code, 0, output);
  }));
  return dist;
}

/** The app that was built into `dist`, ready for the first administrator. Returns its origin. */
export async function startSpa(rig, dist, { env = {} } = {}) {
  const [front, doorwardPort, appPort] = await Promise.all([freePort(), freePort(), freePort()]);
  const app = `http://app.localhost:${front}`;
  const directory = await rig.directory();
  const place = (from, replacements) => adapt(from, path.join(directory, path.basename(from)), replacements);

  const config = await place('spa/doorward.toml', [['http://app.localhost:8000', app]]);
  await startDoorward(rig, { config, env, port: doorwardPort });
  const upstream = [path.join(example, 'upstream.mjs'), appPort, MOVEMENT_MS, STREAM_MS].map(String);
  await rig.start(process.execPath, upstream, { ready: () => listens(appPort) });

  const doorwardAt = ['127.0.0.1:8080', `127.0.0.1:${doorwardPort}`];
  await place('nginx/doorward.conf', [doorwardAt]);
  await place('spa/site.conf', [
    doorwardAt, ['127.0.0.1:3000', `127.0.0.1:${appPort}`], ['listen 8000;', `listen 127.0.0.1:${front};`],
    ['../nginx/doorward.conf', 'doorward.conf'], ['root dist;', `root ${dist};`],
  ]);
  await place('spa/try.conf', [['/tmp/doorward-nginx-', `${directory}/`]]);
  // As root nginx would serve files as somebody else, who may not read them here.
  const globals = `daemon off; pid ${directory}/nginx.pid; ${process.getuid() === 0 ? 'user root;' : ''}`;
  await rig.start('nginx', ['-p', directory, '-e', 'stderr', '-g', globals, '-c', 'try.conf'], { ready: () => listens(front) });
  return app;
}
