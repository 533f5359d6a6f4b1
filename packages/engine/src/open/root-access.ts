import { completeComponents, type GraphComponents } from "../graph-components.js";
import { completeSettings, type GraphSettings, type GraphSettingsInput } from "../graph-settings.js";
import { ManifestStore } from "../manifest/manifest-store.js";
import { FormatGuard } from "../manifest/format-version.js";
import { SchemaStore } from "../schema/schema-store.js";
import type { GraphStorage } from "../storage/dataset-gateway.js";
import type { Durability } from "../storage/durability.js";
import { openGraphStorage } from "../storage/lance/open-graph-storage.js";
import { type GraphLayout, graphLayout } from "../storage/layout.js";
import type { ObjectStore } from "../storage/object-store.js";
import { openObjectStore } from "../storage/open-object-store.js";
import { canonicalRootIdentity, isS3Uri, normalizeUri } from "../storage/uri.js";

export interface AccessOptions {
  readonly components?: Partial<GraphComponents>;
  readonly settings?: GraphSettingsInput;
}

/** Everything below one root that reading and writing handles and `init` have in common. Opens no dataset by itself. */
export interface RootAccess {
  readonly uri: string;
  /** Equal for every spelling of the root (URI-7). */
  readonly identity: string;
  readonly components: GraphComponents;
  readonly settings: GraphSettings;
  /** What writes survive here: on S3 the setting means nothing (ST-21). */
  readonly durability: Durability;
  readonly layout: GraphLayout;
  readonly objects: ObjectStore;
  readonly storage: GraphStorage;
  readonly manifest: ManifestStore;
  readonly format: FormatGuard;
  readonly schemas: SchemaStore;
}

/** @throws StorageError of kind Configuration for an address that is no store (URI-1) */
export async function accessRoot(uri: string, options: AccessOptions): Promise<RootAccess> {
  const components = completeComponents(options.components);
  const settings = completeSettings(options.settings);
  const root = normalizeUri(uri);
  const durability = isS3Uri(root) ? "process" : settings.durability;
  const s3 = settings.s3 === undefined ? {} : { s3: settings.s3 };
  const objects = components.wrapObjectStore(await openObjectStore(root, { ids: components.ids, durability, ...s3 }));
  // File times are compared with this clock, so it is the wall clock.
  const storage = components.wrapStorage(openGraphStorage(root, { clock: components.leaseClock, durability, ...s3 }));
  const layout = graphLayout(root);
  return {
    uri: root,
    identity: await canonicalRootIdentity(root),
    components,
    settings,
    durability,
    layout,
    objects,
    storage,
    manifest: new ManifestStore(storage.manifest),
    format: new FormatGuard(storage.manifest),
    schemas: new SchemaStore(objects, layout, components.failpoints),
  };
}
