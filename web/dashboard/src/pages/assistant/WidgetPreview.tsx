// SPDX-License-Identifier: Apache-2.0
import { useEffect, useRef } from 'react';
import type { Preview, PreviewSettings } from './preview';
import styles from './WidgetPreview.module.css';

const parts = (): Promise<typeof import('./preview')> => import('./preview');

/** The real chat, drawn anew when its settings have rested for a moment. The old one stays until the new one is there. */
export function WidgetPreview({ label, width, height, ...settings }: PreviewSettings & { label: string; width?: string | undefined; height?: string | undefined }) {
  const frame = useRef<HTMLDivElement>(null);
  const shown = useRef<Preview | null>(null);
  const key = JSON.stringify(settings);
  useEffect(() => {
    let isGone = false;
    const timer = setTimeout(async () => {
      const { showPreview } = await parts();
      if (isGone || !frame.current) return;
      const slot = document.createElement('div');
      slot.className = styles.slot ?? '';
      frame.current.append(slot);
      const preview = await showPreview(slot, settings);
      if (isGone) preview.destroy();
      else {
        shown.current?.destroy();
        shown.current = preview;
      }
      for (const old of [...frame.current.children]) if (isGone ? old === slot : old !== slot) old.remove();
    }, shown.current ? 120 : 0);
    return () => {
      isGone = true;
      clearTimeout(timer);
    };
  }, [key]);
  useEffect(() => () => shown.current?.destroy(), []);
  return <div ref={frame} role="region" aria-label={label} className={styles.frame} style={{ width: width ? `min(100%, ${width})` : undefined, height: height ? `min(80vh, ${height})` : undefined }} />;
}
