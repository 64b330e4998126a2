// SPDX-License-Identifier: Apache-2.0
import { useEffect, type ReactNode } from 'react';
import styles from './Page.module.css';

interface PageProps {
  title: string;
  /** One or two sentences: what this page is for. */
  lead?: ReactNode;
  /** Buttons beside the title. */
  actions?: ReactNode;
  /** As wide as the window lets it: for tables. */
  isWide?: boolean;
  children: ReactNode;
}

/** A page: its title (the document's too), and one column of cards below. */
export function Page({ title, lead, actions, isWide = false, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · Chatelaine`;
  }, [title]);
  return (
    <div className={isWide ? styles.wide : styles.page}>
      <header className={styles.head}>
        <div className={styles.words}>
          <h1 tabIndex={-1} id="page-title">{title}</h1>
          {lead && <p className={styles.lead}>{lead}</p>}
        </div>
        {actions && <div className="row">{actions}</div>}
      </header>
      <div className={styles.column}>{children}</div>
    </div>
  );
}
