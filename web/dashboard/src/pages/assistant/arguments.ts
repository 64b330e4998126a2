// SPDX-License-Identifier: Apache-2.0
/** What somebody types into the fields of "try it", as the arguments that a model would send. */
import type { Json, JsonObject } from './json';
import type { ParameterRow } from './parameters';

/** By parameter: text as typed; for what only JSON can say, JSON. Empty: not given. */
export type Typed = Readonly<Record<string, string>>;

export interface ArgumentProblem {
  name: string;
  message: string;
}

/** Arguments go to the server as they are, right or wrong: it is the schema there that judges. What is no number or no JSON cannot be sent at all. */
export function readArguments(rows: readonly ParameterRow[], typed: Typed): { value: JsonObject; problems: ArgumentProblem[] } {
  const problems: ArgumentProblem[] = [];
  const value: JsonObject = {};
  for (const { name, type } of rows) {
    const text = typed[name] ?? '';
    if (text === '') continue;
    const read = readOne(type, text);
    if ('message' in read) problems.push({ name, message: read.message });
    else value[name] = read.value;
  }
  return { value, problems };
}

function readOne(type: ParameterRow['type'], text: string): { value: Json } | { message: string } {
  if (type === 'string') return { value: text };
  if (type === 'boolean') return { value: text === 'true' };
  if (type === 'integer' || type === 'number') {
    const number = Number(text);
    return text.trim() !== '' && Number.isFinite(number) ? { value: number } : { message: `“${text}” is not a number.` };
  }
  try {
    return { value: JSON.parse(text) as Json };
  } catch {
    return { message: 'This is not JSON: text stands in double quotes.' };
  }
}
