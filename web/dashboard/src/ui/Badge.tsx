// SPDX-License-Identifier: Apache-2.0
import type { ReactNode } from 'react';
import styles from './Badge.module.css';

export type BadgeKind = 'plain' | 'good' | 'brass' | 'danger';

/** A state in a word. The word says it; the colour only repeats it. */
export function Badge({ kind = 'plain', icon, children }: { kind?: BadgeKind; icon?: ReactNode; children: ReactNode }) {
  return <span className={`${styles.badge} ${styles[kind]}`}>{icon}{children}</span>;
}
