// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../src/pages/assistant/json';
import { emptySchema, hiddenKeywords, hiddenRules, newRow, parameterNames, type ParameterTable, readParameters, rowProblems, writeParameters } from '../../src/pages/assistant/parameters';

const read = (schema: Json): ParameterTable => {
  const table = readParameters(schema);
  if ('unreadable' in table) throw new Error(table.unreadable);
  return table;
};
const rowOf = (table: ParameterTable, name: string) => {
  const row = table.rows.find((one) => one.name === name);
  if (!row) throw new Error(`no row ${name}`);
  return row;
};

/** To the order of members: what nobody touched must look the same in version control. */
const same = (schema: JsonObject) => expect(JSON.stringify(writeParameters(read(schema)))).toBe(JSON.stringify(schema));

describe('a schema that nobody changes stays as it is', () => {
  it.each<[string, JsonObject]>([
    ['none', emptySchema],
    ['without properties', { type: 'object' }],
    ['plain', { type: 'object', properties: { account: { type: 'string', description: 'The number.' } }, required: ['account'], additionalProperties: false }],
    ['members in another order', { required: ['b', 'a'], properties: { a: { description: 'A', type: 'integer' }, b: { type: 'boolean' } }, $schema: 'https://json-schema.org/draft/2020-12/schema', type: 'object' }],
    ['bounds', { type: 'object', properties: { count: { type: 'integer', minimum: 1, maximum: 20, enum: [1, 5, 20] } } }],
    ['nested', { type: 'object', properties: { address: { type: 'object', properties: { city: { type: 'string' } } }, tags: { type: 'array', items: { type: 'string' } } } }],
    ['schemas that are no objects', { type: 'object', properties: { anything: true, nothing: false } }],
    ['several types, mixed values', { type: 'object', properties: { a: { type: ['string', 'null'] }, b: { enum: [1, 'x', null] }, c: { type: 'string', enum: ['x, y', ''] } } }],
    ['values of another type than the property', { type: 'object', properties: { a: { type: 'integer', enum: ['1'] }, b: { type: 'boolean', enum: [true] } } }],
    ['a description that is no text', { type: 'object', properties: { a: { type: 'string', description: 5 } } }],
    ['required names without a property', { type: 'object', properties: { a: { type: 'string' } }, required: ['ghost', 'a'] }],
    ['required: nothing', { type: 'object', properties: {}, required: [] }],
    ['rules across parameters', { type: 'object', properties: { a: {}, b: { $ref: '#/$defs/b' } }, allOf: [{ required: ['a'] }], $defs: { b: { type: 'string' } } }],
    ['odd names', { type: 'object', properties: { '': { type: 'string' }, 'a/b~c': { type: 'number' }, 'ä ö': {} } }],
  ])('%s', (_name, schema) => same(schema));
});

describe('what cannot be rows', () => {
  it.each<[Json]>([[true], [null], ['object'], [[]], [{}], [{ type: 'string' }], [{ type: 'object', properties: [] }], [{ type: 'object', required: 'a' }], [{ type: 'object', required: [1] }]])(
    '%j', (schema) => expect(readParameters(schema)).toEqual({ unreadable: expect.stringMatching(/./) }),
  );
});

describe('changes', () => {
  const schema: JsonObject = {
    type: 'object',
    properties: { count: { type: 'integer', minimum: 1, enum: [1, 2], description: 'How many.' }, note: { type: 'string', maxLength: 9 } },
    required: ['note'],
    additionalProperties: false,
  };

  it('are written over the rest, which stays', () => {
    const table = read(schema);
    Object.assign(rowOf(table, 'count'), { description: 'Number of rows.', isRequired: true, values: ['1', '2', '10'] });
    Object.assign(rowOf(table, 'note'), { name: 'remark', description: 'What to note.', isRequired: false });
    expect(writeParameters(table)).toEqual({
      type: 'object',
      properties: { count: { type: 'integer', minimum: 1, enum: [1, 2, 10], description: 'Number of rows.' }, remark: { type: 'string', maxLength: 9, description: 'What to note.' } },
      required: ['count'],
      additionalProperties: false,
    });
  });

  it('a renamed row stays required under its new name only', () => {
    const table = read(schema);
    rowOf(table, 'note').name = 'remark';
    expect(writeParameters(table)['required']).toEqual(['remark']);
  });

  it('another type takes the old values away, shown or not', () => {
    const table = read({ type: 'object', properties: { a: { type: 'integer', enum: [1, 2] }, b: { type: 'integer', enum: ['x'] }, c: { type: 'string', enum: ['1'] } } });
    Object.assign(rowOf(table, 'a'), { type: 'boolean' });
    Object.assign(rowOf(table, 'b'), { type: 'string' });
    Object.assign(rowOf(table, 'c'), { type: 'number' });
    expect(writeParameters(table)['properties']).toEqual({ a: { type: 'boolean' }, b: { type: 'string' }, c: { type: 'number', enum: [1] } });
  });

  it('rows come and go', () => {
    const table = read(schema);
    table.rows = [...table.rows.filter((row) => row.name !== 'note'), { ...newRow('since'), isRequired: true, description: 'A day.' }];
    expect(writeParameters(table)).toEqual({
      type: 'object', properties: { count: (schema['properties'] as JsonObject)['count'], since: { type: 'string', description: 'A day.' } }, required: ['since'], additionalProperties: false,
    });
  });

  it('a first parameter gives a schema its properties', () => {
    const table = read({ type: 'object' });
    table.rows = [newRow('a')];
    expect(writeParameters(table)).toEqual({ type: 'object', properties: { a: { type: 'string' } } });
  });

  it('a description that goes leaves no empty one behind', () => {
    const table = read(schema);
    rowOf(table, 'count').description = '';
    expect((writeParameters(table)['properties'] as JsonObject)['count']).toEqual({ type: 'integer', minimum: 1, enum: [1, 2] });
  });

  it('what only the JSON view shows is not touched by a new name', () => {
    const table = read({ type: 'object', properties: { a: { type: ['string', 'null'], description: 'x' }, b: true } });
    rowOf(table, 'a').name = 'c';
    rowOf(table, 'b').name = 'd';
    expect(writeParameters(table)['properties']).toEqual({ c: { type: ['string', 'null'], description: 'x' }, d: true });
  });
});

describe('what the rows do not show', () => {
  it('is named', () => {
    const table = read({ type: 'object', properties: { a: { type: 'integer', minimum: 1, enum: [1] }, b: { type: 'array', items: {} }, c: true, d: { type: 'string', enum: ['x, y'] } }, allOf: [] });
    expect(table.rows.map(hiddenKeywords)).toEqual([['minimum'], ['type', 'items'], ['true'], ['enum']]);
    expect(hiddenKeywords(newRow())).toEqual([]);
    expect(hiddenRules(table)).toEqual(['allOf']);
  });
});

describe('problems', () => {
  it('stand at their row', () => {
    const rows = [newRow(''), newRow('a'), newRow('a'), { ...newRow('n'), type: 'integer' as const, values: ['1', '1.5'] }, { ...newRow('s'), values: ['x', 'x'] }];
    expect(rowProblems(rows).map(({ key, field }) => [rows.findIndex((row) => row.key === key), field])).toEqual([[0, 'name'], [1, 'name'], [2, 'name'], [3, 'values'], [4, 'values']]);
    expect(rowProblems([{ ...newRow('n'), type: 'number', values: ['1.5', '-2'] }])).toEqual([]);
    expect(rowProblems([{ ...newRow('n'), type: 'number', values: ['many'] }])).toHaveLength(1);
  });
});

it('names', () => {
  expect(parameterNames({ type: 'object', properties: { a: {}, b: {} } })).toEqual(['a', 'b']);
  expect(parameterNames({ type: 'object' })).toEqual([]);
  expect(parameterNames(undefined)).toEqual([]);
});
