// SPDX-License-Identifier: Apache-2.0
import { useRef } from 'react';

/** One key for one thing that is to be made: sent again after the answer was lost, it is not made twice. Something else gets another key. */
export function useIdempotencyKey(): (body: unknown) => { 'Idempotency-Key': string } {
  const last = useRef({ body: '', key: '' });
  return (body) => {
    const text = JSON.stringify(body);
    if (text !== last.current.body) last.current = { body: text, key: crypto.randomUUID() };
    return { 'Idempotency-Key': last.current.key };
  };
}
