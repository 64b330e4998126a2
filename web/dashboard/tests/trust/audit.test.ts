// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { exportHref, filterQuery, fromLocalField, isEmptyFilter, readFilter, toLocalField, withField, withRange } from '../../src/pages/trust/audit-filter';
import { differences } from '../../src/pages/trust/diff';
import { extendTail, startTail, tailKeeps, tailQuery } from '../../src/pages/trust/tail';

describe('filter', () => {
  it('comes from an address, and what is none is left out', () => {
    expect(readFilter({ action: ' tool.call ', tool: 'get_balance', subject: 42, outcome: '', colour: 'red', last: '24h', from: '2026-01-01' })).toEqual({ action: 'tool.call', tool: 'get_balance', subject: '42', last: '24h' });
    expect(readFilter({ last: 'toString', from: 'yesterday', actor: ['x'], reason: { a: 1 } })).toEqual({});
    expect(readFilter({ from: '2026-11-21T10:00:00+02:00', until: '2026-11-21T09:00:00Z' })).toEqual({ from: '2026-11-21T08:00:00.000Z', until: '2026-11-21T09:00:00.000Z' });
  });
  it('an end before its beginning is no end', () => expect(readFilter({ from: '2026-11-21', until: '2026-11-20' })).toEqual({ from: '2026-11-21T00:00:00.000Z' }));
  it('reads what it writes', () => {
    const filter = readFilter({ actor: 'admin:adm_1', from: '2026-11-21', until: '2026-11-22' });
    expect(readFilter(Object.fromEntries(new URLSearchParams(filter as Record<string, string>)))).toEqual(filter);
  });
  it('changes field by field', () => {
    expect(withField({ tool: 'a' }, 'tool', ' ')).toEqual({});
    expect(withField({ tool: 'a' }, 'outcome', 'refused')).toEqual({ tool: 'a', outcome: 'refused' });
    expect(withRange({ tool: 'a', last: '1h' }, { from: '2026-11-21T00:00:00.000Z' })).toEqual({ tool: 'a', from: '2026-11-21T00:00:00.000Z' });
    expect(withRange({ from: 'x', until: 'y' }, {})).toEqual({});
    expect(isEmptyFilter({})).toBe(true);
    expect(isEmptyFilter({ last: '1h' })).toBe(false);
  });
  it('a relative range becomes an instant, the same for a whole minute', () => {
    const now = Date.parse('2026-11-21T12:34:56.789Z');
    expect(filterQuery({ tool: 'a', last: '1h' }, now)).toEqual({ tool: 'a', from: '2026-11-21T11:34:00.000Z' });
    expect(filterQuery({ last: '7d' }, now + 2000)).toEqual(filterQuery({ last: '7d' }, now));
  });
  it('the export has the same filter', () => {
    const href = exportHref('env_1', { reason: 'bad-claim & more', last: '15m' }, 'csv', Date.parse('2026-11-21T12:00:00Z'));
    expect(href).toBe('/admin/v1/environments/env_1/audit/export?format=csv&reason=bad-claim+%26+more&from=2026-11-21T11%3A45%3A00.000Z');
    expect(exportHref(null, {}, 'jsonl', 0)).toBe('/admin/v1/audit/export?format=jsonl');
    expect(exportHref('../x', {}, 'csv', 0)).toBe('/admin/v1/environments/..%2Fx/audit/export?format=csv');
  });
  it('goes through the reader’s own time and back', () => {
    expect(fromLocalField(toLocalField('2026-11-21T12:34:00.000Z'))).toBe('2026-11-21T12:34:00.000Z');
    expect([toLocalField(undefined), fromLocalField(''), fromLocalField('soon')]).toEqual(['', undefined, undefined]);
  });
});

describe('live tail', () => {
  const row = (number: number) => ({ id: `aud_${number}`, at: new Date(number * 1000).toISOString() });
  it('shows each row once, the newest first, and asks on from where it was', () => {
    let tail = startTail<ReturnType<typeof row>>(row(1).at);
    expect(tailQuery(tail)).toEqual({ order: 'oldest', limit: '200', from: row(1).at });
    tail = extendTail(tail, [row(2), row(3)], 'abc');
    expect(tailQuery(tail)).toEqual({ order: 'oldest', limit: '200', cursor: 'abc' });
    tail = extendTail(tail, [], null);
    expect(tailQuery(tail)).toEqual({ order: 'oldest', limit: '200', from: row(3).at });
    tail = extendTail(tail, [row(3), row(4)], null);
    expect(tail.rows.map(({ id }) => id)).toEqual(['aud_4', 'aud_3', 'aud_2']);
    expect(tail.dropped).toBe(0);
  });
  it('does not grow without end', () => {
    const tail = extendTail(startTail(row(0).at), Array.from({ length: tailKeeps + 5 }, (_, at) => row(at)), null);
    expect(tail.rows).toHaveLength(tailKeeps);
    expect(tail.rows[0]?.id).toBe(`aud_${tailKeeps + 4}`);
    expect(tail.dropped).toBe(5);
  });
});

describe('differences', () => {
  it('name what was added, removed and changed, at its place', () => {
    expect(differences({ origins: ['a'], signIn: { enforcement: 'off', url: 'x' }, same: 1 }, { origins: ['b'], signIn: { enforcement: 'required' }, same: 1, new: true })).toEqual([
      { pointer: '/origins/0', kind: 'changed', before: 'a', after: 'b' },
      { pointer: '/signIn/enforcement', kind: 'changed', before: 'off', after: 'required' },
      { pointer: '/signIn/url', kind: 'removed', before: 'x' },
      { pointer: '/new', kind: 'added', after: true },
    ]);
  });
  it('list entries are found by their name, wherever they stand', () => {
    const issuers = [{ name: 'a', leewaySeconds: 5 }, { name: 'b' }];
    expect(differences(issuers, [{ name: 'b' }, { name: 'a', leewaySeconds: 6 }, { name: 'c' }])).toEqual([
      { pointer: '/a/leewaySeconds', kind: 'changed', before: 5, after: 6 }, { pointer: '/c', kind: 'added', after: { name: 'c' } },
    ]);
    expect(differences(issuers, [...issuers].reverse())).toHaveLength(1);
  });
  it('lists of another length, other types, and nothing at all', () => {
    expect(differences([1, 2], [1])).toEqual([{ pointer: '', kind: 'changed', before: [1, 2], after: [1] }]);
    expect(differences({ a: {} }, { a: [] })).toEqual([{ pointer: '/a', kind: 'changed', before: {}, after: [] }]);
    expect(differences(null, { a: 1 })).toEqual([{ pointer: '', kind: 'added', after: { a: 1 } }]);
    expect(differences({ a: 1 }, undefined)).toEqual([{ pointer: '', kind: 'removed', before: { a: 1 } }]);
    expect(differences({ b: 1, a: 2 }, { a: 2, b: 1 })).toEqual([]);
    expect(differences({ 'a/b': 1 }, { 'a/b': 2 })[0]?.pointer).toBe('/a~1b');
  });
});
