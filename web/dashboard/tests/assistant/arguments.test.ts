// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { readArguments } from '../../src/pages/assistant/arguments';
import { newRow } from '../../src/pages/assistant/parameters';

const rows = [
  newRow('text'), { ...newRow('whole'), type: 'integer' as const }, { ...newRow('number'), type: 'number' as const }, { ...newRow('yes'), type: 'boolean' as const }, { ...newRow('other'), type: null },
];

it('reads each by its type; what is empty is not given', () => {
  expect(readArguments(rows, { text: '007', whole: '3', number: '-1.5', yes: 'false', other: '["a"]', unknown: 'x' })).toEqual({
    value: { text: '007', whole: 3, number: -1.5, yes: false, other: ['a'] }, problems: [],
  });
  expect(readArguments(rows, { text: '', whole: '' })).toEqual({ value: {}, problems: [] });
});

it('sends what is wrong by the schema, and names what cannot be sent', () => {
  expect(readArguments(rows, { whole: '1.5' }).value).toEqual({ whole: 1.5 });
  expect(readArguments(rows, { whole: 'many', number: ' ', other: '{a}' })).toEqual({
    value: {}, problems: [{ name: 'whole', message: '“many” is not a number.' }, { name: 'number', message: '“ ” is not a number.' }, { name: 'other', message: 'This is not JSON: text stands in double quotes.' }],
  });
});
