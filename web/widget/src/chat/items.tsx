// SPDX-License-Identifier: Apache-2.0
/** @jsxImportSource preact */
/** What stands in the transcript: messages, answers, tools at work, notices and the sign-in card. */
import { Component } from 'preact';
import type { AnswerItem, Item, NoticeItem, SignInItem, ToolItem, VisitorItem } from '../session/state';
import { noticeText } from './announce';
import { AnswerText } from './answer-text';
import type { Actions } from './actions';
import { Icon } from './icons';
import { openPopup, type Popup } from './popup';
import type { WordKey } from './messages/en';
import type { Translate } from './translate';

interface Common {
  t: Translate;
  actions: Actions;
}

/** Tools that were used for one answer fold into one line, so they are shown together. */
export type Row = Exclude<Item, ToolItem> | { kind: 'tools'; key: string; tools: ToolItem[] };

export function toRows(items: readonly Item[]): Row[] {
  const rows: Row[] = [];
  for (const item of items) {
    const last = rows.at(-1);
    if (item.kind !== 'tool') rows.push(item);
    else if (last?.kind === 'tools') last.tools.push(item);
    else rows.push({ kind: 'tools', key: item.key, tools: [item] });
  }
  return rows;
}

export function RowView({ row, ...common }: Common & { row: Row }) {
  switch (row.kind) {
    case 'visitor':
      return <VisitorMessage item={row} {...common} />;
    case 'answer':
      return <Answer item={row} {...common} />;
    case 'tools':
      return <Tools tools={row.tools} t={common.t} />;
    case 'sign-in':
      return <SignInCard item={row} {...common} />;
    case 'notice':
      return <Notice item={row} t={common.t} />;
  }
}

function VisitorMessage({ item, t, actions }: Common & { item: VisitorItem }) {
  return (
    <div class={`message visitor ${item.status}`}>
      <span class="unseen">{t('you')}</span>
      <p class="bubble" dir="auto">
        {item.text}
      </p>
      {item.status === 'waiting' && (
        <p class="fate">{t(actions.isConnected() ? 'waitingAnswer' : 'waitingConnection')}</p>
      )}
      {item.status === 'failed' && (
        <p class="fate failed">
          <Icon name="alert" />
          <span>{failureText(item, t, actions)}</span>
          <span class="choices">
            <button type="button" class="link" onClick={() => actions.retry(item.key)}>
              {t('tryAgain')}
            </button>{' '}
            <button type="button" class="link" onClick={() => actions.discard(item.key)}>
              {t('discard')}
            </button>
          </span>
        </p>
      )}
    </div>
  );
}

function failureText(item: VisitorItem, t: Translate, actions: Actions): string {
  switch (item.failure) {
    case 'unanswered':
      return t('failedUnanswered');
    case 'text-too-long':
      return t('failedTooLong', { count: actions.limit });
    case 'rate-limited':
      return t('failedRateLimited', { seconds: item.retryAfter ?? 60 });
    default:
      return t('failed');
  }
}

function Answer({ item, t }: Common & { item: AnswerItem }) {
  return (
    <div class={`message answer ${item.status}`}>
      <span class="unseen">{t('assistant')}</span>
      <AnswerText text={item.text || (item.status === 'failed' ? t('answerFailed') : '')} isGrowing={item.status === 'streaming'} t={t} />
      {item.status === 'stopped' && <p class="fate">{t('stopped')}</p>}
    </div>
  );
}

const toolLines: readonly [ToolItem['outcome'], WordKey][] = [
  ['ok', 'toolUsed'],
  ['refused', 'toolRefused'],
  ['failed', 'toolFailed'],
];

function Tools({ tools, t }: { tools: ToolItem[]; t: Translate }) {
  const running = tools.find((tool) => tool.outcome === 'running');
  return (
    <div class="tools">
      {toolLines.map(([outcome, words]) => {
        const titles = tools.filter((tool) => tool.outcome === outcome).map((tool) => tool.title);
        return (
          titles.length > 0 && (
            <p key={outcome} class={`tool ${outcome}`}>
              <span>{t(words, { tools: [...new Set(titles)].join(', ') })}</span>
              <Icon name={outcome === 'ok' ? 'check' : 'alert'} />
            </p>
          )
        );
      })}
      {running && (
        <p class="tool running">
          <Icon name="busy" class="spinning" />
          <span>{t('toolRunning', { tool: running.title })}</span>
        </p>
      )}
    </div>
  );
}

function Notice({ item, t }: { item: NoticeItem; t: Translate }) {
  return (
    <p class={`notice ${item.what}`}>
      <Icon name={item.what === 'signed-in' || item.what === 'switched' ? 'key' : 'anonymous'} />
      <span dir="auto">{noticeText(item, t)}</span>
    </p>
  );
}

interface SignInState {
  step: 'asking' | 'elsewhere' | 'blocked';
}

class SignInCard extends Component<Common & { item: SignInItem }, SignInState> {
  override state: SignInState = { step: 'asking' };
  #popup: Popup | undefined;

  override componentDidMount(): void {
    addEventListener('focus', this.#lookAgain);
  }

  override componentWillUnmount(): void {
    removeEventListener('focus', this.#lookAgain);
    this.#popup?.forget();
  }

  /** Back on the page with the tab closed and no token: the card asks again. */
  readonly #lookAgain = (): void => {
    if (this.state.step === 'elsewhere' && this.#popup?.isClosed) this.setState({ step: 'asking' });
  };

  readonly #signIn = (): void => {
    const { item, actions } = this.props;
    if (!item.url) return actions.signIn();
    this.#popup?.forget();
    this.#popup = openPopup(item.url, {
      token: (token) => actions.identify(token),
      refused: (detail) => actions.explain('popup-refused', detail),
    });
    this.setState({ step: this.#popup ? 'elsewhere' : 'blocked' });
  };

  render() {
    const { item, t, actions } = this.props;
    if (item.status === 'done') return null;
    if (item.status === 'declined') return <p class="notice">{t('signInDeclined')}</p>;
    const { step } = this.state;
    const canAct = item.url !== undefined || actions.canSignIn();
    return (
      <div class="card" role="group" aria-label={t('signInTitle')}>
        <Icon name="key" />
        <div>
          <p class="card-title">{t('signInTitle')}</p>
          <p>
            {item.tool ? t('signInTool', { tool: item.tool.title }) : t('signInAll')}{' '}
            {item.url ? t('signInPopup', { host: hostOf(item.url) }) : t('signInPage')}
          </p>
          {step === 'blocked' && <p class="trouble-text">{t('signInBlocked')}</p>}
          {step === 'elsewhere' && (
            <p class="waiting">
              <Icon name="busy" class="spinning" /> {t('signInWaiting')}
            </p>
          )}
          <p class="buttons">
            {canAct && (
              <button type="button" class={step === 'elsewhere' ? 'secondary' : 'primary'} onClick={this.#signIn}>
                {t(step === 'elsewhere' ? 'signInAgain' : 'signIn')}
              </button>
            )}
            <button type="button" class="plain" onClick={() => actions.decline(item.message)}>
              {t('notNow')}
            </button>
          </p>
        </div>
      </div>
    );
  }
}

const hostOf = (address: string): string => (URL.canParse(address) ? new URL(address).host : address);
