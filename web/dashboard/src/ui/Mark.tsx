// SPDX-License-Identifier: Apache-2.0
import { MARK_PATHS } from '../../../widget/src/mark';

/** The mark: a key whose bow is a speech bubble. */
export function Mark({ size = 22 }: { size?: number }) {
  return (
    <svg viewBox="0 0 24 24" width={size} height={size} fill="none" stroke="currentColor" strokeWidth={1.75} strokeLinecap="round" strokeLinejoin="round" aria-hidden>
      {MARK_PATHS.map((path) => <path key={path} d={path} />)}
    </svg>
  );
}
