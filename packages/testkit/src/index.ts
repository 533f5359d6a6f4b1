export { bundleScript } from "./bundle-script.js";
export { copyFolder } from "./copy-folder.js";
export { makeScratchDir, makeTempDir, type TempDir } from "./temp-dir.js";
export { type ProcessOptions, type ProcessResult, type RunningProcess, runProcess, startProcess } from "./process-harness.js";
export { type S3Fault, type S3FaultHook, type S3Request, type S3TestServer, startS3Server } from "./s3-server.js";
export { type EmbeddingFault, type EmbeddingFaultHook, type EmbeddingRequest, type EmbeddingTestServer, servedVector, startEmbeddingServer } from "./embedding-server.js";
