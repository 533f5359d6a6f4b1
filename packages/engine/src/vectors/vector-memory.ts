import { isNull, type VectorColumn } from "../columnar/column.js";
import { allocateKernelMemory, type DistanceFunction, instantiateKernel, KERNEL_COMPONENTS, type KernelMemory } from "./distance-kernel.js";
import { squaredDistance } from "./squared-distance.js";

/** Below, a memory of its own costs more than it saves. */
const ROWS_MIN = 1_024;
/** Rows that one call of the kernel takes. */
const CHUNK_ROWS = 4_096;
/** What a kernel can address. */
const MEMORY_BYTES_MAX = 2 ** 32 - 65_536;

interface VectorMemory {
  readonly distances: DistanceFunction;
  readonly query: Float32Array;
  readonly rows: Uint32Array;
  readonly out: Float32Array;
  readonly valuesOffset: number;
}

/** Of columns that {@link movedToVectorMemory} made, by their values. */
const memories = new WeakMap<Float32Array, VectorMemory>();

/** The column where {@link squaredDistances} is fastest, with equal values; the column itself if it is small or there is no room. */
export function movedToVectorMemory(column: VectorColumn): VectorColumn {
  const { dimension, length } = column;
  const rowsOffset = Math.ceil((dimension * 4) / 16) * 16;
  const outOffset = rowsOffset + CHUNK_ROWS * 4;
  const valuesOffset = outOffset + CHUNK_ROWS * 4;
  const byteCount = valuesOffset + length * dimension * 4;
  if (length < ROWS_MIN || byteCount > MEMORY_BYTES_MAX) return column;
  const memory = tryMemory(byteCount);
  if (memory === undefined) return column;
  const { buffer } = memory;
  const values = new Float32Array(buffer, valuesOffset, length * dimension);
  values.set(column.values.subarray(0, values.length));
  memories.set(values, {
    distances: instantiateKernel(memory),
    query: new Float32Array(buffer, 0, dimension),
    rows: new Uint32Array(buffer, rowsOffset, CHUNK_ROWS),
    out: new Float32Array(buffer, outOffset, CHUNK_ROWS),
    valuesOffset,
  });
  return { ...column, values };
}

/** Squared Euclidean distances of `rows[start … end)` to `query` (SR-15), into `out` by row number; NaN for a row without a vector. */
export function squaredDistances(column: VectorColumn, query: Float32Array, rows: Uint32Array, start: number, end: number, out: Float64Array): void {
  const memory = memories.get(column.values);
  if (memory === undefined) {
    for (let k = start; k < end; k++) {
      const row = rows[k] as number;
      out[row] = isNull(column, row) ? NaN : squaredDistance(column, row, query);
    }
    return;
  }
  const { dimension } = column;
  const wholeBytes = (dimension - (dimension % KERNEL_COMPONENTS)) * 4;
  memory.query.set(query);
  for (let from = start; from < end; from += CHUNK_ROWS) {
    const count = Math.min(CHUNK_ROWS, end - from);
    memory.rows.set(rows.subarray(from, from + count));
    memory.distances(memory.rows.byteOffset, count, memory.valuesOffset, 0, wholeBytes, dimension * 4 - wholeBytes, memory.out.byteOffset);
    for (let k = 0; k < count; k++) out[rows[from + k] as number] = memory.out[k] as number;
    if (column.validity === undefined) continue;
    for (let k = 0; k < count; k++) if (isNull(column, rows[from + k] as number)) out[rows[from + k] as number] = NaN;
  }
}

/** Undefined where the process may not reserve the address space. */
function tryMemory(byteCount: number): KernelMemory | undefined {
  try {
    return allocateKernelMemory(byteCount);
  } catch {
    return undefined;
  }
}
