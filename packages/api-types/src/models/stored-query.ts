export type ScalarParamKind = "string" | "bool" | "int" | "bigint" | "float" | "date" | "datetime" | "blob";
export type ParamKind = ScalarParamKind | "vector" | "list" | "object";

/** How a value of a parameter is sent. Spelled as on the wire, which is also how the compiler describes parameters. */
export interface ParamDescriptor {
  readonly name: string;
  readonly kind: ParamKind;
  /** Lists only. */
  readonly item_kind?: ParamKind;
  /** Vectors only. */
  readonly vector_dim?: number;
  /** It may be left out. */
  readonly nullable: boolean;
}

export interface QueryCatalogEntry {
  readonly name: string;
  readonly toolName: string;
  readonly description?: string;
  readonly instruction?: string;
  readonly isMutation: boolean;
  /** In order of declaration. */
  readonly params: readonly ParamDescriptor[];
}
