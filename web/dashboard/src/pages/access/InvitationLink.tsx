// SPDX-License-Identifier: Apache-2.0
import { SecretOnce } from '../../ui/SecretOnce';
import { Time } from '../../ui/Time';

export interface Made {
  name: string;
  /** null where the request was repeated: the first answer had it. */
  token: string | null;
  expiresAt: string;
  isReset: boolean;
}

/** A link that lets somebody in, to be handed on: shown once. */
export function InvitationLink({ of, onStored }: { of: Made; onStored: () => void }) {
  if (!of.token) return null;
  return (
    <SecretOnce title={of.isReset ? `Link for ${of.name} to set a new password` : `Invitation for ${of.name}`} secret={`${location.origin}/invitation#${of.token}`} onStored={onStored}>
      Hand it on by a way that only {of.name} reads. It works once and ends <Time at={of.expiresAt} />.
    </SecretOnce>
  );
}
