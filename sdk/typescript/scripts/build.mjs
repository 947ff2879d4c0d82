// `npm run build`: dist/ by the TypeScript compiler alone, from nothing, so that no file of a former build is packed.

import { copyFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const here = new URL("../", import.meta.url);
await rm(new URL("dist/", here), { recursive: true, force: true });
const compiler = createRequire(import.meta.url).resolve("typescript/bin/tsc");
const { status } = spawnSync(process.execPath, [compiler, "--project", "tsconfig.build.json"], {
  cwd: fileURLToPath(here),
  stdio: "inherit",
});
if (status !== 0) process.exit(status ?? 1);
// A package carries its licences with it.
for (const licence of ["LICENSE-APACHE", "LICENSE-MIT"]) {
  await copyFile(new URL(`../../${licence}`, here), new URL(licence, here));
}
