/** The one line for an empty plan, or a line per step (schema specification §15.2). */
export function stepLines(descriptions: readonly string[]): readonly string[] {
  return descriptions.length === 0 ? ["no schema changes"] : descriptions.map((description) => `- ${description}`);
}

export function yesNo(value: boolean): "yes" | "no" {
  return value ? "yes" : "no";
}
