// A live blog that is open: what is new comes over the event stream and waits behind a line that says how much it is, so
// that the text does not move under the reader. Edits and withdrawals take place where the entry stands. Whatever the
// connection missed comes when it is back: the stream is asked for all behind the last event that was seen.
const blog = document.getElementById('live');
const data = blog.dataset;
const list = blog.querySelector('.entries');
const line = blog.querySelector('.live-wait');
const title = document.title;
const plural = new Intl.PluralRules(document.documentElement.lang || 'en');
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);
const PATIENCE = 8000; // milliseconds without a connection before it is worth a word
const parse = (html) => Object.assign(document.createElement('template'), { innerHTML: html }).content;

// --- the reader's own time

const here = new Intl.DateTimeFormat(document.documentElement.lang || undefined, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });

// Beside each time of the publication's zone, where it is another.
function tellTimes(root) {
  for (const time of root.querySelectorAll('.entry time, .live-keys time')) {
    const offset = time.dateTime.match(/([+-])(\d\d):(\d\d)$/);
    const moment = new Date(time.dateTime);
    if (!offset || time.title) continue;
    const theirs = (offset[1] === '-' ? -1 : 1) * (offset[2] * 60 + Number(offset[3]));
    time.title = moment.toLocaleString(document.documentElement.lang || undefined);
    if (-moment.getTimezoneOffset() === theirs || !time.closest('.when')) continue;
    const own = document.createElement('span');
    own.className = 'here';
    own.textContent = fill(data.here, { time: here.format(moment) });
    time.closest('.when').querySelector('.day').after(' ', own);
  }
}

// --- the reader's place

const entry = (id) => document.getElementById(`entry-${id}`);
const orderOf = (article) => article.dataset.order;

// Changes the page and leaves what the reader looks at where it was.
function inPlace(change) {
  const seen = [...list.children].find((e) => e.getBoundingClientRect().bottom > 0);
  const before = seen?.getBoundingClientRect().top;
  const focused = document.activeElement?.closest('.entry')?.id;
  const root = document.documentElement.style;
  root.overflowAnchor = 'none'; // or the browser would make up for it a second time
  change();
  const same = seen && document.getElementById(seen.id);
  if (same && scrollY > 0) scrollBy({ top: same.getBoundingClientRect().top - before, behavior: 'instant' });
  if (focused && !document.activeElement?.closest('.entry')) focusOn(document.getElementById(focused));
  requestAnimationFrame(() => requestAnimationFrame(() => { root.overflowAnchor = ''; }));
}

function focusOn(article) {
  if (!article) return;
  article.tabIndex = -1;
  article.focus({ preventScroll: true });
}

// --- what waits

const waiting = new Map(); // id -> article

function showLine() {
  const n = waiting.size;
  document.title = n && document.hidden ? `(${n}) ${title}` : title;
  let button = line.querySelector('button, a');
  if (!n) {
    button?.remove();
    return;
  }
  if (!button) {
    button = document.createElement('top' in data ? 'button' : 'a');
    if (button.tagName === 'A') button.href = data.url;
    else button.addEventListener('click', showWaiting);
    line.prepend(button);
  }
  const text = fill(data[`new${plural.select(n).replace(/^./, (c) => c.toUpperCase())}`] || data.newOther, { n });
  if (button.textContent !== text) button.textContent = text;
}

function insert(article) {
  const next = [...list.children].find((e) => orderOf(e) < orderOf(article));
  list.insertBefore(article, next ?? null);
  tellTimes(list);
}

function showWaiting() {
  const fresh = [...waiting.values()].sort((a, b) => (orderOf(a) < orderOf(b) ? 1 : -1));
  waiting.clear();
  for (const old of list.querySelectorAll('.fresh')) old.classList.remove('fresh');
  for (const article of fresh) {
    article.classList.add('fresh');
    insert(article);
  }
  showLine();
  const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
  fresh[0]?.scrollIntoView({ behavior: still ? 'instant' : 'smooth', block: 'start' });
  focusOn(fresh[0]);
}

// --- what happens

function take(article, withdrawn) {
  const id = article.id.slice('entry-'.length);
  const there = entry(id);
  if (there) {
    if (there.outerHTML === article.outerHTML) return;
    inPlace(() => {
      there.replaceWith(article);
      tellTimes(list);
    });
    return;
  }
  const oldest = list.lastElementChild;
  if (withdrawn && !waiting.has(id)) return; // nobody here has seen it
  if (!waiting.has(id) && oldest && orderOf(article) < orderOf(oldest)) return; // of another page
  waiting.set(id, article);
  showLine();
}

function takeKeys(html) {
  const keys = document.getElementById('live-keys');
  inPlace(() => {
    keys.replaceChildren(parse(html));
    tellTimes(keys);
  });
}

function takeStory(event) {
  const headline = document.querySelector('.story > header .headline');
  const standfirst = document.querySelector('.story > header .standfirst');
  inPlace(() => {
    if (headline) headline.textContent = event.headline;
    if (standfirst && event.standfirst) standfirst.innerHTML = event.standfirst; // clean: as the page has it
  });
}

function takeUpdated(updated) {
  const times = document.querySelectorAll('.story > header .dates time');
  if (!updated || times.length < 2) return;
  const time = times[times.length - 1];
  time.dateTime = updated.iso;
  time.textContent = updated.text;
}

// More has happened than events could tell: the page is read again and what is new in it taken.
async function lookAgain() {
  const answer = await fetch(data.url, { cache: 'no-cache' });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  const other = page.getElementById('live');
  if (!other) return;
  for (const article of other.querySelectorAll('.entry')) take(document.importNode(article, true), article.classList.contains('withdrawn'));
  const keys = page.getElementById('live-keys');
  if (keys) takeKeys(keys.innerHTML);
  if (other.dataset.after) last = Math.max(last, Number(other.dataset.after));
  else end();
}

function happened(message) {
  if (Number(message.lastEventId)) last = Number(message.lastEventId);
  const event = JSON.parse(message.data);
  if (event.html) take(parse(event.html).querySelector('.entry'), event.kind === 'withdraw');
  if (event.keys !== undefined) takeKeys(event.keys);
  takeUpdated(event.updated);
  if (event.kind === 'headline' || event.kind === 'end') takeStory(event);
  if (event.kind === 'reset') lookAgain().catch(() => {});
  if (event.kind === 'end') end();
}

// --- the connection

let source;
let last = Number(data.after) || 0;
let tries = 0;
let later;
let lost;
let ended = false;

function say(text) {
  line.querySelector('.waiting')?.remove();
  if (!text) return;
  const word = document.createElement('span');
  word.className = 'waiting';
  word.textContent = text;
  line.append(word);
}

function connected() {
  tries = 0;
  clearTimeout(lost);
  lost = undefined;
  say('');
}

function disconnected() {
  lost ??= setTimeout(() => say(data.reconnecting), PATIENCE);
  if (source.readyState !== EventSource.CLOSED) return; // the browser tries again by itself
  clearTimeout(later);
  later = setTimeout(connect, Math.min(60000, 2000 * 2 ** tries++) * (0.5 + Math.random()));
}

function connect() {
  clearTimeout(later);
  source?.close();
  if (ended) return;
  source = new EventSource(`${data.events}?after=${last}`);
  source.addEventListener('open', connected);
  source.addEventListener('error', disconnected);
  source.addEventListener('message', happened);
  source.addEventListener('account', () => document.dispatchEvent(new Event('stet:check')));
}

function end() {
  ended = true;
  source?.close();
  clearTimeout(later);
  clearTimeout(lost);
  say('');
  const state = document.createElement('p');
  state.className = 'live-state';
  state.textContent = data.ended;
  line.before(state);
  document.querySelector('.story > header .label .live')?.remove();
}

// A machine that slept may hold a connection that is long dead.
let awake = Date.now();
let hidden = 0;
function wake() {
  const slept = Date.now() - awake > 45000;
  awake = Date.now();
  if (slept && !ended) connect();
}

tellTimes(document);
if (data.events) {
  blog.querySelector('.live-look')?.remove();
  connect();
  setInterval(wake, 15000);
  addEventListener('online', connect);
  addEventListener('pageshow', (e) => e.persisted && connect());
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) hidden = Date.now();
    else if (Date.now() - hidden > 60000 && source?.readyState !== EventSource.OPEN && !ended) connect();
    showLine();
  });
}

// A way to an entry that is here, or waits, needs no new page; one to an entry that is not, does.
document.addEventListener('click', (click) => {
  const link = click.target.closest?.('a[href*="#entry-"]');
  if (!link || click.ctrlKey || click.metaKey || click.shiftKey || click.altKey) return;
  const id = new URL(link.href).hash.slice('#entry-'.length);
  if (waiting.has(id) && 'top' in data) showWaiting();
  const there = entry(id);
  if (!there) return;
  click.preventDefault();
  history.pushState(null, '', link.href);
  there.scrollIntoView({ block: 'start' });
  focusOn(there);
});
const asked = location.hash.match(/^#entry-(\w+)$/);
if (asked && !entry(asked[1]) && !new URLSearchParams(location.search).has('entry')) location.replace(`${data.url}?entry=${asked[1]}#entry-${asked[1]}`);
