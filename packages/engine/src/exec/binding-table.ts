/**
 * Match rows, one integer column per variable: row numbers into the variable's row space. A column that no later step needs is
 * `undefined`. Columns are never changed once a table holds them; several tables may share one.
 */
export interface BindingTable {
  readonly rowCount: number;
  /** By slot: the position a variable has in the whole query. */
  readonly columns: readonly (Uint32Array | undefined)[];
}

/** One row that binds nothing: where the match of a query starts. */
export function unitTable(slotCount: number): BindingTable {
  return { rowCount: 1, columns: new Array<undefined>(slotCount).fill(undefined) };
}

/** The rows at `positions[0 … count)`, with the columns of `slots` only. */
export function takeBindings(table: BindingTable, positions: Uint32Array, count: number, slots: readonly number[]): BindingTable {
  const columns = new Array<Uint32Array | undefined>(table.columns.length).fill(undefined);
  for (const slot of slots) {
    const column = table.columns[slot];
    if (column !== undefined) columns[slot] = gather(column, positions, count);
  }
  return { rowCount: count, columns };
}

export function gather(column: Uint32Array, positions: Uint32Array, count: number): Uint32Array {
  const out = new Uint32Array(count);
  for (let i = 0; i < count; i++) out[i] = column[positions[i] as number] as number;
  return out;
}

/** Rows `[start, end)`, sharing the buffers. */
export function sliceBindings(table: BindingTable, start: number, end: number): BindingTable {
  return { rowCount: end - start, columns: table.columns.map((column) => column?.subarray(start, end)) };
}

/** All rows of `tables` in order, with the columns that all of them bind: a table may still carry one that nothing reads any more. */
export function concatBindings(tables: readonly BindingTable[], slotCount: number): BindingTable {
  const [first] = tables;
  if (first === undefined) return { rowCount: 0, columns: new Array<undefined>(slotCount).fill(undefined) };
  if (tables.length === 1) return first;
  const rowCount = tables.reduce((sum, table) => sum + table.rowCount, 0);
  const columns = first.columns.map((column, slot) => {
    if (column === undefined || tables.some((table) => table.columns[slot] === undefined)) return undefined;
    const out = new Uint32Array(rowCount);
    let at = 0;
    for (const table of tables) {
      out.set(table.columns[slot] as Uint32Array, at);
      at += table.rowCount;
    }
    return out;
  });
  return { rowCount, columns };
}

export function boundByteCount(table: BindingTable): number {
  return table.columns.reduce((sum, column) => sum + (column === undefined ? 0 : table.rowCount * 4), 0);
}

let identity = new Uint32Array(0);
let zeros = new Uint32Array(0);

/** 0, 1, 2, … ; shared, never written by callers. */
export function identityRows(count: number): Uint32Array {
  if (identity.length < count) {
    identity = new Uint32Array(Math.max(count, 2 * identity.length));
    for (let i = 0; i < identity.length; i++) identity[i] = i;
  }
  return identity.subarray(0, count);
}

/** Zeros: the row numbers of a constant, which is a column of one row. Shared, never written by callers. */
export function zeroRows(count: number): Uint32Array {
  if (zeros.length < count) zeros = new Uint32Array(Math.max(count, 2 * zeros.length));
  return zeros;
}
