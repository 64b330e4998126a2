// SPDX-License-Identifier: Apache-2.0
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { api, onRecentSignInRequired, send } from '../api/client';
import { keepSession, sessionQuery, useSession } from '../api/session';
import { Button } from '../ui/Button';
import { Dialog, DialogButtons } from '../ui/Dialog';
import { Form } from '../ui/form';
import { Problem } from '../ui/Problem';
import { TextField } from '../ui/TextField';

type Answer = (given: boolean) => void;

/** Asks for the password again where an act needs a sign-in younger than ten minutes; the act goes on by itself afterwards. */
export default function RecentSignIn() {
  const client = useQueryClient();
  const session = useSession();
  const [answer, setAnswer] = useState<Answer | null>(null);
  const [password, setPassword] = useState('');
  useEffect(() => onRecentSignInRequired(() => new Promise((resolve) => setAnswer(() => resolve))), []);

  const close = (given: boolean) => {
    answer?.(given);
    setAnswer(null);
    setPassword('');
    confirm.reset();
  };
  const confirm = useMutation({
    mutationFn: async () => keepSession(await send(api.POST('/session/confirm', { body: { password } }))).data,
    onSuccess: (fresh) => {
      client.setQueryData(sessionQuery.queryKey, fresh);
      close(true);
    },
  });
  return (
    <Dialog isOpen={answer !== null} onClose={() => close(false)} title="Is it you?"
      lead="You signed in more than ten minutes ago. What you are about to do asks for your password once more.">
      <Form problem={confirm.error} onSubmit={() => confirm.mutate()}>
        <input type="text" hidden readOnly autoComplete="username" value={session?.administrator?.email ?? ''} />
        <TextField label="Password" type="password" autoComplete="current-password" pointer="/password" value={password} onChange={setPassword} />
        <Problem of={confirm.error} />
        <DialogButtons>
          <Button onClick={() => close(false)}>Cancel</Button>
          <Button kind="primary" type="submit" isBusy={confirm.isPending}>Go on</Button>
        </DialogButtons>
      </Form>
    </Dialog>
  );
}
