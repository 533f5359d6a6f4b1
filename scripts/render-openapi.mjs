// Renders docs/reference/openapi.json from the route table of packages/api-types: the document that a server with authentication serves.
// From it, the types that a public generator makes for a client, which the tests of the server drive the interface with.
// With --check it changes nothing and fails when a file is out of date.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { finish, ROOT } from "./generated-files.mjs";

const { openApiDocument } = await import(path.join(ROOT, "packages/api-types/dist/index.js"));
const { version } = JSON.parse(readFileSync(path.join(ROOT, "packages/api-types/package.json"), "utf8"));
const generator = createRequire(path.join(ROOT, "packages/server/package.json")).resolve("openapi-typescript");
const { default: generate, astToString } = (await import(pathToFileURL(generator).href)).default;

const document = openApiDocument({ version });
const types = astToString(await generate(structuredClone(document)));
const withoutComments = types.replaceAll(/^ *\/\*\*[\s\S]*?\*\/\n/gm, "");

finish({
  "docs/reference/openapi.json": `${JSON.stringify(document, null, 2)}\n`,
  "packages/server/test/openapi/served-api.generated.ts": `// Rendered by scripts/render-openapi.mjs with openapi-typescript.\n\n${withoutComments}`,
});
