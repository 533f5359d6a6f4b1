import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

export const ROOT: string = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");

const SKIPPED = new Set([".git", "node_modules", "dist", "coverage", ".turbo", "demo", "bench-data", "bench-results"]);

/** Every file of the repository that a person wrote, as paths from the root, sorted. */
export function listFiles(): string[] {
  const found: string[] = [];
  const walk = (folder: string): void => {
    for (const entry of readdirSync(path.join(ROOT, folder), { withFileTypes: true })) {
      const file = folder === "" ? entry.name : `${folder}/${entry.name}`;
      // `scripts/demo` is ours; `demo` at the root is what the demo wrote.
      if (entry.isDirectory()) {
        if (!SKIPPED.has(entry.name) || file === "scripts/demo") walk(file);
      } else if (entry.isFile()) found.push(file);
    }
  };
  walk("");
  return found.sort();
}

export function readText(file: string): string {
  return readFileSync(path.join(ROOT, file), "utf8");
}

export interface PackageManifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly description?: string;
  readonly license?: string;
  readonly type?: string;
  readonly engines?: Readonly<Record<string, string>>;
  readonly files?: readonly string[];
  readonly exports?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/** A member of the workspace: its folder from the root, and its package.json. */
export interface Member {
  readonly folder: string;
  readonly manifest: PackageManifest;
}

export function listMembers(): Member[] {
  return ["packages", "apps"]
    .flatMap((parent) => readdirSync(path.join(ROOT, parent)).map((name) => `${parent}/${name}`))
    .filter((folder) => existsSync(path.join(ROOT, folder, "package.json")))
    .map((folder) => ({ folder, manifest: JSON.parse(readText(`${folder}/package.json`)) as PackageManifest }));
}

export interface ImportStatement {
  readonly specifier: string;
  /** Erased at compile time: `import type`, or every name marked `type`. */
  readonly typeOnly: boolean;
  readonly line: number;
}

/** Static and dynamic imports and re-exports of a TypeScript file. */
export function readImports(file: string): ImportStatement[] {
  const source = ts.createSourceFile(file, readText(file), ts.ScriptTarget.ES2022, false, ts.ScriptKind.TS);
  const found: ImportStatement[] = [];
  const add = (specifier: ts.Expression | undefined, typeOnly: boolean, node: ts.Node): void => {
    if (specifier === undefined || !ts.isStringLiteralLike(specifier)) return;
    found.push({ specifier: specifier.text, typeOnly, line: source.getLineAndCharacterOfPosition(node.pos).line + 1 });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, isTypeOnlyImport(node.importClause), node);
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly || everyElementIsType(node.exportClause), node);
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) add(node.arguments[0], false, node);
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal, true, node);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function isTypeOnlyImport(clause: ts.ImportClause | undefined): boolean {
  if (clause === undefined) return false;
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  return clause.name === undefined && everyElementIsType(clause.namedBindings);
}

function everyElementIsType(bindings: ts.NamedImportBindings | ts.NamedExportBindings | undefined): boolean {
  if (bindings === undefined || (!ts.isNamedImports(bindings) && !ts.isNamedExports(bindings))) return false;
  return bindings.elements.length > 0 && bindings.elements.every((element) => element.isTypeOnly);
}

/** The source file a relative import means, or undefined when there is none. */
export function resolveRelative(from: string, specifier: string): string | undefined {
  const target = path.posix.join(path.posix.dirname(from), specifier);
  const candidates = [target.replace(/\.js$/, ".ts"), target];
  return candidates.find((candidate) => existsSync(path.join(ROOT, candidate)) && statSync(path.join(ROOT, candidate)).isFile());
}
