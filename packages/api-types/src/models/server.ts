export interface HealthInfo {
  readonly status: "ok";
  readonly version: string;
  readonly internalSchemaVersion: number;
  /** Build revision, where it is known. */
  readonly sourceVersion?: string;
}

export interface GraphInfo {
  readonly graphId: string;
  readonly uri: string;
}
