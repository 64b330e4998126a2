// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { exportHref, filterQuery, fromLocalField, isEmptyFilter, readFilter, toLocalField, withField, withRange } from '../../src/pages/trust/audit-filter';
import { momentOf, startTail, tailQuery, withFresh } from '../../src/pages/trust/tail';

describe('filter', () => {
  it('comes from an address, and what is none is left out', () => {
    expect(readFilter({ action: ' tool.call ', tool: 'get_balance', subject: 42, outcome: 'lost', colour: 'red', last: '24h', from: '2026-01-01' })).toEqual({ action: 'tool.call', tool: 'get_balance', subject: '42', last: '24h' });
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
  it('begins at the newest row, or a little ago, and goes on from the cursor', () => {
    expect(tailQuery(startTail([row(3), row(2)], 0))).toEqual({ order: 'oldest', limit: '200', from: row(3).at });
    expect(startTail([], Date.parse('2026-11-21T12:00:00Z'))).toEqual({ cursor: null, since: '2026-11-21T11:55:00.000Z' });
    expect(tailQuery({ cursor: 'abc', since: row(1).at })).toEqual({ order: 'oldest', limit: '200', cursor: 'abc' });
  });
  it('shows each row once, the newest first', () => {
    expect(withFresh([row(2), row(1)], [row(2), row(3), row(4)]).map(({ id }) => id)).toEqual(['aud_4', 'aud_3', 'aud_2', 'aud_1']);
    expect(withFresh([row(1)], [])).toEqual([row(1)]);
  });
  it('a row’s id says when it was written', () => {
    expect(momentOf('aud_0190a1b2c3d47e5f80718293a4b5c6d7')).toBe(0x0190a1b2c3d4);
    expect([momentOf('aud_1'), momentOf(''), momentOf('aud_0190a1b2c3d47e5f80718293a4b5c6dX')]).toEqual([undefined, undefined, undefined]);
  });
});
