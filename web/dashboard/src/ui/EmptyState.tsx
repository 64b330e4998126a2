// SPDX-License-Identifier: Apache-2.0
import type { ReactNode } from 'react';
import styles from './EmptyState.module.css';

interface EmptyStateProps {
  icon?: ReactNode;
  /** "No tools yet" */
  title: string;
  /** What would stand here and how it gets here; a snippet of code below it teaches best. */
  children?: ReactNode;
  action?: ReactNode;
}

/** Nothing here yet: what it is for and how to begin. */
export function EmptyState({ icon, title, children, action }: EmptyStateProps) {
  return (
    <div className={styles.empty}>
      {icon && <span className={styles.icon} aria-hidden>{icon}</span>}
      <p className={styles.title}>{title}</p>
      {children && <div className={styles.words}>{children}</div>}
      {action}
    </div>
  );
}
