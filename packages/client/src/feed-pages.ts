import type { ChangeFeedPage, ChangesOptions, CommitChangesOptions, CommitChangesPage } from "@omnigraphdb/api-types";
import type { CallOptions, GraphClient } from "./graph-client.js";

/** All pages of one poll. Only the last one has `cursor`: store it together with what was made of the blocks. */
export async function* feedPages(client: GraphClient, options: ChangesOptions & CallOptions): AsyncGenerator<ChangeFeedPage> {
  const { start: _start, cursor: _cursor, pageToken: _pageToken, ...rest } = options;
  let page = await client.changes(options);
  yield page;
  while (page.nextPageToken !== undefined) {
    page = await client.changes({ ...rest, pageToken: page.nextPageToken });
    yield page;
  }
}

/** All pages of the changes of one commit. */
export async function* commitChangePages(client: GraphClient, graphCommitId: string, options: CommitChangesOptions & CallOptions): AsyncGenerator<CommitChangesPage> {
  let page = await client.commitChanges(graphCommitId, options);
  yield page;
  while (page.nextPageToken !== undefined) {
    page = await client.commitChanges(graphCommitId, { ...options, pageToken: page.nextPageToken });
    yield page;
  }
}
