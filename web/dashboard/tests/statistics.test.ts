// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { failureLines, figuresOf, milliseconds, ranges, statisticsQuery, type Statistics } from '../src/pages/overview/statistics';

const series = (name: Statistics['series'][number]['name'], label: string, ...counts: number[]) => ({ name, label, counts, total: counts.reduce((sum, count) => sum + count, 0) });
const none = { p50: null, p95: null, p99: null, count: 0 };
const statistics = (...all: Statistics['series']): Statistics => ({ step: 3600, from: '', until: '', at: ['2026-03-01T00:00:00Z', '2026-03-01T01:00:00Z'], series: all, latency: [none, none], latencyTotal: none });

it('sums refused tokens by reason, the most frequent first', () => {
  const lines = failureLines(statistics(series('verifications', 'ok', 90, 90), series('verifications', 'expired/exp', 1, 2), series('verifications', 'bad-claim/aud', 4, 0), series('verifications', 'bad-claim/iss', 0, 3)));
  expect(lines.map(({ label, values }) => [label, ...values])).toEqual([['bad-claim', 4, 3], ['expired', 1, 2]]);
});

it('puts what is rare together', () => {
  const reasons = ['missing-token', 'config-incomplete', 'expired', 'bad-signature', 'bad-claim', 'jwks-fetch-failed'];
  const lines = failureLines(statistics(...reasons.map((reason, at) => series('verifications', `${reason}/x`, 10 - at, 0))));
  expect(lines.map(({ label, values }) => [label, values[0]])).toEqual([['missing-token', 10], ['config-incomplete', 9], ['expired', 8], ['others', 7 + 6 + 5]]);
});

it('tells the few numbers, also when there are none', () => {
  const told = figuresOf(statistics(series('messages', 'verified', 30, 0), series('messages', 'anonymous', 5, 5), series('verifications', 'ok', 99, 0), series('verifications', 'expired/exp', 1, 0)));
  expect(told.map(({ value, note }) => [value, note])).toEqual([['40', '75% by signed-in visitors'], ['1', '1% of 100'], ['0', '0% went through'], ['–', 'nothing measured']]);
});

it('asks the same question for as long as a step lasts', () => {
  const hour = Date.parse('2026-03-01T12:00:00Z');
  const [first, later, next] = [hour + 1, hour + 3_599_000, hour + 3_600_000].map((now) => JSON.stringify(statisticsQuery('env_1', ranges[1]!, now).queryKey));
  expect(first).toBe(later);
  expect(next).not.toBe(first);
  expect(first).toContain('2026-02-28T13:00:00.000Z'); // 24 whole steps, the present one among them
});

it('asks for no more steps than the server answers', () => expect(ranges.every(({ seconds, step }) => seconds / step <= 400)).toBe(true));

it('says milliseconds in three figures', () => expect([3.42, 120.6, 1830].map(milliseconds)).toEqual(['3.42 ms', '121 ms', '1.83 sec']));
