import { type CacheFiles, noCacheFiles } from "../cache/cache-files.js";
import { LocalCacheFiles } from "../cache/local-cache-files.js";
import { isS3Uri, localPathOf } from "../storage/uri.js";
import type { RootAccess } from "./root-access.js";

/** Derived state beside a graph on a local disk. On S3 there is none: reading it there costs what reading the datasets costs. */
export function openCacheFiles({ uri, layout, components, storage }: RootAccess, isWritable: boolean): CacheFiles {
  if (isS3Uri(uri)) return noCacheFiles;
  return new LocalCacheFiles(localPathOf(layout.cacheDirectory), {
    ids: components.ids,
    logger: components.logger,
    isWritable,
    fingerprint: ({ location, publishedVersion }) => storage.datasets.fingerprint(location, publishedVersion),
  });
}
