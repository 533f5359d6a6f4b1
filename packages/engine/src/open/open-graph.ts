import { DisposalStack } from "@omnigraphdb/common";
import type { AcceptedSchema } from "@omnigraphdb/compiler";
import { FAILPOINT } from "../failpoints.js";
import { makeSnapshot } from "../manifest/make-snapshot.js";
import { updateGraphRow } from "../manifest/update-graph-row.js";
import { readHeadSchema } from "../schema/read-head-schema.js";
import { GraphNotFoundError, GraphRelocatedError } from "./errors.js";
import { hasForks } from "./has-forks.js";
import { type AccessOptions, accessRoot, type RootAccess } from "./root-access.js";
import { makeWriteServices, type WriteServices } from "./write-services.js";

/** Read-write, or read-only: which leaves the root byte-identical (OP-7). */
export type OpenMode = "rw" | "ro";

export interface OpenOptions extends AccessOptions {
  readonly mode: OpenMode;
  /** Branch the handle is bound to: the one calls mean that name none (BR-60). Default `main`. */
  readonly branch?: string;
}

/** A graph, opened: what the façade delegates to. */
export interface OpenedGraph {
  readonly access: RootAccess;
  /** The accepted schema the head was written under. */
  readonly schema: AcceptedSchema;
  /** Absent on read-only handles. */
  readonly writing: WriteServices | undefined;
  readonly resources: DisposalStack;
}

/**
 * Opens a graph (OP-8, OP-9): format, root identity, staged schema files, recovery sweep, schema contract, in this order.
 * Read-only opens do the checks and write nothing.
 *
 * @throws GraphNotFoundError, GraphRelocatedError, FormatTooNewError; SchemaArtifactMissingError and SchemaContractError;
 *   RecoveryRequiredError and the errors of recovery when an interrupted operation cannot be settled
 */
export async function openGraph(uri: string, options: OpenOptions): Promise<OpenedGraph> {
  const resources = new DisposalStack();
  try {
    const access = await accessRoot(uri, options);
    resources.defer(() => access.storage.close());
    if (!(await access.storage.manifest.exists())) throw new GraphNotFoundError(access.uri);
    const writing = options.mode === "rw" ? await openForWriting(access, resources) : undefined;
    if (writing === undefined) await checkReadable(access);
    await access.components.failpoints.hit(FAILPOINT.openBeforeSchemaContract);
    const { clock } = access.components;
    const { schema, state } = await readHeadSchema({ manifest: access.manifest, schemas: access.schemas, clock }, null);
    makeSnapshot(state.commit, null, schema);
    return { access, schema, writing, resources };
  } catch (error) {
    await resources.dispose().catch((cause: unknown) => {
      options.components?.logger?.warn("clean-up after a failed open failed", { error: cause });
    });
    throw error;
  }
}

async function checkReadable(access: RootAccess): Promise<void> {
  const { graph } = await access.manifest.readRegistry();
  access.format.ensureReadable(graph);
  if (graph.rootUri !== access.identity && (await hasForks(access))) throw new GraphRelocatedError(graph.rootUri, access.identity);
}

async function openForWriting(access: RootAccess, resources: DisposalStack): Promise<WriteServices> {
  const { graph } = await readWholeRegistry(access);
  access.format.ensureReadable(graph);
  await access.objects.probeCreateIfAbsent(access.uri);
  const services = makeWriteServices(access);
  resources.defer(() => services.coordination.leave());
  resources.defer(() => services.background.drain());
  if (access.format.needsMigration(graph)) await migrate(access, services);
  if (graph.rootUri !== access.identity) await recordRoot(access, services, graph.rootUri);
  await services.recovery.reconcileStaging();
  await services.recovery.recover("full");
  return services;
}

/** A publish that a loss of power interrupted may have left a manifest that nobody can read (ST-21). */
async function readWholeRegistry({ manifest, storage, components }: RootAccess): ReturnType<RootAccess["manifest"]["readRegistry"]> {
  try {
    return await manifest.readRegistry();
  } catch (error) {
    const files = await storage.manifest.setTornVersionsAside();
    if (files.length === 0) throw error;
    components.logger.warn("the newest versions of the manifest were incomplete and have been set aside", { files, error });
    return manifest.readRegistry();
  }
}

async function migrate(access: RootAccess, { coordination }: WriteServices): Promise<void> {
  const hold = await coordination.lease.acquire();
  try {
    const { graph } = await access.manifest.readRegistry();
    await access.format.ensureWritable(graph);
  } finally {
    hold.release();
  }
}

/** Files of a graph without forks may be moved; from now on this is its root (OP-15). */
async function recordRoot(access: RootAccess, { coordination }: WriteServices, recordedRoot: string): Promise<void> {
  if (await hasForks(access)) throw new GraphRelocatedError(recordedRoot, access.identity);
  const hold = await coordination.lease.acquire();
  try {
    await updateGraphRow(access.storage.manifest, (graph) =>
      graph.rootUri === access.identity ? undefined : { graph: { ...graph, rootUri: access.identity }, alongside: [] },
    );
  } finally {
    hold.release();
  }
}
