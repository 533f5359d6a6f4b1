import type { SourcePlace } from "../diagnostics/cluster-diagnostic.js";
import type { Located } from "./config-reader.js";

/** `cluster.yaml` as far as it could be read: shapes are right, meanings unchecked. Lists are in the order of the file. */
export interface ClusterFile {
  readonly header: DeclaredHeader;
  readonly graphs: readonly DeclaredGraph[];
  readonly policies: readonly DeclaredPolicy[];
  readonly providers: readonly DeclaredProvider[];
}

export interface DeclaredHeader {
  readonly version: Located<number> | undefined;
  readonly name: Located<string> | undefined;
  readonly storage: Located<string> | undefined;
  readonly backend: Located<string> | undefined;
  readonly isLockEnabled: boolean;
}

/** A resource and where its id stands. Fields that could not be read are undefined, and were reported. */
interface DeclaredResource {
  readonly id: string;
  /** Dotted key. */
  readonly path: string;
  /** Of the id. */
  readonly place: SourcePlace;
}

export interface DeclaredGraph extends DeclaredResource {
  readonly schema: Located<string> | undefined;
  readonly queries: DeclaredQueries;
  readonly embeddingProvider: Located<string> | undefined;
  readonly blobBases: readonly DeclaredBlobBase[];
}

/** The four forms of `queries` (cluster.md 2.6.3). */
export type DeclaredQueries =
  | {
      readonly form: "discovered";
      /** Folders and files. */
      readonly sources: readonly Located<string>[];
      /** Dotted key and place of the whole. */
      readonly at: Located<undefined>;
    }
  | {
      readonly form: "explicit";
      readonly queries: readonly { readonly name: Located<string>; readonly file: Located<string> }[];
      readonly at: Located<undefined>;
    };

export interface DeclaredPolicy extends DeclaredResource {
  readonly file: Located<string> | undefined;
  /** Undefined when it could not be read; empty when it is absent. */
  readonly appliesTo: readonly Located<string>[] | undefined;
}

export interface DeclaredProvider extends DeclaredResource {
  readonly kind: Located<string> | undefined;
  readonly baseUrl: Located<string> | undefined;
  readonly model: Located<string> | undefined;
  readonly apiKey: Located<string> | undefined;
  /** Whether all that is there could be read: else nothing is missing for certain. */
  readonly isComplete: boolean;
}

export interface DeclaredBlobBase {
  readonly base: Located<string>;
  readonly scope: Located<string>;
}
