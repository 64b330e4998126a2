// SPDX-License-Identifier: Apache-2.0
/** How a visitor is called: as they are named, else as their token names them. */
export const nameOf = (visitor: { id: string; name: string | null; email: string | null; subject: string | null }): string =>
  visitor.name || visitor.email || visitor.subject || `Anonymous ${visitor.id.slice(-6)}`;

/** What must be typed before somebody's data is erased. */
export const erasureName = (visitor: { id: string; subject: string | null }): string => visitor.subject ?? visitor.id;
