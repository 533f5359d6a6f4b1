export type EntityKind = "node" | "edge";

/** A stored value as JSON; 64-bit integers may be `bigint`, so nothing is lost. */
export type CellJson = null | boolean | number | bigint | string | readonly CellJson[];
