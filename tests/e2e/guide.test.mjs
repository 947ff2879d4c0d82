// docs/guides/react.md as somebody follows it: its files are written into an empty app, and used in a real Chromium. So is what
// README.md says about the client.
import assert from 'node:assert/strict';
import { copyFile, mkdir, readFile, readdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { logInByPage, noteEverShown, People, startBrowser } from './harness/browser.mjs';
import { ADMIN, PLAIN, addUser, logIn, setUp, startDoorward } from './harness/doorward.mjs';
import { Client } from './harness/http_client.mjs';
import { Rig, freePort, listens, root, run } from './harness/processes.mjs';
import { PATIENT, setUpApp } from './harness/second_factors.mjs';

const example = path.join(root, 'examples', 'spa');

const page = script => `<!doctype html><html lang="en"><div id="root"></div><script type="module" src="${script}"></script></html>`;

/** What `npm create vite` makes and the guide leaves as it is; its plugin for React refreshes a page while it is written, and no more. */
const MADE_BY_VITE = {
  'index.html': page('/src/main.tsx'),
  'src/index.css': '',
  'tsconfig.json': JSON.stringify({
    compilerOptions: {
      target: 'es2022', lib: ['ES2022', 'DOM', 'DOM.Iterable'], module: 'esnext', moduleResolution: 'bundler', types: ['vite/client', 'node'],
      jsx: 'react-jsx', strict: true, noEmit: true, skipLibCheck: true, preserveSymlinks: true, allowImportingTsExtensions: true,
      verbatimModuleSyntax: true, erasableSyntaxOnly: true, noUnusedLocals: true, noUnusedParameters: true,
    },
    include: ['src', 'vite.config.ts'],
  }),
  'node_modules/@vitejs/plugin-react/package.json': '{"type": "module", "exports": {"types": "./index.d.ts", "default": "./index.js"}}',
  'node_modules/@vitejs/plugin-react/index.d.ts': 'import type { Plugin } from "vite"; export default function react(): Plugin;',
  'node_modules/@vitejs/plugin-react/index.js': 'export default () => ({ name: "react", config: () => ({ resolve: { dedupe: ["react"] } }) });',
};

/** The files of the guide. Of one that is written twice the later text counts. */
function filesOf(guide) {
  return [...guide.matchAll(/^`([\w./]+)`[^\n]*:\n\n```tsx?\n(.*?)^```/gms)].map(([, name, text]) => [name, text]);
}

function replacedOnce(text, old, wanted) {
  assert.equal(text.split(old).length, 2, `${old} in\n${text}`);
  return text.replace(old, wanted);
}

describe('the guide to React', () => {
  const rig = new Rig();
  let people;
  let directory;
  let origin;

  before(async () => {
    people = new People(await startBrowser(rig));
    const [front, doorwardPort, appPort] = await Promise.all([freePort(), freePort(), freePort()]);
    origin = `http://localhost:${front}`;
    const { direct } = await startDoorward(rig, {
      port: doorwardPort, env: { ...PATIENT, DOORWARD_HTTP__PUBLIC_URL: origin, DOORWARD_HTTP__TRUSTED_PROXIES: '127.0.0.1' },
    });
    await setUp(direct);
    await addUser(direct, PLAIN);
    await rig.start('python3', [path.join(root, 'examples', 'upstream.py'), String(appPort)], { ready: () => listens(appPort) });
    directory = await rig.directory();
    await writeApp({ 8080: doorwardPort, 3000: appPort });
    const vite = path.join(example, 'node_modules', '.bin', 'vite');
    await rig.start(vite, ['--host', '127.0.0.1', '--port', String(front)], { cwd: directory, ready: () => listens(front) });
  });
  afterEach(() => people.leave());
  after(() => rig.stop());

  async function writeApp(ports) {
    const document = name => readFile(path.join(root, name), 'utf8');
    const files = { ...MADE_BY_VITE, ...Object.fromEntries(filesOf(await document('docs/guides/react.md'))) };
    [, files['src/readme.tsx']] = (await document('README.md')).match(/^```tsx\n(.*?)^```/ms);
    files['readme.html'] = page('/src/readme.tsx');
    // "Put `<Told />` below the heading."
    files['src/App.tsx'] = `import { Told } from "./Told.tsx";\n${replacedOnce(files['src/App.tsx'], '</h1>', '</h1><Told />')}`;
    for (const [old, port] of Object.entries(ports)) {
      files['vite.config.ts'] = files['vite.config.ts'].replaceAll(`127.0.0.1:${old}`, `127.0.0.1:${port}`);
    }
    for (const [name, text] of Object.entries(files)) {
      await mkdir(path.dirname(path.join(directory, name)), { recursive: true });
      await writeFile(path.join(directory, name), text);
    }
    await copyFile(path.join(example, 'forward_auth.ts'), path.join(directory, 'forward_auth.ts'));
    for (const name of (await readdir(path.join(example, 'node_modules'))).filter(each => !each.startsWith('.'))) {
      await symlink(path.join(example, 'node_modules', name), path.join(directory, 'node_modules', name));
    }
  }

  test('its types are right', async () => {
    const { code, output } = await run(path.join(example, 'node_modules', '.bin', 'tsc'), [], { cwd: directory });
    assert.equal(code, 0, output);
  });

  test('somebody signs in, is told to the app, and signs out; with a second factor, too, and nothing flashes', async () => {
    const person = await people.come();
    const { page } = person;
    const everShown = await noteEverShown(person, { login: 'form', protected: 'h1' });
    await page.goto(origin);
    await logInByPage(page, { ...ADMIN, password: 'not-the-password' });
    await page.getByRole('alert').filter({ hasText: /\w/ }).waitFor();
    assert.deepEqual(await everShown(), ['login']);
    await logInByPage(page, ADMIN);
    await page.getByRole('heading', { name: `Hello ${ADMIN.username}` }).waitFor();
    await page.getByText('"x-auth-user"').waitFor();
    await page.reload();
    await page.getByText('"x-auth-user"').waitFor();
    assert.deepEqual(await everShown(), ['protected']);
    await page.getByRole('button', { name: 'Sign out' }).click();

    const elsewhere = new Client(origin);
    await logIn(elsewhere, ADMIN);
    const { app } = await setUpApp(elsewhere);
    await logInByPage(page, ADMIN);
    await page.getByLabel('Code from your authenticator app').fill(await app.nextCode());
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: `Hello ${ADMIN.username}` }).waitFor();
  });

  test('so does whoever uses what README.md says, by the login page of Doorward', async () => {
    const { page } = await people.come();
    await page.goto(`${origin}/readme.html`);
    await page.getByRole('link', { name: 'Sign in' }).click();
    await logInByPage(page, PLAIN);
    await page.getByRole('button', { name: `Sign out ${PLAIN.username}` }).click();
    await page.getByRole('link', { name: 'Sign in' }).waitFor();
    assert.equal(page.url(), `${origin}/readme.html`);
  });

  test('the app is told of nobody but by Doorward', async () => {
    const nobody = new Client(origin);
    const refused = await nobody.get('/api/hello', { headers: { 'X-Auth-User': 'forged' } });
    assert.equal(refused.status, 401);
    assert.equal(refused.json.code, 'not_authenticated');
  });
});
