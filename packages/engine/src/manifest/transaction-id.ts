const UNDO_SEPARATOR = ":undo:";

/** Transaction id of a commit that undoes an operation; `attemptId` keeps repeated undoings apart. */
export function undoTxId(operationId: string, attemptId: string): string {
  return `${operationId}${UNDO_SEPARATOR}${attemptId}`;
}

/** The operation that a commit's transaction id belongs to. */
export function operationOfTx(txId: string): string {
  const separator = txId.indexOf(UNDO_SEPARATOR);
  return separator < 0 ? txId : txId.slice(0, separator);
}
