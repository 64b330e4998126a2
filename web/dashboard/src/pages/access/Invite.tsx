// SPDX-License-Identifier: Apache-2.0
import { useMutation } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { api, send } from '../../api/client';
import { useSession } from '../../api/session';
import { Button } from '../../ui/Button';
import { Dialog, DialogButtons } from '../../ui/Dialog';
import { Form } from '../../ui/form';
import { Problem } from '../../ui/Problem';
import { TextField } from '../../ui/TextField';
import { toGrants, type NamedGrant } from './grants';
import { GrantsField } from './GrantsField';
import type { Made } from './InvitationLink';

/** Invites somebody: nothing is sent, the link is for you to hand on. */
export function Invite({ onClose, onMade }: { onClose: () => void; onMade: (made: Made) => void }) {
  const managed = useSession()?.administrator?.roles.find(({ role }) => role === 'owner' || role === 'admin');
  const [name, setName] = useState('');
  const [email, setEmail] = useState('');
  const [grants, setGrants] = useState<NamedGrant[]>([{ role: 'developer', product: managed?.product ?? null, productName: managed?.productName ?? null }]);
  const key = useRef(crypto.randomUUID());
  const invite = useMutation({
    mutationFn: async () => (await send(api.POST('/admins', { params: { header: { 'Idempotency-Key': key.current } }, body: { name: name.trim(), email: email.trim(), roles: toGrants(grants) } }))).data,
    onSuccess: ({ administrator, invitation }) => onMade({ name: administrator.name, token: invitation.token, expiresAt: invitation.expiresAt, isReset: false }),
    onError: () => (key.current = crypto.randomUUID()), // what is corrected is another request
  });
  return (
    <Dialog isOpen onClose={onClose} title="Invite an administrator" lead="You get a link to hand on yourself. It is good for seven days, and once.">
      <Form problem={invite.error} onSubmit={() => invite.mutate()}>
        <TextField label="Name" pointer="/name" value={name} onChange={setName} maxLength={100} autoComplete="off" />
        <TextField label="E-mail" type="email" pointer="/email" value={email} onChange={setEmail} autoComplete="off" />
        <GrantsField value={grants} onChange={setGrants} />
        <Problem of={invite.error} />
        <DialogButtons>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" kind="primary" disabled={name.trim() === '' || email.trim() === '' || grants.length === 0} isBusy={invite.isPending}>Invite</Button>
        </DialogButtons>
      </Form>
    </Dialog>
  );
}
