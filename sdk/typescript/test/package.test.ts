// What is shipped: types that are the server's, a core that is small, and a package with what belongs into it.

import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { portable, typesOf } from "../scripts/types.mjs";

const root = fileURLToPath(new URL("../", import.meta.url));
const text = (name: string) => readFileSync(path.join(root, name), "utf8");

test("the types are those of openapi.json; `npm run types` makes them anew", async () => {
  const document = JSON.parse(text("openapi.json")) as object;
  expect(text("openapi.json")).toBe(portable(document));
  expect(text("src/openapi.ts")).toBe(await typesOf(document));
});

/** What an app's bundler makes of some exports: what is loaded at once, and what is loaded when it is needed. */
async function bundled(contents: string) {
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: root },
    bundle: true, minify: true, splitting: true, format: "esm", target: "es2022", outdir: "out", write: false, metafile: true,
    external: ["react", "axios"],
  });
  const kept = Object.values(metafile.outputs).flatMap(({ inputs }) => Object.entries(inputs));
  const inputs = kept.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([name]) => path.basename(name));
  return { outputFiles, inputs };
}

const CORE = 'export { createDoorward, DoorwardError, NetworkError } from "./src/index.ts"';
const LATER = ["account", "forbidden", "leases", "storage_line"];

/** Bytes of what is loaded at once, compressed. */
async function size(contents: string): Promise<number> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: root },
    bundle: true, minify: true, format: "esm", target: "es2022", write: false, external: LATER.map((name) => `./${name}.js`),
  });
  return gzipSync(outputFiles[0]?.contents ?? "", { level: 9 }).length;
}

describe("the core", () => {
  test("is at most 6 kB compressed", async () => {
    expect(await size(CORE)).toBeLessThanOrEqual(6 * 1024);
  });

  test("depends on nothing, and leaves out what an app does not use", async () => {
    const { inputs } = await bundled(CORE);
    expect(inputs).not.toContain("streams.ts");
    expect(inputs).not.toContain("react.tsx");
    expect(inputs).not.toContain("testing.ts");
    for (const name of LATER) expect(inputs).toContain(`${name}.ts`);
  });

  test("loads only later what is seldom needed", async () => {
    const { outputFiles } = await bundled(CORE);
    const names = outputFiles.map(({ path: name }) => path.basename(name).replace(/-\w+\.js$/, ""));
    expect(names).toEqual(expect.arrayContaining(LATER));
  });
});

describe("the package", () => {
  let directory: string;
  let files: string[];

  beforeAll(() => {
    // Built in a copy, so that tests and a build by hand do not meet.
    directory = mkdtempSync(path.join(tmpdir(), "doorward-client-"));
    const repository = path.join(root, "..", "..");
    const copy = path.join(directory, "sdk", "typescript");
    for (const name of ["src", "scripts", "package.json", "tsconfig.json", "tsconfig.build.json", "README.md", ".npmrc"]) {
      cpSync(path.join(root, name), path.join(copy, name), { recursive: true });
    }
    for (const name of ["LICENSE-APACHE", "LICENSE-MIT"]) cpSync(path.join(repository, name), path.join(directory, name));
    symlinkSync(path.join(root, "node_modules"), path.join(copy, "node_modules"));
    execFileSync("npm", ["pack", "--pack-destination", directory, "--loglevel=error"], { cwd: copy, stdio: "pipe" });
    const [archive = ""] = readdirSync(directory).filter((name) => name.endsWith(".tgz"));
    execFileSync("tar", ["-xzf", archive], { cwd: directory });
    files = execFileSync("tar", ["-tzf", archive], { cwd: directory, encoding: "utf8" }).trim().split("\n").sort();
  });

  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  test("holds code, types, licences and a README, and nothing else", () => {
    const modules = readdirSync(path.join(root, "src")).map((name) => name.replace(/\.tsx?$/, ""));
    const expected = [
      ...["LICENSE-APACHE", "LICENSE-MIT", "README.md", "package.json"].map((name) => `package/${name}`),
      ...modules.flatMap((name) => [`package/dist/${name}.d.ts`, `package/dist/${name}.js`]),
    ];
    expect(files).toEqual(expected.sort());
  });

  test("exports what it says it does", () => {
    const { exports } = JSON.parse(text("package.json")) as { exports: Record<string, Record<string, string>> };
    expect(Object.keys(exports)).toEqual([".", "./axios", "./react", "./testing"]);
    for (const target of Object.values(exports).flatMap((each) => Object.values(each))) {
      expect(files).toContain(`package/${target.replace("./", "")}`);
    }
  });

  test("runs as an app's own code would import it", () => {
    const program = `
      import { createDoorward, eventStream, socket } from "./package/dist/index.js";
      import { createTestDoorward } from "./package/dist/testing.js";
      const doorward = createDoorward({ baseUrl: "https://app.example.com/auth" });
      console.log(doorward.getSnapshot().status, createTestDoorward().getSnapshot().user.username, typeof eventStream, typeof socket);
    `;
    const said = execFileSync(process.execPath, ["--input-type=module", "--eval", program], { cwd: directory, encoding: "utf8" });
    expect(said.trim()).toBe("unknown ada function function");
  });
});
