import { RequestParameterError } from "@omnigraphdb/api-types";
import type { PathParams } from "./route-matcher.js";

/** @throws RequestParameterError for text that is no percent-encoded UTF-8 */
export function pathParam(params: PathParams, name: string): string {
  const value = params[name];
  if (value === undefined) throw new RequestParameterError(name, `'${name}' in the path is not percent-encoded UTF-8`, "Encode it with encodeURIComponent.");
  return value;
}
