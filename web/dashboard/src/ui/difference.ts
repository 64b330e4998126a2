// SPDX-License-Identifier: Apache-2.0
export interface Change {
  /** JSON pointer of the smallest member that differs. */
  pointer: string;
  /** undefined: was not there, or is not there any more. */
  before: unknown;
  after: unknown;
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
const escape = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1');

/** What differs between two JSON values, in the order in which they name it. Lists of plain values are one change. */
export function differenceOf(before: unknown, after: unknown, pointer = ''): Change[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  if (isObject(before) && isObject(after))
    return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((name) => differenceOf(before[name], after[name], `${pointer}/${escape(name)}`));
  if (Array.isArray(before) && Array.isArray(after) && [...before, ...after].every(isObject))
    return Array.from({ length: Math.max(before.length, after.length) }, (_, at) => differenceOf(before[at], after[at], `${pointer}/${at}`)).flat();
  return [{ pointer, before, after }];
}

/** A value in a table's cell: text as it is, the rest as JSON. */
export const inWords = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value, null, 1));
