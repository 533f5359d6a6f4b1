export { describeObjectStore, type ObjectStoreFixture } from "./contracts/object-store.contract.js";
export { FaultyObjectStore, type ObjectCall, type ObjectFault, type ObjectOperation } from "./stores/faulty-object-store.js";
export { type GraphStorageHooks, hookGraphStorage } from "./stores/faulty-graph-storage.js";
export { MemoryObjectStore } from "./stores/memory-object-store.js";
export { batchSource, columnOf, valuesOf } from "./row-batches.js";
