/** Numbers by value: an integer may be a bigint on one side of the comparison and a number on the other. */
export function comparable(cell: unknown): unknown {
  if (Array.isArray(cell)) return cell.map(comparable);
  // Scores of words are sums of logarithms, which differ in their last bits with the order of the operations.
  if (typeof cell === "number" && !Number.isInteger(cell)) return String(Number(cell.toPrecision(12)));
  return typeof cell === "bigint" || typeof cell === "number" ? String(cell) : cell;
}
