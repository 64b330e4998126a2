// SPDX-License-Identifier: Apache-2.0
import { useEffect, useState, type ReactNode } from 'react';
import type { DialogProps } from './DialogWindow';
import { later } from './later';
import styles from './Dialog.module.css';

// No page begins with a window open: what draws it comes after the page.
const DialogWindow = later<DialogProps>(() => import('./DialogWindow'));

/** A window over the page. Put a `Form` with a `DialogButtons` in it. Focus goes back to where it came from. */
export function Dialog(props: DialogProps) {
  const [wasOpen, setWasOpen] = useState(props.isOpen);
  if (props.isOpen && !wasOpen) setWasOpen(true);
  useEffect(DialogWindow.prefetch, []);
  return wasOpen && <DialogWindow {...props} />;
}

/** The buttons at a dialog's foot, at the right; the main one last. */
export function DialogButtons({ children }: { children: ReactNode }) {
  return <div className={styles.buttons}>{children}</div>;
}
