// Embeds the file argv[2] into argv[3] with the mock and prints a line per portion. Made to be killed in between.
import { createEmbedder, embedFile, readEmbedSpec } from "@omnigraphdb/embeddings";

const [input = "", output = ""] = process.argv.slice(2);
const mock = createEmbedder({ provider: "mock", model: "demo" });

const summary = await embedFile(
  { input, output, spec: readEmbedSpec({ dimension: 8, types: { Doc: { target: "vec", fields: ["title"] } } }, "spec"), mode: "fill_missing", selection: { types: [], selectors: [] } },
  {
    embedder: () => ({
      provider: mock.provider,
      model: mock.model,
      async embed(texts, options) {
        process.stdout.write(`embedding ${texts.length}\n`);
        await new Promise((resolve) => setTimeout(resolve, 5));
        return mock.embed(texts, options);
      },
    }),
  },
);
process.stdout.write(`${JSON.stringify(summary)}\n`);
