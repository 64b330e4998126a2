// SPDX-License-Identifier: Apache-2.0
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { api, send } from '../../api/client';
import { environmentQuery, useEnvironment } from '../../api/environment';
import { forget } from '../../api/resource';
import type { components } from '../../api/schema.generated';
import { useRight } from '../../api/session';
import { Badge } from '../../ui/Badge';
import { Button } from '../../ui/Button';
import { Card } from '../../ui/Card';
import { InlineCode } from '../../ui/Code';
import { ConfirmByName } from '../../ui/ConfirmByName';
import { DataTable } from '../../ui/DataTable';
import { EmptyState } from '../../ui/EmptyState';
import { Problem } from '../../ui/Problem';
import { SecretOnce } from '../../ui/SecretOnce';
import { Time } from '../../ui/Time';
import { timeInWords } from '../../ui/time';
import { toast } from '../../ui/Toast';
import { keysQuery } from './environment-queries';
import styles from './environment.module.css';

type Key = components['schemas']['Key'];

/** Publishable keys, which stand in pages, and secret ones, which servers show. */
export function Keys() {
  const client = useQueryClient();
  const { id: environment, productId } = useEnvironment();
  const mayMake = useRight('secrets', productId);
  const [made, setMade] = useState<string | null>(null);
  const [revoked, setRevoked] = useState<Key | null>(null);
  const refresh = () => {
    void forget(client, '/environments/{environment}/keys');
    void client.invalidateQueries({ queryKey: environmentQuery(environment).queryKey });
  };
  const make = useMutation({
    mutationFn: async (kind: Key['kind']) => (await send(api.POST('/environments/{environment}/keys', { params: { path: { environment }, header: { 'Idempotency-Key': crypto.randomUUID() } }, body: { kind } }))).data,
    onSuccess: ({ secret }) => (setMade(secret), refresh(), secret ?? toast('A new publishable key')),
  });
  const revoke = useMutation({
    mutationFn: (key: string) => send(api.DELETE('/environments/{environment}/keys/{key}', { params: { path: { environment, key } } })),
    onSuccess: () => (setRevoked(null), refresh(), toast('The key is revoked')),
  });
  return (
    <Card isFlush title="Keys" lead="The publishable key stands in the page and only names this environment. A secret key lets a server ask for the verdict on a token."
      actions={mayMake && (
        <>
          <Button size="small" icon={<Plus aria-hidden />} onClick={() => make.mutate('publishable')} isBusy={make.isPending && make.variables === 'publishable'}>Publishable key</Button>
          <Button size="small" icon={<Plus aria-hidden />} onClick={() => make.mutate('secret')} isBusy={make.isPending && make.variables === 'secret'}>Secret key</Button>
        </>
      )}>
      {made && <div className={styles.secret}><SecretOnce title="Secret key" secret={made} onStored={() => setMade(null)}>It belongs on a server, never into a page.</SecretOnce></div>}
      <Problem of={make.error} />
      <DataTable<Key>
        label="Keys"
        query={keysQuery(environment)}
        rowKey={({ id }) => id}
        columns={[
          { header: 'Key', cell: ({ kind, text }) => (kind === 'publishable' ? <InlineCode code={text} label="Copy the publishable key" /> : <code>{text}…</code>) },
          { header: 'Kind', cell: ({ kind, revokedAt }) => <span className="row"><Badge kind={kind === 'secret' ? 'brass' : 'plain'}>{kind}</Badge>{revokedAt && <Badge>revoked</Badge>}</span> },
          { header: 'Made', cell: ({ createdAt }) => <Time at={createdAt} />, isExtra: true },
          { header: 'Last used', cell: ({ lastUsedAt }) => <Time at={lastUsedAt} /> },
          { header: 'Actions', isActions: true, cell: (key) => mayMake && !key.revokedAt && <Button size="small" kind="danger" onClick={() => setRevoked(key)} aria-label={`Revoke ${key.text}`}>Revoke…</Button> },
        ]}
        empty={<EmptyState title="No key: no page can use this environment" action={mayMake && <Button onClick={() => make.mutate('publishable')}>Make a publishable key</Button>} />}
      />
      <ConfirmByName isOpen={revoked !== null} onClose={() => (setRevoked(null), revoke.reset())} title="Revoke the key?" name={revoked?.text.slice(0, 8) ?? ''} verb="Revoke"
        onConfirm={() => revoked && revoke.mutate(revoked.id)} isBusy={revoke.isPending} problem={revoke.error}>
        <p>
          {revoked?.kind === 'secret' ? 'Servers that show it are refused from their next request on.' : 'Every page that names it loses its chat at once.'} It was last used{' '}
          {revoked?.lastUsedAt ? timeInWords(revoked.lastUsedAt) : 'never'}. There is no way back; make the new one first.
        </p>
      </ConfirmByName>
    </Card>
  );
}
