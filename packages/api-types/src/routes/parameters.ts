import { changeOpOutputSchema } from "../wire/changes.js";
import { entityKindOutputSchema } from "../wire/entity.js";
import type { QueryParameter } from "./route.js";

export type QueryParameterList = readonly QueryParameter[];

export const BRANCH: QueryParameter = { name: "branch", kind: "text", description: "Default main." };

export const TARGET: QueryParameterList = [
  { name: "branch", kind: "text", description: "Head to read; default main. Not together with snapshot." },
  { name: "snapshot", kind: "text", description: "Commit id, or another snapshot id that the server issued." },
];

export const CHANGE_FILTER: QueryParameterList = [
  { name: "kind", kind: "text", choices: ["node", "edge"], schema: entityKindOutputSchema, isRepeatable: true, description: "Only entities of this kind." },
  { name: "type", kind: "text", isRepeatable: true, description: "Only entities of this type; a name that no type has selects nothing." },
  { name: "op", kind: "text", choices: ["insert", "update", "delete"], schema: changeOpOutputSchema, isRepeatable: true, description: "Only changes of this kind." },
];

export const CHANGE_PAGE: QueryParameterList = [
  { name: "limit", kind: "count", description: "Changes per page; default 1000, at most 8192." },
  { name: "page_token", kind: "text", description: "Continues an answer, with the same filters." },
  ...CHANGE_FILTER,
];
