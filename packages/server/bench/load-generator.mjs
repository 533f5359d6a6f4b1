// Reads options of autocannon as JSON from its input, runs it, and prints the result as JSON.
import autocannon from "autocannon";

let text = "";
for await (const chunk of process.stdin) text += chunk;
process.stdout.write(JSON.stringify(await autocannon(JSON.parse(text))));
