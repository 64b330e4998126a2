// SPDX-License-Identifier: Apache-2.0
import { Tabs as Base } from '@base-ui/react/tabs';
import type { ReactNode } from 'react';
import styles from './Tabs.module.css';

interface TabsProps<V extends string> {
  /** Names the row for screen readers. */
  label: string;
  tabs: readonly { value: V; label: ReactNode; content: ReactNode }[];
  value: V;
  onChange: (value: V) => void;
}

/** Views of one thing, side by side. Arrow keys move between them. */
export function Tabs<V extends string>({ label, tabs, value, onChange }: TabsProps<V>) {
  return (
    <Base.Root value={value} onValueChange={(next) => onChange(next as V)} className={styles.tabs}>
      <Base.List className={styles.list} aria-label={label} activateOnFocus>
        {tabs.map((tab) => <Base.Tab key={tab.value} value={tab.value} className={styles.tab}>{tab.label}</Base.Tab>)}
      </Base.List>
      {tabs.map((tab) => <Base.Panel key={tab.value} value={tab.value} className={styles.panel}>{tab.content}</Base.Panel>)}
    </Base.Root>
  );
}
