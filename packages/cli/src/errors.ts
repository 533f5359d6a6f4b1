import { type ErrorCategory, OmniError } from "@omnigraphdb/common";

/** The argument list is wrong, whatever it is applied to. Ends with exit code 2. */
export class UsageError extends OmniError {
  readonly code = "USAGE";
  readonly category: ErrorCategory = "invalid";
  constructor(message: string, hint?: string) {
    super(message, hint === undefined ? {} : { hint });
  }
}

/** A file or stdin named on the command line cannot be used. */
export class InputError extends OmniError {
  readonly code = "INPUT_UNREADABLE";
  readonly category: ErrorCategory = "invalid";
}

/** A file named to be written cannot be. */
export class OutputFileError extends OmniError {
  readonly code = "OUTPUT_UNWRITABLE";
  readonly category: ErrorCategory = "invalid";
  constructor(path: string, cause: unknown) {
    const reason = (cause as NodeJS.ErrnoException).code ?? "unknown";
    super(`cannot write '${path}': ${OUTPUT_REASONS[reason] ?? reason}`, { hint: "Name a file in a folder that exists and may be written to.", cause });
  }
}

const OUTPUT_REASONS: Readonly<Record<string, string>> = {
  ENOENT: "no such folder",
  ENOTDIR: "no such folder",
  EISDIR: "it is a folder",
  EACCES: "permission denied",
  EROFS: "permission denied",
};

/** There is no such entity, or it has no content there (BL-6). */
export class BlobNotFoundError extends OmniError {
  readonly code = "BLOB_NOT_FOUND";
  readonly category: ErrorCategory = "not_found";
  constructor({ entity, type, id, property }: { readonly entity: string; readonly type: string; readonly id: string; readonly property: string }) {
    super(`${entity} ${type} '${id}' has no blob '${property}'`, { hint: "Either there is no such entity, or the property is null; a query shows which." });
  }
}

/** A file could not be put in its place durably; what was there before still is, unless the reason says otherwise (CH-65). */
export class InstallError extends OmniError {
  readonly code = "FILE_NOT_INSTALLED";
  readonly category: ErrorCategory = "unavailable";
  constructor(path: string, reason: string, cause?: unknown) {
    super(`'${path}' was not written: ${reason}`, { hint: "Name a file in a writable folder of a local disk, and run the command again.", cause });
  }
}

/** A destructive write was not consented to (§7.2). */
export class ConsentRequiredError extends OmniError {
  readonly code = "CONSENT_REQUIRED";
  readonly category: ErrorCategory = "invalid";
  constructor(command: string, target: string) {
    super(`'${command}' would destroy data in ${target} and was not confirmed`, { hint: "Pass --yes to consent." });
  }
}

/** An approval says who gave it, and nobody did (cluster.md §9.1). */
export class ApproverRequiredError extends OmniError {
  readonly code = "APPROVER_REQUIRED";
  readonly category: ErrorCategory = "invalid";
  constructor() {
    super("an approval records who gave it, and no actor is given", { hint: "Pass --as ACTOR, or set 'operator.actor' in the operator configuration." });
  }
}

/** Some datasets have drifted in a way that the given flags do not allow to publish (MT-43). The report was printed. */
export class RepairRefusedError extends OmniError {
  readonly code = "REPAIR_REFUSED";
  readonly category: ErrorCategory = "conflict";
  constructor(typeKeys: readonly string[], force: boolean) {
    super(`repair left ${typeKeys.join(", ")} as it is`, {
      hint: force ? "Export the graph and load it into a new one; its published state is intact." : "Find out who wrote there; --confirm --force publishes it nevertheless.",
    });
  }
}

/** Stored queries do not fit a schema: they cannot be listed with their parameters, or the schema is not applied. */
export class StoredQueriesBrokenError extends OmniError {
  readonly code = "STORED_QUERIES_BROKEN";
  readonly category: ErrorCategory = "invalid";
  constructor(names: readonly string[], schema = "the schema of their graph") {
    super(`stored queries do not fit ${schema}: ${names.join(", ")}`, { hint: "'omnigraph queries validate' says what is wrong with each." });
  }
}

/** A policy has to be chosen, or there is none where one was looked for (§10.21). */
export class PolicySelectionError extends OmniError {
  readonly code = "POLICY_SELECTION";
  readonly category: ErrorCategory = "invalid";
  constructor(message: string, hint: string) {
    super(message, { hint });
  }
}

/** A page that should go on with the changes of one commit has those of another (§10.11). What was printed so far stays printed. */
export class DivergentPageError extends OmniError {
  readonly code = "DIVERGENT_PAGE";
  readonly category: ErrorCategory = "internal";
  constructor(expected: string, found: string) {
    super(`a page of the changes of commit ${expected} has those of commit ${found}`, { hint: "Run the command again; what was printed is incomplete." });
  }
}

/** A stored query was named where only inline and file sources exist (§10.1). */
export class StoredQueryUnavailableError extends OmniError {
  readonly code = "STORED_QUERY_UNAVAILABLE";
  readonly category: ErrorCategory = "invalid";
  constructor(name: string) {
    super(`'${name}' names a stored query, and a graph opened from its storage has none`, {
      hint: "Pass the query text with --query FILE or -e 'query …'.",
    });
  }
}
