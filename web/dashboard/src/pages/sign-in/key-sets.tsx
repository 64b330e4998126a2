// SPDX-License-Identifier: Apache-2.0
/** The health of the key sets: what is in them, since when, and what is wrong. */
import { useMutation, useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query';
import { RefreshCw, ShieldCheck } from 'lucide-react';
import { api, send } from '../../api/client';
import { useEnvironment } from '../../api/environment';
import { useRight } from '../../api/session';
import { Badge } from '../../ui/Badge';
import { Button } from '../../ui/Button';
import { Card } from '../../ui/Card';
import { InlineCode } from '../../ui/Code';
import { EmptyState } from '../../ui/EmptyState';
import { Page } from '../../ui/Page';
import { Problem } from '../../ui/Problem';
import { SkeletonRows } from '../../ui/Skeleton';
import { Time } from '../../ui/Time';
import { toast } from '../../ui/Toast';
import { Verdict } from '../../ui/Verdict';
import { plural } from '../../ui/time';
import { keySetsOf, type KeySet } from './data';
import { countdown } from './durations';
import styles from './key-sets.module.css';
import { stateOf } from './keySetState';
import { Go, issuerLink, useEnvironmentId } from './places';
import { Ticked } from './Ticked';
import { useNow } from './useNow';

export const prefetch = (client: QueryClient, { environment = '' }: Record<string, string>) => client.ensureQueryData(keySetsOf(environment));

function useRefresh(environment: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (issuer: string | null) => send(api.POST('/environments/{environment}/key-sets/refresh', { params: { path: { environment } }, body: { issuer } })),
    onSuccess: ({ data }, issuer) => {
      void client.invalidateQueries({ queryKey: keySetsOf(environment).queryKey });
      const failed = data.items.filter((one) => one.problem !== null && (issuer === null || one.issuer === issuer));
      toast(failed.length === 0 ? 'The keys are fresh' : `Not fetched: ${failed.map((one) => one.issuer).join(', ')}`);
    },
  });
}

export default function KeySetsPage() {
  const environment = useEnvironmentId();
  const { data, error } = useQuery({ ...keySetsOf(environment), refetchInterval: 10_000 });
  const refresh = useRefresh(environment);
  const mayRefresh = useRight('configure', useEnvironment().productId);
  const items = data?.data.items;
  return (
    <Page
      title="Key sets" lead="The public keys of your issuers. They are renewed in the background before they are old; no visitor waits for it."
      actions={mayRefresh && items?.some((one) => one.source === 'fetched') && <Button icon={<RefreshCw aria-hidden />} isBusy={refresh.isPending && refresh.variables === null} onClick={() => refresh.mutate(null)}>Refresh all</Button>}
    >
      <Problem of={error ?? refresh.error} />
      {!items && !error && <SkeletonRows />}
      {items?.length === 0 && (
        <Card>
          <EmptyState icon={<ShieldCheck />} title="No issuer with public keys" action={<Go environment={environment} place={{ to: 'federation' }} kind="primary">Connect a provider</Go>}>
            <p>A shared secret needs no key set. An identity provider, or your own app with a JWKS address, appears here with its keys and when they were fetched.</p>
          </EmptyState>
        </Card>
      )}
      {items?.map((one) => <KeySetCard key={one.issuer} environment={environment} keySet={one} isBusy={refresh.isPending && refresh.variables === one.issuer} onRefresh={mayRefresh ? () => refresh.mutate(one.issuer) : null} />)}
    </Page>
  );
}

interface KeySetCardProps {
  environment: string;
  keySet: KeySet;
  isBusy: boolean;
  /** Null for who may not. */
  onRefresh: (() => void) | null;
}

function KeySetCard({ environment, keySet, isBusy, onRefresh }: KeySetCardProps) {
  const state = stateOf(keySet);
  const isFetched = keySet.source === 'fetched';
  const isGood = keySet.state === 'fresh' || keySet.state === 'pasted';
  return (
    <Card
      title={<Go environment={environment} place={issuerLink(keySet.issuer)}>{keySet.issuer}</Go>}
      actions={<><Badge kind={state.kind}>{state.words}</Badge>{isFetched && onRefresh && <Button size="small" icon={<RefreshCw aria-hidden />} isBusy={isBusy} onClick={onRefresh}>Refresh</Button>}</>}
    >
      {keySet.url && <p className={styles.url}><InlineCode code={keySet.url} label={`Copy the key-set URL of ${keySet.issuer}`} /></p>}
      {!isGood && (
        <Verdict kind={keySet.state === 'failing' || keySet.state === 'empty' ? 'bad' : keySet.state === 'not-fetched' ? 'waiting' : 'warning'} title={keySet.sentence ?? state.sentence} code={keySet.problem}>
          {keySet.sentence && <p>{state.sentence}</p>}
          {keySet.fix && <p><strong>What to do:</strong> {keySet.fix}</p>}
        </Verdict>
      )}
      {keySet.showsPrivateKeys && <Verdict kind="warning" title="This address shows private keys"><p>Their public halves are used. Tell its owner at once: whoever has read them can sign for any visitor.</p></Verdict>}
      {keySet.discovery?.problem && (
        <Verdict kind="warning" title="Where its keys are could not be looked up again" code={keySet.discovery.problem}>
          <p><Ticked text={keySet.discovery.sentence ?? ''} /> The key set that was confirmed goes on being used.</p>
        </Verdict>
      )}
      {isFetched && (
        <dl className={styles.facts}>
          <div><dt>Last fetch</dt><dd><Time at={keySet.fetchedAt} /></dd></div>
          {keySet.triedAt !== keySet.fetchedAt && <div><dt>Last try</dt><dd><Time at={keySet.triedAt} /></dd></div>}
          <div><dt>Next fetch</dt><dd><Countdown at={keySet.nextFetchAt} /></dd></div>
          {keySet.discovery?.readAt && <div><dt>Metadata read</dt><dd><Time at={keySet.discovery.readAt} /></dd></div>}
          {keySet.failures > 0 && <div><dt>Failed in a row</dt><dd>{plural(keySet.failures, 'time')}</dd></div>}
        </dl>
      )}
      {keySet.keys.length > 0 && <Keys keySet={keySet} />}
      {keySet.skipped.length > 0 && (
        <details>
          <summary>{plural(keySet.skipped.length, 'key')} not used</summary>
          <ul className={styles.skipped}>{keySet.skipped.map((one, at) => <li key={at}><code>{one.kid ?? 'without kid'}</code> {one.why}</li>)}</ul>
        </details>
      )}
    </Card>
  );
}

function Keys({ keySet }: { keySet: KeySet }) {
  return (
    <div className={styles.frame} tabIndex={0} role="region" aria-label={`Keys of ${keySet.issuer}`}>
      <table className={styles.keys}>
        <thead><tr><th scope="col">Key</th><th scope="col">Kind</th><th scope="col">Algorithm</th>{keySet.keys.some((key) => key.notAfter) && <th scope="col">Certificate ends</th>}</tr></thead>
        <tbody>
          {keySet.keys.map((key, at) => (
            <tr key={at}>
              <th scope="row">{key.kid === null ? <span className="muted">without kid</span> : <code>{key.kid}</code>}</th>
              <td>{key.type} {key.curve ?? (key.bits > 0 ? `${key.bits} bits` : '')}</td>
              <td>{key.alg ?? <span className="muted">any that fits</span>}</td>
              {keySet.keys.some((one) => one.notAfter) && <td>{key.notAfter ? <Time at={key.notAfter} /> : '–'}</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Countdown({ at }: { at: string | null }) {
  const now = useNow(1000, at !== null);
  if (at === null) return <>when a token needs it</>;
  const left = new Date(at).getTime() - now;
  return <time dateTime={at} className={styles.clock}>{left <= 0 ? 'now' : `in ${countdown(left)}`}</time>;
}
