// SPDX-License-Identifier: Apache-2.0
/** Where in a JSON text a place stands that a JSON pointer names: what the server refuses is shown at its line. */
import { pointerTo } from './json';

/** Lines by pointer, counted from 1: a member's is that of its name. Undefined where the text is no JSON. */
export function linesByPointer(text: string): Map<string, number> | undefined {
  try {
    JSON.parse(text);
  } catch {
    return undefined;
  }
  const lines = new Map<string, number>();
  let at = 0;
  let line = 1;
  const space = (): void => {
    for (; /\s/.test(text[at] ?? ''); at++) if (text[at] === '\n') line++;
  };
  /** A string or a word; the text is JSON, so that it ends. */
  const scalar = (): string => {
    const found = /"(?:[^"\\]|\\.)*"|[^\s,\]}:]+/y;
    found.lastIndex = at;
    const token = found.exec(text)?.[0] ?? '';
    at += token.length || 1;
    return token;
  };
  const value = (pointer: string, named: number): void => {
    space();
    lines.set(pointer, named || line);
    if (text[at] !== '{' && text[at] !== '[') return void scalar();
    const isList = text[at++] === '[';
    for (let count = 0; ; count++) {
      space();
      if (text[at] === ',') {
        at++;
        space();
      }
      if (at >= text.length || text[at] === ']' || text[at] === '}') return void at++;
      if (isList) {
        value(pointerTo(pointer, count), 0);
        continue;
      }
      const from = line;
      const name = JSON.parse(scalar()) as string;
      space();
      at++; // the colon
      value(pointerTo(pointer, name), from);
    }
  };
  value('', 0);
  return lines;
}

/** The line of a place, or of the nearest that stands around it (what is missing has no line of its own). */
export function lineOf(lines: ReadonlyMap<string, number>, pointer: string): number {
  for (let one = pointer; one !== ''; one = one.slice(0, one.lastIndexOf('/'))) {
    const line = lines.get(one);
    if (line !== undefined) return line;
  }
  return lines.get('') ?? 1;
}
