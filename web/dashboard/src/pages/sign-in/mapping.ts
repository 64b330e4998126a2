// SPDX-License-Identifier: Apache-2.0
/** A claim mapping as rows: what tools see, and the claim it comes from. Rules as in src/identity/mapping.c. */

export type Mapping = Record<string, string>;

export interface Row {
  /** Only for keeping rows apart on the screen. */
  key: number;
  name: string;
  from: string;
}

const rowsMost = 64;
let lastKey = 0;
export const newRow = (name = '', from = ''): Row => ({ key: ++lastKey, name, from });

export const rowsOf = (mapping: Mapping | null | undefined): Row[] => Object.entries(mapping ?? {}).map(([name, from]) => newRow(name, from));

/** Null where no row says anything: then every claim is passed on. */
export function mappingOf(rows: readonly Row[]): Mapping {
  const mapping: Mapping = {};
  for (const { name, from } of rows) if (name.trim() !== '') mapping[name.trim()] = from.trim();
  return mapping;
}

/** What is wrong with a row, as a sentence; null where nothing is. A row that is empty is not there. */
export function problemOfRow(rows: readonly Row[], row: Row): string | null {
  const name = row.name.trim();
  const from = row.from.trim();
  if (name === '' && from === '') return null;
  if (name === '') return 'Say what tools shall call it.';
  if (from === '') return 'Say which claim it comes from.';
  if (rows.some((other) => other !== row && other.name.trim() === name)) return `“${name}” stands here twice.`;
  return null;
}

export function problemOfRows(rows: readonly Row[]): string | null {
  if (rows.length > rowsMost) return `A mapping has ${rowsMost} names at most.`;
  return rows.map((row) => problemOfRow(rows, row)).find((problem) => problem !== null) ?? null;
}

/** Text of the JSON editor as a mapping, or what is wrong with it. */
export function readMapping(text: string): { mapping: Mapping | null; problem: string | null } {
  if (text.trim() === '') return { mapping: null, problem: null };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { mapping: null, problem: `This is not JSON: ${(error as Error).message}.` };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { mapping: null, problem: 'A mapping is a JSON object: {"name": "claim"}.' };
  for (const [name, from] of Object.entries(value))
    if (typeof from !== 'string') return { mapping: null, problem: `“${name}” must be the name of a claim, as text.` };
  if (Object.keys(value).length > rowsMost) return { mapping: null, problem: `A mapping has ${rowsMost} names at most.` };
  return { mapping: value as Mapping, problem: null };
}

const aboutTheToken = new Set(['iss', 'sub', 'aud', 'exp', 'iat', 'nbf', 'jti']);

/** The paths by which the claims of a sample can be reached, those of nested objects too: to choose from while typing. */
export function pathsOf(claims: Readonly<Record<string, unknown>>, deepest = 3): string[] {
  const paths: string[] = [];
  const pointer = (parts: readonly (string | number)[]) => `/${parts.map((part) => String(part).replace(/~/g, '~0').replace(/\//g, '~1')).join('/')}`;
  const visit = (value: unknown, parts: (string | number)[]) => {
    if (parts.length === 1) paths.push(String(parts[0]));
    else if (parts.length > 1) {
      const isDotted = parts.every((part) => typeof part === 'string' && /^[^./~]+$/.test(part));
      paths.push(isDotted ? parts.join('.') : pointer(parts));
    }
    if (parts.length >= deepest || typeof value !== 'object' || value === null) return;
    const children: [string | number, unknown][] = Array.isArray(value) ? value.slice(0, 3).map((one, at) => [at, one]) : Object.entries(value);
    for (const [name, child] of children) visit(child, [...parts, name]);
  };
  for (const [name, value] of Object.entries(claims)) visit(value, [name]);
  return paths;
}

/** A name for a claim that a program can use: the last word of a URL, letters and digits in camel case. */
export function nameFor(path: string): string {
  const last = path.split(/[/.:#]/).filter(Boolean).at(-1) ?? path;
  const words = last.split(/[^A-Za-z0-9]+/).filter(Boolean);
  const name = words.map((word, at) => (at === 0 ? word[0]!.toLowerCase() + word.slice(1) : word[0]!.toUpperCase() + word.slice(1))).join('');
  return /^[0-9]/.test(name) ? `claim${name}` : name || 'claim';
}

/** What a first mapping may begin with: everything that is passed on without one, under names a program can use. */
export function proposeRows(claims: Readonly<Record<string, unknown>>): Row[] {
  const taken = new Set<string>();
  return Object.keys(claims).filter((name) => !aboutTheToken.has(name)).map((from) => {
    const wanted = nameFor(from);
    let name = wanted;
    for (let number = 2; taken.has(name); number++) name = `${wanted}${number}`;
    taken.add(name);
    return newRow(name, from);
  });
}

/** Claims to try a mapping on while no token is at hand. */
export const sampleClaims = {
  sub: 'customer-ada',
  iss: 'https://id.acme.example/',
  aud: 'chat',
  exp: 1893456000,
  iat: 1893455100,
  name: 'Ada Lovelace',
  email: 'ada@acme.example',
  'https://acme.example/tier': 'gold',
  account: { id: '1001', plan: 'family' },
  groups: ['customers', 'beta'],
} as const;
