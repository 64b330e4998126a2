// SPDX-License-Identifier: Apache-2.0
import { useId, type ReactNode } from 'react';
import styles from './Card.module.css';

interface CardProps {
  /** Without a title the card is no landmark. */
  title?: ReactNode;
  lead?: ReactNode;
  /** Small buttons or a badge at the right of the title. */
  actions?: ReactNode;
  /** `brass`: keys and secrets. `danger`: what cannot be taken back. */
  kind?: 'plain' | 'brass' | 'danger';
  /** No padding around the content: a table reaches the card's edges. */
  isFlush?: boolean;
  /** At the foot, behind a hairline: the buttons of a form. */
  footer?: ReactNode;
  children?: ReactNode;
}

export function Card({ title, lead, actions, kind = 'plain', isFlush = false, footer, children }: CardProps) {
  const id = useId();
  return (
    <section className={`${styles.card} ${styles[kind]}`} aria-labelledby={title ? id : undefined}>
      {(title || actions) && (
        <header className={styles.head}>
          {(title || lead) && (
            <div className={styles.words}>
              {title && <h2 id={id}>{title}</h2>}
              {lead && <p className={styles.lead}>{lead}</p>}
            </div>
          )}
          {actions && <div className={styles.actions}>{actions}</div>}
        </header>
      )}
      {children && <div className={isFlush ? styles.flush : styles.content}>{children}</div>}
      {footer && <footer className={styles.footer}>{footer}</footer>}
    </section>
  );
}
