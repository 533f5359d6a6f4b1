import { blobEntityKindSchema } from "../wire/entity.js";
import { TARGET } from "./parameters.js";
import { type Route, route } from "./route.js";

const blob = {
  path: "/blob",
  action: "read",
  query: [
    { name: "entity", kind: "text", choices: ["node", "edge"], schema: blobEntityKindSchema, isRequired: true, description: "Whether a node or an edge has the blob." },
    { name: "type", kind: "text", isRequired: true, description: "Name of its type." },
    { name: "id", kind: "text", isRequired: true, description: "Its id." },
    { name: "property", kind: "text", isRequired: true, description: "Property of type Blob." },
    ...TARGET,
  ],
  branchNames: ["branch"],
  tag: "blobs",
  example: { query: { entity: "node", type: "Document", id: "doc-1", property: "content" }, answer: "%PDF-1.7\n" },
} as const satisfies Partial<Route>;

export const getBlob: Route = route({
  ...blob,
  operationId: "getBlob",
  method: "GET",
  answer: { kind: "blob" },
  failures: [400, 403, 404, 409, 412, 416, 500, 503],
  summary: "The content of a blob",
  description: "Knows If-Match, If-None-Match, If-Range and one byte range.",
});

export const headBlob: Route = route({
  ...blob,
  operationId: "headBlob",
  method: "HEAD",
  answer: { kind: "head" },
  failures: [400, 403, 404, 409, 412, 500, 503],
  summary: "Length and entity tag of a blob",
});
