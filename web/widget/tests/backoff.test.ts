// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { backoffMilliseconds } from '../src/session/backoff';

it('doubles from half a second to half a minute', () => {
  expect([0, 1, 2, 5, 6, 100].map((attempt) => backoffMilliseconds(attempt, () => 1))).toEqual([500, 1000, 2000, 16_000, 30_000, 30_000]);
});

it('is spread over the upper half', () => expect(backoffMilliseconds(2, () => 0)).toBe(1000));
