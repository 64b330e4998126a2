// SPDX-License-Identifier: Apache-2.0
import { Autocomplete } from '@base-ui/react/autocomplete';
import { Dialog as Base } from '@base-ui/react/dialog';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useNavigate, useParams, useRouter } from '@tanstack/react-router';
import { Box, CornerDownLeft, Globe, Wrench, type LucideIcon } from 'lucide-react';
import { useState } from 'react';
import { environmentQuery, lastEnvironment } from '../api/environment';
import { resource } from '../api/resource';
import { useSettled } from '../ui/SearchField';
import { further, sections } from './navigation';
import type { PaletteMode } from './Shell';
import styles from './Palette.module.css';

interface Entry {
  key: string;
  title: string;
  where: string;
  icon: LucideIcon;
  go: () => void;
}

interface Group {
  title: string;
  items: Entry[];
}

/** Ctrl/⌘ K: goes to any page, product, environment or tool by a few letters. In the mode `environments` it is the switcher. */
export default function Palette({ mode, onClose }: { mode: PaletteMode; onClose: () => void }) {
  const [typed, setTyped] = useState('');
  const groups = useGroups(mode, typed.trim(), onClose);
  const label = mode === 'environments' ? 'Go to a product or an environment' : 'Go to a page, a product, an environment, a tool';
  return (
    <Base.Root open onOpenChange={(open) => !open && onClose()}>
      <Base.Portal>
        <Base.Backdrop className={styles.backdrop} />
        <Base.Popup className={styles.palette} aria-label={label}>
          <Autocomplete.Root inline open items={groups} mode="none" value={typed} onValueChange={setTyped} autoHighlight="always" keepHighlight itemToStringValue={(entry: Entry) => entry.title}>
            <Autocomplete.Input className={styles.input} aria-label={label} placeholder={`${label}…`} />
            <Autocomplete.Empty className={styles.empty}>{typed.trim() ? 'Nothing of that name.' : null}</Autocomplete.Empty>
            <Autocomplete.List className={styles.list}>
              {(group: Group) => (
                <Autocomplete.Group key={group.title} items={group.items}>
                  <Autocomplete.GroupLabel className={styles.heading}>{group.title}</Autocomplete.GroupLabel>
                  <Autocomplete.Collection>
                    {(entry: Entry) => (
                      <Autocomplete.Item key={entry.key} value={entry} className={styles.item} onClick={entry.go}>
                        <entry.icon aria-hidden />
                        <span className={styles.title}>{entry.title}</span>
                        <span className={styles.where}>{entry.where}</span>
                        <CornerDownLeft aria-hidden className={styles.enter} />
                      </Autocomplete.Item>
                    )}
                  </Autocomplete.Collection>
                </Autocomplete.Group>
              )}
            </Autocomplete.List>
          </Autocomplete.Root>
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}

const icons = { product: Box, environment: Globe, tool: Wrench };

function useGroups(mode: PaletteMode, typed: string, onClose: () => void): Group[] {
  const router = useRouter();
  const navigate = useNavigate();
  const environment = useParams({ strict: false }).environment ?? lastEnvironment.read();
  const known = useQuery({ ...environmentQuery(environment ?? ''), enabled: environment !== null }).data?.data;
  const sought = useSettled(typed);
  const found = useQuery({ ...resource('/search', { query: { q: sought } }), enabled: sought !== '', placeholderData: keepPreviousData }).data?.data.items ?? [];
  const siblings = useQuery({ ...resource('/products/{product}/environments', { path: { product: known?.productId ?? '' } }), enabled: known !== undefined }).data?.data.items ?? [];
  // Who has no environment yet begins with a product.
  const products = useQuery({ ...resource('/products', { query: { limit: 50 } }), enabled: mode === 'environments' && environment === null }).data?.data.items ?? [];

  const leave = (to: string, params: Record<string, string> = {}) => () => {
    onClose();
    void navigate({ to, params } as never);
  };
  // Each word typed begins a word of the title, or of what else it is called.
  const matches = (...texts: (string | undefined)[]) => {
    const known = texts.join(' ').toLowerCase().split(/[\s_-]+/);
    return typed.toLowerCase().split(/[\s_-]+/).every((word) => known.some((one) => one.startsWith(word)));
  };

  const pages = [...sections.flatMap(({ places }) => places), ...further]
    .filter(({ to }) => to in router.routesByPath && (!to.startsWith('/e/') || known))
    .filter(({ title, words }) => matches(title, words))
    .map<Entry>(({ to, title, icon }) => ({ key: to, title, icon, where: to.startsWith('/e/') ? `${known?.productName} · ${known?.name}` : 'installation', go: leave(to, { environment: environment ?? '' }) }));
  const environments = siblings
    .filter(({ name }) => typed === '' || matches(name))
    .map<Entry>(({ id, name }) => ({ key: id, title: name, where: known?.productName ?? '', icon: Globe, go: leave('/e/$environment', { environment: id }) }));
  const choices = products
    .filter(({ name }) => typed === '' || matches(name))
    .map<Entry>(({ id, name }) => ({ key: id, title: name, where: 'product', icon: Box, go: leave('/products/$product', { product: id }) }));
  const results = typed === '' ? [] : found
    .filter(({ id, kind }) => ![...environments, ...choices].some(({ key }) => key === id) && (mode === 'all' || kind !== 'tool'))
    .map<Entry>(({ kind, id, name, productId, productName, environmentId, environmentName }) => ({
      key: `${kind} ${id} ${environmentId ?? ''}`,
      title: name,
      where: kind === 'product' ? 'product' : kind === 'environment' ? productName : `${productName} · ${environmentName}`,
      icon: icons[kind],
      go: kind === 'product' ? leave('/products/$product', { product: productId }) : kind === 'environment' ? leave('/e/$environment', { environment: id }) : leave('/e/$environment/tools/$name', { environment: environmentId ?? '', name }),
    }));
  const all: Group[] = mode === 'all'
    ? [{ title: 'Pages', items: pages }, { title: 'Environments', items: typed ? environments : [] }, { title: 'Found by name', items: results }]
    : [{ title: 'Environments', items: environments }, { title: 'Products', items: choices }, { title: 'Found by name', items: results }, { title: 'All', items: pages.filter(({ key }) => key === '/products') }];
  return all.filter(({ items }) => items.length > 0);
}
