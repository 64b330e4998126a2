// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { lineOf, linesByPointer } from '../../src/pages/assistant/places';

const text = `{
  "name": "a \\" , } b",
  "parameters": {
    "properties": { "x": { "minimum": -1.5e3 },
      "a/b~": [true, null,
        {"deep": []}] }
  },
  "empty": {}
}`;

it('finds each place’s line', () => {
  const lines = linesByPointer(text);
  expect(Object.fromEntries(lines ?? [])).toEqual({
    '': 1, '/name': 2, '/parameters': 3, '/parameters/properties': 4, '/parameters/properties/x': 4, '/parameters/properties/x/minimum': 4,
    '/parameters/properties/a~1b~0': 5, '/parameters/properties/a~1b~0/0': 5, '/parameters/properties/a~1b~0/1': 5, '/parameters/properties/a~1b~0/2': 6, '/parameters/properties/a~1b~0/2/deep': 6, '/empty': 8,
  });
});

it('what is not there is shown where it would stand', () => {
  const lines = linesByPointer(text) ?? new Map<string, number>();
  expect(lineOf(lines, '/parameters/type')).toBe(3);
  expect(lineOf(lines, '/url')).toBe(1);
  expect(lineOf(lines, '/parameters/properties/a~1b~0/2')).toBe(6);
});

it('text that is no JSON has no lines; a single value has one', () => {
  expect(linesByPointer('{"a":')).toBeUndefined();
  expect(Object.fromEntries(linesByPointer(' \n 5 ') ?? [])).toEqual({ '': 2 });
});
