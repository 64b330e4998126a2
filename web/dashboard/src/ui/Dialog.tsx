// SPDX-License-Identifier: Apache-2.0
import { Dialog as Base } from '@base-ui/react/dialog';
import { X } from 'lucide-react';
import type { ReactNode, RefObject } from 'react';
import { Button } from './Button';
import styles from './Dialog.module.css';

interface DialogProps {
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

/** A window over the page. Put a `Form` with a `DialogButtons` in it. Focus goes back to where it came from. */
export function Dialog({ isOpen, onClose, title, lead, isWide = false, initialFocus, isSticky = false, children }: DialogProps) {
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

/** The buttons at a dialog's foot, at the right; the main one last. */
export function DialogButtons({ children }: { children: ReactNode }) {
  return <div className={styles.buttons}>{children}</div>;
}
