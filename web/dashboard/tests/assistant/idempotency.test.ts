// SPDX-License-Identifier: Apache-2.0
import { renderHook } from '@testing-library/react';
import { expect, it } from 'vitest';
import { useIdempotencyKey } from '../../src/pages/assistant/idempotency';

it('has one key for one thing, another for another', () => {
  const { result, rerender } = renderHook(() => useIdempotencyKey());
  const first = result.current({ name: 'a' });
  rerender();
  expect(result.current({ name: 'a' })).toEqual(first);
  const second = result.current({ name: 'b' });
  expect(second).not.toEqual(first);
  expect(second['Idempotency-Key']).toMatch(/^[\da-f-]{36}$/);
});
