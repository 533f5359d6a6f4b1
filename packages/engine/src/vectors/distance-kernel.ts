/**
 * Squared Euclidean distances with 128-bit instructions, as a WebAssembly module written out below. It adds in the order of
 * `squaredDistance`, so the two give the same bits.
 *
 * `distances(rows, count, values, query, wholeBytes, tailBytes, out)`: all but `count` are addresses or lengths in bytes.
 */
export type DistanceFunction = (rows: number, count: number, values: number, query: number, wholeBytes: number, tailBytes: number, out: number) => void;

/** Components that one step of the loop takes. */
export const KERNEL_COMPONENTS = 8;

/** Memory of a WebAssembly instance. */
export interface KernelMemory {
  readonly buffer: ArrayBuffer;
}

/** The part of the global that is used here: its types come with those of browsers only. */
interface WebAssemblyApi {
  readonly Memory: new (pages: { readonly initial: number; readonly maximum: number }) => KernelMemory;
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: Readonly<Record<string, unknown>> };
}

const { WebAssembly } = globalThis as unknown as { readonly WebAssembly: WebAssemblyApi };
const PAGE_BYTES = 65_536;

let compiled: object | undefined;

/** @throws RangeError where the process may not reserve the address space */
export function allocateKernelMemory(byteCount: number): KernelMemory {
  const pages = Math.ceil(byteCount / PAGE_BYTES);
  return new WebAssembly.Memory({ initial: pages, maximum: pages });
}

/** The function over one memory. */
export function instantiateKernel(memory: KernelMemory): DistanceFunction {
  compiled ??= new WebAssembly.Module(moduleBytes());
  const { exports } = new WebAssembly.Instance(compiled, { host: { memory } });
  return exports["distances"] as DistanceFunction;
}

const I32 = 0x7f;
const V128 = 0x7b;
const VOID = 0x40;

function unsigned(value: number): number[] {
  const bytes: number[] = [];
  for (; value > 0x7f; value >>>= 7) bytes.push((value & 0x7f) | 0x80);
  return [...bytes, value];
}

const sized = (bytes: readonly number[]): number[] => [...unsigned(bytes.length), ...bytes];
const list = (items: readonly (readonly number[])[]): number[] => [...unsigned(items.length), ...items.flat()];
const section = (id: number, content: readonly number[]): number[] => [id, ...sized(content)];
const named = (name: string): number[] => sized([...new TextEncoder().encode(name)]);

const get = (local: number): number[] => [0x20, local];
const set = (local: number): number[] => [0x21, local];
const tee = (local: number): number[] => [0x22, local];
/** Below 64: one byte of signed LEB128. */
const constant = (value: number): number[] => [0x41, value];
const add = [0x6a];
const subtract = [0x6b];
const multiply = [0x6c];
const isBelow = [0x49];
const block = [0x02, VOID];
const loop = [0x03, VOID];
const end = [0x0b];
const branchIf = (depth: number): number[] => [0x0d, depth];
const isZero = [0x45];
const loadRow = [0x28, 2, 0];
const loadFloat = [0x2a, 2, 0];
const storeFloat = [0x38, 2, 0];
const floatAdd = [0x92];
const floatSubtract = [0x93];
const floatMultiply = [0x94];
const loadLanes = (offset: number): number[] => [0xfd, 0x00, 2, offset];
const zeroLanes = [0xfd, 0x0c, ...new Array<number>(16).fill(0)];
const lane = (index: number): number[] => [0xfd, 0x1f, index];
const lanesAdd = [0xfd, ...unsigned(0xe4)];
const lanesSubtract = [0xfd, ...unsigned(0xe5)];
const lanesMultiply = [0xfd, ...unsigned(0xe6)];

function moduleBytes(): Uint8Array<ArrayBuffer> {
  const [rows, count, values, query, wholeBytes, tailBytes, out] = [0, 1, 2, 3, 4, 5, 6] as const;
  const [at, queryAt, stop, low, high, difference, total, step] = [7, 8, 9, 10, 11, 12, 13, 14] as const;
  const advance = (local: number, bytes: number): number[] => [...get(local), ...constant(bytes), ...add, ...set(local)];
  /** Four components: their squared differences are added to `sums`. */
  const square = (sums: number, offset: number): number[] => [
    ...get(at), ...loadLanes(offset), ...get(queryAt), ...loadLanes(offset), ...lanesSubtract, ...tee(difference),
    ...get(difference), ...lanesMultiply, ...get(sums), ...lanesAdd, ...set(sums),
  ];
  const body = [
    ...loop,
    // at = values + rows[0] * (wholeBytes + tailBytes)
    ...get(values), ...get(rows), ...loadRow, ...get(wholeBytes), ...get(tailBytes), ...add, ...multiply, ...add, ...set(at),
    ...get(query), ...tee(queryAt), ...get(wholeBytes), ...add, ...set(stop),
    ...zeroLanes, ...set(low), ...zeroLanes, ...set(high),
    ...block, ...get(wholeBytes), ...isZero, ...branchIf(0),
    ...loop, ...square(low, 0), ...square(high, 16), ...advance(at, 32), ...advance(queryAt, 32), ...get(queryAt), ...get(stop), ...isBelow, ...branchIf(0), ...end,
    ...end,
    // total = (lane 0 + lane 1) + (lane 2 + lane 3) of low + high
    ...get(low), ...get(high), ...lanesAdd, ...tee(low), ...lane(0), ...get(low), ...lane(1), ...floatAdd,
    ...get(low), ...lane(2), ...get(low), ...lane(3), ...floatAdd, ...floatAdd, ...set(total),
    ...get(stop), ...get(tailBytes), ...add, ...set(stop),
    ...block, ...get(tailBytes), ...isZero, ...branchIf(0),
    ...loop,
    ...get(at), ...loadFloat, ...get(queryAt), ...loadFloat, ...floatSubtract, ...tee(step), ...get(step), ...floatMultiply, ...get(total), ...floatAdd, ...set(total),
    ...advance(at, 4), ...advance(queryAt, 4), ...get(queryAt), ...get(stop), ...isBelow, ...branchIf(0), ...end,
    ...end,
    ...get(out), ...get(total), ...storeFloat,
    ...advance(rows, 4), ...advance(out, 4),
    ...get(count), ...constant(1), ...subtract, ...tee(count), ...branchIf(0),
    ...end,
    ...end,
  ];
  const F32 = 0x7d;
  const locals = list([[3, I32], [3, V128], [2, F32]]);
  return Uint8Array.from([
    0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0,
    ...section(1, list([[0x60, ...list(new Array<number[]>(7).fill([I32])), 0]])),
    ...section(2, list([[...named("host"), ...named("memory"), 2, 0, 1]])),
    ...section(3, list([[0]])),
    ...section(7, list([[...named("distances"), 0, 0]])),
    ...section(10, list([sized([...locals, ...body])])),
  ]);
}
