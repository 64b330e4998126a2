// SPDX-License-Identifier: Apache-2.0
import { useEffect, type ReactNode } from 'react';
import { Mark } from '../../ui/Mark';
import styles from './AccessFrame.module.css';

/** The page before one is signed in: the mark, one card, nothing else. */
export function AccessFrame({ title, lead, children }: { title: string; lead?: ReactNode; children?: ReactNode }) {
  useEffect(() => {
    document.title = `${title} · Chatelaine`;
  }, [title]);
  return (
    <main className={styles.frame}>
      <p className={styles.brand}><Mark size={28} /> Chatelaine</p>
      <div className={styles.card}>
        <h1 id="page-title" tabIndex={-1} className={styles.title}>{title}</h1>
        {lead && <p className="muted">{lead}</p>}
        {children}
      </div>
    </main>
  );
}

/** "or", between two ways to sign in. */
export function Or() {
  return <p className={styles.or}><span>or</span></p>;
}
