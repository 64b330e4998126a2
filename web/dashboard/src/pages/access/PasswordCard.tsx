// SPDX-License-Identifier: Apache-2.0
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, send } from '../../api/client';
import { keepSession, sessionQuery, useSession } from '../../api/session';
import { Button } from '../../ui/Button';
import { Card } from '../../ui/Card';
import { Form } from '../../ui/form';
import { Problem } from '../../ui/Problem';
import { TextField } from '../../ui/TextField';
import { toast } from '../../ui/Toast';
import { accountQuery, sessionsQuery } from './account-queries';
import { passwordHelp } from './words';

export function PasswordCard({ hasPassword }: { hasPassword: boolean }) {
  const client = useQueryClient();
  const email = useSession()?.administrator?.email ?? '';
  const [current, setCurrent] = useState('');
  const [fresh, setFresh] = useState('');
  const change = useMutation({
    mutationFn: async () => keepSession(await send(api.POST('/account/password', { body: { current: hasPassword ? current : null, new: fresh } }))).data,
    onSuccess: (session) => {
      client.setQueryData(sessionQuery.queryKey, session);
      void client.invalidateQueries({ queryKey: accountQuery.queryKey });
      void client.invalidateQueries({ queryKey: sessionsQuery.queryKey });
      setCurrent('');
      setFresh('');
      toast('Your password is changed', { description: 'Everywhere else you are signed out.' });
    },
  });
  return (
    <Card title="Password" lead={hasPassword ? undefined : 'You have none: you sign in another way. Set one to have both.'}>
      <Form problem={change.error} onSubmit={() => change.mutate()}>
        <input type="text" hidden readOnly autoComplete="username" value={email} />
        {hasPassword && <TextField label="Current password" type="password" autoComplete="current-password" pointer="/current" value={current} onChange={setCurrent} />}
        <TextField label="New password" type="password" autoComplete="new-password" pointer="/new" value={fresh} onChange={setFresh} help={passwordHelp} />
        <Problem of={change.error} />
        <div className="row"><Button type="submit" disabled={fresh === '' || (hasPassword && current === '')} isBusy={change.isPending}>{hasPassword ? 'Change the password' : 'Set a password'}</Button></div>
      </Form>
    </Card>
  );
}
