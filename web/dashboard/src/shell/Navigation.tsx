// SPDX-License-Identifier: Apache-2.0
import { useQuery } from '@tanstack/react-query';
import { Link, useParams, useRouter, useRouterState } from '@tanstack/react-router';
import { ChevronsUpDown, LogOut, Search, UserRound } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { environmentQuery, lastEnvironment } from '../api/environment';
import { useSession } from '../api/session';
import { Mark } from '../ui/Mark';
import { ThemeSwitch } from '../ui/ThemeSwitch';
import { sections } from './navigation';
import { useSignOut } from './sign-out';
import styles from './Navigation.module.css';

interface NavigationProps {
  onSwitch: () => void;
  onSearch: () => void;
}

const isMac = /Mac|iPhone|iPad/.test(navigator.userAgent);

export function Navigation({ onSwitch, onSearch }: NavigationProps) {
  const router = useRouter();
  const session = useSession();
  const signOut = useSignOut();
  // On a page of the installation, the environment looked at last stays at hand.
  const environment = useParams({ strict: false }).environment ?? lastEnvironment.read();
  const { data, isPending } = useQuery({ ...environmentQuery(environment ?? ''), enabled: environment !== null });
  const known = data?.data;
  const isComing = environment !== null && isPending; // its places keep their room meanwhile: nothing moves when it is there
  const list = useRef<HTMLDivElement>(null);
  const pathname = useRouterState({ select: (state) => state.resolvedLocation?.pathname });
  // Where one is, is seen, also where the list is longer than the window.
  useEffect(() => {
    list.current?.querySelector('[aria-current="page"]')?.scrollIntoView?.({ block: 'nearest' });
  }, [pathname, known?.id]);
  const shown = sections
    .map(({ title, places }) => ({ title, places: places.filter(({ to }) => to in router.routesByPath && (!to.startsWith('/e/') || known || isComing)) }))
    .filter(({ places }) => places.length > 0);
  return (
    <nav className={styles.navigation} aria-label="Main">
      <Link to="/" className={styles.brand}><Mark /> Chatelaine</Link>
      <button type="button" className={`${styles.switcher} ${known ? (known.kind === 'live' ? styles.live : styles.other) : ''}`} onClick={onSwitch}>
        {known ? (
          <span className={styles.where}>
            <span className={styles.product}>{known.productName}</span>
            <span className={styles.environment}>{known.name}</span>
          </span>
        ) : (
          <span className={styles.where}><span className={styles.product}>{isComing ? '\u00a0' : 'Choose an environment'}</span>{isComing && <span className={styles.environment}>{'\u00a0'}</span>}</span>
        )}
        <ChevronsUpDown aria-hidden />
      </button>
      <button type="button" className={styles.search} onClick={onSearch} aria-keyshortcuts={isMac ? 'Meta+K' : 'Control+K'}>
        <Search aria-hidden /> <span>Go to…</span> <kbd>{isMac ? '⌘' : 'Ctrl'} K</kbd>
      </button>
      <div ref={list} className={styles.sections}>
        {shown.map(({ title, places }) => (
          <div key={title ?? ''} className={styles.section}>
            {title && <h2 className={styles.heading} id={`navigation-${title}`}>{title}</h2>}
            <ul aria-labelledby={title ? `navigation-${title}` : undefined}>
              {places.map(({ to, title, icon: Icon }) => (
                <li key={to}>
                  {/* The list is data: the router's own types know each path, not this one. */}
                  <Link to={to as '/products'} params={{ environment: environment ?? '' } as never} className={styles.link} activeProps={{ className: styles.active }}>
                    <Icon aria-hidden /> {title}
                  </Link>
                </li>
              ))}
            </ul>
          </div>
        ))}
      </div>
      <div className={styles.foot}>
        <Link to="/account" className={styles.link} activeProps={{ className: styles.active }}>
          <UserRound aria-hidden /> <span className={styles.who}>{session?.administrator?.name ?? 'Account'}</span>
        </Link>
        <div className={styles.leave}>
          <button type="button" className={styles.link} onClick={signOut}><LogOut aria-hidden /> Sign out</button>
          <ThemeSwitch />
        </div>
      </div>
    </nav>
  );
}
