// SPDX-License-Identifier: Apache-2.0
import type { QueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useRight, useSession } from '../../api/session';
import { buttonClass } from '../../ui/Button';
import { Card } from '../../ui/Card';
import { EmptyState } from '../../ui/EmptyState';
import { Page } from '../../ui/Page';
import { Checks, checksQuery } from './Checks';
import { SingleSignOn, singleSignOnQuery } from './SingleSignOn';

// Whoever may not read it gets the page all the same.
export const prefetch = (client: QueryClient) => Promise.all([client.prefetchQuery(singleSignOnQuery), client.prefetchQuery(checksQuery)]);

/** What holds for the whole installation. */
export default function SettingsPage() {
  const isOwner = useRight('own');
  const version = useSession()?.version;
  return (
    <Page title="Installation" lead="What holds for all products and all administrators.">
      {isOwner && <Checks />}
      {isOwner ? <SingleSignOn /> : <Card><EmptyState title="For owners">Single sign-on of administrators is set up by an owner.</EmptyState></Card>}
      <Card title="Products and administrators" actions={<><Link to="/products" className={buttonClass('secondary', 'small')}>Products</Link><Link to="/admins" className={buttonClass('secondary', 'small')}>Admins</Link></>} lead={`This is Chatelaine ${version ?? ''}.`} />
    </Page>
  );
}
