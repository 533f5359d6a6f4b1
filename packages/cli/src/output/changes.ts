import { type ChangeCause, encodeCause, encodeChange, type EntityChange, type EntityImage } from "@omnigraphdb/api-types";
import { compactJson } from "@omnigraphdb/common";
import { visibleText } from "./cell-text.js";
import { jsonFragment } from "./json.js";

/** Characters of a value that a person is shown. */
const SHOWN_VALUE_CHARACTERS = 200;

/** Writes a list of blocks, or one block, piece by piece. Joined, the pieces are one document (§1.7). */
export interface ChangeRenderer {
  begin(cause: ChangeCause): string;
  change(change: EntityChange): string;
  end(): string;
}

/** The members of a block, its lines continuing at `indent`. */
export class JsonBlock implements ChangeRenderer {
  readonly #indent: string;
  #isEmpty = true;

  constructor(indent: string) {
    this.#indent = indent;
  }

  begin(cause: ChangeCause): string {
    this.#isEmpty = true;
    return `{\n${this.#indent}"cause": ${jsonFragment(encodeCause(cause), this.#indent)},\n${this.#indent}"changes": [`;
  }

  change(change: EntityChange): string {
    const inner = `${this.#indent}  `;
    const text = `${this.#isEmpty ? "" : ","}\n${inner}${jsonFragment(encodeChange(change), inner)}`;
    this.#isEmpty = false;
    return text;
  }

  /** The brace is left to who knows whether more members follow. */
  end(): string {
    return this.#isEmpty ? "]" : `\n${this.#indent}]`;
  }
}

/** For a person: the cause as `key: value` lines, then the changes. */
export class TextBlock implements ChangeRenderer {
  begin(cause: ChangeCause): string {
    const members = Object.entries(encodeCause(cause));
    return members.map(([key, value]) => `${key}: ${visibleText(String(value))}\n`).join("");
  }

  change(change: EntityChange): string {
    return changeText(change.kind, change.type.name, change);
  }

  end(): string {
    return "";
  }
}

/** `op kind type id`, the ends of an edge, and its properties: of an update those that differ. */
export function changeText(kind: string, typeName: string, { op, id, before, after }: Pick<EntityChange, "op" | "id" | "before" | "after">): string {
  return `${op} ${kind} ${typeName} ${visibleText(id)}\n${endpointsText(before, after)}${propertyLines(before, after).join("")}`;
}

function endpointsText(before: EntityImage | undefined, after: EntityImage | undefined): string {
  const texts = [before, after].flatMap((image) => (image?.endpoints === undefined ? [] : [`${image.endpoints.from} -> ${image.endpoints.to}`]));
  const shown = [...new Set(texts)].map(visibleText).join(" => ");
  return shown === "" ? "" : `  ${shown}\n`;
}

function propertyLines(before: EntityImage | undefined, after: EntityImage | undefined): readonly string[] {
  const names = [...new Set([...Object.keys(before?.properties ?? {}), ...Object.keys(after?.properties ?? {})])];
  return names.flatMap((name) => {
    const [older, newer] = [before, after].map((image) => (image === undefined ? undefined : valueText(image, name)));
    if (older === newer) return [];
    return [`  ${name}: ${older === undefined ? newer ?? "" : newer === undefined ? older : `${older} => ${newer}`}\n`];
  });
}

function valueText({ properties }: EntityImage, name: string): string {
  const value = properties[name];
  if (value === undefined) return "<absent>";
  if (value === null) return "<null>";
  const text = visibleText(compactJson(value));
  return text.length <= SHOWN_VALUE_CHARACTERS ? text : `${text.slice(0, SHOWN_VALUE_CHARACTERS)}… (${text.length} characters)`;
}
