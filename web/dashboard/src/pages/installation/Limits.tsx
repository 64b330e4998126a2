// SPDX-License-Identifier: Apache-2.0
import { useQueryClient, useSuspenseQuery } from '@tanstack/react-query';
import { api, ifMatch, send } from '../../api/client';
import { useDraft } from '../../api/draft';
import { useEnvironment } from '../../api/environment';
import { forget } from '../../api/resource';
import { useRight } from '../../api/session';
import { Card } from '../../ui/Card';
import { Form } from '../../ui/form';
import { SaveBar } from '../../ui/SaveBar';
import { TextField } from '../../ui/TextField';
import { toast } from '../../ui/Toast';
import { limitsQuery } from './environment-queries';
import { limitFields, readLimits, writeLimits } from './limits';
import styles from './environment.module.css';

/** How much one visitor, and all together, may ask for. */
export function Limits() {
  const client = useQueryClient();
  const { id: environment, productId } = useEnvironment();
  const mayConfigure = useRight('configure', productId);
  const query = limitsQuery(environment);
  const path = { path: { environment } };
  const draft = useDraft({
    loaded: useSuspenseQuery(query).data,
    toValue: readLimits,
    save: (value, etag) => send(api.PUT('/environments/{environment}/limits', { params: { ...path, header: ifMatch(etag) }, body: writeLimits(value) })),
    reload: () => send(api.GET('/environments/{environment}/limits', { params: path })),
    queryKey: query.queryKey,
    onSaved: () => (void forget(client, '/environments/{environment}'), toast('Saved')),
  });
  const isWrong = (text: string): boolean => text !== '' && !/^\d+$/.test(text);
  return (
    <Card title="Limits" lead="What is over them is refused with the time to wait, and passes after it. Limits by address are the server’s own (--rate-limit).">
      <Form problem={draft.problem} onSubmit={() => !Object.values(draft.value).some(isWrong) && draft.save()}>
        <div className={styles.limits}>
          {limitFields.map(({ name, label, help, preset }) => (
            <TextField key={name} label={label} help={help} pointer={`/${name}`} inputMode="numeric" placeholder={preset} value={draft.value[name]} disabled={!mayConfigure}
              error={isWrong(draft.value[name]) ? 'A whole number, or nothing for the preset.' : null} onChange={(text) => draft.set({ [name]: text.trim() })} />
          ))}
        </div>
        {mayConfigure && <SaveBar draft={draft} />}
      </Form>
    </Card>
  );
}
