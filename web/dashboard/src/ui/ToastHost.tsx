// SPDX-License-Identifier: Apache-2.0
import { Toast as Base } from '@base-ui/react/toast';
import { X } from 'lucide-react';
import { useEffect } from 'react';
import { Button } from './Button';
import { hostToasts } from './Toast';
import styles from './ToastHost.module.css';

const manager = Base.createToastManager();

/** Where messages appear; stands beside the page once. */
export default function ToastHost() {
  useEffect(() => hostToasts(({ title, description, undo }) => {
    const id = manager.add({
      title,
      description,
      timeout: undo ? 10_000 : 5000,
      ...(undo ? { actionProps: { children: 'Undo', onClick: () => (manager.close(id), undo()) } } : {}),
    });
  }), []);
  return (
    <Base.Provider toastManager={manager}>
      <Base.Portal>
        <Base.Viewport className={styles.viewport} aria-label="Notices">
          <List />
        </Base.Viewport>
      </Base.Portal>
    </Base.Provider>
  );
}

function List() {
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
