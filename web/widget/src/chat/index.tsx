// SPDX-License-Identifier: Apache-2.0
/** @jsxImportSource preact */
/** The chat itself, loaded when it is opened: draws the session's state and hands the visitor's acts to it. */
import { createRef, render } from 'preact';
import { sheetOf } from '../sheet';
import type { ChatView, ViewContext } from '../view';
import type { Actions } from './actions';
import { announcement } from './announce';
import chatCss from './chat.css?inline';
import { renderMarkdown } from './markdown';
import { Panel } from './panel';
import { openPopup } from './popup';
import { PanelSize } from './size';
import { loadWords, translator } from './translate';

const TITLE_ID = 'chatelaine-title';
const MESSAGE_CHARACTERS = 4000;
const HEARD_MILLISECONDS = 3000;

export async function mount(context: ViewContext): Promise<ChatView> {
  const { stage, session, emitter, locale, config, appearance } = context;
  const t = translator(await loadWords(locale), locale, context.words);
  const panel = createRef<Panel>();
  const isInline = stage.display === 'inline';
  const size = isInline ? undefined : new PanelSize(stage);
  const actions = makeActions(context);
  const plain = (markdown: string): string => renderMarkdown(markdown, t).textContent ?? '';
  let drawn = session.state;
  let words = '';
  let silence: ReturnType<typeof setTimeout> | undefined;
  let isDue = false;

  const draw = (): void => {
    isDue = false;
    announce(announcement(drawn, session.state, t, plain));
    drawn = session.state;
    render(
      <Panel
        ref={panel}
        t={t}
        locale={locale}
        titleId={TITLE_ID}
        actions={actions}
        state={drawn}
        config={config}
        appearance={appearance}
        announcement={words}
        size={size}
        isInline={isInline}
      />,
      stage.panel,
    );
  };

  /** Said, and taken back once it is heard: the same words said again are then a change again. */
  function announce(news: string): void {
    if (!news) return;
    words = news;
    clearTimeout(silence);
    silence = setTimeout(() => {
      words = '';
      draw();
    }, HEARD_MILLISECONDS);
  }

  stage.root.adoptedStyleSheets = [...stage.root.adoptedStyleSheets, sheetOf(chatCss)];
  stage.panel.setAttribute('role', isInline ? 'region' : 'dialog');
  stage.panel.setAttribute('aria-labelledby', TITLE_ID);
  stage.panel.lang = locale;
  stage.panel.dir = getComputedStyle(stage.host).direction;
  const pressed = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') context.close();
  };
  stage.panel.addEventListener('keydown', pressed);
  const unsubscribe = session.subscribe(() => {
    if (isDue) return;
    isDue = true;
    queueMicrotask(draw);
  });
  draw();

  return {
    shown(focus) {
      draw();
      if (focus) panel.current?.focus();
    },
    destroy() {
      unsubscribe();
      clearTimeout(silence);
      size?.destroy();
      stage.panel.removeEventListener('keydown', pressed);
      render(null, stage.panel);
    },
  };

  function makeActions({ close, explain }: ViewContext): Actions {
    const signInUrl = config.signIn?.signInUrl;
    return {
      send: (text) => session.send(text),
      stop: () => session.stop(),
      retry: (key) => session.retry(key),
      discard: (key) => session.discard(key),
      decline: (message) => session.decline(message),
      identify: (token) => void session.identify(token),
      signIn() {
        if (signInUrl)
          openPopup(signInUrl, {
            token: (token) => void session.identify(token),
            refused: (detail) => explain('popup-refused', detail),
          });
        else if (session.hasProvider) void session.signIn().then((done) => done || emitter.emit('signIn', {}));
        else emitter.emit('signIn', {});
      },
      canSignIn: () => signInUrl !== undefined || session.hasProvider || emitter.has('signIn'),
      signOut: () => void session.logout(),
      startConversation: () => void session.startConversation(),
      openConversation: (id) => void session.openConversation(id),
      conversations: () => session.conversations(),
      connectNow: () => session.connectNow(),
      isConnected: () => session.state.connection === 'open',
      close,
      explain,
      limit: config.limits?.messageCharacters ?? MESSAGE_CHARACTERS,
    };
  }
}
