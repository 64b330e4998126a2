// SPDX-License-Identifier: Apache-2.0
import { useMutation, useQuery, useQueryClient, useSuspenseQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api, ifMatch, send } from '../../api/client';
import { useDraft } from '../../api/draft';
import { environmentQuery, lastEnvironment, useEnvironment } from '../../api/environment';
import { forget, resource } from '../../api/resource';
import { useRight } from '../../api/session';
import { Button } from '../../ui/Button';
import { Card } from '../../ui/Card';
import { ConfirmByName } from '../../ui/ConfirmByName';
import { Form } from '../../ui/form';
import { SaveBar } from '../../ui/SaveBar';
import { TextField } from '../../ui/TextField';
import { countInWords, plural } from '../../ui/time';
import { toast } from '../../ui/Toast';

export function EnvironmentName() {
  const client = useQueryClient();
  const { id, productId } = useEnvironment();
  const mayManage = useRight('manage', productId);
  const query = environmentQuery(id);
  const path = { path: { environment: id } };
  const draft = useDraft({
    loaded: useSuspenseQuery(query).data,
    toValue: ({ name }) => ({ name }),
    save: ({ name }, etag) => send(api.PATCH('/environments/{environment}', { params: { ...path, header: ifMatch(etag) }, body: { name: name.trim() } })),
    reload: () => send(api.GET('/environments/{environment}', { params: path })),
    queryKey: query.queryKey,
    onSaved: () => (void forget(client, '/environments/{environment}', '/products/{product}/environments'), toast('Renamed')),
  });
  return (
    <Card title="Name" lead="live, production and prod are marked in green; all others in brass, so that nobody mistakes one for the other.">
      <Form problem={draft.problem} onSubmit={draft.save}>
        <TextField label="Name" pointer="/name" value={draft.value.name} onChange={(name) => draft.set({ name })} maxLength={64} autoComplete="off" disabled={!mayManage} />
        {mayManage && <SaveBar draft={draft} verb="Rename" />}
      </Form>
    </Card>
  );
}

export function DeleteEnvironment() {
  const client = useQueryClient();
  const navigate = useNavigate();
  const { id, name, productName, productId, counts } = useEnvironment();
  const [isAsked, setIsAsked] = useState(false);
  const { etag } = useSuspenseQuery(environmentQuery(id)).data;
  const day = useQuery({ ...resource('/environments/{environment}/statistics/required', { path: { environment: id } }), enabled: isAsked }).data?.data;
  const remove = useMutation({
    mutationFn: () => send(api.DELETE('/environments/{environment}', { params: { path: { environment: id }, header: ifMatch(etag) } })),
    onSuccess: async () => {
      lastEnvironment.forget();
      await navigate({ to: '/products/$product', params: { product: productId } });
      await forget(client, '/products');
      toast(`${name} is deleted`);
    },
  });
  return (
    <Card title="Delete this environment" kind="danger" lead="For good, with everything in it but the audit log." actions={<Button kind="danger" onClick={() => setIsAsked(true)}>Delete…</Button>}>
      <ConfirmByName isOpen={isAsked} onClose={() => (setIsAsked(false), remove.reset())} title={`Delete ${name} of ${productName}?`} name={name} verb="Delete environment"
        onConfirm={() => remove.mutate()} isBusy={remove.isPending} problem={remove.error}>
        <p>
          {plural(counts.keys, 'key')}, {plural(counts.secrets, 'secret')}, {plural(counts.issuers, 'issuer')}, {plural(counts.tools, 'tool')} and {plural(counts.knowledge, 'piece')} of knowledge go with it, and all its visitors
          with their conversations.
        </p>
        <p>Every chat that uses one of its keys stops at once.{day && <> In the last 24 hours {countInWords(day.messages)} {day.messages === 1 ? 'message was' : 'messages were'} written in it.</>} There is no way back.</p>
      </ConfirmByName>
    </Card>
  );
}
