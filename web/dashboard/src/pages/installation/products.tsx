// SPDX-License-Identifier: Apache-2.0
import { useMutation, useQueryClient, type QueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { Box, Plus } from 'lucide-react';
import { useState } from 'react';
import { api, send } from '../../api/client';
import { forget, list } from '../../api/resource';
import type { components } from '../../api/schema.generated';
import { useRight } from '../../api/session';
import { Badge } from '../../ui/Badge';
import { Button } from '../../ui/Button';
import { Card } from '../../ui/Card';
import { DataTable } from '../../ui/DataTable';
import { Dialog, DialogButtons } from '../../ui/Dialog';
import { EmptyState } from '../../ui/EmptyState';
import { Form } from '../../ui/form';
import { Page } from '../../ui/Page';
import { Problem } from '../../ui/Problem';
import { SearchField, useSettled } from '../../ui/SearchField';
import { TextField } from '../../ui/TextField';
import { Time } from '../../ui/Time';

type Product = components['schemas']['Product'];

const productsQuery = (search: string) => list('/products', { query: search ? { search } : {} });
export const prefetch = (client: QueryClient) => client.ensureInfiniteQueryData(productsQuery(''));

/** All products one has a role in: up to thousands, found by typing. */
export default function ProductsPage() {
  const mayCreate = useRight('own');
  const [search, setSearch] = useState('');
  const [isCreating, setIsCreating] = useState(false);
  const sought = useSettled(search.trim());
  const create = mayCreate && <Button kind="primary" icon={<Plus aria-hidden />} onClick={() => setIsCreating(true)}>New product</Button>;
  return (
    <Page title="Products" lead="A product is one chat of yours. It has environments, such as live and staging, each with its own keys, sign-in, assistant and tools." actions={create}>
      <Card isFlush actions={<SearchField label="Find a product" value={search} onChange={setSearch} />}>
        <DataTable<Product>
          label="Products"
          query={productsQuery(sought)}
          rowKey={({ id }) => id}
          columns={[
            { header: 'Name', cell: ({ id, name }) => <Link to="/products/$product" params={{ product: id }}>{name}</Link> },
            { header: 'Your role', cell: ({ role }) => <Badge>{role}</Badge> },
            { header: 'Created', cell: ({ createdAt }) => <Time at={createdAt} />, isExtra: true },
          ]}
          empty={sought
            ? <EmptyState title={`No product’s name begins with “${sought}”`} action={<Button onClick={() => setSearch('')}>Show all</Button>} />
            : (
              <EmptyState icon={<Box />} title="No products yet" action={mayCreate ? create : undefined}>
                {mayCreate ? <p>Name your first one after the app that gets the chat. Environments, keys and sign-in follow, step by step.</p> : <p>You have no role in any product. Ask an owner for one.</p>}
              </EmptyState>
            )}
        />
      </Card>
      <CreateProduct isOpen={isCreating} onClose={() => setIsCreating(false)} />
    </Page>
  );
}

function CreateProduct({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [name, setName] = useState('');
  const create = useMutation({
    mutationFn: async () => (await send(api.POST('/products', { params: { header: { 'Idempotency-Key': crypto.randomUUID() } }, body: { name: name.trim() } }))).data,
    onSuccess: async (product) => {
      await forget(client, '/products');
      onClose();
      await navigate({ to: '/products/$product', params: { product: product.id } });
    },
  });
  return (
    <Dialog isOpen={isOpen} onClose={onClose} title="New product" lead="The name is for you and the other administrators; visitors never see it.">
      <Form problem={create.error} onSubmit={() => create.mutate()}>
        <TextField label="Name" pointer="/name" value={name} onChange={setName} placeholder="acme-bank" autoComplete="off" autoCapitalize="none" maxLength={64} help="Lower-case letters, digits, - _ and . beginning with a letter or a digit." required />
        <Problem of={create.error} />
        <DialogButtons>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" isBusy={create.isPending} disabled={name.trim() === ''}>Create</Button>
        </DialogButtons>
      </Form>
    </Dialog>
  );
}
