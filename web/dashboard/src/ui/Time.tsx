// SPDX-License-Identifier: Apache-2.0
import { useEffect, useState } from 'react';
import { exactTime, timeInWords } from './time';

/** A moment in words ("3 minutes ago"), the exact one when pointed at; it keeps up with the clock. */
export function Time({ at, isExact = false }: { at: string | null | undefined; isExact?: boolean }) {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (isExact || !at) return undefined;
    const timer = setInterval(() => setNow(Date.now()), 30_000);
    return () => clearInterval(timer);
  }, [at, isExact]);
  if (!at) return <span className="muted">never</span>;
  const exact = exactTime(at);
  return <time dateTime={at} title={exact}>{isExact ? exact : timeInWords(at, now)}</time>;
}
