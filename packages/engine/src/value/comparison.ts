import type { ComparisonSign } from "@omnigraphdb/compiler";

/** `a sign b` says the same as `b MIRRORED_SIGN[sign] a`. */
export const MIRRORED_SIGN: Readonly<Record<ComparisonSign, ComparisonSign>> = { "=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<=" };

/** Whether a comparison with this outcome (negative, zero or positive) satisfies the sign. */
export function holds(sign: ComparisonSign, order: number): boolean {
  switch (sign) {
    case "=":
      return order === 0;
    case "!=":
      return order !== 0;
    case "<":
      return order < 0;
    case "<=":
      return order <= 0;
    case ">":
      return order > 0;
    case ">=":
      return order >= 0;
  }
}
