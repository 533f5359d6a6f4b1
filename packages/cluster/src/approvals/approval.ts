import { prettyJson } from "@omnigraphdb/common";
import { type JsonMembers, readOneOf, readText } from "../storage/json-shape.js";

export const APPROVAL_VERSION = 1;

/** Permission for one irreversible change, bound to exactly what was approved (cluster.md §9). */
export interface Approval {
  /** ULID, also the file name. */
  readonly approvalId: string;
  /** Address. */
  readonly resource: string;
  readonly operation: "create" | "update" | "delete";
  /** Why the change is gated. */
  readonly reason: string;
  readonly boundConfigDigest: string;
  readonly boundBeforeDigest: string | null;
  /** Null for a delete. */
  readonly boundAfterDigest: string | null;
  readonly approvedBy: string;
  /** RFC 3339 UTC. */
  readonly createdAt: string;
  /** Null until used. */
  readonly consumedAt: string | null;
  /** Id of the operation that used it. */
  readonly consumedByOperation: string | null;
}

/** The members after `schema_version`. @throws JsonShapeError, also for a member that is not known */
export function readApproval(members: JsonMembers): Approval {
  const nullable = (name: string): string | null => members.optional(name, readText) ?? null;
  const approval: Approval = {
    approvalId: members.required("approval_id", readText),
    resource: members.required("resource", readText),
    operation: members.required("operation", readOneOf("create", "update", "delete")),
    reason: members.required("reason", readText),
    boundConfigDigest: members.required("bound_config_digest", readText),
    boundBeforeDigest: nullable("bound_before_digest"),
    boundAfterDigest: nullable("bound_after_digest"),
    approvedBy: members.required("approved_by", readText),
    createdAt: members.required("created_at", readText),
    consumedAt: nullable("consumed_at"),
    consumedByOperation: nullable("consumed_by_operation"),
  };
  members.end();
  return approval;
}

export function encodeApproval(approval: Approval): string {
  return `${prettyJson({
    schema_version: APPROVAL_VERSION,
    approval_id: approval.approvalId,
    resource: approval.resource,
    operation: approval.operation,
    reason: approval.reason,
    bound_config_digest: approval.boundConfigDigest,
    bound_before_digest: approval.boundBeforeDigest,
    bound_after_digest: approval.boundAfterDigest,
    approved_by: approval.approvedBy,
    created_at: approval.createdAt,
    consumed_at: approval.consumedAt,
    consumed_by_operation: approval.consumedByOperation,
  })}\n`;
}
