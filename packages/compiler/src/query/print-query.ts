import type * as ast from "./query-ast.js";

/** Canonical text of a file: two-space indentation, one clause, projection, ordering or statement a line. Comments are not part of the tree. */
export function printQueryFile(file: ast.QueryFile): string {
  return file.queries.map((query) => `${printQuery(query)}\n`).join("\n");
}

function printQuery({ name, parameters, annotations, body }: ast.QueryDeclaration): string {
  const head = `query ${name.text}(${parameters.map(printParameter).join(", ")})`;
  const notes = (["description", "instruction"] as const).flatMap((key) => {
    const text = annotations[key];
    return text === undefined ? [] : [`  @${key}(${printString(text)})`];
  });
  const lines = body.kind === "Read" ? readLines(body) : body.statements.map(printStatement);
  const opening = notes.length === 0 ? [`${head} {`] : [head, ...notes, "{"];
  return [...opening, ...indent(lines), "}"].join("\n");
}

function printParameter({ name, type }: ast.ParameterNode): string {
  const base = type.dimension === undefined ? type.base : `${type.base}(${type.dimension})`;
  return `$${name.text}: ${type.isList ? `[${base}]` : base}${type.isNullable ? "?" : ""}`;
}

function readLines(body: ast.ReadBody): string[] {
  return [
    ...blockLines("match", body.match),
    ...section("return", body.projections.map(printProjection)),
    ...(body.orderings.length === 0 ? [] : section("order", commaSeparated(body.orderings.map(printOrdering)))),
    ...(body.limit === undefined ? [] : [`limit ${body.limit}`]),
  ];
}

function blockLines(word: string, { clauses }: ast.Block): string[] {
  return section(word, clauses.flatMap(clauseLines));
}

function section(word: string, lines: readonly string[]): string[] {
  return [`${word} {`, ...indent(lines), "}"];
}

function clauseLines(clause: ast.Clause): string[] {
  switch (clause.kind) {
    case "Binding":
      return [printBinding(clause)];
    case "Traversal":
      return [printTraversal(clause)];
    case "Filter":
      return [`${printExpression(clause.left)} ${clause.operator} ${printExpression(clause.right)}`];
    case "TextClause":
      return [printExpression(clause.call)];
    case "Negation":
      return blockLines("not", clause.block);
  }
}

function printBinding({ variable, type, properties }: ast.Binding): string {
  const matches = properties.map(({ property, value }) => `${property.text}: ${printExpression(value)}`).join(", ");
  return `$${variable.text}: ${type.text}${matches === "" ? "" : ` { ${matches} }`}`;
}

function printTraversal({ source, edgeVariable, edge, isUndirected, hops, destination }: ast.Traversal): string {
  const variable = edgeVariable === undefined ? "" : `$${edgeVariable.text}: `;
  const word = isUndirected ? `<${edge.text}>` : edge.text;
  const bounds = hops === undefined ? "" : `{${hops.minimum},${hops.maximum ?? ""}}`;
  return `$${source.text} ${variable}${word}${bounds} $${destination.text}`;
}

/** With a comma after each: juxtaposed projections are legal but hard to read. */
function printProjection({ expression, alias }: ast.ProjectionNode): string {
  return `${printExpression(expression)}${alias === undefined ? "" : ` as ${alias.text}`},`;
}

function printOrdering({ expression, direction }: ast.OrderingNode): string {
  return `${printExpression(expression)}${direction === undefined ? "" : ` ${direction}`}`;
}

function printStatement(statement: ast.Statement): string {
  switch (statement.kind) {
    case "Insert":
      return `insert ${statement.type.text} ${printAssignments(statement.assignments)}`;
    case "Update":
      return `update ${statement.type.text} set ${printAssignments(statement.assignments)} where ${printPredicate(statement.predicate)}`;
    case "Delete":
      return `delete ${statement.type.text} where ${printPredicate(statement.predicate)}`;
  }
}

function printAssignments(assignments: readonly ast.AssignmentNode[]): string {
  return `{ ${assignments.map(({ property, value }) => `${property.text}: ${printExpression(value)}`).join(", ")} }`;
}

function printPredicate({ property, operator, value }: ast.PredicateNode): string {
  return `${property.text} ${operator} ${printExpression(value)}`;
}

function printExpression(node: ast.ExpressionNode): string {
  switch (node.kind) {
    case "PropertyAccess":
      return `$${node.variable.text}.${node.property.text}`;
    case "VariableReference":
      return `$${node.name}`;
    case "AliasReference":
      return node.name;
    case "NowCall":
      return "now()";
    case "NearestCall":
      return printCall("nearest", [node.target, node.query]);
    case "TextCall":
      return printCall(node.function, [node.field, node.query, node.maxEdits]);
    case "Bm25Call":
      return printCall("bm25", [node.field, node.query]);
    case "RrfCall":
      return printCall("rrf", [node.first, node.second, node.k]);
    case "AggregateCall":
      return printCall(node.function, [node.argument]);
    case "String":
      return printString(node.value);
    case "Integer":
    case "Boolean":
      return String(node.value);
    case "Float":
      return node.text;
    case "DateCall":
      return `${node.function}(${printString(node.text)})`;
    case "List":
      return `[${node.items.map(printExpression).join(", ")}]`;
  }
}

function printCall(name: string, operands: readonly (ast.ExpressionNode | undefined)[]): string {
  return `${name}(${operands.flatMap((operand) => (operand === undefined ? [] : [printExpression(operand)])).join(", ")})`;
}

const ESCAPED: Readonly<Record<string, string>> = { '"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t" };

function printString(text: string): string {
  return `"${text.replace(/["\\\n\r\t]/g, (character) => ESCAPED[character] ?? character)}"`;
}

function commaSeparated(lines: readonly string[]): string[] {
  return lines.map((line, index) => (index === lines.length - 1 ? line : `${line},`));
}

function indent(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}
