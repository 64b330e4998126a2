// SPDX-License-Identifier: Apache-2.0
import { useEffect, useState } from 'react';

/** The time, anew every so many milliseconds. */
export function useNow(every: number, isRunning = true): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!isRunning) return undefined;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), every);
    return () => clearInterval(timer);
  }, [every, isRunning]);
  return now;
}
