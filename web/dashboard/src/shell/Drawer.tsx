// SPDX-License-Identifier: Apache-2.0
import { Dialog as Base } from '@base-ui/react/dialog';
import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from '../ui/Button';
import styles from './Drawer.module.css';

/** The navigation at phone width: comes in from the left, and goes when a page is chosen. */
export default function Drawer({ onClose, children }: { onClose: () => void; children: ReactNode }) {
  return (
    <Base.Root open onOpenChange={(open) => !open && onClose()}>
      <Base.Portal>
        <Base.Backdrop className={styles.backdrop} />
        <Base.Popup className={styles.drawer}>
          <Base.Title className="visually-hidden">Navigation</Base.Title>
          <Base.Close render={<Button kind="quiet" icon={<X aria-hidden />} aria-label="Close" className={styles.close} />} />
          {children}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}
