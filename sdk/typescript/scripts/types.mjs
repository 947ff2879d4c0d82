// Writes src/openapi.ts from openapi.json: `npm run types`.
// With a file or a URL, takes the server's document over into openapi.json first:
// `npm run types -- http://localhost:8080/auth/v1/openapi.json`.

import { readFile, writeFile } from "node:fs/promises";
import openapiTS, { astToString } from "openapi-typescript";

const documentFile = new URL("../openapi.json", import.meta.url);
const typesFile = new URL("../src/openapi.ts", import.meta.url);

/** The document without what differs from installation to installation. */
export function portable(document) {
  return `${JSON.stringify({ ...document, servers: undefined }, null, 1)}\n`;
}

/** The text of src/openapi.ts for a document. */
export async function typesOf(document) {
  const nodes = await openapiTS(document, { alphabetize: true, defaultNonNullable: false, immutable: true });
  return `// Made by \`npm run types\` from the server's OpenAPI document; not edited by hand.\n\n${astToString(nodes)}`;
}

async function fetched(source) {
  if (!/^https?:/.test(source)) return readFile(source, "utf8");
  const answer = await fetch(source);
  if (!answer.ok) throw new Error(`${source} answered ${answer.status}`);
  return answer.text();
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const [source] = process.argv.slice(2);
  if (source) await writeFile(documentFile, portable(JSON.parse(await fetched(source))));
  await writeFile(typesFile, await typesOf(JSON.parse(await readFile(documentFile, "utf8"))));
}
