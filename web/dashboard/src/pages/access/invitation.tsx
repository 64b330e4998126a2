// SPDX-License-Identifier: Apache-2.0
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useRouter } from '@tanstack/react-router';
import { useState } from 'react';
import { api, send } from '../../api/client';
import { beginSession } from '../../api/session';
import { Button } from '../../ui/Button';
import { Form } from '../../ui/form';
import { Problem } from '../../ui/Problem';
import { TextField } from '../../ui/TextField';
import { AccessFrame } from './AccessFrame';
import { useFragment } from './fragment';
import { passwordHelp } from './words';

/** Where an invitation's link leads, and a link to set a new password. */
export default function InvitationPage() {
  const client = useQueryClient();
  const router = useRouter();
  const navigate = useNavigate();
  const token = useFragment();
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const accept = useMutation({
    mutationFn: async () => (await send(api.POST('/invitation/accept', { body: { token, name: name.trim() || null, password } }))).data,
    onSuccess: async (session) => {
      beginSession(client, session);
      await router.invalidate();
      await navigate({ to: '/', replace: true });
    },
  });
  if (!token) return <AccessFrame title="Your invitation" lead="The link is not complete: its part behind # is missing. Copy the whole link that you were given." />;
  return (
    <AccessFrame title="Your invitation" lead="Choose a password, and you are in. Other ways to sign in, such as a passkey, can be added under Your account.">
      <Form problem={accept.error} onSubmit={() => accept.mutate()} label="Accept the invitation">
        <TextField label="Your name" autoComplete="name" pointer="/name" value={name} onChange={setName} maxLength={100} isOptional help="As the others see it. Empty: as the invitation has it." autoFocus />
        <TextField label="Password" type="password" autoComplete="new-password" pointer="/password" value={password} onChange={setPassword} help={passwordHelp} required />
        <Problem of={accept.error} />
        <Button type="submit" kind="primary" isBusy={accept.isPending}>Go in</Button>
      </Form>
    </AccessFrame>
  );
}
