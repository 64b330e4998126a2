// SPDX-License-Identifier: Apache-2.0
import { Link } from '@tanstack/react-router';
import type { components } from '../../api/schema.generated';
import type { Column } from '../../ui/DataTable';
import { Time } from '../../ui/Time';
import { nameOf } from './visitor';
import { VisitorMark } from './VisitorMark';

export type Conversation = components['schemas']['Conversation'];

/** A list of conversations; of one visitor's, without the column that says whose. */
export function conversationColumns(environment: string, withVisitor: boolean): readonly Column<Conversation>[] {
  return [
    { header: 'Conversation', cell: (row) => <Link to="/e/$environment/conversations/$conversation" params={{ environment, conversation: row.id }}>{row.title || 'Without a title'}</Link> },
    ...(withVisitor ? [
      { header: 'Visitor', cell: (row: Conversation) => <Link to="/e/$environment/visitors/$visitor" params={{ environment, visitor: row.visitor }}>{visitorName(row)}</Link> },
      { header: 'Proven', isExtra: true, cell: (row: Conversation) => <VisitorMark kind={row.visitorKind} /> },
    ] : []),
    { header: 'Messages', isNumeric: true, cell: (row) => row.messageCount.toLocaleString() },
    ...(withVisitor ? [] : [{ header: 'Began', isExtra: true, cell: (row: Conversation) => <Time at={row.createdAt} /> }]),
    { header: 'Last message', cell: (row) => <Time at={row.updatedAt} /> },
  ];
}

export const visitorName = (row: Conversation): string => nameOf({ id: row.visitor, name: row.visitorName, email: row.visitorEmail, subject: row.visitorSubject });
