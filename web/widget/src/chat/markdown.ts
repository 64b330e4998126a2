// SPDX-License-Identifier: Apache-2.0
/** An answer's markdown as safe nodes. Three walls, one behind the other: micromark writes HTML in the text as text;
 * DOMPurify lets only the elements and attributes below pass; and what is left is reworked so that nothing is fetched
 * from anywhere (pictures become links) and no link keeps a hold on the page. */
import DOMPurify from 'dompurify';
import { micromark } from 'micromark';
import { gfmAutolinkLiteral, gfmAutolinkLiteralHtml } from 'micromark-extension-gfm-autolink-literal';
import { gfmStrikethrough, gfmStrikethroughHtml } from 'micromark-extension-gfm-strikethrough';
import { gfmTable, gfmTableHtml } from 'micromark-extension-gfm-table';
import type { Translate } from './translate';

const syntax = {
  extensions: [gfmTable(), gfmStrikethrough(), gfmAutolinkLiteral()],
  htmlExtensions: [gfmTableHtml(), gfmStrikethroughHtml(), gfmAutolinkLiteralHtml()],
};

const allowed = {
  ALLOWED_TAGS: ['a', 'blockquote', 'br', 'code', 'del', 'em', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'hr', 'img', 'li', 'ol', 'p', 'pre', 'strong', 'table', 'tbody', 'td', 'th', 'thead', 'tr', 'ul'],
  ALLOWED_ATTR: ['align', 'alt', 'href', 'src', 'start', 'title'],
  /** Absolute addresses only: the assistant does not know where on the page's site it stands. */
  ALLOWED_URI_REGEXP: /^(?:https?:\/\/|mailto:|tel:)/i,
  /** Not addresses: without this the rule above would be applied to them. */
  ADD_URI_SAFE_ATTR: ['align', 'start'],
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  RETURN_DOM_FRAGMENT: true,
} as const;

/** The nodes of an answer. They belong to an inert document until they are put in the page, so nothing is loaded. */
export function renderMarkdown(text: string, t: Translate): DocumentFragment {
  const fragment = DOMPurify.sanitize(micromark(text, syntax), {
    ...allowed,
    ALLOWED_TAGS: [...allowed.ALLOWED_TAGS],
    ALLOWED_ATTR: [...allowed.ALLOWED_ATTR],
    ADD_URI_SAFE_ATTR: [...allowed.ADD_URI_SAFE_ATTR],
  });
  for (const image of fragment.querySelectorAll('img')) image.replaceWith(pictureLink(image, t));
  for (const link of fragment.querySelectorAll('a')) secureLink(link);
  for (const heading of fragment.querySelectorAll('h1,h2,h4,h5,h6')) rename(heading, 'h3');
  for (const table of fragment.querySelectorAll('table')) scrollable(table, t('table'));
  for (const code of fragment.querySelectorAll('pre')) scrollable(code, t('code'));
  for (const block of fragment.querySelectorAll('p,li,h3,td,th,blockquote')) block.setAttribute('dir', 'auto');
  return fragment;
}

function secureLink(link: HTMLAnchorElement): void {
  if (!link.getAttribute('href')) return link.replaceWith(...link.childNodes);
  link.setAttribute('rel', 'noopener nofollow');
  link.setAttribute('target', '_blank');
}

function pictureLink(image: HTMLImageElement, t: Translate): Node {
  const document = image.ownerDocument;
  const address = image.getAttribute('src');
  const label = image.getAttribute('alt') || t('image');
  if (!address || image.closest('a')) return document.createTextNode(label);
  const link = document.createElement('a');
  link.setAttribute('href', address);
  link.textContent = label;
  return link;
}

function rename(element: Element, name: string): void {
  const renamed = element.ownerDocument.createElement(name);
  renamed.append(...element.childNodes);
  element.replaceWith(renamed);
}

/** What is wider than the panel scrolls by itself, by keyboard too. */
function scrollable(element: Element, label: string): void {
  const frame = element.ownerDocument.createElement('div');
  frame.className = 'wide';
  frame.setAttribute('role', 'group');
  frame.setAttribute('tabindex', '0');
  frame.setAttribute('aria-label', label);
  element.replaceWith(frame);
  frame.append(element);
}

/** Puts the blocks of `fresh` in `target`, and leaves alone those that are the same already: while an answer grows only
 * its last block changes, and what the visitor has marked in the others stays marked. */
export function patchBlocks(target: Element, fresh: DocumentFragment): void {
  const blocks = [...fresh.childNodes].filter((node) => node.nodeType !== Node.TEXT_NODE || node.textContent?.trim());
  blocks.forEach((block, at) => {
    const shown = target.childNodes[at];
    if (!shown) target.append(block);
    else if (!shown.isEqualNode(block)) shown.replaceWith(block);
  });
  while (target.childNodes.length > blocks.length) target.lastChild?.remove();
}
