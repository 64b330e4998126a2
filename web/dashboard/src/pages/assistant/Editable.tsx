// SPDX-License-Identifier: Apache-2.0
import type { ReactNode } from 'react';
import { useEnvironment } from '../../api/environment';
import { useRight } from '../../api/session';

/** Whether the administrator's role may change this environment's settings. */
export const useMayEdit = (): boolean => useRight('configure', useEnvironment().productId);

/** A form for those who may change what it shows; for the others the same to look at. */
export function Editable({ children }: { children: ReactNode }) {
  const mayEdit = useMayEdit();
  return (
    <fieldset disabled={!mayEdit} className="stack">
      {!mayEdit && <p className="muted">Your role may look at this, and not change it. A developer or an admin of this product may.</p>}
      {children}
    </fieldset>
  );
}
