import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

/** Languages in which the TypeScript compiler speaks to its users. */
export type CollectionLanguage = "de" | "ru" | "zh-cn" | "ja";

/** Some 4,700 paragraphs of English: what the declarations of the web platform say about themselves, as TypeScript ships them. */
export function englishTexts(): readonly string[] {
  const source = readFileSync(require.resolve("typescript/lib/lib.dom.d.ts"), "utf8");
  const comments = [...source.matchAll(/\/\*\*([\s\S]*?)\*\//g)].map(([, comment = ""]) => comment);
  const texts = comments.map((comment) => comment.replace(/^\s*\*/gm, "").replace(/\[MDN Reference\]\([^)]*\)/g, "").replace(/\s+/g, " ").trim());
  return [...new Set(texts)].filter((text) => text !== "");
}

/** Some 2,100 sentences: the messages of the TypeScript compiler. */
export function translatedTexts(language: CollectionLanguage): readonly string[] {
  const messages = require(`typescript/lib/${language}/diagnosticMessages.generated.json`) as Readonly<Record<string, string>>;
  return [...new Set(Object.values(messages))];
}
