import { isOmniError } from "@omnigraphdb/common";
import { type ClusterDiagnostic, diagnostic } from "../diagnostics/cluster-diagnostic.js";
import { inTurns } from "../in-turns.js";
import { JsonMembers, JsonShapeError, readCount } from "../storage/json-shape.js";
import type { ApprovalRecord, Ledger } from "../ledger/ledger.js";
import { parseStrictJson } from "../ledger/strict-json.js";
import type { ClusterStore } from "../storage/cluster-store.js";
import { shownLocation } from "../storage/shown-location.js";
import { type Approval, APPROVAL_VERSION, encodeApproval, readApproval } from "./approval.js";

/** Approvals are never deleted, so there may be many. */
const READS_AT_ONCE = 16;

export interface Approvals {
  /** Ascending by id; with what the ledger knows of their consumption. */
  readonly approvals: readonly Approval[];
  /** `approval_read_error`, `invalid_approval_artifact`, `unsupported_approval_version`: such artifacts authorise nothing (cluster.md 9.4). */
  readonly diagnostics: readonly ClusterDiagnostic[];
}

/** @param ledger undefined: there is none. It decides what is consumed: the artifacts follow it (cluster.md 9.3). */
export async function readApprovals(store: ClusterStore, ledger: Ledger | undefined): Promise<Approvals> {
  const { objects, layout } = store;
  let files: readonly string[];
  try {
    files = (await objects.listDir(layout.approvalsDirectory)).filter((uri) => uri.endsWith(".json")).sort();
  } catch (error) {
    if (!isOmniError(error)) throw error;
    const path = shownLocation(layout.approvalsDirectory);
    return { approvals: [], diagnostics: [diagnostic("approval_read_error", path, `approvals cannot be listed, so none counts: ${error.message}. Check the storage and the credentials.`)] };
  }
  const read = (await inTurns(files, READS_AT_ONCE, (uri) => readOne(store, uri))).filter((each) => each !== undefined);
  return {
    approvals: read.filter((each): each is Approval => "approvalId" in each).map((approval) => withRecord(approval, ledger?.approvals.get(approval.approvalId))),
    diagnostics: read.filter((each): each is ClusterDiagnostic => "severity" in each),
  };
}

function withRecord(approval: Approval, record: ApprovalRecord | undefined): Approval {
  return record === undefined ? approval : { ...approval, consumedAt: record.consumed_at, consumedByOperation: record.consumed_by_operation };
}

/** @returns undefined for one that was removed meanwhile */
async function readOne({ objects, layout }: ClusterStore, uri: string): Promise<Approval | ClusterDiagnostic | undefined> {
  const path = shownLocation(uri);
  let text: string | null;
  try {
    text = await objects.readTextIfExists(uri);
  } catch (error) {
    if (!isOmniError(error)) throw error;
    return diagnostic("approval_read_error", path, `the approval cannot be read, so it does not count: ${error.message}. Check the storage and the credentials.`);
  }
  if (text === null) return undefined;
  const approval = parseApproval(text, path);
  if (!("approvalId" in approval) || layout.approval(fileSafe(approval.approvalId)) === uri) return approval;
  return diagnostic("invalid_approval_artifact", path, `the approval says that its id is '${approval.approvalId}', its file says otherwise, so it does not count. Approve again.`);
}

/** An id that is no plain name names no file. */
function fileSafe(approvalId: string): string {
  return /^\w+$/.test(approvalId) ? approvalId : "-";
}

function parseApproval(text: string, path: string): Approval | ClusterDiagnostic {
  try {
    const members = new JsonMembers(parseStrictJson(text));
    const version = members.required("schema_version", readCount);
    if (version !== APPROVAL_VERSION) {
      return diagnostic("unsupported_approval_version", path, `the approval has version ${version}, this program reads ${APPROVAL_VERSION}, so it does not count. Use the program that wrote it, or approve again.`);
    }
    return readApproval(members);
  } catch (error) {
    if (!(error instanceof JsonShapeError || error instanceof SyntaxError)) throw error;
    const problem = error instanceof JsonShapeError ? error.message : "it is not JSON";
    return diagnostic("invalid_approval_artifact", path, `the approval is malformed, so it does not count: ${problem}. Approve again.`);
  }
}

/** Writes a new artifact. @returns `approval_write_error`, or undefined when it is stored */
export async function writeApproval({ objects, layout }: ClusterStore, approval: Approval): Promise<ClusterDiagnostic | undefined> {
  const uri = layout.approval(approval.approvalId);
  const refuse = (reason: string): ClusterDiagnostic => diagnostic("approval_write_error", shownLocation(uri), `the approval could not be written: ${reason}. Check the storage, then approve again.`);
  const text = encodeApproval(approval);
  try {
    // An answer that got lost is looked up.
    if ((await objects.writeTextIfAbsent(uri, text)) || (await objects.readTextIfExists(uri)) === text) return undefined;
    return refuse("there is another one of that id");
  } catch (error) {
    if (!isOmniError(error)) throw error;
    return refuse(error.message);
  }
}

/**
 * Notes in the artifact what the ledger already says (cluster.md 9.3). Repeating it changes nothing.
 *
 * @returns a warning when it could not be noted: the ledger counts, so the approval is used up all the same
 */
export async function markConsumed({ objects, layout }: ClusterStore, approvalId: string, record: ApprovalRecord): Promise<ClusterDiagnostic | undefined> {
  const uri = layout.approval(approvalId);
  const path = shownLocation(uri);
  const warn = (reason: string): ClusterDiagnostic =>
    diagnostic("approval_write_error", path, `the approval is used up, as the ledger says, but that could not be noted in it: ${reason}. Nothing needs to be done.`, { severity: "warning" });
  try {
    const found = await objects.readVersioned(uri);
    if (found === null) return warn("it is gone");
    const approval = parseApproval(found.text, path);
    if (!("approvalId" in approval)) return warn(approval.message);
    if (approval.consumedAt !== null) return undefined;
    const text = encodeApproval({ ...approval, consumedAt: record.consumed_at, consumedByOperation: record.consumed_by_operation });
    return (await objects.replaceIfVersion(uri, text, found.version)) ? undefined : warn("somebody else changed it");
  } catch (error) {
    if (!isOmniError(error)) throw error;
    return warn(error.message);
  }
}
