import { CancelledError } from "@omnigraphdb/common";
import { describe, expect, test } from "vitest";
import { classifyNativeError } from "./classify-error.js";

const LOCATION = ", /build/registry/lance-12.0.0/src/dataset.rs:752:44";

describe("meaning of native failures (ST-22)", () => {
  test.each([
    [`Table 'x' was not found  Caused by: Dataset at path home/me/g/x.lance was not found${LOCATION}`, "NotFound"],
    [`Table 'x' already exists${LOCATION}`, "Precondition"],
    [`lance error: Retryable commit conflict for version 5: preempted by concurrent transaction${LOCATION}`, "Transient"],
    [`lance error: Incompatible transaction: This Append transaction is incompatible with concurrent transaction Restore${LOCATION}`, "Precondition"],
    [`lance error: IO error: Permission denied (os error 13)${LOCATION}`, "Permanent"],
    [`lance error: Generic S3 error: error sending request for url (http://127.0.0.1:1/b)${LOCATION}`, "Transient"],
    ["something never seen before", "Unknown"],
  ])("%s", (message, kind) => {
    const error = classifyNativeError(new Error(message), { action: "read a dataset" });
    expect(error).toMatchObject({ code: "STORAGE", kind, effects: "none", retryable: false });
    expect(error.message).toMatch(/^cannot read a dataset: /);
    expect(error.message).not.toMatch(/registry|home\/me/);
  });

  test("a failed request is told by its core, not by a dump of the native library", () => {
    const refused =
      'Invalid input, IO { source: Generic { store: "S3", source: ListRequest { source: RetryError(RetryErrorImpl { method: GET, uri: Some(http://127.0.0.1:9/?prefix=g), retries: 3, ' +
      'inner: Http(HttpError { kind: Connect, source: ConnectError("tcp connect error", Os { code: 111, kind: ConnectionRefused, message: "Connection refused" }) }) }) } } }';
    expect(classifyNativeError(new Error(refused), { action: "reach the storage" }).message).toBe(
      "cannot reach the storage: the object store did not answer as it should: Connection refused",
    );
    const denied = "RetryErrorImpl { inner: Status { status: 403, body: Some(<Error><Code>AccessDenied</Code></Error>) } }";
    expect(classifyNativeError(new Error(denied), { action: "reach the storage" })).toMatchObject({
      kind: "Permanent",
      message: "cannot reach the storage: the object store did not answer as it should: status 403 AccessDenied",
    });
  });

  test("missing credentials are told as such, with what to set", () => {
    const native =
      'Invalid input, Failed to connect to namespace: IO { source: Generic { store: "N/A", source: IO { source: "Failed to get AWS credentials: ' +
      'CredentialsNotLoaded(CredentialsNotLoaded { source: Some(\\"no providers in chain provided credentials\\") })", location: Location { file: "/a/b/c.rs", line: 558 } } } }';
    expect(classifyNativeError(new Error(native), { action: "reach the storage" })).toMatchObject({
      kind: "Configuration",
      message: "cannot reach the storage: no credentials for the object store were found: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
      hint: "Correct the storage address or its settings.",
    });
  });

  test("SUB-13 a missing version is reclaimed history only for a reader that pinned one", () => {
    const native = new Error(`lance error: Dataset at path tmp/g/t.lance/_versions/9.manifest was not found${LOCATION}`);
    expect(classifyNativeError(native, { action: "open", version: 9 })).toMatchObject({ code: "HISTORICAL_VERSION_RECLAIMED", publishedVersion: 9, category: "gone" });
    expect(classifyNativeError(native, { action: "open" })).toMatchObject({ code: "STORAGE" });
  });

  test("our own errors pass through; the cause stays attached; writes may have had effects", () => {
    const own = new CancelledError("the scan");
    expect(classifyNativeError(own, { action: "read" })).toBe(own);
    const native = new Error("reset");
    expect(classifyNativeError(native, { action: "write", effects: "possible" })).toMatchObject({ cause: native, effects: "possible" });
  });
});
