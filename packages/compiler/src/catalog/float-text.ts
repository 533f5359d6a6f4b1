/**
 * Shortest decimal that reads back as `value`, always with a `.` or an exponent (§12.1): positional from
 * `positionalMin` up to, not including, 1e16, else as `1.5e16` or `1e-6`.
 */
export function floatText(value: number, positionalMin: number): string {
  if (Object.is(value, -0)) return "-0.0";
  if (value === 0) return "0.0";
  const size = Math.abs(value);
  if (size >= positionalMin && size < 1e16) {
    // JavaScript turns to exponents below 1e-6 and from 1e21, both outside this range.
    const text = String(value);
    return text.includes(".") ? text : `${text}.0`;
  }
  return value.toExponential().replace("e+", "e");
}

/** Smallest magnitude written without an exponent in JSON. */
export const JSON_POSITIONAL_MIN = 1e-5;

/** The same in the sort text of a constraint (§12.2). */
export const SORT_TEXT_POSITIONAL_MIN = 1e-4;
