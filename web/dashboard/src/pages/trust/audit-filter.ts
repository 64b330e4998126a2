// SPDX-License-Identifier: Apache-2.0
/** What an audit page shows, in its address: a link to it shows somebody else the same. */
export const filterFields = ['action', 'actor', 'visitor', 'subject', 'tool', 'outcome', 'reason'] as const;
export const outcomes: readonly string[] = ['allowed', 'refused', 'failed'];
export type FilterField = (typeof filterFields)[number];

/** `last` is a length of time that ends now; `from` and `until` stand still. */
export type AuditFilter = Partial<Record<FilterField, string>> & { last?: RelativeRange; from?: string; until?: string };

export const relativeRanges = { '15m': 15, '1h': 60, '24h': 24 * 60, '7d': 7 * 24 * 60, '30d': 30 * 24 * 60 } as const;
export type RelativeRange = keyof typeof relativeRanges;
export const rangeWords: Record<RelativeRange, string> = { '15m': 'Last 15 minutes', '1h': 'Last hour', '24h': 'Last 24 hours', '7d': 'Last 7 days', '30d': 'Last 30 days' };

/** From an address, which anybody may have written: what is no filter is left out. */
export function readFilter(search: Record<string, unknown>): AuditFilter {
  const filter: AuditFilter = {};
  for (const field of filterFields) {
    const value = textOf(search[field]);
    if (value && (field !== 'outcome' || outcomes.includes(value))) filter[field] = value;
  }
  const last = textOf(search['last']);
  if (last && Object.hasOwn(relativeRanges, last)) return { ...filter, last: last as RelativeRange };
  const from = instantOf(search['from']);
  const until = instantOf(search['until']);
  if (from) filter.from = from;
  if (until && (!from || until > from)) filter.until = until;
  return filter;
}

/** A router may have read "123" as a number. */
const textOf = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value).trim().slice(0, 256) : '');

function instantOf(value: unknown): string | undefined {
  const time = Date.parse(textOf(value));
  return Number.isNaN(time) ? undefined : new Date(time).toISOString();
}

/** One field changed; an empty one goes. */
export function withField(filter: AuditFilter, field: FilterField, value: string): AuditFilter {
  const changed = { ...filter };
  if (value.trim()) changed[field] = value.trim();
  else delete changed[field];
  return changed;
}

export function withRange(filter: AuditFilter, range: Pick<AuditFilter, 'last' | 'from' | 'until'>): AuditFilter {
  const { last: _last, from: _from, until: _until, ...rest } = filter;
  return { ...rest, ...Object.fromEntries(Object.entries(range).filter(([, value]) => value)) };
}

export const isEmptyFilter = (filter: AuditFilter): boolean => Object.keys(filter).length === 0;

/** The API's own parameters. A relative range becomes an instant, to the minute, so that the same page asks the same question. */
export function filterQuery({ last, ...filter }: AuditFilter, now: number): Record<string, string> {
  if (!last) return filter;
  const minute = 60_000;
  return { ...filter, from: new Date(Math.floor(now / minute) * minute - relativeRanges[last] * minute).toISOString() };
}

export type ExportFormat = 'csv' | 'jsonl';

/** Where the browser downloads what the page shows; `environment` null: the installation's own log. */
export function exportHref(environment: string | null, filter: AuditFilter, format: ExportFormat, now: number): string {
  const path = environment === null ? '/admin/v1/audit/export' : `/admin/v1/environments/${encodeURIComponent(environment)}/audit/export`;
  return `${path}?${new URLSearchParams({ format, ...filterQuery(filter, now) })}`;
}

/** For a field of type datetime-local, which knows the reader's time and no zone. */
export function toLocalField(instant: string | undefined): string {
  if (!instant) return '';
  const at = new Date(instant);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

export function fromLocalField(text: string): string | undefined {
  const time = text ? new Date(text).getTime() : Number.NaN;
  return Number.isNaN(time) ? undefined : new Date(time).toISOString();
}

/** The page's whole address: the filter, and the row that is shown in full. */
export type AuditSearch = AuditFilter & { row?: string };

export function readAuditSearch(search: Record<string, unknown>): AuditSearch {
  const row = textOf(search['row']);
  return { ...readFilter(search), ...(/^aud_[\w-]{1,64}$/.test(row) ? { row } : {}) };
}

/** 38.2 → "38 ms", 10004 → "10.0 s". */
export const tookText = (milliseconds: number): string => (milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`);
