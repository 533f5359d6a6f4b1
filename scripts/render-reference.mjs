// Renders docs/reference/errors.md, diagnostics.md and cluster-diagnostics.md from the source: every subclass of OmniError with its code,
// category and documentation comment, every diagnostic rule of the two languages with its summary, and every code of the cluster commands.
// With --check it changes nothing and fails when a page is out of date.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import ts from "typescript";
import { finish, ROOT } from "./generated-files.mjs";

const PACKAGES = ["common", "compiler", "engine", "embeddings", "policy", "api-types", "client", "cluster", "mcp", "server", "cli"];
const RULE_TABLES = [
  { title: "Schema language (`.pg`)", file: "packages/compiler/src/diagnostics/schema-codes.ts" },
  { title: "Query language (`.gq`)", file: "packages/compiler/src/diagnostics/query-codes.ts" },
];

const CLUSTER_CODES = ["packages/cluster/src/diagnostics/config-codes.ts", "packages/cluster/src/diagnostics/state-codes.ts"];

const sources = PACKAGES.flatMap((name) => listSources(`packages/${name}/src`));
finish({
  "docs/reference/errors.md": renderErrors(),
  "docs/reference/diagnostics.md": renderDiagnostics(),
  "docs/reference/cluster-diagnostics.md": renderClusterDiagnostics(),
});

function listSources(folder) {
  return readdirSync(path.join(ROOT, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts") && !/\.(test|bench)\.ts$/.test(entry.name))
    .map((entry) => path.relative(ROOT, path.join(entry.parentPath, entry.name)))
    .sort();
}

function parse(file) {
  return ts.createSourceFile(file, readFileSync(path.join(ROOT, file), "utf8"), ts.ScriptTarget.ES2022, true);
}

function renderErrors() {
  const classes = collectClasses();
  const errors = [...classes.values()].filter((entry) => entry.code !== undefined && descendsFromOmniError(entry, classes));
  const problems = errors.filter((entry) => entry.summary === "").map((entry) => `${entry.file}: ${entry.name} needs a documentation comment`);
  if (problems.length > 0) {
    process.stderr.write(`${problems.join("\n")}\n`);
    process.exitCode = 1;
  }
  const categories = readCategories();
  const rows = errors
    .map((entry) => ({ ...entry, category: inherited(entry, "category", classes), package: entry.file.split("/")[1] }))
    .sort((a, b) => (a.code < b.code ? -1 : a.code > b.code ? 1 : a.name < b.name ? -1 : 1))
    .map((entry) => `| \`${entry.code}\` | \`${entry.name}\` | ${entry.category === undefined ? "varies" : entry.category} | ${entry.package} | ${entry.summary} |`);
  return `# Errors

Rendered from the source by \`node scripts/render-reference.mjs\`.

Every failure a caller can meet is an \`OmniError\`: a stable \`code\`, a \`category\` that says what the failure means for the caller,
a \`hint\` that says what to do next, and \`effects\`, which is \`none\` when nothing durable can have changed. Message texts may change
between versions; codes and categories do not. Ids such as \`OCC-10\` name rules of the engine, explained in docs/dev
and beside the code and tests that carry them.

## Categories

| Category | HTTP status | May be retried when nothing durable changed |
| --- | --- | --- |
${categories.map((entry) => `| ${entry.name} | ${entry.httpStatus} | ${entry.mayRetry ? "yes" : "no"} |`).join("\n")}

A class may override the status or refuse the retry.

## Codes

| Code | Class | Category | Package | Meaning |
| --- | --- | --- | --- | --- |
${rows.join("\n")}
`;
}

function collectClasses() {
  const classes = new Map();
  for (const file of sources) {
    ts.forEachChild(parse(file), (node) => {
      if (!ts.isClassDeclaration(node) || node.name === undefined) return;
      const base = node.heritageClauses?.find((clause) => clause.token === ts.SyntaxKind.ExtendsKeyword)?.types[0]?.expression.getText();
      classes.set(node.name.text, {
        name: node.name.text,
        file,
        base,
        code: literalProperty(node, "code"),
        category: literalProperty(node, "category"),
        summary: documentationOf(node),
      });
    });
  }
  return classes;
}

/** The value of a property or getter that is one string literal. */
function literalProperty(node, name) {
  for (const member of node.members) {
    if (member.name?.getText() !== name) continue;
    if (ts.isPropertyDeclaration(member)) return literalText(member.initializer);
    if (ts.isGetAccessorDeclaration(member)) {
      const statement = member.body?.statements[0];
      return statement !== undefined && ts.isReturnStatement(statement) ? literalText(statement.expression) : undefined;
    }
  }
  return undefined;
}

function literalText(expression) {
  let inner = expression;
  while (inner !== undefined && (ts.isAsExpression(inner) || ts.isSatisfiesExpression(inner))) inner = inner.expression;
  return inner !== undefined && ts.isStringLiteralLike(inner) ? inner.text : undefined;
}

/** The first paragraph of the documentation comment, on one line, safe in a table cell. */
function documentationOf(node) {
  const text = ts.getJSDocCommentsAndTags(node).find(ts.isJSDoc)?.comment;
  const plain = typeof text === "string" ? text : (ts.getTextOfJSDocComment(text) ?? "");
  return cell(plain.split(/\n\s*\n/)[0] ?? "");
}

function cell(text) {
  return text.replaceAll(/\s+/g, " ").replaceAll("|", "\\|").trim();
}

function descendsFromOmniError(entry, classes) {
  for (let current = entry; current !== undefined; current = classes.get(current.base)) if (current.base === "OmniError") return true;
  return false;
}

function inherited(entry, property, classes) {
  for (let current = entry; current !== undefined; current = classes.get(current.base)) if (current[property] !== undefined) return current[property];
  return undefined;
}

function readCategories() {
  const found = [];
  const visit = (node) => {
    if (ts.isVariableDeclaration(node) && node.name.getText() === "CATEGORY_DEFAULTS" && ts.isObjectLiteralExpression(node.initializer)) {
      for (const property of node.initializer.properties) {
        const fields = Object.fromEntries(property.initializer.properties.map((field) => [field.name.getText(), field.initializer.getText()]));
        found.push({ name: property.name.getText(), httpStatus: Number(fields.httpStatus), mayRetry: fields.mayRetry === "true" });
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(parse("packages/common/src/errors/error-category.ts"));
  return found;
}

function renderDiagnostics() {
  const sections = RULE_TABLES.filter(({ file }) => existsSync(path.join(ROOT, file))).map(({ title, file }) => {
    const rules = collectRules(parse(file));
    if (rules.length === 0) throw new Error(`${file} declares no rules`);
    return `## ${title}\n\n| Rule | Refuses or reports |\n| --- | --- |\n${rules.map(([rule, summary]) => `| \`${rule}\` | ${cell(summary)} |`).join("\n")}\n`;
  });
  return `# Diagnostics

Rendered from the source by \`node scripts/render-reference.mjs\`.

A diagnostic is one problem in a schema or query text: a rule, a severity, a message, the place, and often a hint. The rules are
those of the language specifications kept with the compiler's tests, in \`packages/compiler/test/spec\`.

${sections.join("\n")}
## Schema changes

Codes that \`omnigraph schema plan\` reports for changes it cannot make, or only with consent.

| Code | Tier | Change |
| --- | --- | --- |
${migrationRows()}
`;
}

/** The catalogue is written as calls, one per code: `destructive("OG-DS-102", "drop of a populated node type")`. */
function migrationRows() {
  const text = readFileSync(path.join(ROOT, "packages/compiler/src/migration/migration-codes.ts"), "utf8");
  const rows = [...text.matchAll(/^ {2}(\w+)\("(OG-[A-Z]+-\d+)", "([^"]+)"/gm)].map(([, tier, code, summary]) => `| \`${code}\` | ${tier} | ${cell(summary)} |`);
  if (rows.length === 0) throw new Error("the catalogue of migration codes was not found");
  return rows.join("\n");
}

/** \`rule: summary\` pairs of every exported constant object whose values are strings. */
function collectRules(file) {
  const rules = [];
  for (const statement of file.statements) {
    if (!ts.isVariableStatement(statement)) continue;
    for (const { initializer } of statement.declarationList.declarations) {
      let value = initializer;
      while (value !== undefined && (ts.isAsExpression(value) || ts.isSatisfiesExpression(value) || ts.isCallExpression(value))) value = ts.isCallExpression(value) ? value.arguments[0] : value.expression;
      if (value === undefined || !ts.isObjectLiteralExpression(value)) continue;
      for (const property of value.properties) {
        if (!ts.isPropertyAssignment(property)) continue;
        const summary = literalText(property.initializer);
        if (summary !== undefined) rules.push([property.name.getText().replaceAll(/["']/g, ""), summary]);
      }
    }
  }
  return rules;
}

function renderClusterDiagnostics() {
  const all = collectClusterCodes();
  const sections = [...new Set(all.map(({ area }) => area))].map((area) => {
    const rows = all.filter((entry) => entry.area === area).map(({ code, severity, exception, meaning, remedy }) => `| \`${code}\` | ${severity}${exception === undefined ? "" : `; ${cell(exception)}`} | ${cell(meaning)} | ${cell(remedy)} |`);
    return `## ${area[0].toUpperCase()}${area.slice(1)}\n\n| Code | Severity | Meaning | What to do |\n| --- | --- | --- | --- |\n${rows.join("\n")}\n`;
  });
  return `# Diagnostics of clusters

Rendered from the source by \`node scripts/render-reference.mjs\`.

What \`omnigraph cluster\` commands report, and what a server says of a cluster that it cannot serve. Every finding has a code, a severity,
the path of what it is about, a message, and, where it is about a declared file, the file, line and column. A command with an error exits
with 1; warnings alone do not change its exit code. Codes do not change between versions; messages may.

${sections.join("\n")}`;
}

/** Each file of the catalogue is one object of objects of texts. */
function collectClusterCodes() {
  const codes = [];
  const visit = (node) => {
    if (ts.isVariableDeclaration(node) && /^[A-Z]+_CODES$/.test(node.name.getText())) {
      const object = ts.isAsExpression(node.initializer) ? node.initializer.expression : node.initializer;
      for (const { name, initializer } of object.properties) codes.push({ code: name.getText(), ...Object.fromEntries(initializer.properties.map((member) => [member.name.getText(), literalText(member.initializer)])) });
    }
    ts.forEachChild(node, visit);
  };
  for (const file of CLUSTER_CODES) visit(parse(file));
  if (codes.length === 0) throw new Error("the catalogue of cluster diagnostics was not found");
  return codes;
}
