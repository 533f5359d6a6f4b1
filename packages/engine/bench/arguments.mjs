/** `--name value` and `--flag` pairs; anything else is collected under `_`. */
export function parseArguments(argv) {
  const parsed = { _: [] };
  for (let i = 0; i < argv.length; i++) {
    const name = /^--([a-z-]+)$/.exec(argv[i])?.[1];
    if (name === undefined) parsed._.push(argv[i]);
    else if (argv[i + 1] !== undefined && !argv[i + 1].startsWith("--")) parsed[name] = argv[++i];
    else parsed[name] = true;
  }
  return parsed;
}
