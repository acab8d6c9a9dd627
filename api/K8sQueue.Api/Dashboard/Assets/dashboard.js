// Keeps the live parts of a page fresh: the elements with data-live. The page is asked for again and they are taken over from it,
// every few seconds and when an event comes. Without this script a page is what it was when it was loaded.
const main = document.getElementById('main');
const toggle = document.getElementById('live');
const seconds = Number(main?.dataset.refresh) || 0;
const parts = () => [...document.querySelectorAll('[data-live][id]')];

let on = true;
let busy = false;
let again = false;
let timer;
let source;

/** Whether taking an element over would disturb who reads or uses it. */
function isInUse(element) {
  const selection = document.getSelection();
  return element.contains(document.activeElement) && document.activeElement.matches('input, select, textarea')
    || (selection && !selection.isCollapsed && element.contains(selection.anchorNode));
}

function takeOver(old, young) {
  if (old.innerHTML === young.innerHTML || isInUse(old)) return;
  const open = new Set([...old.querySelectorAll('details')].flatMap((details, i) => (details.open ? [i] : [])));
  const focused = old.contains(document.activeElement) ? indexOf(old, document.activeElement) : -1;
  const places = [...old.querySelectorAll('.scroll')].map(({ scrollLeft, scrollTop }) => ({ scrollLeft, scrollTop }));
  old.replaceChildren(...document.importNode(young, true).childNodes);
  [...old.querySelectorAll('details')].forEach((details, i) => { details.open ||= open.has(i); });
  [...old.querySelectorAll('.scroll')].forEach((scroll, i) => Object.assign(scroll, places[i]));
  if (focused >= 0) old.querySelectorAll('a, button, summary, [tabindex]')[focused]?.focus({ preventScroll: true });
}

function indexOf(element, focused) {
  return [...element.querySelectorAll('a, button, summary, [tabindex]')].indexOf(focused);
}

async function refresh() {
  if (!on || document.hidden) return;
  if (busy) {
    again = true;
    return;
  }
  busy = true;
  try {
    const response = await fetch(location.href, { headers: { accept: 'text/html' }, cache: 'no-store' });
    if (response.redirected) {
      // The login has ended.
      location.reload();
      return;
    }
    if (!response.ok) return;
    const page = new DOMParser().parseFromString(await response.text(), 'text/html');
    if (!on) return;
    for (const old of parts()) {
      const young = page.getElementById(old.id);
      if (young) takeOver(old, young);
    }
  } catch {
    // The server is away; the next turn asks again.
  } finally {
    busy = false;
    clearTimeout(timer);
    timer = setTimeout(refresh, again ? 300 : seconds * 1000);
    again = false;
  }
}

function follow() {
  const address = main.dataset.events;
  if (!address || source) return;
  source = new EventSource(address);
  const job = main.dataset.job;
  const heard = (message) => {
    if (!job || JSON.parse(message.data).id === job) soon();
  };
  for (const kind of ['added', 'started', 'progress', 'completed', 'failed', 'buried', 'recovered', 'released', 'cancelled', 'redriven'])
    source.addEventListener(kind, heard);
}

/** Several events at once are one turn. */
function soon() {
  if (busy) {
    again = true;
    return;
  }
  clearTimeout(timer);
  timer = setTimeout(refresh, 150);
}

function set(live) {
  on = live;
  toggle.setAttribute('aria-pressed', String(live));
  toggle.textContent = live ? 'Live' : 'Live: off';
  clearTimeout(timer);
  source?.close();
  source = undefined;
  if (!live) return;
  follow();
  timer = setTimeout(refresh, seconds * 1000);
}

if (main && toggle && seconds > 0 && parts().length > 0) {
  toggle.hidden = false;
  toggle.addEventListener('click', () => set(!on));
  document.addEventListener('visibilitychange', () => { if (!document.hidden) void refresh(); });
  addEventListener('pagehide', () => source?.close());
  set(true);
}

// On the document: a form that is taken over with a live part asks, too. Of a form with several buttons the one that was pressed says what it asks.
document.addEventListener('submit', (event) => {
  const question = event.submitter?.dataset.confirm ?? event.target.dataset.confirm;
  if (question && !confirm(question)) event.preventDefault();
});
