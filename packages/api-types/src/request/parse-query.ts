import { RequestParameterError } from "../errors/request-errors.js";
import type { QueryParameter, Route } from "../routes/route.js";

type Values = Readonly<Record<string, unknown>>;

/** Repeatable parameters become lists, empty when absent. @throws RequestParameterError (1.5.3, 1.5.4, 18.2) */
export function parseQuery({ query, isStrictQuery }: Route, given: URLSearchParams): Values {
  if (query.length === 0 && !isStrictQuery) return {};
  if (isStrictQuery) refuseUnknown(query, given);
  return Object.fromEntries(
    query.flatMap((parameter) => {
      const values = given.getAll(parameter.name);
      if (parameter.isRepeatable === true) return [[parameter.name, values.map((value) => valueOf(parameter, value))]];
      const [value] = values;
      if (values.length > 1) throw new RequestParameterError(parameter.name, `parameter '${parameter.name}' is given more than once`);
      if (value !== undefined) return [[parameter.name, valueOf(parameter, value)]];
      if (parameter.isRequired === true) throw new RequestParameterError(parameter.name, `parameter '${parameter.name}' is required`);
      return [];
    }),
  );
}

function refuseUnknown(query: readonly QueryParameter[], given: URLSearchParams): void {
  const known = new Set(query.map(({ name }) => name));
  for (const name of given.keys()) {
    if (!known.has(name)) throw new RequestParameterError(name, `unknown parameter '${name}'`, `The parameters are ${[...known].join(", ")}.`);
  }
}

function valueOf({ name, kind, choices }: QueryParameter, text: string): unknown {
  if (choices !== undefined && !choices.includes(text)) throw refusal(name, text, `one of ${choices.join(", ")}`);
  if (kind === "text") return text;
  if (kind === "flag") {
    if (text !== "true" && text !== "false") throw refusal(name, text, "true or false");
    return text === "true";
  }
  const count = Number(text);
  if (!/^[0-9]+$/.test(text) || !Number.isSafeInteger(count)) throw refusal(name, text, "a whole number");
  return count;
}

const SHOWN_LENGTH_MAX = 100;

function refusal(name: string, text: string, expected: string): RequestParameterError {
  const shown = text.length > SHOWN_LENGTH_MAX ? `${text.slice(0, SHOWN_LENGTH_MAX)}…` : text;
  return new RequestParameterError(name, `parameter '${name}' is '${shown}'; expected ${expected}`);
}
