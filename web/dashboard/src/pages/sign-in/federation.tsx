// SPDX-License-Identifier: Apache-2.0
/** Federation: the identity providers whose tokens are taken. */
import { useQuery, type QueryClient } from '@tanstack/react-query';
import { Waypoints } from 'lucide-react';
import { Badge } from '../../ui/Badge';
import { Card } from '../../ui/Card';
import { Page } from '../../ui/Page';
import { Problem } from '../../ui/Problem';
import { SkeletonRows } from '../../ui/Skeleton';
import { issuersOf, keySetsOf, providersOf, useIssuers } from './data';
import styles from './federation.module.css';
import { summaryOf } from './issuer';
import { stateOf } from './keySetState';
import { Go, issuerLink, useEnvironmentId } from './places';

export const prefetch = (client: QueryClient, { environment = '' }: Record<string, string>) =>
  Promise.all([client.ensureQueryData(issuersOf(environment)), client.ensureQueryData(providersOf())]);

export default function FederationPage() {
  const environment = useEnvironmentId();
  const { issuers, problem } = useIssuers(environment);
  const providers = useQuery(providersOf());
  const sets = useQuery(keySetsOf(environment));
  const connected = issuers?.filter((one) => one.provider) ?? [];
  const catalogue = providers.data?.data.items;
  return (
    <Page title="Federation" lead="The provider that signs your users in issues a token in the browser already. Connect it, and Chatelaine verifies that token by the provider’s public keys: no secret to keep, no second sign-in.">
      <Problem of={problem ?? providers.error} />
      {!catalogue && !providers.error && <SkeletonRows count={4} />}
      {connected.length > 0 && (
        <Card title="Connected">
          <ul className={styles.connected}>
            {connected.map((issuer) => {
              const keySet = sets.data?.data.items.find((one) => one.issuer === issuer.name);
              const state = keySet && stateOf(keySet);
              return (
                <li key={issuer.name}>
                  <Waypoints aria-hidden />
                  <span className={styles.name}>
                    <Go environment={environment} place={issuerLink(issuer.name)}>{issuer.name}</Go>
                    <span className="muted">{catalogue?.find((one) => one.id === issuer.provider?.id)?.name} · {Object.values(issuer.provider?.fields ?? {})[0] ?? summaryOf(issuer)}</span>
                  </span>
                  {issuer.provider?.offlineAccess && <Badge>offline access</Badge>}
                  {state && <Badge kind={state.kind}>{state.words}</Badge>}
                </li>
              );
            })}
          </ul>
        </Card>
      )}
      {catalogue && (
        <Card title={connected.length > 0 ? 'Connect another' : 'Connect your provider'}>
          <ul className={styles.providers}>
            {catalogue.map((provider) => (
              <li key={provider.id} className={styles.provider}>
                <h3><Go environment={environment} place={{ to: 'federation', provider: provider.id }}>{provider.name}</Go></h3>
                <p className="muted">{provider.fields.filter((field) => field.isRequired).map((field) => field.label).join(', ')}</p>
              </li>
            ))}
          </ul>
        </Card>
      )}
    </Page>
  );
}
