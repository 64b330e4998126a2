// SPDX-License-Identifier: Apache-2.0
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, send } from '../../api/client';
import { sessionQuery } from '../../api/session';
import { Badge } from '../../ui/Badge';
import { Button } from '../../ui/Button';
import { Card } from '../../ui/Card';
import { InlineCode } from '../../ui/Code';
import { Dialog, DialogButtons } from '../../ui/Dialog';
import { Form } from '../../ui/form';
import { Problem } from '../../ui/Problem';
import { SecretOnce } from '../../ui/SecretOnce';
import { TextField } from '../../ui/TextField';
import { plural } from '../../ui/time';
import { toast } from '../../ui/Toast';
import { accountQuery, type Account } from './account-queries';
import { QrCode } from './QrCode';
import styles from './account.module.css';

/** One-time codes by an authenticator app, and the recovery codes that stand in for it. */
export function Totp({ account }: { account: Account }) {
  const client = useQueryClient();
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  const [isAsked, setIsAsked] = useState(false);
  const refresh = () => {
    void client.invalidateQueries({ queryKey: accountQuery.queryKey });
    void client.invalidateQueries({ queryKey: sessionQuery.queryKey });
  };
  const begin = useMutation({ mutationFn: async () => (await send(api.POST('/account/totp'))).data });
  const renew = useMutation({ mutationFn: async () => (await send(api.POST('/account/recovery-codes'))).data, onSuccess: ({ recoveryCodes }) => (setCodes(recoveryCodes), refresh()) });
  const remove = useMutation({
    mutationFn: () => send(api.DELETE('/account/totp', { body: {} })),
    onSuccess: () => (setIsAsked(false), refresh(), toast('One-time codes are off')),
  });
  const hasSecond = account.hasTotp || account.passkeyCount > 0;
  return (
    <Card title="One-time codes" lead="A second step after the password: six digits from an authenticator app on your phone."
      actions={<Badge kind={account.hasTotp ? 'good' : 'plain'}>{account.hasTotp ? 'on' : 'off'}</Badge>}>
      {codes
        ? <RecoveryCodes codes={codes} onStored={() => setCodes(null)} />
        : (
          <div className="row">
            {account.hasTotp ? <Button onClick={() => setIsAsked(true)}>Switch off…</Button> : <Button onClick={() => begin.mutate()} isBusy={begin.isPending}>Set up</Button>}
            {hasSecond && <Button onClick={() => renew.mutate()} isBusy={renew.isPending}>New recovery codes</Button>}
            {hasSecond && <span className="muted">{plural(account.recoveryCodesLeft, 'recovery code')} left</span>}
          </div>
        )}
      <Problem of={begin.error ?? renew.error} />
      {begin.data && <SetUp secret={begin.data.secret} uri={begin.data.uri} onClose={() => begin.reset()} onDone={(fresh) => (begin.reset(), setCodes(fresh), refresh())} />}
      <Dialog isOpen={isAsked} onClose={() => setIsAsked(false)} title="Switch one-time codes off?" lead={account.passkeyCount > 0 ? 'Your passkeys stay.' : 'From then on the password alone signs you in.'}>
        <Problem of={remove.error} />
        <DialogButtons>
          <Button onClick={() => setIsAsked(false)}>Keep them</Button>
          <Button kind="danger" onClick={() => remove.mutate()} isBusy={remove.isPending}>Switch off</Button>
        </DialogButtons>
      </Dialog>
    </Card>
  );
}

export function RecoveryCodes({ codes, onStored }: { codes: readonly string[]; onStored: () => void }) {
  return (
    <SecretOnce title="Recovery codes" secret={codes.join('\n')} isList onStored={onStored}>
      Each signs you in once when the phone is gone. Keep them where your passwords are, not on the phone.
    </SecretOnce>
  );
}

interface SetUpProps {
  secret: string;
  uri: string;
  onClose: () => void;
  onDone: (recoveryCodes: readonly string[]) => void;
}

function SetUp({ secret, uri, onClose, onDone }: SetUpProps) {
  const [code, setCode] = useState('');
  const confirm = useMutation({
    mutationFn: async () => (await send(api.POST('/account/totp/confirm', { body: { code: code.replace(/\s/g, '') } }))).data.recoveryCodes,
    onSuccess: onDone,
  });
  return (
    <Dialog isOpen onClose={onClose} title="Set up one-time codes">
      <Form problem={confirm.error} onSubmit={() => confirm.mutate()}>
        <ol className={styles.steps}>
          <li>Scan this with your authenticator app.<div className={styles.qr}><QrCode text={uri} label="QR code for your authenticator app" /></div></li>
          <li>No camera? Type this into the app instead: <InlineCode code={secret} label="Copy the secret" /></li>
        </ol>
        <TextField label="The six digits it shows now" pointer="/code" value={code} onChange={setCode} isMono inputMode="numeric" autoComplete="one-time-code" maxLength={8} />
        <Problem of={confirm.error} />
        <DialogButtons>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" kind="primary" isBusy={confirm.isPending} disabled={code.replace(/\s/g, '').length < 6}>Switch on</Button>
        </DialogButtons>
      </Form>
    </Dialog>
  );
}
