// Renders docs/reference/openapi.json from the route table of packages/api-types: the document that a server with authentication serves.
// With --check it changes nothing and fails when the file is out of date.
import { readFileSync } from "node:fs";
import path from "node:path";
import { finish, ROOT } from "./generated-files.mjs";

const { openApiDocument } = await import(path.join(ROOT, "packages/api-types/dist/index.js"));
const { version } = JSON.parse(readFileSync(path.join(ROOT, "packages/api-types/package.json"), "utf8"));

finish({ "docs/reference/openapi.json": `${JSON.stringify(openApiDocument({ version }), null, 2)}\n` });
