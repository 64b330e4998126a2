// SPDX-License-Identifier: Apache-2.0
import { CircleDashed, KeyRound, Ban } from 'lucide-react';
import { Badge } from '../../ui/Badge';

/** Verified or anonymous, in words and glyph; and whether their tokens are refused. */
export function VisitorMark({ kind, revokedAt }: { kind: 'verified' | 'anonymous'; revokedAt?: string | null }) {
  return (
    <span className="row">
      {kind === 'verified' ? <Badge kind="good" icon={<KeyRound aria-hidden />}>Verified</Badge> : <Badge icon={<CircleDashed aria-hidden />}>Anonymous</Badge>}
      {revokedAt && <Badge kind="danger" icon={<Ban aria-hidden />}>Signed out</Badge>}
    </span>
  );
}
