// SPDX-License-Identifier: Apache-2.0
export interface JsonProblem {
  line: number;
  column: number;
  message: string;
}

const space = /[ \t\n\r]*/y;
const scalar = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
const text = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;

/** Where a text stops being JSON; the browsers' own words for it differ, and some name no place. */
function breakOf(source: string): number {
  let at = 0;
  const take = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    const found = pattern.exec(source);
    if (found) at = pattern.lastIndex;
    return found !== null;
  };
  const sign = (wanted: string): boolean => {
    take(space);
    if (source[at] !== wanted) return false;
    at++;
    return true;
  };
  /** What stands between two brackets, separated by commas. */
  const members = (close: string, member: () => boolean): boolean => {
    if (sign(close)) return true;
    do if (!member()) return false;
    while (sign(','));
    return sign(close);
  };
  const value = (): boolean => {
    take(space);
    if (sign('{')) return members('}', () => (take(space), take(text)) && sign(':') && value());
    if (sign('[')) return members(']', value);
    return take(scalar);
  };
  if (value()) take(space);
  return at;
}

/** Where text stops being JSON, or null. */
export function jsonProblem(source: string): JsonProblem | null {
  if (parseJson(source) !== undefined) return null;
  const position = breakOf(source);
  const before = source.slice(0, position).split('\n');
  const isAtEnd = source.slice(position).trim() === '';
  return { line: before.length, column: before.at(-1)!.length + 1, message: isAtEnd ? 'The text ends before the JSON does.' : `“${source[position]}” does not belong here.` };
}

/** The value that text holds, or undefined where it is no JSON. */
export function parseJson(source: string): unknown {
  try {
    return JSON.parse(source) as unknown;
  } catch {
    return undefined;
  }
}
