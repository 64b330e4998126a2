// SPDX-License-Identifier: Apache-2.0
import { resource } from '../../api/resource';
import type { components } from '../../api/schema.generated';
import type { Line, Tone } from '../../ui/Chart';
import { countInWords } from '../../ui/time';

export type Statistics = components['schemas']['Statistics'];
type Name = Statistics['series'][number]['name'];

export interface Range {
  label: string;
  /** "the last 24 hours" */
  words: string;
  seconds: number;
  step: 300 | 3600 | 86400;
}

export const ranges: readonly Range[] = [
  { label: '1 hour', words: 'the last hour', seconds: 3600, step: 300 },
  { label: '24 hours', words: 'the last 24 hours', seconds: 86_400, step: 3600 },
  { label: '7 days', words: 'the last 7 days', seconds: 7 * 86_400, step: 3600 },
  { label: '30 days', words: 'the last 30 days', seconds: 30 * 86_400, step: 86_400 },
  { label: '90 days', words: 'the last 90 days', seconds: 90 * 86_400, step: 86_400 },
];

/** Its beginning is rounded down to a step, so that the same question is asked, and its answer kept, for as long as a step lasts. */
export function statisticsQuery(environment: string, { seconds, step }: Range, now: number = Date.now()) {
  const from = new Date((Math.floor(now / 1000 / step) * step - seconds + step) * 1000).toISOString();
  return resource('/environments/{environment}/statistics', { path: { environment }, query: { from, step } });
}

const seriesOf = (statistics: Statistics, name: Name) => statistics.series.filter((series) => series.name === name);

/** The lines of one figure, in the order in which their tones are given. */
export const linesOf = (statistics: Statistics, name: Name, tones: Record<string, Tone>): Line[] =>
  Object.entries(tones).map(([label, tone]) => ({ label, tone, values: seriesOf(statistics, name).find((series) => series.label === label)?.counts ?? statistics.at.map(() => 0) }));

const failureTones: readonly Tone[] = ['danger', 'brass', 'primary', 'ink'];

/** Refused tokens by reason; what is less frequent than the first three goes together. */
export function failureLines(statistics: Statistics): Line[] {
  const byReason = new Map<string, { total: number; counts: number[] }>();
  for (const { label, counts, total } of seriesOf(statistics, 'verifications')) {
    if (label === 'ok') continue;
    const reason = label.split('/')[0]!;
    const sum = byReason.get(reason);
    byReason.set(reason, { total: total + (sum?.total ?? 0), counts: counts.map((count, at) => count + (sum?.counts[at] ?? 0)) });
  }
  const ordered = [...byReason].filter(([, { total }]) => total > 0).sort(([, one], [, other]) => other.total - one.total);
  const shown = ordered.length > 4 ? ordered.slice(0, 3) : ordered;
  const rest = ordered.slice(shown.length);
  const lines = shown.map(([label, { counts }], at): Line => ({ label, tone: failureTones[at]!, values: counts }));
  return rest.length === 0 ? lines : [...lines, { label: 'others', tone: 'muted', values: statistics.at.map((_, at) => rest.reduce((sum, [, { counts }]) => sum + (counts[at] ?? 0), 0)) }];
}

export const latencyLines = ({ latency }: Statistics): Line[] => [
  { label: 'p50', tone: 'primary', values: latency.map(({ p50 }) => p50) },
  { label: 'p95', tone: 'brass', values: latency.map(({ p95 }) => p95) },
  { label: 'p99', tone: 'danger', values: latency.map(({ p99 }) => p99) },
];

/** 3.4 → "3.4 ms", 1830 → "1.83 s": measured to about 12 %, so three figures are enough. */
export function milliseconds(value: number): string {
  const [unit, amount] = value >= 1000 ? ['second', value / 1000] : ['millisecond', value];
  return new Intl.NumberFormat(undefined, { style: 'unit', unit, maximumSignificantDigits: 3 }).format(amount as number);
}

const percent = (part: number, whole: number): string => new Intl.NumberFormat(undefined, { style: 'percent', maximumFractionDigits: part > 0 && part / whole < 0.1 ? 1 : 0 }).format(whole === 0 ? 0 : part / whole);

/** The few numbers over the charts. */
export function figuresOf(statistics: Statistics): { label: string; value: string; note: string }[] {
  const total = (name: Name, label?: string): number => seriesOf(statistics, name).filter((series) => label === undefined || series.label === label).reduce((sum, series) => sum + series.total, 0);
  const messages = total('messages');
  const tokens = total('verifications');
  const refused = tokens - total('verifications', 'ok');
  const calls = total('tool-calls');
  const { p95, p50 } = statistics.latencyTotal;
  return [
    { label: 'Messages', value: countInWords(messages), note: `${percent(total('messages', 'verified'), messages)} by signed-in visitors` },
    { label: 'Tokens refused', value: countInWords(refused), note: `${percent(refused, tokens)} of ${countInWords(tokens)}` },
    { label: 'Tool calls', value: countInWords(calls), note: `${percent(total('tool-calls', 'allowed'), calls)} went through` },
    { label: 'Time to answer', value: p95 === null ? '–' : milliseconds(p95), note: p50 === null ? 'nothing measured' : `for 95 of 100; half within ${milliseconds(p50)}` },
  ];
}
