// SPDX-License-Identifier: Apache-2.0
/** A tool's parameters as rows of a form. A JSON Schema says more than rows can: each row keeps the schema it came from, and
 * only what somebody changed in the form is written over it. So reading and writing again gives the same document, to the order of
 * its members; what the rows do not show stands in the JSON view and stays as it is. */
import { isObject, type Json, type JsonObject, sameJson } from './json';

export type ParameterType = 'string' | 'integer' | 'number' | 'boolean';
export const parameterTypes: readonly ParameterType[] = ['string', 'integer', 'number', 'boolean'];

export interface ParameterRow {
  /** For the list's own use; never written. */
  readonly key: string;
  name: string;
  /** `null`: something that only the JSON view can show, such as an object, a list, or several types. */
  type: ParameterType | null;
  isRequired: boolean;
  description: string;
  /** The values that are allowed, as somebody types them; none: any. */
  values: string[];
  /** The property as it was read. A new row has none. */
  readonly original: Json | undefined;
}

export interface ParameterTable {
  rows: ParameterRow[];
  /** The schema as it was read. */
  readonly original: JsonObject;
}

export interface RowProblem {
  key: string;
  field: 'name' | 'values';
  message: string;
}

/** What a new tool begins with: no parameters, and none may be made up. */
export const emptySchema: JsonObject = { type: 'object', properties: {}, additionalProperties: false };

let lastKey = 0;
const newKey = (): string => `row-${++lastKey}`;

export const newRow = (name = ''): ParameterRow => ({
  key: newKey(), name, type: 'string', isRequired: false, description: '', values: [], original: undefined,
});

/** The rows of a schema, or why it has none. */
export function readParameters(schema: Json): ParameterTable | { unreadable: string } {
  if (!isObject(schema)) return { unreadable: 'The schema is not an object.' };
  if (schema['type'] !== 'object') return { unreadable: 'The schema’s type is not "object": a tool’s parameters have names.' };
  const properties = schema['properties'] ?? {};
  if (!isObject(properties)) return { unreadable: '"properties" is not an object.' };
  const required = schema['required'] ?? [];
  if (!Array.isArray(required) || required.some((name) => typeof name !== 'string')) return { unreadable: '"required" is not a list of names.' };
  const rows = Object.entries(properties).map(([name, property]): ParameterRow => ({
    key: newKey(), name, ...readProperty(property), isRequired: required.includes(name), original: property,
  }));
  return { rows, original: schema };
}

function readProperty(property: Json): Pick<ParameterRow, 'type' | 'description' | 'values'> {
  if (!isObject(property)) return { type: null, description: '', values: [] };
  const type = parameterTypes.find((one) => one === property['type']) ?? null;
  const description = typeof property['description'] === 'string' ? property['description'] : '';
  return { type, description, values: type ? (readValues(property['enum'], type) ?? []) : [] };
}

/** The values of an `enum` that a row can show: those of the row's own type, each once. */
function readValues(values: Json | undefined, type: ParameterType): string[] | undefined {
  if (!Array.isArray(values) || values.length === 0) return undefined;
  const texts = values.map((value) => (typeof value === (type === 'string' ? 'string' : 'number') && type !== 'boolean' ? String(value) : undefined));
  const isPlain = texts.every((text) => text !== undefined && text !== '' && text === text.trim() && !text.includes(',')) && new Set(texts).size === texts.length;
  return isPlain ? (texts as string[]) : undefined;
}

/** Keywords of a property that the form does not show: named beside the row, kept as they are. */
export function hiddenKeywords(row: ParameterRow): string[] {
  if (!isObject(row.original)) return row.original === undefined ? [] : [String(row.original)];
  const { type } = readProperty(row.original);
  return Object.entries(row.original)
    .filter(([name, value]) => {
      if (name === 'type') return type === null;
      if (name === 'description') return typeof value !== 'string';
      return name !== 'enum' || type === null || readValues(value, type) === undefined;
    })
    .map(([name]) => name);
}

/** Keywords beside the parameters themselves, such as `allOf`. */
export const hiddenRules = (table: ParameterTable): string[] =>
  Object.keys(table.original).filter((name) => !['type', 'properties', 'required', 'additionalProperties'].includes(name));

/** What keeps rows from being a schema. */
export function rowProblems(rows: readonly ParameterRow[]): RowProblem[] {
  return rows.flatMap((row) => {
    const problems: RowProblem[] = [];
    const say = (field: RowProblem['field'], message: string): number => problems.push({ key: row.key, field, message });
    if (row.name === '') say('name', 'The parameter needs a name.');
    else if (rows.some((other) => other !== row && other.name === row.name)) say('name', `There are two parameters “${row.name}”.`);
    if (row.type === 'integer' || row.type === 'number') {
      const odd = row.values.find((value) => !isNumber(value, row.type === 'integer'));
      if (odd !== undefined) say('values', `“${odd}” is not ${row.type === 'integer' ? 'a whole number' : 'a number'}.`);
    }
    if (new Set(row.values).size !== row.values.length) say('values', 'A value stands there twice.');
    return problems;
  });
}

const isNumber = (text: string, isWhole: boolean): boolean =>
  text.trim() !== '' && Number.isFinite(Number(text)) && (!isWhole || Number.isSafeInteger(Number(text)));

/** The schema that the rows say. Call it only where `rowProblems` finds none. */
export function writeParameters({ rows, original }: ParameterTable): JsonObject {
  const properties = Object.fromEntries(rows.map((row) => [row.name, writeProperty(row)]));
  const written: JsonObject = { ...original };
  if (rows.length > 0 || original['properties'] !== undefined) written['properties'] = properties;
  const required = writeRequired(rows, original);
  if (required) written['required'] = required;
  else delete written['required'];
  return written;
}

/** In the order in which they stood, new ones after; names that have no row of their own stay. */
function writeRequired(rows: readonly ParameterRow[], original: JsonObject): Json[] | undefined {
  const before = (original['required'] ?? []) as string[];
  const named = new Set(Object.keys((original['properties'] ?? {}) as JsonObject));
  const now = rows.filter((row) => row.isRequired).map((row) => row.name);
  const kept = before.filter((name) => now.includes(name) || !named.has(name));
  const all = [...kept, ...now.filter((name) => !kept.includes(name))];
  return all.length > 0 || original['required'] !== undefined ? all : undefined;
}

function writeProperty(row: ParameterRow): Json {
  const { original } = row;
  if (original !== undefined && !isObject(original)) return original;
  const read = original === undefined ? undefined : readProperty(original);
  const written: JsonObject = { ...original };
  if (row.type !== null && row.type !== read?.type) written['type'] = row.type;
  if (row.description !== (read?.description ?? '')) {
    if (row.description) written['description'] = row.description;
    else delete written['description'];
  }
  // Values of another type than the row's have lost their sense, also those that the form did not show.
  const isOtherType = read !== undefined && row.type !== read.type;
  if (isOtherType || !sameJson(row.values, read?.values ?? [])) {
    if (row.values.length > 0 && row.type !== 'boolean') written['enum'] = row.values.map((value) => (row.type === 'string' ? value : Number(value)));
    else delete written['enum'];
  }
  return written;
}

/** The names that a schema gives to parameters, for choosing one elsewhere in the form. */
export function parameterNames(schema: Json | undefined): string[] {
  const properties = isObject(schema) ? schema['properties'] : undefined;
  return isObject(properties) ? Object.keys(properties) : [];
}
