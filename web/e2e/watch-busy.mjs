// SPDX-License-Identifier: Apache-2.0
// Put into a page before its own code: whether anything says "wait" without there being something to wait for.
//
// A clock alone would judge the machine: where eight programs share a core, everything takes long. So two things are looked at that are
// true on any machine. A mark of waiting begins unseen and stays so for 100 ms at least, by an animation that the browser itself delays:
// what arrives within that time is shown without any. And while nothing is on its way (no request, no part of the program) and the
// browser has nothing else to do (it calls an idle callback), no mark may be seen: time that passes so, in steps of at most a frame,
// is what a spinner costs beyond what it waits for.
export function watchBusy() {
  const marks = '[role="status"][aria-label="Loading"], [role="progressbar"], button[aria-busy="true"]';
  const shortest = 100; // ms that a mark stays unseen, and that it may outlast what it waited for
  const state = { onItsWay: 0, idle: 0, needless: 0, undelayed: [], seen: new Set(), shifts: 0 };
  window.busy = state;

  const track = (promise) => {
    state.onItsWay++;
    const end = () => state.onItsWay--;
    promise.then(end, end);
    return promise;
  };
  const { fetch } = window;
  window.fetch = (...given) => track(fetch(...given));
  for (const how of ['json', 'text', 'blob', 'arrayBuffer']) {
    const read = Response.prototype[how];
    Response.prototype[how] = function body() { return track(read.call(this)); };
  }

  const isSeen = (element) => (element.matches('button') ? Number(getComputedStyle(element).opacity) < 1 : element.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true }) && element.getClientRects().length > 0);
  const isDelayed = (element) => {
    for (let at = element; at; at = at.parentElement)
      if (at.getAnimations().some(({ effect }) => effect.getTiming().delay >= shortest && effect.getKeyframes().some(({ opacity }) => opacity !== undefined))) return true;
    return false;
  };
  const known = new WeakSet();
  const look = () => {
    for (const element of document.querySelectorAll(marks)) {
      if (known.has(element)) continue;
      known.add(element);
      state.seen.add(element.outerHTML.slice(0, 120));
      if (!isDelayed(element)) state.undelayed.push(element.outerHTML.slice(0, 120));
    }
  };
  new MutationObserver((records) => {
    for (const { target, attributeName } of records) if (attributeName === 'aria-busy' && target.getAttribute('aria-busy') !== 'true') known.delete(target);
    // Parts of the program: Vite asks for each by a link of its own.
    for (const { addedNodes } of records)
      for (const node of addedNodes)
        if (node instanceof HTMLLinkElement && /modulepreload|stylesheet/.test(node.rel)) track(new Promise((done) => ['load', 'error'].forEach((type) => node.addEventListener(type, done))));
    look();
  }).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ['aria-busy'] });

  let before = null;
  const idle = () => {
    const now = performance.now();
    const isNeedless = state.onItsWay === 0 && [...document.querySelectorAll(marks)].some(isSeen);
    if (isNeedless && before !== null) state.needless += Math.min(now - before, 17);
    before = isNeedless ? now : null;
    state.idle = state.onItsWay === 0 && document.querySelector('#page-title') && !document.querySelector(marks) ? state.idle + 1 : 0;
    requestIdleCallback(idle);
  };
  requestIdleCallback(idle);
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) state.shifts += entry.value;
  }).observe({ type: 'layout-shift', buffered: true });
}
