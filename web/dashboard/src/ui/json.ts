// SPDX-License-Identifier: Apache-2.0
export interface JsonProblem {
  line: number;
  column: number;
  message: string;
}

/** Where text stops being JSON, or null. */
export function jsonProblem(text: string): JsonProblem | null {
  try {
    JSON.parse(text);
    return null;
  } catch (error) {
    const said = (error as SyntaxError).message;
    const at = /position (\d+)/.exec(said)?.[1];
    const position = at === undefined ? text.trimEnd().length : Number(at);
    const before = text.slice(0, position).split('\n');
    const sign = text[position];
    const message = sign === undefined || position >= text.trimEnd().length ? 'The text ends before the JSON does.' : `“${sign}” does not belong here.`;
    return { line: before.length, column: before.at(-1)!.length + 1, message };
  }
}

/** The value that text holds, or undefined where it is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
