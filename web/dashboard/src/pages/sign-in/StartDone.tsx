// SPDX-License-Identifier: Apache-2.0
import { useQuery } from '@tanstack/react-query';
import { ChevronRight } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { Card } from '../../ui/Card';
import { Allowed } from './Allowed';
import { originsOf } from './data';
import type { Issuer } from './issuer';
import { Item, PageChecklist } from './PageChecklist';
import { Go, issuerLink } from './places';
import styles from './start.module.css';

/** An environment that is set up and works: what was seen of it, and the guide (`children`) behind a line. */
export function StartDone({ environment, issuers, isGuideOpen, children }: { environment: string; issuers: readonly Issuer[]; isGuideOpen: boolean; children: ReactNode }) {
  // Opened and closed by whoever reads it; answers given later do not move it.
  const [isOpen] = useState(isGuideOpen);
  const origins = useQuery(originsOf(environment)).data?.data.origins;
  return (
    <>
      <Card title="This environment is set up">
        <Allowed><PageChecklist environment={environment} isForServer={origins?.length === 0} title={null}
          first={<Item isDone title="Tokens can be verified"><p>{issuers.map(({ name }, at) => <span key={name}>{at > 0 && ', '}<Go environment={environment} place={issuerLink(name)}>{name}</Go></span>)}</p></Item>} /></Allowed>
        <div className="row">
          <Go environment={environment} place={{ to: 'test-token' }} kind="secondary">Test a token</Go>
          <Go environment={environment} place={{ to: 'sign-in' }} kind="secondary">Visitor sign-in</Go>
        </div>
      </Card>
      <details className={styles.again} open={isOpen}>
        <summary><ChevronRight aria-hidden /> Set up another way</summary>
        <div>{children}</div>
      </details>
    </>
  );
}
