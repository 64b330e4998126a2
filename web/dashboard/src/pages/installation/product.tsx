// SPDX-License-Identifier: Apache-2.0
import { useMutation, useQuery, useQueryClient, useSuspenseQuery, type QueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { Globe, Plus } from 'lucide-react';
import { useState } from 'react';
import { api, ifMatch, send } from '../../api/client';
import { useDraft } from '../../api/draft';
import { lastEnvironment, useParam } from '../../api/environment';
import { forget, resource } from '../../api/resource';
import { useRight } from '../../api/session';
import { Badge } from '../../ui/Badge';
import { Button } from '../../ui/Button';
import { Card } from '../../ui/Card';
import { ConfirmByName } from '../../ui/ConfirmByName';
import { Dialog, DialogButtons } from '../../ui/Dialog';
import { EmptyState } from '../../ui/EmptyState';
import { Form } from '../../ui/form';
import { Page } from '../../ui/Page';
import { Problem } from '../../ui/Problem';
import { SaveBar } from '../../ui/SaveBar';
import { TextField } from '../../ui/TextField';
import { toast } from '../../ui/Toast';
import { plural } from '../../ui/time';
import styles from './product.module.css';

const productQuery = (product: string) => resource('/products/{product}', { path: { product } });
const environmentsQuery = (product: string) => resource('/products/{product}/environments', { path: { product } });

export const prefetch = (client: QueryClient, { product = '' }: Record<string, string>) =>
  Promise.all([client.ensureQueryData(productQuery(product)), client.ensureQueryData(environmentsQuery(product))]);

/** One product: its environments, its name, its end. */
export default function ProductPage() {
  const id = useParam('product');
  const { data: product } = useSuspenseQuery(productQuery(id)).data;
  const mayManage = useRight('manage', id);
  const isOwner = useRight('own');
  return (
    <Page title={product.name} lead="Each environment is a chat of its own: its keys, its visitors, its configuration. The one named live (or production) is marked in green everywhere.">
      <Environments product={id} mayManage={mayManage} />
      {mayManage && <Name product={id} />}
      {isOwner && <Delete product={id} name={product.name} />}
    </Page>
  );
}

function Environments({ product, mayManage }: { product: string; mayManage: boolean }) {
  const { items } = useSuspenseQuery(environmentsQuery(product)).data.data;
  const [isCreating, setIsCreating] = useState(false);
  const create = mayManage ? <Button size="small" icon={<Plus aria-hidden />} onClick={() => setIsCreating(true)}>New environment</Button> : null;
  return (
    <Card title="Environments" isFlush actions={items.length > 0 && create}>
      {items.length === 0
        ? <EmptyState icon={<Globe />} title="No environments yet" action={create}><p>Begin with one for trying out, such as <code>staging</code>; add <code>live</code> when visitors come.</p></EmptyState>
        : (
          <ul className={styles.environments}>
            {items.map(({ id, name, kind, counts }) => (
              <li key={id} className={kind === 'live' ? styles.live : styles.other}>
                <Link to="/e/$environment" params={{ environment: id }} className={styles.name}>{name}</Link>
                <Badge kind={kind === 'live' ? 'good' : 'brass'}>{kind === 'live' ? 'live' : 'not live'}</Badge>
                <span className="muted">{plural(counts.issuers, 'issuer')}, {plural(counts.tools, 'tool')}, {plural(counts.keys, 'key')}</span>
              </li>
            ))}
          </ul>
        )}
      <CreateEnvironment product={product} isOpen={isCreating} onClose={() => setIsCreating(false)} />
    </Card>
  );
}

function CreateEnvironment({ product, isOpen, onClose }: { product: string; isOpen: boolean; onClose: () => void }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [name, setName] = useState('');
  const create = useMutation({
    mutationFn: async () => (await send(api.POST('/products/{product}/environments', { params: { path: { product }, header: { 'Idempotency-Key': crypto.randomUUID() } }, body: { name: name.trim() } }))).data,
    onSuccess: async ({ id }) => {
      await forget(client, '/products/{product}/environments');
      onClose();
      await navigate({ to: '/e/$environment', params: { environment: id } });
    },
  });
  return (
    <Dialog isOpen={isOpen} onClose={onClose} title="New environment" lead="It begins with a publishable key and anonymous visitors; sign-in is set up next.">
      <Form problem={create.error} onSubmit={() => create.mutate()}>
        <TextField label="Name" pointer="/name" value={name} onChange={setName} placeholder="staging" autoComplete="off" maxLength={64} autoCapitalize="none" help="Lower-case letters, digits, - _ and . Those named live, production or prod are marked as live." required />
        <Problem of={create.error} />
        <DialogButtons>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" isBusy={create.isPending} disabled={name.trim() === ''}>Create</Button>
        </DialogButtons>
      </Form>
    </Dialog>
  );
}

function Name({ product }: { product: string }) {
  const client = useQueryClient();
  const query = productQuery(product);
  const path = { path: { product } };
  const draft = useDraft({
    loaded: useSuspenseQuery(query).data,
    toValue: ({ name }) => ({ name }),
    save: ({ name }, etag) => send(api.PATCH('/products/{product}', { params: { ...path, header: ifMatch(etag) }, body: { name: name.trim() } })),
    reload: () => send(api.GET('/products/{product}', { params: path })),
    queryKey: query.queryKey,
    onSaved: () => (void forget(client, '/products', '/environments/{environment}'), toast('Renamed')),
  });
  return (
    <Card title="Name">
      <Form problem={draft.problem} onSubmit={draft.save}>
        <TextField label="Name" pointer="/name" value={draft.value.name} onChange={(name) => draft.set({ name })} maxLength={64} autoComplete="off" />
        <SaveBar draft={draft} verb="Rename" />
      </Form>
    </Card>
  );
}

function Delete({ product, name }: { product: string; name: string }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [isAsked, setIsAsked] = useState(false);
  const { etag } = useSuspenseQuery(productQuery(product)).data;
  const environments = useQuery(environmentsQuery(product)).data?.data.items ?? [];
  const remove = useMutation({
    mutationFn: () => send(api.DELETE('/products/{product}', { params: { path: { product }, header: ifMatch(etag) } })),
    onSuccess: async () => {
      lastEnvironment.forget();
      await navigate({ to: '/products' });
      await forget(client, '/products');
      toast(`${name} is deleted`);
    },
  });
  return (
    <Card title="Delete this product" kind="danger" lead="For good, with everything in it." actions={<Button kind="danger" onClick={() => setIsAsked(true)}>Delete…</Button>}>
      <ConfirmByName isOpen={isAsked} onClose={() => (setIsAsked(false), remove.reset())} title={`Delete ${name}?`} name={name} verb="Delete product"
        onConfirm={() => remove.mutate()} isBusy={remove.isPending} problem={remove.error}>
        <p>
          {plural(environments.length, 'environment')} go with it{environments.length > 0 && <> ({environments.map(({ name }) => name).join(', ')})</>}: keys, secrets, configuration, visitors and their conversations.
          Every chat that uses one of its keys stops at once. There is no way back.
        </p>
      </ConfirmByName>
    </Card>
  );
}
