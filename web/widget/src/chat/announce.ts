// SPDX-License-Identifier: Apache-2.0
/** What a screen reader is told when the chat changes: each thing once, when it is complete. */
import type { Connection, Item, NoticeItem, State } from '../session/state';
import type { Translate } from './translate';
import type { WordKey } from './messages/en';

export const noticeWords: Record<NoticeItem['what'], WordKey> = {
  'signed-in': 'noticeSignedIn',
  switched: 'noticeSwitched',
  'signed-out': 'noticeSignedOut',
  expired: 'noticeExpired',
  'sign-in-failed': 'noticeFailed',
};

export function noticeText(item: NoticeItem, t: Translate): string {
  return t(noticeWords[item.what], item.name === undefined ? {} : { name: item.name });
}

/** The words for what is new in `after`; empty when there is nothing to say. `plain` takes the marks out of markdown. */
export function announcement(before: State, after: State, t: Translate, plain: (markdown: string) => string): string {
  if (before.items === after.items && before.connection === after.connection) return '';
  const old = new Map(before.items.map((item) => [item.key, item]));
  const said = after.items.map((item) => (item === old.get(item.key) ? '' : itemText(old.get(item.key), item, t, plain)));
  return [connectionText(before, after, t), ...said].filter(Boolean).join(' ');
}

function itemText(before: Item | undefined, item: Item, t: Translate, plain: (markdown: string) => string): string {
  switch (item.kind) {
    case 'notice':
      return noticeText(item, t);
    case 'sign-in':
      return item.status === 'open' && !before ? t('signInTitle') : '';
    case 'visitor':
      return item.status === 'failed' ? t(item.failure === 'unanswered' ? 'failedUnanswered' : 'failed') : '';
    case 'answer': {
      const wasComplete = before?.kind === 'answer' && before.status !== 'streaming';
      return item.isNews && item.status !== 'streaming' && !wasComplete ? plain(item.text) : '';
    }
    case 'tool':
      return !before && item.outcome === 'running' ? t('toolRunning', { tool: item.title }) : '';
  }
}

const troubled: readonly Connection[] = ['reconnecting', 'offline', 'unavailable'];

function connectionText(before: State, after: State, t: Translate): string {
  if (before.connection === after.connection) return '';
  if (after.connection === 'open') return troubled.includes(before.connection) ? t('connected') : '';
  return connectionNotice(after, t);
}

/** The line under the header. Empty when the connection gives no reason to speak of it. */
export function connectionNotice(state: State, t: Translate): string {
  const isKept = state.items.some((item) => item.kind === 'visitor' && item.status === 'waiting');
  switch (state.connection) {
    case 'connecting':
      return t('connecting');
    case 'reconnecting':
      return t(isKept ? 'reconnectingKept' : 'reconnecting');
    case 'offline':
      return t(isKept ? 'offlineKept' : 'offline');
    case 'unavailable':
      return t('unavailable');
    default:
      return '';
  }
}
