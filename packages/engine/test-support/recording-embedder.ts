import type { Embedder, EmbedOptions } from "@omnigraphdb/common";

/** An embedder without a network that notes what it was asked for. */
export class RecordingEmbedder implements Embedder {
  readonly provider = "recording";
  readonly model: string;
  readonly calls: { readonly texts: readonly string[]; readonly options: EmbedOptions }[] = [];
  /** Called before each answer; what it throws is the answer. */
  onCall: (texts: readonly string[], options: EmbedOptions) => void | Promise<void> = () => undefined;

  constructor(model = "recorded") {
    this.model = model;
  }

  get texts(): readonly string[] {
    return this.calls.flatMap((call) => call.texts);
  }

  async embed(texts: readonly string[], options: EmbedOptions): Promise<readonly (readonly number[])[]> {
    this.calls.push({ texts, options });
    await this.onCall(texts, options);
    return texts.map((text) => recordedVector(text, options.dimension));
  }
}

/** Of length one: everything in the component that the length of the text names. */
export function recordedVector(text: string, dimension: number): readonly number[] {
  return Array.from({ length: dimension }, (_, i) => (i === text.length % dimension ? 1 : 0));
}
