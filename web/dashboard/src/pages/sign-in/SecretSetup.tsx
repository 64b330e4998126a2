// SPDX-License-Identifier: Apache-2.0
/** The signing secret of an issuer: generated, shown once, rotated beside the old one, killed. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { KeyRound, RotateCw } from 'lucide-react';
import { useEffect, useState } from 'react';
import { api, send } from '../../api/client';
import type { ApiProblem } from '../../api/problem';
import { forget } from '../../api/resource';
import { Badge } from '../../ui/Badge';
import { Button } from '../../ui/Button';
import { ConfirmByName } from '../../ui/ConfirmByName';
import { Dialog, DialogButtons } from '../../ui/Dialog';
import { Form } from '../../ui/form';
import { Problem } from '../../ui/Problem';
import { SecretOnce } from '../../ui/SecretOnce';
import { RadioGroup } from '../../ui/Switch';
import { Time } from '../../ui/Time';
import { toast } from '../../ui/Toast';
import { secretVariable } from '../../snippets/sign';
import { secretsOf, type Secret } from './data';
import { countdown, overlaps } from './durations';
import { useUnsavedGuard } from './guard';
import { consequencesOf, isInUse, secretsOfIssuer } from './secrets';
import styles from './SecretSetup.module.css';
import { useNow } from './useNow';

interface SecretSetupProps {
  environment: string;
  issuer: string;
  /** Whether the list of secrets is shown, with what can be done to each. */
  isFull?: boolean;
}

/** Waits with leaving until the secret is stored: it cannot be shown again. */
const mayBeLost = 'The secret on this page is not stored yet, and cannot be shown again. Leave all the same?';

export function SecretSetup({ environment, issuer, isFull = false }: SecretSetupProps) {
  const client = useQueryClient();
  const { data, error } = useQuery(secretsOf(environment));
  const secrets = data ? secretsOfIssuer(data.data.items, issuer) : null;
  const used = secrets?.filter(isInUse) ?? [];
  const [shown, setShown] = useState<string | null>(null);
  const [isRotating, setRotating] = useState(false);
  useUnsavedGuard(shown !== null, mayBeLost);

  const make = useMutation({
    gcTime: 0, // the answer holds the secret: it is not kept anywhere but in this page
    mutationFn: async (rotation: { overlapSeconds?: number; replace?: boolean }) => {
      const { data: made } = await send(api.POST('/environments/{environment}/secrets', { params: { path: { environment } }, body: { purpose: 'visitor-signing', name: issuer, ...rotation } }));
      setShown(made.secret);
    },
    onSuccess: () => {
      setRotating(false);
      return forget(client, '/environments/{environment}/secrets');
    },
  });
  return (
    <>
      <Problem of={error ?? (isRotating ? null : make.error)} />
      {shown !== null && (
        <SecretOnce title={`Signing secret of ${issuer}`} secret={shown} onStored={() => setShown(null)}>
          Put it into <code>{secretVariable}</code> of the backend that signs, as text, just as it stands.
        </SecretOnce>
      )}
      {isFull && secrets && secrets.length > 0 && <Secrets environment={environment} issuer={issuer} secrets={secrets} />}
      {secrets && shown === null && (
        <div className="row">
          {used.length === 0 ? (
            <Button kind="primary" icon={<KeyRound aria-hidden />} isBusy={make.isPending} onClick={() => make.mutate({})}>Generate the secret</Button>
          ) : (
            <Button icon={<RotateCw aria-hidden />} onClick={() => setRotating(true)}>Rotate…</Button>
          )}
          {used.length === 0 && <span className="muted">32 random bytes, made here, encrypted at rest, shown once.</span>}
        </div>
      )}
      <Rotation isOpen={isRotating} onClose={() => setRotating(false)} issuer={issuer} isBusy={make.isPending} problem={make.error} onRotate={(rotation) => make.mutate(rotation)} />
    </>
  );
}

interface RotationProps {
  isOpen: boolean;
  onClose: () => void;
  issuer: string;
  isBusy: boolean;
  problem: ApiProblem | null;
  onRotate: (rotation: { overlapSeconds?: number; replace?: boolean }) => void;
}

function Rotation({ isOpen, onClose, issuer, isBusy, problem, onRotate }: RotationProps) {
  const [overlap, setOverlap] = useState('86400');
  return (
    <Dialog isOpen={isOpen} onClose={onClose} title={`Rotate the secret of ${issuer}`} lead="A new secret is made beside the old one. Both verify until the overlap ends, so that nobody is signed out while you put the new one into your backend.">
      <Form problem={problem} onSubmit={() => onRotate(overlap === '0' ? { replace: true } : { overlapSeconds: Number(overlap) })}>
        <RadioGroup
          label="The old one goes on verifying for" value={overlap} onChange={setOverlap}
          options={[
            ...overlaps.map(({ seconds, label }) => ({ value: String(seconds), label })),
            { value: '0', label: 'No longer: it ends now', help: 'If it has leaked. Whoever is signed in by it is anonymous at the next message, until your app hands over a new token.' },
          ]}
        />
        <Problem of={problem} />
        <DialogButtons>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind={overlap === '0' ? 'danger' : 'primary'} type="submit" isBusy={isBusy}>{overlap === '0' ? 'Replace it now' : 'Rotate'}</Button>
        </DialogButtons>
      </Form>
    </Dialog>
  );
}

const states = {
  usable: { kind: 'good', words: 'In use' },
  ending: { kind: 'brass', words: 'Ending' },
  ended: { kind: 'plain', words: 'Ended' },
  killed: { kind: 'plain', words: 'Killed' },
} as const;

function Secrets({ environment, issuer, secrets }: { environment: string; issuer: string; secrets: readonly Secret[] }) {
  const [isAll, setAll] = useState(false);
  const [doomed, setDoomed] = useState<Secret | null>(null);
  const client = useQueryClient();
  const kill = useMutation({
    mutationFn: (secret: Secret) => send(api.DELETE('/environments/{environment}/secrets/{secret}', { params: { path: { environment, secret: secret.id } } })),
    onSuccess: async (_, secret) => {
      setDoomed(null);
      await forget(client, '/environments/{environment}/secrets');
      toast(`The secret ${secret.hint}… is dead`);
    },
  });
  const used = secrets.filter(isInUse);
  const past = secrets.filter((one) => !isInUse(one));
  return (
    <>
      <ul className={styles.secrets} aria-label={`Secrets of ${issuer}`}>
        {[...used, ...(isAll ? past : [])].map((secret) => (
          <li key={secret.id} className={styles.secret}>
            <div className={styles.name}>
              <KeyRound aria-hidden />
              <code>{secret.hint}…</code>
              <Badge kind={states[secret.state].kind}>{states[secret.state].words}</Badge>
            </div>
            <dl className={styles.facts}>
              <div><dt>Made</dt><dd><Time at={secret.createdAt} /></dd></div>
              <div><dt>Last used</dt><dd><Time at={secret.lastUsedAt} /></dd></div>
              {secret.state === 'ending' && secret.expiresAt && <div><dt>Ends in</dt><dd><Ending at={secret.expiresAt} onEnd={() => void forget(client, '/environments/{environment}/secrets')} /></dd></div>}
              {secret.killedAt && <div><dt>Killed</dt><dd><Time at={secret.killedAt} /></dd></div>}
              {secret.state === 'ended' && <div><dt>Ended</dt><dd><Time at={secret.expiresAt} /></dd></div>}
            </dl>
            {isInUse(secret) && <Button kind="danger" size="small" onClick={() => setDoomed(secret)}>Kill now…</Button>}
          </li>
        ))}
      </ul>
      {past.length > 0 && <div><Button kind="quiet" size="small" aria-expanded={isAll} onClick={() => setAll(!isAll)}>{isAll ? 'Hide' : 'Show'} {past.length} that ended</Button></div>}
      <ConfirmByName
        isOpen={doomed !== null} onClose={() => setDoomed(null)} title="Kill this secret now?" name={issuer} verb="Kill it" isBusy={kill.isPending} problem={kill.error}
        onConfirm={() => doomed && kill.mutate(doomed)}
      >
        {doomed && <p><code>{doomed.hint}…</code>, last used <Time at={doomed.lastUsedAt} />.</p>}
        {doomed && consequencesOf(doomed, secrets).map((sentence) => <p key={sentence}>{sentence}</p>)}
      </ConfirmByName>
    </>
  );
}

/** The overlap, counting down; when it is over, the list is read again. */
function Ending({ at, onEnd }: { at: string; onEnd: () => void }) {
  const now = useNow(1000);
  const left = new Date(at).getTime() - now;
  const isOver = left <= 0;
  useEffect(() => {
    if (isOver) onEnd();
  }, [isOver]);
  return <time dateTime={at} className={styles.clock}>{countdown(left)}</time>;
}
