/** Codes of the catalogue in §14.6. They never change meaning. */
export type MigrationCode = "OG-DS-101" | "OG-DS-102" | "OG-DS-103" | "OG-DS-104" | "OG-DS-105" | "OG-MF-103" | "OG-MF-104" | "OG-MF-106";

export type MigrationTier = "safe" | "validated" | "destructive";

export interface MigrationCodeInfo {
  readonly code: MigrationCode;
  readonly tier: MigrationTier;
  readonly severity: "error" | "warn" | "info";
  readonly summary: string;
  /** Whether plans carry it today; the others are kept free. */
  readonly isEmitted: boolean;
}

function destructive(code: MigrationCode, summary: string, isEmitted = false): MigrationCodeInfo {
  return { code, tier: "destructive", severity: "error", summary, isEmitted };
}

function validated(code: MigrationCode, summary: string, isEmitted = false): MigrationCodeInfo {
  return { code, tier: "validated", severity: "error", summary, isEmitted };
}

export const MIGRATION_CODES: readonly MigrationCodeInfo[] = [
  destructive("OG-DS-101", "drop of a populated graph type"),
  destructive("OG-DS-102", "drop of a populated node type"),
  destructive("OG-DS-103", "drop of a populated edge type"),
  destructive("OG-DS-104", "drop of a property of a populated type"),
  destructive("OG-DS-105", "drop of a populated vector property"),
  validated("OG-MF-103", "required property added without a value for existing entities", true),
  validated("OG-MF-104", "nullable made required"),
  destructive("OG-MF-106", "property type changed", true),
];

const TIERS = new Map(MIGRATION_CODES.map(({ code, tier }) => [code, tier]));

export function tierOf(code: MigrationCode): MigrationTier {
  return TIERS.get(code) ?? "destructive";
}
