// SPDX-License-Identifier: Apache-2.0
/** Popup sign-in: the registered page in a new tab, which posts the token back and closes. A token is taken only from
 * that very window and only while it shows a page of the sign-in URL's own origin; a stray tab cannot slip one in. */

export interface Popup {
  readonly isClosed: boolean;
  forget(): void;
}

export interface PopupEvents {
  token(token: string): void;
  refused(detail: string): void;
}

/** Nothing when the address is no page's, or the browser did not open the tab. */
export function openPopup(address: string, events: PopupEvents): Popup | undefined {
  if (!URL.canParse(address)) return undefined;
  const url = new URL(address);
  if (!/^https?:$/.test(url.protocol)) return undefined;
  // With an opener, for the page must be able to answer; it is the customer's own sign-in page.
  const tab = window.open(url.href, '_blank');
  if (!tab) return undefined;

  const heard = (event: MessageEvent): void => {
    const data = event.data as { type?: unknown; token?: unknown } | null;
    if (typeof data !== 'object' || data?.type !== 'chatelaine-identify') return;
    if (event.source !== tab || event.origin !== url.origin) return events.refused(event.origin);
    if (typeof data.token !== 'string' || data.token === '') return;
    forget();
    events.token(data.token);
  };
  const forget = (): void => removeEventListener('message', heard);
  addEventListener('message', heard);
  return {
    get isClosed() {
      return tab.closed;
    },
    forget,
  };
}
