/** Requests of a documentation page, written as curl commands, and the answers that the page shows below them. */
import { readFileSync } from "node:fs";

export interface HttpExample {
  readonly command: string;
  readonly language: "json" | "http" | "ndjson";
  readonly answer: string;
}

export interface HttpRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  /** Show status and headers, as `-i` does, or as `-I` does without a body. */
  readonly showsHead: boolean;
}

/** Every `sh` block that begins with curl, with the block behind it. */
export function readHttpExamples(page: URL): readonly HttpExample[] {
  const blocks = [...readFileSync(page, "utf8").matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, language = "", text = ""]) => ({ language, text }));
  return blocks.flatMap(({ language, text }, at) => {
    if (language !== "sh" || !text.startsWith("curl ")) return [];
    const next = blocks[at + 1];
    if (next === undefined || !/^(json|http|ndjson)$/.test(next.language)) throw new Error(`no answer is shown for: ${text}`);
    return [{ command: text, language: next.language as HttpExample["language"], answer: next.text }];
  });
}

/** The few options that the pages use. @param variables of the shell */
export function parseCurl(command: string, variables: Readonly<Record<string, string>>): HttpRequest {
  const [, ...words] = shellWords(command, variables);
  const headers: Record<string, string> = {};
  let [url, method, body, showsHead] = ["", "GET", undefined as string | undefined, false];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] as string;
    const value = (): string => words[++at] ?? "";
    if (word === "-H") {
      const [name = "", text = ""] = value().split(/:\s*(.*)/s, 2);
      headers[name.toLowerCase()] = text;
    } else if (word === "-X") method = value();
    else if (word === "-d" || word === "--data-binary") [body, method] = [value(), method === "GET" ? "POST" : method];
    else if (word === "-i") showsHead = true;
    else if (word === "-I") [showsHead, method] = [true, "HEAD"];
    else if (word.startsWith("-")) throw new Error(`option ${word} is not known here`);
    else url = word;
  }
  return { url, method, headers, body, showsHead };
}

function shellWords(command: string, variables: Readonly<Record<string, string>>): readonly string[] {
  const pieces = command.replaceAll("\\\n", " ").matchAll(/'([^']*)'|"([^"]*)"|(\s+)|([^\s'"]+)/g);
  const words = [""];
  const expand = (text: string): string => text.replaceAll(/\$([A-Z]+)/g, (_all, name: string) => variables[name] ?? "");
  for (const [, single, double, space, bare] of pieces) {
    if (space !== undefined) words.push("");
    else words.push(`${words.pop() ?? ""}${single ?? expand(double ?? bare ?? "")}`);
  }
  return words.filter((word) => word !== "");
}

/** JSON in which the text `…` stands for any value, and a member of that name for any further members. */
export function matchesJson(expected: unknown, actual: unknown): boolean {
  if (expected === "…") return true;
  if (typeof expected === "string" && expected.includes("…")) return typeof actual === "string" && patternOf(expected).test(actual);
  if (Array.isArray(expected)) return Array.isArray(actual) && expected.length === actual.length && expected.every((item, at) => matchesJson(item, actual[at]));
  if (typeof expected !== "object" || expected === null) return expected === actual;
  if (typeof actual !== "object" || actual === null) return false;
  const { "…": rest, ...members } = expected as Record<string, unknown>;
  const found = actual as Record<string, unknown>;
  const isComplete = rest !== undefined || Object.keys(found).every((name) => name in members);
  return isComplete && Object.entries(members).every(([name, member]) => matchesJson(member, found[name]));
}

/** Text in which `…` stands for any text. */
export function patternOf(text: string): RegExp {
  return new RegExp(`^${text.split("…").map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("[\\s\\S]*")}$`);
}
