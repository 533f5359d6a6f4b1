/** What the engine returns is what the interface describes: checked by the compiler, in both directions where both can be read. */
import type * as api from "@omnigraphdb/api-types";
import type { ParameterDescriptor } from "@omnigraphdb/compiler";
import type * as engine from "@omnigraphdb/engine";
import { expectTypeOf, test } from "vitest";

test("results are the same types", () => {
  expectTypeOf<engine.GraphCommit>().toEqualTypeOf<api.GraphCommit>();
  expectTypeOf<engine.SnapshotInfo>().toEqualTypeOf<api.SnapshotInfo>();
  expectTypeOf<engine.MutationReceipt>().toEqualTypeOf<api.MutationReceipt>();
  expectTypeOf<engine.LoadReceipt>().toEqualTypeOf<api.LoadReceipt>();
  expectTypeOf<engine.LoadProgress>().toEqualTypeOf<api.LoadProgress>();
  expectTypeOf<engine.BranchCreated>().toEqualTypeOf<api.BranchCreated>();
  expectTypeOf<engine.BranchDeleted>().toEqualTypeOf<api.BranchDeleted>();
  expectTypeOf<engine.MergeReceipt>().toEqualTypeOf<api.MergeReceipt>();
  expectTypeOf<engine.MergeConflict>().toEqualTypeOf<api.MergeConflict>();
  expectTypeOf<engine.ChangeFeedPage>().toEqualTypeOf<api.ChangeFeedPage>();
  expectTypeOf<engine.CommitChangesPage>().toEqualTypeOf<api.CommitChangesPage>();
  expectTypeOf<engine.BaselineChunk>().toEqualTypeOf<api.BaselineChunk>();
  expectTypeOf<engine.GraphDiff>().toEqualTypeOf<api.GraphDiff>();
  expectTypeOf<engine.Explanation>().toEqualTypeOf<api.Explanation>();
  expectTypeOf<engine.BlobSelector>().toEqualTypeOf<api.BlobSelector>();
  expectTypeOf<engine.BlobReader>().toEqualTypeOf<api.BlobReader>();
  expectTypeOf<ParameterDescriptor>().toEqualTypeOf<api.ParamDescriptor>();
});

test("options of the interface are options of the engine", () => {
  expectTypeOf<api.ChangesOptions>().toExtend<engine.ChangesOptions>();
  expectTypeOf<api.CommitChangesOptions>().toExtend<engine.CommitChangesOptions>();
  expectTypeOf<api.BaselineOptions>().toExtend<engine.BaselineOptions>();
  expectTypeOf<api.DiffOptions>().toExtend<engine.DiffOptions>();
  expectTypeOf<api.ReadTarget>().toExtend<engine.ReadTarget>();
});

/** The steps of a migration are sent in the form of the schema specification, with a line for people. */
test("a schema receipt differs in its steps only", () => {
  expectTypeOf<Omit<engine.SchemaApplyReceipt, "steps">>().toEqualTypeOf<Omit<api.SchemaApplyReceipt, "steps">>();
});
