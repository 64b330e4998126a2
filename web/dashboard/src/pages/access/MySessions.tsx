// SPDX-License-Identifier: Apache-2.0
import { useMutation, useQueryClient, useSuspenseQuery } from '@tanstack/react-query';
import { api, send } from '../../api/client';
import { Badge } from '../../ui/Badge';
import { Button } from '../../ui/Button';
import { Card } from '../../ui/Card';
import { Problem } from '../../ui/Problem';
import { Time } from '../../ui/Time';
import { sessionsQuery } from './account-queries';
import { deviceOf } from './device';
import styles from './account.module.css';

const methods = { password: 'with a password', passkey: 'with a passkey', 'single-sign-on': 'by single sign-on' };

/** Where I am signed in; each can be ended from here. */
export function MySessions() {
  const client = useQueryClient();
  const { items } = useSuspenseQuery(sessionsQuery).data.data;
  const end = useMutation({
    mutationFn: (session: string) => send(api.DELETE('/account/sessions/{session}', { params: { path: { session } } })),
    onSuccess: () => client.invalidateQueries({ queryKey: sessionsQuery.queryKey }),
  });
  return (
    <Card title="Where you are signed in">
      <ul className={styles.list}>
        {items.map(({ id, isCurrent, method, lastUsedAt, createdAt, address, userAgent }) => (
          <li key={id}>
            <div className={styles.words}>
              <span>{deviceOf(userAgent)} {isCurrent && <Badge kind="good">this one</Badge>}</span>
              <span>Signed in {methods[method]} <Time at={createdAt} />, last used <Time at={lastUsedAt} />{address && <>, from <code>{address}</code></>}</span>
            </div>
            {!isCurrent && <Button size="small" kind="danger" onClick={() => end.mutate(id)} isBusy={end.isPending && end.variables === id} aria-label={`End the session of ${deviceOf(userAgent)}`}>End</Button>}
          </li>
        ))}
      </ul>
      <Problem of={end.error} />
    </Card>
  );
}
