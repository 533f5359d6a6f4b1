// Renders CODEOWNERS and the ownership table of GOVERNANCE.md from .github/roles.json.
// With --check it changes nothing and fails when either is out of date.
import { readFileSync } from "node:fs";
import path from "node:path";
import { finish, replaceBetween, ROOT } from "./generated-files.mjs";

const { roles } = JSON.parse(readFileSync(path.join(ROOT, ".github/roles.json"), "utf8"));

// GitHub takes the last matching line, so general rows come first.
const width = Math.max(...roles.flatMap((role) => role.paths.map((entry) => entry.length)));
const owners = ["# Rendered from .github/roles.json by scripts/render-ownership.mjs; edit that file.", ...roles.flatMap((role) => role.paths.map((entry) => `${entry.padEnd(width)} ${role.team}`))];

const table = ["| Role | Team | Paths | Decides |", "| --- | --- | --- | --- |", ...roles.map((role) => `| ${role.role} | \`${role.team}\` | ${role.paths.map((entry) => `\`${entry}\``).join(" ")} | ${role.decides} |`)];

const governance = readFileSync(path.join(ROOT, "GOVERNANCE.md"), "utf8");
finish({
  CODEOWNERS: `${owners.join("\n")}\n`,
  "GOVERNANCE.md": replaceBetween(governance, "ownership", table.join("\n")),
});
