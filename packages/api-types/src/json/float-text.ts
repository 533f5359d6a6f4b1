/**
 * A finite float with the fewest digits that read back equal (query specification §12.2): at least one digit after
 * the point, and an exponent only for magnitudes from 10^16 and below 10^-5.
 */
export function floatText(value: number): string {
  const magnitude = Math.abs(value);
  if (magnitude >= 1e16 || (magnitude !== 0 && magnitude < 1e-5)) return value.toExponential().replace("e+", "e");
  const text = Object.is(value, -0) ? "-0" : String(value);
  return text.includes(".") ? text : `${text}.0`;
}
