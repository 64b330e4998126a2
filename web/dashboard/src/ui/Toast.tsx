// SPDX-License-Identifier: Apache-2.0
import { Toast as Base } from '@base-ui/react/toast';
import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from './Button';
import styles from './Toast.module.css';

const manager = Base.createToastManager();

/** Says in passing that something happened: `toast('Saved')`. With `undo`, a button that takes it back. */
export function toast(title: string, options: { description?: string; undo?: () => void } = {}): void {
  const { description, undo } = options;
  const id = manager.add({
    title,
    description,
    timeout: undo ? 10_000 : 5000,
    ...(undo ? { actionProps: { children: 'Undo', onClick: () => (manager.close(id), undo()) } } : {}),
  });
}

/** Stands around the page once. */
export function Toasts({ children }: { children: ReactNode }) {
  return (
    <Base.Provider toastManager={manager}>
      {children}
      <Base.Portal>
        <Base.Viewport className={styles.viewport} aria-label="Messages">
          <ToastList />
        </Base.Viewport>
      </Base.Portal>
    </Base.Provider>
  );
}

function ToastList() {
  const { toasts } = Base.useToastManager();
  return toasts.map((one) => (
    <Base.Root key={one.id} toast={one} className={styles.toast}>
      <div className={styles.words}>
        <Base.Title className={styles.title} />
        <Base.Description className={styles.description} />
      </div>
      <Base.Action className={styles.action} />
      <Base.Close render={<Button kind="quiet" size="small" icon={<X aria-hidden />} aria-label="Dismiss" />} />
    </Base.Root>
  ));
}
