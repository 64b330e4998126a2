// SPDX-License-Identifier: Apache-2.0
/** @jsxImportSource preact */
import { Component } from 'preact';
import type { ConversationSummary } from '../session/server';
import type { Actions } from './actions';
import { Icon } from './icons';
import type { Translate } from './translate';

interface Props {
  t: Translate;
  locale: string;
  actions: Actions;
  leave(): void;
}

type State = { conversations?: ConversationSummary[]; failed?: boolean };

/** A signed-in visitor's conversations, to go on with one of them. */
export class History extends Component<Props, State> {
  override state: State = {};
  #back: HTMLButtonElement | null = null;

  override componentDidMount(): void {
    this.#back?.focus({ preventScroll: true });
    void this.#fetch();
  }

  async #fetch(): Promise<void> {
    this.setState({ failed: false });
    try {
      this.setState({ conversations: await this.props.actions.conversations() });
    } catch {
      this.setState({ failed: true });
    }
  }

  #list() {
    const { t, locale, actions, leave } = this.props;
    const { conversations, failed } = this.state;
    if (failed)
      return (
        <div class="card">
          <Icon name="alert" />
          <div>
            <p>{t('historyFailed')}</p>
            <p class="buttons">
              <button type="button" class="primary" onClick={() => void this.#fetch()}>
                {t('tryAgain')}
              </button>
            </p>
          </div>
        </div>
      );
    if (!conversations) return <p class="notice">{t('historyLoading')}</p>;
    if (conversations.length === 0) return <p class="notice">{t('historyEmpty')}</p>;
    const date = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' });
    return (
      <ul class="conversations">
        {conversations.map(({ id, title, updatedAt }) => (
          <li key={id}>
            <button
              type="button"
              onClick={() => {
                actions.openConversation(id);
                leave();
              }}
            >
              <span dir="auto">{title || t('untitled')}</span>
              <time dateTime={new Date(updatedAt).toISOString()}>{date.format(updatedAt)}</time>
            </button>
          </li>
        ))}
      </ul>
    );
  }

  render() {
    const { t, leave } = this.props;
    return (
      <div class="history">
        <div class="history-head">
          <button
            type="button"
            class="glyph"
            aria-label={t('back')}
            title={t('back')}
            onClick={leave}
            ref={(element) => {
              this.#back = element;
            }}
          >
            <Icon name="back" />
          </button>
          <h3>{t('menuHistory')}</h3>
        </div>
        {this.#list()}
      </div>
    );
  }
}
