// SPDX-License-Identifier: Apache-2.0
import { Dialog as Base } from '@base-ui/react/dialog';
import { X } from 'lucide-react';
import type { ReactNode, RefObject } from 'react';
import { Button } from './Button';
import styles from './Dialog.module.css';

export interface DialogProps {
  isOpen: boolean;
  onClose: () => void;
  title: ReactNode;
  lead?: ReactNode;
  /** Also wide enough for two columns. */
  isWide?: boolean;
  /** What gets the focus at first; else the first control. */
  initialFocus?: RefObject<HTMLElement | null>;
  /** Escape and a click outside do nothing: there is something here that must not be lost. */
  isSticky?: boolean;
  children: ReactNode;
}

/** The window of a `Dialog`. */
export default function DialogWindow({ isOpen, onClose, title, lead, isWide = false, initialFocus, isSticky = false, children }: DialogProps) {
  return (
    <Base.Root open={isOpen} disablePointerDismissal={isSticky} onOpenChange={(open, { reason }) => !open && !(isSticky && reason === 'escape-key') && onClose()}>
      <Base.Portal>
        <Base.Backdrop className={styles.backdrop} />
        <Base.Popup className={`${styles.dialog} ${isWide ? styles.wide : ''}`} initialFocus={initialFocus}>
          <header className={styles.head}>
            <Base.Title className={styles.title}>{title}</Base.Title>
            {!isSticky && <Base.Close render={<Button kind="quiet" size="small" icon={<X aria-hidden />} aria-label="Close" />} />}
          </header>
          {lead && <Base.Description className={styles.lead}>{lead}</Base.Description>}
          <div className={styles.content}>{children}</div>
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}
