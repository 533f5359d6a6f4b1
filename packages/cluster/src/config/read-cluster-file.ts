/** Step 6 of the checks (cluster.md §2.3): types and unknown keys, every one of them. */
import type { ClusterFile, DeclaredBlobBase, DeclaredGraph, DeclaredHeader, DeclaredPolicy, DeclaredProvider, DeclaredQueries } from "./cluster-file.js";
import { type ConfigMember, type ConfigNode, isNothing } from "./config-document.js";
import type { ConfigReader, Located } from "./config-reader.js";

const TOP_KEYS = ["version", "metadata", "storage", "state", "graphs", "policies", "providers"] as const;

export function readClusterFile(reader: ConfigReader): ClusterFile {
  const top = readTop(reader);
  const sections = { graphs: top?.get("graphs"), policies: top?.get("policies"), providers: top?.get("providers") };
  return {
    header: readHeader(reader, top),
    graphs: membersOf(reader, sections.graphs).map((graph) => readGraph(reader, graph)),
    policies: membersOf(reader, sections.policies).map((policy) => readPolicy(reader, policy)),
    providers: readProviders(reader, sections.providers),
  };
}

/** The header alone; what else the file holds is not looked at, except for keys that are none (cluster.md §12.2). */
export function readDeclaredHeader(reader: ConfigReader): DeclaredHeader {
  return readHeader(reader, readTop(reader));
}

type Top = ReadonlyMap<(typeof TOP_KEYS)[number], ConfigMember> | undefined;

function readTop(reader: ConfigReader): Top {
  const { root } = reader.document;
  const top = reader.known(root, TOP_KEYS);
  if (top !== undefined && !top.has("version")) reader.missing(root, "version");
  return top;
}

function readHeader(reader: ConfigReader, top: Top): DeclaredHeader {
  const metadata = knownIn(reader, top?.get("metadata"), ["name"]);
  const state = knownIn(reader, top?.get("state"), ["backend", "lock"]);
  const lock = state?.get("lock");
  return {
    version: read(top?.get("version"), (node) => reader.integer(node)),
    name: read(metadata?.get("name"), (node) => textOrBlank(reader, node)),
    storage: read(top?.get("storage"), (node) => textOrBlank(reader, node)),
    backend: read(state?.get("backend"), (node) => reader.text(node)),
    isLockEnabled: read(lock, (node) => reader.flag(node))?.value ?? true,
  };
}

function readGraph(reader: ConfigReader, member: ConfigMember): DeclaredGraph {
  const members = reader.known(member, ["schema", "queries", "embedding_provider", "external_blobs"]);
  const schema = members?.get("schema");
  if (members !== undefined && schema === undefined) reader.missing(member, "schema");
  return {
    ...idOf(reader, member),
    schema: read(schema, (node) => reader.filePath(node)),
    queries: readQueries(reader, member, members?.get("queries")),
    embeddingProvider: read(members?.get("embedding_provider"), (node) => reader.filledText(node)),
    blobBases: readBlobBases(reader, members?.get("external_blobs")),
  };
}

function readQueries(reader: ConfigReader, graph: ConfigMember, member: ConfigMember | undefined): DeclaredQueries {
  if (member === undefined) return { form: "discovered", sources: [], at: reader.located(graph, undefined) };
  const at = { ...reader.located(member, undefined), place: reader.document.place(member.keyOffset) };
  const none: DeclaredQueries = { form: "discovered", sources: [], at };
  if (isNothing(member.node)) return none;
  const explicit = reader.document.members(member);
  if (explicit !== undefined) return { form: "explicit", queries: explicit.flatMap((query) => readExplicitQuery(reader, query)), at };
  const items = reader.document.items(member);
  if (items !== undefined) return { form: "discovered", sources: items.flatMap((item) => reader.filePath(item) ?? []), at };
  if (!isText(member)) {
    reader.wrong(member, "must be a folder, a file, a list of either, or a mapping of names to {file: …}");
    return none;
  }
  const source = reader.filePath(member);
  return source === undefined ? none : { form: "discovered", sources: [source], at };
}

function readExplicitQuery(reader: ConfigReader, member: ConfigMember): readonly { readonly name: Located<string>; readonly file: Located<string> }[] {
  if (isText(member)) {
    reader.wrong(member, "must be a mapping: write {file: …}");
    return [];
  }
  const members = reader.known(member, ["file"]);
  const file = members?.get("file");
  if (members !== undefined && file === undefined) reader.missing(member, "file");
  const path = read(file, (node) => reader.filePath(node));
  if (path === undefined) return [];
  return [{ name: { value: member.key, path: member.path, place: reader.document.place(member.keyOffset) }, file: path }];
}

function readBlobBases(reader: ConfigReader, member: ConfigMember | undefined): readonly DeclaredBlobBase[] {
  const allow = knownIn(reader, member, ["allow"])?.get("allow");
  const items = allow === undefined ? undefined : reader.list(allow);
  return (items ?? []).flatMap((item) => {
    const members = reader.known(item, ["base", "scope"]);
    if (members === undefined) return [];
    const [base, scope] = (["base", "scope"] as const).map((name) => {
      const found = members.get(name);
      if (found === undefined) reader.missing(item, name);
      return read(found, (node) => reader.text(node));
    });
    return base === undefined || scope === undefined ? [] : [{ base, scope }];
  });
}

function readPolicy(reader: ConfigReader, member: ConfigMember): DeclaredPolicy {
  const members = reader.known(member, ["file", "applies_to"]);
  const file = members?.get("file");
  if (members !== undefined && file === undefined) reader.missing(member, "file");
  return { ...idOf(reader, member), file: read(file, (node) => reader.filePath(node)), appliesTo: members === undefined || reader.isMisspelt(member, "applies_to") ? undefined : readTargets(reader, members.get("applies_to")) };
}

function readTargets(reader: ConfigReader, member: ConfigMember | undefined): readonly Located<string>[] | undefined {
  if (member === undefined) return [];
  const items = reader.list(member);
  if (items === undefined) return undefined;
  const targets = items.map((item) => reader.filledText(item));
  return targets.every((target) => target !== undefined) ? targets : undefined;
}

function readProviders(reader: ConfigReader, member: ConfigMember | undefined): readonly DeclaredProvider[] {
  const embedding = knownIn(reader, member, ["embedding"])?.get("embedding");
  return membersOf(reader, embedding).map((provider) => readProvider(reader, provider));
}

function readProvider(reader: ConfigReader, member: ConfigMember): DeclaredProvider {
  const members = reader.known(member, ["kind", "provider", "base_url", "model", "api_key"]);
  const [kind, spelledOtherwise] = [members?.get("kind"), members?.get("provider")];
  if (kind !== undefined && spelledOtherwise !== undefined) reader.wrong(spelledOtherwise, "is another spelling of 'kind', which is there as well; keep one of the two");
  const given = { kind: kind ?? spelledOtherwise, baseUrl: members?.get("base_url"), model: members?.get("model"), apiKey: members?.get("api_key") };
  const text = (node: ConfigNode): Located<string> | undefined => reader.text(node);
  const values = { kind: read(given.kind, text), baseUrl: read(given.baseUrl, text), model: read(given.model, text), apiKey: read(given.apiKey, text) };
  const isComplete = members !== undefined && !reader.isMisspelt(member, "api_key") && (["kind", "baseUrl", "model", "apiKey"] as const).every((name) => (given[name] === undefined) === (values[name] === undefined));
  return { ...idOf(reader, member), ...values, isComplete };
}

function idOf(reader: ConfigReader, { key, path, keyOffset }: ConfigMember): { readonly id: string; readonly path: string; readonly place: ReturnType<typeof reader.document.place> } {
  return { id: key, path, place: reader.document.place(keyOffset) };
}

function membersOf(reader: ConfigReader, section: ConfigMember | undefined): readonly ConfigMember[] {
  return section === undefined ? [] : (reader.mapping(section) ?? []);
}

function knownIn<Name extends string>(reader: ConfigReader, member: ConfigMember | undefined, names: readonly Name[]): ReadonlyMap<Name, ConfigMember> | undefined {
  return member === undefined ? undefined : reader.known(member, names);
}

function read<T>(member: ConfigMember | undefined, how: (node: ConfigMember) => T | undefined): T | undefined {
  return member === undefined ? undefined : how(member);
}

/** A key without a value says what an empty text says, which its own check refuses. */
function textOrBlank(reader: ConfigReader, member: ConfigMember): Located<string> | undefined {
  return isNothing(member.node) ? reader.located(member, "") : reader.text(member);
}

function isText({ node }: ConfigNode): boolean {
  return node !== null && "value" in node && typeof node.value === "string";
}
