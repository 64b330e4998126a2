// SPDX-License-Identifier: Apache-2.0
import { useQueryClient, useSuspenseQuery } from '@tanstack/react-query';
import { api, ifMatch, send } from '../../api/client';
import { useDraft } from '../../api/draft';
import { sessionQuery } from '../../api/session';
import { Badge } from '../../ui/Badge';
import { Card } from '../../ui/Card';
import { Form } from '../../ui/form';
import { SaveBar } from '../../ui/SaveBar';
import { TextField } from '../../ui/TextField';
import { toast } from '../../ui/Toast';
import { accountQuery } from './account-queries';

export function Profile() {
  const client = useQueryClient();
  const loaded = useSuspenseQuery(accountQuery).data;
  const draft = useDraft({
    loaded,
    toValue: ({ name, email }) => ({ name, email }),
    save: ({ name, email }, etag) => send(api.PATCH('/account', { params: { header: ifMatch(etag) }, body: { name: name.trim(), ...(email.trim() === loaded.data.email ? {} : { email: email.trim() }) } })),
    reload: () => send(api.GET('/account')),
    queryKey: accountQuery.queryKey,
    onSaved: () => (void client.invalidateQueries({ queryKey: sessionQuery.queryKey }), toast('Saved')),
  });
  return (
    <Card title="You" actions={loaded.data.roles.map(({ role, product, productName }) => <Badge key={`${role} ${product}`}>{role}{product ? ` of ${productName}` : ''}</Badge>)}>
      <Form problem={draft.problem} onSubmit={draft.save}>
        <TextField label="Name" autoComplete="name" pointer="/name" value={draft.value.name} onChange={(name) => draft.set({ name })} maxLength={100} />
        <TextField label="E-mail" type="email" autoComplete="email" pointer="/email" value={draft.value.email} onChange={(email) => draft.set({ email })} help="You sign in with it." />
        <SaveBar draft={draft} />
      </Form>
    </Card>
  );
}
