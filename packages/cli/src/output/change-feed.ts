import type { ChangeBlock } from "@omnigraphdb/api-types";
import { type ChangeRenderer, JsonBlock, TextBlock } from "./changes.js";

/** Puts the pages of a poll together: a commit that is spread over several is one block (§10.12). */
abstract class FeedPrinter {
  protected readonly block: ChangeRenderer;
  #open: string | undefined;

  constructor(block: ChangeRenderer) {
    this.block = block;
  }

  *blocks(blocks: readonly ChangeBlock[]): Iterable<string> {
    for (const { cause, changes } of blocks) {
      if (cause.graphCommitId !== this.#open) {
        yield this.#open === undefined ? this.first() : this.between();
        yield this.block.begin(cause);
        this.#open = cause.graphCommitId;
      }
      for (const change of changes) yield this.block.change(change);
    }
  }

  get hasBlocks(): boolean {
    return this.#open !== undefined;
  }

  protected abstract first(): string;
  protected abstract between(): string;
}

/** The document of §10.12. */
export class JsonFeed extends FeedPrinter {
  constructor() {
    super(new JsonBlock("      "));
  }

  start(): string {
    return `{\n  "blocks": [`;
  }

  end(cursor: string, isCaughtUp: boolean): string {
    const blocks = this.hasBlocks ? `${this.block.end()}\n    }\n  ]` : "]";
    return `${blocks},\n  "cursor": ${JSON.stringify(cursor)},\n  "caught_up": ${String(isCaughtUp)}\n}\n`;
  }

  protected first(): string {
    return "\n    ";
  }

  protected between(): string {
    return `${this.block.end()}\n    },\n    `;
  }
}

/** For a person. */
export class TextFeed extends FeedPrinter {
  constructor() {
    super(new TextBlock());
  }

  start(): string {
    return "";
  }

  end(cursor: string, isCaughtUp: boolean): string {
    return `${this.hasBlocks ? "\n" : ""}cursor: ${cursor}\ncaught_up: ${String(isCaughtUp)}\n`;
  }

  protected first(): string {
    return "";
  }

  protected between(): string {
    return "\n";
  }
}
