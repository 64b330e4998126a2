// SPDX-License-Identifier: Apache-2.0
import { useMutation, useQueryClient, useSuspenseQuery } from '@tanstack/react-query';
import { Fingerprint } from 'lucide-react';
import { useState } from 'react';
import { api, send } from '../../api/client';
import { ApiProblem } from '../../api/problem';
import { sessionQuery, useSession } from '../../api/session';
import { Button } from '../../ui/Button';
import { Card } from '../../ui/Card';
import { Dialog, DialogButtons } from '../../ui/Dialog';
import { Form } from '../../ui/form';
import { Problem } from '../../ui/Problem';
import { TextField } from '../../ui/TextField';
import { Time } from '../../ui/Time';
import { toast } from '../../ui/Toast';
import { accountQuery, passkeysQuery } from './account-queries';
import { hasPasskeys, makePasskey, passkeyProblem } from './passkey';
import { RecoveryCodes } from './Totp';
import styles from './account.module.css';

/** Passkeys: the device's own lock instead of password and code. */
export function Passkeys() {
  const client = useQueryClient();
  const canUse = useSession()?.methods.passkey === true && hasPasskeys();
  const { items } = useSuspenseQuery(passkeysQuery).data.data;
  const [isAdding, setIsAdding] = useState(false);
  const [renamed, setRenamed] = useState<{ id: string; name: string } | null>(null);
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  const refresh = () => {
    for (const queryKey of [passkeysQuery.queryKey, accountQuery.queryKey, sessionQuery.queryKey]) void client.invalidateQueries({ queryKey });
  };
  const remove = useMutation({
    mutationFn: (passkey: string) => send(api.DELETE('/account/passkeys/{passkey}', { params: { path: { passkey } } })),
    onSuccess: () => (refresh(), toast('The passkey is removed', { description: 'Delete it on the device too.' })),
  });
  return (
    <Card title="Passkeys" lead={canUse ? 'Your fingerprint, face or device PIN signs you in, with nothing to type and nothing to phish.' : 'Passkeys work over https and under a name. Open the dashboard that way to add one.'}
      actions={canUse && <Button size="small" icon={<Fingerprint aria-hidden />} onClick={() => setIsAdding(true)}>Add a passkey</Button>}>
      {codes && <RecoveryCodes codes={codes} onStored={() => setCodes(null)} />}
      {items.length > 0 && (
        <ul className={styles.list}>
          {items.map(({ id, name, createdAt, lastUsedAt }) => (
            <li key={id}>
              <div className={styles.words}><span>{name}</span><span>Added <Time at={createdAt} />, last used <Time at={lastUsedAt} /></span></div>
              <div className="row">
                <Button size="small" onClick={() => setRenamed({ id, name })} aria-label={`Rename ${name}`}>Rename</Button>
                <Button size="small" kind="danger" onClick={() => remove.mutate(id)} isBusy={remove.isPending && remove.variables === id} aria-label={`Remove ${name}`}>Remove</Button>
              </div>
            </li>
          ))}
        </ul>
      )}
      <Problem of={remove.error} />
      {isAdding && <Add onClose={() => setIsAdding(false)} onAdded={(fresh) => (setIsAdding(false), setCodes(fresh), refresh())} />}
      {renamed && <Rename of={renamed} onClose={() => setRenamed(null)} onDone={() => (setRenamed(null), refresh())} />}
    </Card>
  );
}

function Add({ onClose, onAdded }: { onClose: () => void; onAdded: (recoveryCodes: readonly string[] | null) => void }) {
  const [name, setName] = useState('');
  const add = useMutation({
    mutationFn: async () => {
      const { data: options } = await send(api.POST('/account/passkeys/options'));
      let credential;
      try {
        credential = await makePasskey(options);
      } catch (error) {
        throw new ApiProblem({ type: 'passkey', title: 'No passkey was made', status: 0, detail: passkeyProblem(error) ?? 'Its window was closed, or it took too long.' });
      }
      return (await send(api.POST('/account/passkeys', { body: { name: name.trim(), credential } }))).data.recoveryCodes;
    },
    onSuccess: onAdded,
  });
  return (
    <Dialog isOpen onClose={onClose} title="Add a passkey" lead="Give it the name of the device or of the password manager that will keep it.">
      <Form problem={add.error} onSubmit={() => name.trim() && add.mutate()}>
        <TextField label="Name" pointer="/name" value={name} onChange={setName} placeholder="Laptop" maxLength={100} autoComplete="off" />
        <Problem of={add.error} />
        <DialogButtons>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" kind="primary" disabled={name.trim() === ''} isBusy={add.isPending}>Go on</Button>
        </DialogButtons>
      </Form>
    </Dialog>
  );
}

function Rename({ of, onClose, onDone }: { of: { id: string; name: string }; onClose: () => void; onDone: () => void }) {
  const [name, setName] = useState(of.name);
  const rename = useMutation({
    mutationFn: () => send(api.PATCH('/account/passkeys/{passkey}', { params: { path: { passkey: of.id } }, body: { name: name.trim() } })),
    onSuccess: onDone,
  });
  return (
    <Dialog isOpen onClose={onClose} title="Rename the passkey">
      <Form problem={rename.error} onSubmit={() => rename.mutate()}>
        <TextField label="Name" pointer="/name" value={name} onChange={setName} maxLength={100} autoComplete="off" />
        <Problem of={rename.error} />
        <DialogButtons>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" kind="primary" disabled={name.trim() === ''} isBusy={rename.isPending}>Rename</Button>
        </DialogButtons>
      </Form>
    </Dialog>
  );
}
