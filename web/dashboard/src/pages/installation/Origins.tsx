// SPDX-License-Identifier: Apache-2.0
import { useQueryClient, useSuspenseQuery } from '@tanstack/react-query';
import { api, ifMatch, send } from '../../api/client';
import { useDraft } from '../../api/draft';
import { useEnvironment } from '../../api/environment';
import { forget } from '../../api/resource';
import { useRight } from '../../api/session';
import { Card } from '../../ui/Card';
import { Form } from '../../ui/form';
import { LinesField } from '../../ui/LinesField';
import { SaveBar } from '../../ui/SaveBar';
import { toast } from '../../ui/Toast';
import { Verdict } from '../../ui/Verdict';
import { originsQuery } from './environment-queries';

/** The pages that may use the environment. */
export function Origins() {
  const client = useQueryClient();
  const { id: environment, productId, kind } = useEnvironment();
  const mayConfigure = useRight('configure', productId);
  const query = originsQuery(environment);
  const path = { path: { environment } };
  const draft = useDraft({
    loaded: useSuspenseQuery(query).data,
    toValue: ({ origins }) => ({ origins }),
    save: (value, etag) => send(api.PUT('/environments/{environment}/origins', { params: { ...path, header: ifMatch(etag) }, body: value })),
    reload: () => send(api.GET('/environments/{environment}/origins', { params: path })),
    queryKey: query.queryKey,
    onSaved: () => (void forget(client, '/environments/{environment}'), toast('Saved')),
  });
  const isOpenToAll = draft.value.origins.includes('*');
  return (
    <Card title="Origins" lead="The pages that may show this chat, as browsers write them: scheme, host, port if it is not the usual one.">
      <Form problem={draft.problem} onSubmit={draft.save}>
        <LinesField label="One a line" pointer="/origins" value={draft.value.origins} onChange={(origins) => draft.set({ origins })} placeholder="https://shop.example"
          help={<><code>*</code> alone lets every page in: for trying out.</>} />
        {isOpenToAll && kind === 'live' && <Verdict kind="warning" title="Every page may show this chat">Name the pages of yours before visitors come.</Verdict>}
        {mayConfigure && <SaveBar draft={draft} />}
      </Form>
    </Card>
  );
}
