// SPDX-License-Identifier: Apache-2.0
import { useBlocker } from '@tanstack/react-router';

const unsaved = 'There are changes that are not saved. Leave this page without them?';

/** Asks before a page is left on which something would be lost, within the dashboard and by closing the tab. */
export function useUnsavedGuard(isDirty: boolean, question = unsaved): void {
  useBlocker({ shouldBlockFn: () => isDirty && !window.confirm(question), enableBeforeUnload: () => isDirty });
}
