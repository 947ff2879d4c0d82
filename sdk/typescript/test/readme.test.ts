// What the README shows compiles against the sources.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";

const root = fileURLToPath(new URL("../", import.meta.url));

/** What an app would bring along: whatever a block uses and does not say. */
const GIVEN = `
  import type { ReactNode } from "react";
  declare global {
    const username: string, password: string;
    const askForCode: () => Promise<string>, askForPassword: () => Promise<string | null>, fetchTicket: () => Promise<string>;
    const show: (...what: unknown[]) => void;
    const Spinner: () => ReactNode, LoginPage: () => ReactNode, Orders: () => ReactNode;
  }
`;

/** Names that a block takes over from the one before it. */
const TAKEN_OVER: Readonly<Record<string, string>> = {
  doorward: 'import type { Doorward as Client } from "@doorward/client"; declare const doorward: Client;',
  createDoorward: 'import { createDoorward } from "@doorward/client";',
  eventStream: 'import { eventStream, socket } from "@doorward/client";',
  axios: 'import axios from "axios";',
};

function moduleOf(block: string): string {
  const isTakenOver = (name: string) =>
    new RegExp(`\\b${name}\\b`).test(block) && !new RegExp(`(const |import [^"]*)\\b${name}\\b`).test(block);
  return [...Object.keys(TAKEN_OVER).filter(isTakenOver).map((name) => TAKEN_OVER[name]), block, "export {};"].join("\n");
}

let app: string;
beforeAll(() => (app = mkdtempSync(path.join(tmpdir(), "doorward-readme-"))));
afterAll(() => rmSync(app, { recursive: true, force: true }));

test("the README's code compiles", () => {
  const readme = readFileSync(path.join(root, "README.md"), "utf8");
  const blocks = [...readme.matchAll(/^```tsx?\n(.*?)^```/gms)].map(([, block = ""]) => block);
  expect(blocks.length).toBeGreaterThan(5);
  for (const [index, block] of blocks.entries()) writeFileSync(path.join(app, `block${index}.tsx`), moduleOf(block));
  writeFileSync(path.join(app, "given.ts"), GIVEN);
  const sources = { "@doorward/client": [`${root}src/index.ts`], "@doorward/client/*": [`${root}src/*`] };
  const compilerOptions = { module: "ESNext", moduleResolution: "Bundler", noUnusedLocals: false, types: [], paths: sources };
  writeFileSync(
    path.join(app, "tsconfig.json"),
    JSON.stringify({ extends: `${root}tsconfig.json`, compilerOptions, include: ["*.ts", "*.tsx"] }),
  );
  symlinkSync(path.join(root, "node_modules"), path.join(app, "node_modules"));
  const compiler = path.join(root, "node_modules", "typescript", "bin", "tsc");
  let said = "";
  try {
    execFileSync(process.execPath, [compiler, "--project", app], { encoding: "utf8", stdio: "pipe" });
  } catch (error) {
    said = String((error as { stdout: unknown }).stdout);
  }
  expect(said).toBe("");
});
