// SPDX-License-Identifier: Apache-2.0
import { Outlet, useRouterState } from '@tanstack/react-router';
import { Menu, Search } from 'lucide-react';
import { useEffect, useState, type ReactNode } from 'react';
import { Button } from '../ui/Button';
import { later } from '../ui/later';
import { Mark } from '../ui/Mark';
import { Navigation } from './Navigation';
import styles from './Shell.module.css';

const Palette = later<{ mode: PaletteMode; onClose: () => void }>(() => import('./Palette'));
const Drawer = later<{ onClose: () => void; children: ReactNode }>(() => import('./Drawer'));

export type PaletteMode = 'all' | 'environments';

/** Navigation at the left (at phone width in a drawer), the page at the right, the command palette over both. */
export function Shell() {
  const [palette, setPalette] = useState<PaletteMode | null>(null);
  const [isDrawerOpen, setIsDrawerOpen] = useState(false);
  const pathname = useRouterState({ select: (state) => state.location.pathname });
  useEffect(() => setIsDrawerOpen(false), [pathname]);
  // Whoever types right after Ctrl+K types into it.
  useEffect(() => (Palette.prefetch(), Drawer.prefetch()), []);
  useEffect(() => {
    const open = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
      event.preventDefault();
      setPalette((mode) => (mode ? null : 'all'));
    };
    addEventListener('keydown', open);
    return () => removeEventListener('keydown', open);
  }, []);
  const navigation = <Navigation onSwitch={() => (setIsDrawerOpen(false), setPalette('environments'))} onSearch={() => (setIsDrawerOpen(false), setPalette('all'))} />;
  return (
    <div className={styles.shell}>
      <a href="#page" className={styles.skip}>Skip to the page</a>
      <header className={styles.bar}>
        <Button kind="quiet" icon={<Menu aria-hidden />} aria-label="Navigation" aria-expanded={isDrawerOpen} onClick={() => setIsDrawerOpen(true)} />
        <span className={styles.name}><Mark /> Chatelaine</span>
        <Button kind="quiet" icon={<Search aria-hidden />} aria-label="Search" onClick={() => setPalette('all')} />
      </header>
      <div className={styles.side}>{navigation}</div>
      <main id="page" className={styles.main} tabIndex={-1}><Outlet /></main>
      {isDrawerOpen && <Drawer onClose={() => setIsDrawerOpen(false)}>{navigation}</Drawer>}
      {palette && <Palette mode={palette} onClose={() => setPalette(null)} />}
    </div>
  );
}
