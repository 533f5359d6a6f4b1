import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type * as Arrow from "apache-arrow";
import type * as Lance from "@lancedb/lancedb";

// The binding requires the CommonJS build of Arrow; its class checks fail on objects of the ESM build (lancedb.md §1).
const require = createRequire(import.meta.url);

let loadedArrow: typeof Arrow | undefined;
let loadedLance: typeof Lance | undefined;
let loadedNative: NativeModule | undefined;

/** What the binding's own tokenizer function calls, which would cost a promise per text (lancedb.md §9). */
interface NativeModule {
  tokenize(
    text: string,
    baseTokenizer: string | undefined,
    language: string | undefined,
    maxTokenLength: number | undefined,
    lowerCase: boolean | undefined,
    stem: boolean | undefined,
    removeStopWords: boolean | undefined,
    customStopWords: readonly string[] | undefined,
    asciiFolding: boolean | undefined,
    ngramMinLength: number | undefined,
    ngramMaxLength: number | undefined,
    prefixOnly: boolean | undefined,
  ): readonly { readonly text: string }[];
}

/** Arrow, in the one build the binding uses. Loaded on first use. */
export function arrow(): typeof Arrow {
  if (loadedArrow === undefined) {
    loadedArrow = require("apache-arrow") as typeof Arrow;
    writeValuesOfNullBooleans();
  }
  return loadedArrow;
}

interface AssembledData {
  readonly length: number;
  readonly nullCount: number;
}

interface BoolAssembler {
  visitBool: (this: BoolAssembler, data: AssembledData) => unknown;
}

/**
 * Arrow's writer leaves out the values of a boolean column that is null in every row, and the native reader refuses such a batch
 * ("Need at least 1 bytes for bitmap"). The validity bits are written before `visitBool` is called, so hiding the null count there is safe.
 */
function writeValuesOfNullBooleans(): void {
  const { VectorAssembler } = require("apache-arrow/visitor/vectorassembler") as { VectorAssembler: { prototype: BoolAssembler } };
  const { prototype } = VectorAssembler;
  const { visitBool } = prototype;
  prototype.visitBool = function (this: BoolAssembler, data: AssembledData): unknown {
    const isAllNull = data.length > 0 && data.nullCount >= data.length;
    return visitBool.call(this, isAllNull ? (Object.create(data, { nullCount: { value: -1 } }) as AssembledData) : data);
  };
}

/** The binding. Loading it takes some 80 ms, so it happens when a graph is first touched. */
export function lance(): typeof Lance {
  loadedLance ??= require("@lancedb/lancedb") as typeof Lance;
  return loadedLance;
}

/** The native part of the binding. A test compares its tokenizer with the public one, whose arguments are named. */
export function nativeModule(): NativeModule {
  loadedNative ??= require(join(dirname(require.resolve("@lancedb/lancedb")), "native.js")) as NativeModule;
  return loadedNative;
}
