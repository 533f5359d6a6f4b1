import fc from "fast-check";

// A suite that passed passes again: properties draw the same cases every time. `FAST_CHECK_SEED=random` explores, and any number
// repeats the run that printed it.
const wanted = process.env["FAST_CHECK_SEED"];
if (wanted !== "random") fc.configureGlobal({ seed: Number(wanted ?? 20_261_121) });
