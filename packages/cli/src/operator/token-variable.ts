/** The variable that may hold the token of an operator server (§7.2): upper case, `-` and `.` as `_` (O1). */
export function tokenVariable(serverName: string): string {
  return `${TOKEN_VARIABLE_PREFIX}${serverName.toUpperCase().replace(/[-.]/g, "_")}`;
}

export const TOKEN_VARIABLE_PREFIX = "OMNIGRAPH_TOKEN_";
