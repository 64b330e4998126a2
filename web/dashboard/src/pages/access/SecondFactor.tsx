// SPDX-License-Identifier: Apache-2.0
import { Fingerprint } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { ApiProblem } from '../../api/problem';
import { Button } from '../../ui/Button';
import { Form } from '../../ui/form';
import { Problem } from '../../ui/Problem';
import { TextField } from '../../ui/TextField';
import { AccessFrame, Or } from './AccessFrame';

interface SecondFactorProps {
  /** What the account has: totp, recovery-code, passkey. */
  methods: readonly string[];
  problem: ApiProblem | null;
  isBusy: boolean;
  onCode: (second: { totp?: string; recoveryCode?: string }) => void;
  onPasskey: () => void;
  onBack: () => void;
}

/** The second step of a sign-in: a one-time code, or one of the recovery codes, or a passkey instead of both. */
export function SecondFactor({ methods, problem, isBusy, onCode, onPasskey, onBack }: SecondFactorProps) {
  const [isRecovery, setIsRecovery] = useState(!methods.includes('totp'));
  const [code, setCode] = useState('');
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.focus(), [isRecovery]);
  const digits = code.replace(/\s/g, '');
  const lead = isRecovery ? 'One of the recovery codes that you stored when you set up the second factor. Each works once.' : 'The six digits that your authenticator app shows now.';
  return (
    <AccessFrame title="Second step" lead={lead}>
      <Form problem={problem} label="Second step" onSubmit={() => digits && onCode(isRecovery ? { recoveryCode: digits } : { totp: digits })}>
        <TextField key={String(isRecovery)} ref={input} label={isRecovery ? 'Recovery code' : 'One-time code'} pointer={isRecovery ? '/recoveryCode' : '/totp'} value={code} onChange={setCode} isMono
          autoComplete={isRecovery ? 'off' : 'one-time-code'} inputMode={isRecovery ? 'text' : 'numeric'} maxLength={isRecovery ? 40 : 8} />
        <Problem of={problem} />
        <Button type="submit" kind="primary" isBusy={isBusy}>Sign in</Button>
      </Form>
      <Or />
      {methods.includes('passkey') && <Button icon={<Fingerprint aria-hidden />} onClick={onPasskey}>Use a passkey</Button>}
      {methods.includes('totp') && methods.includes('recovery-code') && (
        <Button onClick={() => (setIsRecovery(!isRecovery), setCode(''))}>{isRecovery ? 'Use the authenticator app' : 'Use a recovery code'}</Button>
      )}
      <Button kind="quiet" onClick={onBack}>Back to the password</Button>
    </AccessFrame>
  );
}
