// SPDX-License-Identifier: Apache-2.0
import { Link } from '@tanstack/react-router';
import { ScrollText } from 'lucide-react';
import { buttonClass } from '../../ui/Button';
import { Card } from '../../ui/Card';
import { EmptyState } from '../../ui/EmptyState';
import { AuditTable } from '../trust/AuditTable';

/** What the audit log says of one tool. */
export function ToolCalls({ environment, tool }: { environment: string; tool: string }) {
  return (
    <Card isFlush title="Call history" lead="Who called it, with whose right, and what came of it."
      actions={<Link to="/e/$environment/audit" params={{ environment }} search={{ tool }} className={buttonClass('secondary', 'small')}>Open in the audit log</Link>}>
      <AuditTable environment={environment} label={`Calls of ${tool}`} filter={{ tool }} empty={(
        <EmptyState icon={<ScrollText />} title="Nobody has called it yet">
          <p>Each call appears here at once: the visitor, the parameters’ names (their values only where you say so), the outcome and how long it took.</p>
        </EmptyState>
      )} />
    </Card>
  );
}
