import { defineConfig } from "eslint/config";
import tseslint from "typescript-eslint";

/** Where each technology may be imported, and which port everyone else uses. */
const TECHNOLOGY_HOMES = [
  { names: ["@lancedb/lancedb", "apache-arrow"], home: "packages/engine/src/storage/lance", instead: "the ports in packages/engine/src/storage (DatasetGateway, RowBatch)" },
  { names: ["@aws-sdk/client-s3"], home: "packages/engine/src/storage", instead: "the ObjectStore port" },
  { names: ["chevrotain"], home: "packages/compiler/src", instead: "the façade of @omnigraphdb/compiler" },
  { names: ["yaml"], home: "yaml", instead: "a package that reads documents: embeddings, policy, cluster, server, cli" },
  { names: ["@cedar-policy/cedar-wasm"], home: "packages/policy/src", instead: "the Authorizer port of @omnigraphdb/common" },
  { names: ["hono", "@hono/node-server", "pino", "prom-client"], home: "packages/server/src", instead: "a value that the server answers with" },
  { names: ["zod"], home: "zod", instead: "the parsed shapes of @omnigraphdb/api-types" },
  { names: ["@modelcontextprotocol/sdk"], home: "packages/mcp/src", instead: "@omnigraphdb/mcp" },
  { names: ["commander", "cli-progress", "picocolors"], home: "packages/cli/src", instead: "a return value that the command line renders" },
];

/** Ambient state that makes a run unrepeatable, and the port that replaces it. */
const AMBIENT_STATE = [
  { selector: "MemberExpression[object.name='Date'][property.name='now']", message: "Take the time from the Clock port of @omnigraphdb/common." },
  { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: "Take the time from the Clock port of @omnigraphdb/common." },
  { selector: "MemberExpression[object.name='Math'][property.name='random']", message: "Take randomness from the IdSource port of @omnigraphdb/common." },
  { selector: "CallExpression[callee.name='randomUUID']", message: "Take identifiers from the IdSource port of @omnigraphdb/common." },
  { selector: "CallExpression[callee.property.name='randomUUID']", message: "Take identifiers from the IdSource port of @omnigraphdb/common." },
];

const LANGUAGE = [
  { selector: "TSEnumDeclaration", message: "Use a union of string literals." },
  { selector: "ExportAllDeclaration", message: "Export by name, so that a reviewer sees every new export." },
  { selector: "ExportDefaultDeclaration", message: "Export by name." },
];

const TIMERS = ["setTimeout", "setInterval", "setImmediate"].map((name) => ({ name, message: "Wait through the Clock port of @omnigraphdb/common." }));

const DEEP_IMPORTS = {
  regex: "^@omnigraphdb/[^/]+/(?!test-support$)",
  message: "Import the package root (or ./test-support from a test).",
};
const TEST_SUPPORT = { regex: "(^@omnigraphdb/testkit|test-support|\\.test\\.js$)", message: "Source never imports test support." };

function forbidTechnologies(homesAllowed) {
  return TECHNOLOGY_HOMES.filter(({ home }) => !homesAllowed.includes(home)).flatMap(({ names, home, instead }) =>
    names.map((name) => ({ group: [name, `${name}/*`], message: `${name} belongs to ${home}; use ${instead}.` })),
  );
}

function importRules(homesAllowed, extra = []) {
  return { "@typescript-eslint/no-restricted-imports": ["error", { patterns: [DEEP_IMPORTS, ...forbidTechnologies(homesAllowed), ...extra] }] };
}

/** One block per package, so that each technology is admitted in its home and nowhere else. */
const homes = [
  { files: ["packages/common/src/**/*.ts", "packages/testkit/src/**/*.ts"], allowed: [] },
  { files: ["packages/compiler/src/**/*.ts"], allowed: ["packages/compiler/src"] },
  { files: ["packages/embeddings/src/**/*.ts"], allowed: ["yaml"] },
  { files: ["packages/policy/src/**/*.ts"], allowed: ["packages/policy/src", "yaml"] },
  { files: ["packages/api-types/src/**/*.ts"], allowed: ["packages/api-types/src", "zod"] },
  { files: ["packages/client/src/**/*.ts"], allowed: [] },
  { files: ["packages/cluster/src/**/*.ts"], allowed: ["yaml"] },
  { files: ["packages/mcp/src/**/*.ts"], allowed: ["packages/mcp/src", "zod"] },
  { files: ["packages/server/src/**/*.ts"], allowed: ["packages/server/src", "yaml", "zod"] },
  { files: ["packages/engine/src/**/*.ts"], allowed: [] },
  { files: ["packages/engine/src/storage/**/*.ts"], allowed: ["packages/engine/src/storage"] },
  { files: ["packages/engine/src/storage/lance/**/*.ts"], allowed: ["packages/engine/src/storage", "packages/engine/src/storage/lance"] },
  { files: ["packages/cli/src/**/*.ts", "apps/*/src/**/*.ts"], allowed: ["packages/cli/src", "yaml"] },
];

const SOURCE = ["packages/*/src/**/*.ts", "apps/*/src/**/*.ts"];
const TESTS = ["**/*.test.ts", "**/*.bench.ts", "packages/*/test/**/*.ts", "packages/*/test-support/**/*.ts", "packages/*/bench/**/*.ts", "apps/*/test/**/*.ts", "test/**/*.ts", "packages/testkit/**/*.ts"];
const SCRIPTS = ["scripts/**/*.mjs", "packages/*/bench/**/*.mjs", "apps/*/*.mjs", "*.config.js", "*.config.ts"];

export default defineConfig(
  { ignores: ["**/dist/**", "**/node_modules/**", "**/*.generated.ts", "coverage/**", "demo/**", "bench-data/**", "bench-results/**", "apps/*/bin/**"] },
  {
    files: [...SOURCE, ...TESTS],
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { project: ["./tsconfig.test.json"], tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      "@typescript-eslint/consistent-type-imports": ["error", { fixStyle: "inline-type-imports", disallowTypeAnnotations: false }],
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      // A leading underscore says that a value is held for its disposal or skipped on purpose.
      "@typescript-eslint/no-unused-vars": ["error", { varsIgnorePattern: "^_", destructuredArrayIgnorePattern: "^_", argsIgnorePattern: "^_" }],
      "@typescript-eslint/only-throw-error": ["error", { allowRethrowing: true, allowThrowingUnknown: true }],
      // Numbers and booleans print unambiguously in a template.
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
      // `return callback()` from a void function and `value === true` on an optional are how we write them.
      "@typescript-eslint/no-confusing-void-expression": "off",
      "@typescript-eslint/no-unnecessary-boolean-literal-compare": "off",
      // Code points are what the language counts; nothing here counts grapheme clusters.
      "@typescript-eslint/no-misused-spread": ["error", { allow: ["string"] }],
      // A generator, an async port method or a `using` declaration may legitimately have no await.
      "@typescript-eslint/require-await": "off",
      // noUncheckedIndexedAccess makes these checks part of reading typed arrays safely.
      "@typescript-eslint/no-unnecessary-condition": "off",
      // Overflows the stack on recursive types such as JSON values.
      "@typescript-eslint/no-unsafe-class-instance-assignment": "off",
      "no-restricted-syntax": ["error", ...LANGUAGE],
      "max-depth": ["error", 4],
    },
  },
  {
    files: SOURCE,
    ignores: TESTS,
    rules: {
      "max-lines": ["error", { max: 600 }],
      "max-lines-per-function": ["error", { max: 70, skipBlankLines: true, skipComments: true, IIFEs: true }],
      "no-console": "error",
    },
  },
  // A grammar is one declaration: rules in the order of the language reference, no control flow to split.
  { files: ["packages/compiler/src/{schema,query}/*-parser.ts"], rules: { "max-lines-per-function": "off" } },
  ...homes.map(({ files, allowed }) => ({ files, ignores: TESTS, rules: importRules(allowed, [TEST_SUPPORT]) })),
  {
    files: ["packages/compiler/src/**/*.ts", "packages/engine/src/**/*.ts"],
    ignores: TESTS,
    rules: {
      "no-restricted-syntax": ["error", ...LANGUAGE, ...AMBIENT_STATE],
      "no-restricted-globals": ["error", ...TIMERS, { name: "process", message: "Settings arrive as values; the command line reads the environment." }, { name: "fetch", message: "The network belongs behind a port." }],
    },
  },
  {
    files: ["packages/embeddings/src/**/*.ts"],
    ignores: TESTS,
    rules: {
      "no-restricted-syntax": ["error", ...LANGUAGE, ...AMBIENT_STATE],
      "no-restricted-globals": ["error", ...TIMERS, { name: "process", message: "Settings arrive as values; the command line reads the environment." }],
    },
  },
  {
    // Where the ambient world enters the engine: the default components, and the turn given to other work in long loops.
    files: ["packages/engine/src/graph-components.ts", "packages/engine/src/exec/wait.ts"],
    rules: { "no-restricted-globals": "off" },
  },
  {
    // Arrow's own types are full of `any`; the adapter's contract tests check what the types cannot.
    files: ["packages/engine/src/storage/lance/**/*.ts"],
    ignores: TESTS,
    rules: {
      "@typescript-eslint/no-unsafe-argument": "off",
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-return": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
      "@typescript-eslint/no-unsafe-call": "off",
    },
  },
  {
    files: TESTS,
    rules: {
      // Tests assert shapes they know; a wrong assumption fails the test, which is its purpose.
      "@typescript-eslint/no-non-null-assertion": "off",
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
      "@typescript-eslint/no-unsafe-argument": "off",
      "@typescript-eslint/no-unsafe-return": "off",
      "@typescript-eslint/no-unsafe-call": "off",
      "@typescript-eslint/unbound-method": "off",
      "@typescript-eslint/only-throw-error": "off",
      "max-depth": "off",
      "no-restricted-syntax": ["error", { selector: "MemberExpression[object.name=/^(it|test|describe)$/][property.name='only']", message: "A focused test hides the others." }],
    },
  },
  { files: SCRIPTS, rules: { "no-var": "error", "prefer-const": "error", eqeqeq: "error", "no-unused-vars": "off" } },
);
