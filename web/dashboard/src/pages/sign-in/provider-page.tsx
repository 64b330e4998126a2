// SPDX-License-Identifier: Apache-2.0
/** Connecting one provider, to the end: its fields, a verified token, the code for the page. */
import { useQuery, type QueryClient } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { Card } from '../../ui/Card';
import { Page } from '../../ui/Page';
import { Problem } from '../../ui/Problem';
import { SkeletonPage } from '../../ui/Skeleton';
import { Allowed } from './Allowed';
import { issuersOf, providersOf, useIssuers } from './data';
import type { ProviderId } from './guide';
import { PageCode } from './PageCode';
import { Go, issuerLink, useEnvironmentId } from './places';
import { ProviderSetup } from './ProviderSetup';
import styles from './ProviderSetup.module.css';
import { TokenTester } from './TokenTester';

export const prefetch = (client: QueryClient, { environment = '' }: Record<string, string>) =>
  Promise.all([client.ensureQueryData(issuersOf(environment)), client.ensureQueryData(providersOf())]);

export default function ProviderPage() {
  const environment = useEnvironmentId();
  const { provider: id } = useParams({ strict: false }) as { provider: string };
  const { data, error } = useQuery(providersOf());
  const { issuers } = useIssuers(environment);
  const [saved, setSaved] = useState<string | null>(null);
  const provider = data?.data.items.find((one) => one.id === id);
  if (!provider) return data || error ? <Page title="Federation"><Problem of={error} />{data && <p>There is no provider of this name. <Go environment={environment} place={{ to: 'federation' }}>All providers</Go></p>}</Page> : <SkeletonPage />;
  const others = issuers?.filter((one) => one.provider?.id === id && one.name !== saved) ?? [];
  const issuer = issuers?.find((one) => one.name === saved);
  return (
    <Page title={provider.name} lead={<Go environment={environment} place={{ to: 'federation' }}>Federation</Go>}>
      {others.length > 0 && saved === null && <p>Connected already: {others.map((one) => <Go key={one.name} environment={environment} place={issuerLink(one.name)}>{one.name} </Go>)}</p>}
      <Card title="1. From your provider’s dashboard">
        {saved === null ? (
          <Allowed><ProviderSetup key={id} environment={environment} provider={provider} onSaved={setSaved}>
            <Go environment={environment} place={{ to: 'federation' }} kind="quiet">Cancel</Go>
          </ProviderSetup></Allowed>
        ) : (
          <p>Saved as <Go environment={environment} place={issuerLink(saved)}>{saved}</Go>.</p>
        )}
        {saved === null && (
          <ul className={styles.notes}>
            {provider.notes.map((note) => <li key={note}>{note}</li>)}
            <li>How long its tokens live: {provider.tokenLifetimeHint}</li>
          </ul>
        )}
      </Card>
      {saved !== null && (
        <>
          <Card title="2. A real token" lead="Sign in to your app, take the token that your provider’s SDK gives, and paste it.">
            <TokenTester environment={environment} issuers={[saved]} issuer={saved} isBrief />
          </Card>
          <Card title="3. In your page">
            <PageCode environment={environment} source={provider.id as ProviderId} fields={issuer?.provider?.fields ?? {}} />
          </Card>
        </>
      )}
    </Page>
  );
}
