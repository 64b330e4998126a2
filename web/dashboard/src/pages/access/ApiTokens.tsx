// SPDX-License-Identifier: Apache-2.0
import { useMutation, useQuery, useQueryClient, useSuspenseQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useRef, useState } from 'react';
import { api, send } from '../../api/client';
import { resource } from '../../api/resource';
import type { components } from '../../api/schema.generated';
import { useSession, hasRight, type Right } from '../../api/session';
import { Badge } from '../../ui/Badge';
import { Button } from '../../ui/Button';
import { Card } from '../../ui/Card';
import { Code } from '../../ui/Code';
import { ConfirmByName } from '../../ui/ConfirmByName';
import { Dialog, DialogButtons } from '../../ui/Dialog';
import { Form } from '../../ui/form';
import { Problem } from '../../ui/Problem';
import { SecretOnce } from '../../ui/SecretOnce';
import { Select } from '../../ui/Select';
import { Checkbox } from '../../ui/Switch';
import { TextField } from '../../ui/TextField';
import { Time } from '../../ui/Time';
import { toast } from '../../ui/Toast';
import { apiTokensQuery } from './account-queries';
import { scopes } from './rights';
import styles from './account.module.css';

type ApiToken = components['schemas']['ApiToken'];

/** Tokens for scripts: what they may, for how long, and an end at any time. */
export function ApiTokens() {
  const client = useQueryClient();
  const { items } = useSuspenseQuery(apiTokensQuery).data.data;
  const [isCreating, setIsCreating] = useState(false);
  const [made, setMade] = useState<{ name: string; token: string } | null>(null);
  const [revoked, setRevoked] = useState<ApiToken | null>(null);
  const refresh = () => client.invalidateQueries({ queryKey: apiTokensQuery.queryKey });
  const revoke = useMutation({
    mutationFn: (apiToken: string) => send(api.DELETE('/account/api-tokens/{apiToken}', { params: { path: { apiToken } } })),
    onSuccess: () => (setRevoked(null), void refresh(), toast('The token is revoked')),
  });
  return (
    <Card title="API tokens" lead="For scripts and pipelines that use the admin API in your name. A token never may more than you do."
      actions={<Button size="small" icon={<Plus aria-hidden />} onClick={() => setIsCreating(true)}>New token</Button>}>
      {made && (
        <SecretOnce title={`API token ${made.name}`} secret={made.token} onStored={() => setMade(null)}>
          Give it to the script as <code>CHATELAINE_TOKEN</code>.
        </SecretOnce>
      )}
      {items.length === 0 && !made && <Code title="With a token" code={`export CHATELAINE_TOKEN=ca_…\nchatelaine apply --server ${location.origin} -f chatelaine.json`} />}
      {items.length > 0 && (
        <ul className={styles.list}>
          {items.map((token) => (
            <li key={token.id}>
              <div className={styles.words}>
                <span>{token.name} <code className="muted">{token.hint}…</code> {token.scopes.map((scope) => <Badge key={scope}>{scope}</Badge>)}</span>
                <span>{token.product ? 'For one product. ' : ''}Last used <Time at={token.lastUsedAt} />, ends <Time at={token.expiresAt} /></span>
              </div>
              <Button size="small" kind="danger" onClick={() => setRevoked(token)} aria-label={`Revoke ${token.name}`}>Revoke…</Button>
            </li>
          ))}
        </ul>
      )}
      {isCreating && <Create onClose={() => setIsCreating(false)} onMade={(name, token) => (setIsCreating(false), token && setMade({ name, token }), void refresh())} />}
      <ConfirmByName isOpen={revoked !== null} onClose={() => (setRevoked(null), revoke.reset())} title="Revoke the token?" name={revoked?.name ?? ''} verb="Revoke"
        onConfirm={() => revoked && revoke.mutate(revoked.id)} isBusy={revoke.isPending} problem={revoke.error}>
        <p>Whatever uses it is refused from its next request on. Last used <Time at={revoked?.lastUsedAt} />.</p>
      </ConfirmByName>
    </Card>
  );
}

const lifetimes = [{ value: '30', label: '30 days' }, { value: '90', label: '90 days' }, { value: '365', label: 'a year' }] as const;

function Create({ onClose, onMade }: { onClose: () => void; onMade: (name: string, token: string | null) => void }) {
  const session = useSession();
  const products = useQuery(resource('/products', { query: { limit: 200 } })).data?.data.items ?? [];
  const [name, setName] = useState('');
  const [chosen, setChosen] = useState<readonly Right[]>(['read']);
  const [product, setProduct] = useState('');
  const [days, setDays] = useState<string>('90');
  const key = useRef(crypto.randomUUID());
  const mine = scopes.filter(({ right }) => hasRight(session, right) || products.some(({ id }) => hasRight(session, right, id)));
  const create = useMutation({
    mutationFn: async () => (await send(api.POST('/account/api-tokens', {
      params: { header: { 'Idempotency-Key': key.current } }, body: { name: name.trim(), scopes: [...chosen], product: product || null, expiresInDays: Number(days) },
    }))).data,
    onSuccess: ({ token }) => onMade(name.trim(), token),
    onError: () => (key.current = crypto.randomUUID()),
  });
  return (
    <Dialog isOpen onClose={onClose} title="New API token">
      <Form problem={create.error} onSubmit={() => create.mutate()}>
        <TextField label="Name" pointer="/name" value={name} onChange={setName} placeholder="deploy" maxLength={100} autoComplete="off" help="What will use it." />
        <fieldset className={styles.scopes}>
          <legend>It may</legend>
          {mine.map(({ right, label, help }) => (
            <Checkbox key={right} label={label} help={help} isOn={chosen.includes(right)} onChange={(isOn) => setChosen(isOn ? [...chosen, right] : chosen.filter((one) => one !== right))} />
          ))}
        </fieldset>
        <Select label="For" pointer="/product" value={product} onChange={setProduct} options={[{ value: '', label: 'all products' }, ...products.map(({ id, name }) => ({ value: id, label: name }))]} />
        <Select label="Good for" pointer="/expiresInDays" value={days} onChange={setDays} options={lifetimes} />
        <Problem of={create.error} />
        <DialogButtons>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" kind="primary" disabled={name.trim() === '' || chosen.length === 0} isBusy={create.isPending}>Create</Button>
        </DialogButtons>
      </Form>
    </Dialog>
  );
}
