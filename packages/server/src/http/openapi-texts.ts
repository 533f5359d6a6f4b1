import { openApiDocument, stringifyJson } from "@omnigraphdb/api-types";
import type { ServingState } from "../serving/serving-state.js";

/** The OpenAPI documents of one process, each made once: whoever asks needs no token. */
export class OpenApiTexts {
  readonly #version: string;
  readonly #texts = new Map<string, string>();

  constructor(version: string) {
    this.#version = version;
  }

  /** The document of what is served (http-api 21.4). */
  textFor({ runtimeState, mode }: Pick<ServingState, "runtimeState" | "mode">): string {
    const shape = { isOpen: runtimeState === "open", isFlat: mode === "single" };
    const key = `${shape.isOpen} ${shape.isFlat}`;
    let text = this.#texts.get(key);
    if (text === undefined) {
      text = stringifyJson(openApiDocument({ version: this.#version, ...shape }));
      this.#texts.set(key, text);
    }
    return text;
  }
}
