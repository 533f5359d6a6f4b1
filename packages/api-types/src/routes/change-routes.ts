import { changeBaselineRequestSchema, changeFeedOutputSchema, commitChangesOutputSchema } from "../wire/changes.js";
import { COMMIT_ID, CURSOR, PARENT_COMMIT_ID } from "./example-values.js";
import { BRANCH, CHANGE_PAGE } from "./parameters.js";
import { type Route, route } from "./route.js";

const CAUSE = { graph_commit_id: COMMIT_ID, parent_commit_id: PARENT_COMMIT_ID, authored_branch: "main", actor_id: "svc-billing", authored_at: 1_767_225_600_123_456 };

const CHANGE = {
  kind: "node",
  type: { id: "t-5f0c", name: "Invoice" },
  id: "inv-77",
  op: "update",
  before: { properties: { number: "77", paid: false } },
  after: { properties: { number: "77", paid: true } },
};

export const getCommitChanges: Route = route({
  operationId: "getCommitChanges",
  method: "GET",
  path: "/commits/{commit_id}/changes",
  action: "read",
  isStrictQuery: true,
  params: [{ name: "commit_id", description: "Id of a commit." }],
  query: CHANGE_PAGE,
  answer: { kind: "json", schema: commitChangesOutputSchema },
  failures: [400, 404, 409, 410, 413, 500, 503],
  isChangeRoute: true,
  tag: "changes",
  summary: "What a commit changed",
  description: "The difference to its first parent. Whoever may not read the branch it was made on gets the answer for a commit that does not exist.",
  example: { path: { commit_id: COMMIT_ID }, query: { kind: ["node"] }, answer: { cause: CAUSE, changes: [CHANGE] } },
});

export const pollChanges: Route = route({
  operationId: "pollChanges",
  method: "GET",
  path: "/changes",
  action: "read",
  isStrictQuery: true,
  query: [
    BRANCH,
    { name: "start", kind: "text", description: "now (default), beginning, or after: and a commit id." },
    { name: "cursor", kind: "text", description: "Resumes where an earlier poll ended." },
    ...CHANGE_PAGE,
  ],
  branchNames: ["branch"],
  answer: { kind: "json", schema: changeFeedOutputSchema },
  failures: [400, 403, 404, 409, 410, 413, 500, 503],
  isChangeRoute: true,
  tag: "changes",
  summary: "What the commits of a branch changed, oldest first",
  description: "At most one of start, cursor and page_token. The cursor of the last page is stored with what was made of the blocks, and given to the next poll.",
  example: { query: { cursor: CURSOR, kind: ["node"] }, answer: { blocks: [{ cause: CAUSE, changes: [CHANGE] }], cursor: CURSOR, caught_up: true } },
});

export const captureChangeBaseline: Route = route({
  operationId: "captureChangeBaseline",
  method: "POST",
  path: "/changes/baseline",
  action: "export",
  bodyKind: "json",
  body: changeBaselineRequestSchema,
  branchNames: ["branch"],
  answer: { kind: "ndjson", description: "Records as of an export, then one ChangeBaselineOutput. Without that last line it is incomplete." },
  failures: [400, 403, 404, 409, 410, 413, 415, 422, 500, 503],
  isChangeRoute: true,
  tag: "changes",
  summary: "All records of one commit, and where its feed begins",
  example: {
    body: { kind: ["node"] },
    answer: `{"type":"Account","data":{"id":"acc-1","name":"Nordlicht GmbH"}}\n{"baseline":{"snapshot_commit_id":"${COMMIT_ID}","resume_cursor":"${CURSOR}"}}\n`,
  },
});
