// Keeps every open page in step with the reader's account, and lets one register or sign in without leaving
// the page.
//
// A page is the same for all readers. A cookie that says no more than "there is a session" tells whether to
// ask /me.json who it is, so a reader who is not signed in asks for nothing. When that changes, the tab in
// which it happened tells the others (BroadcastChannel; storage where that is missing), and each looks
// again whenever it comes back into view. Nothing is reloaded, so nothing half-written is lost.
//
// On the document: "stet:account" {me} when who reads is known or changes; "stet:form" {root} when an account
// form appears; a "stet:signed-in" {next} from another script is taken over here; "stet:check" makes it look.

const bar = document.querySelector('[data-account-bar]');
const words = bar?.dataset ?? {};
let channel = null;
const kept = {
	get: (key) => { try { return localStorage.getItem(key); } catch { return null; } },
	set: (key, value) => { try { localStorage.setItem(key, value); } catch { /* no storage: no memory */ } },
	drop: (key) => { try { localStorage.removeItem(key); } catch { /* the same */ } },
};
const hasCookie = (name) => document.cookie.split('; ').some((c) => c.startsWith(`${name}=`));
const isIn = () => hasCookie('stet_in');

let me = null; // of the last answer; null: nobody, or not known yet
let dialog = null;

// --- who reads

const make = (tag, attributes = {}, ...children) => {
	const e = document.createElement(tag);
	for (const [name, value] of Object.entries(attributes))
		e.setAttribute(name, value);
	e.append(...children);
	return e;
};

const draw = (name, unread, staff) => {
	if (!bar)
		return;
	if (name) {
		const at = make('bdi');
		at.textContent = name;
		const following = make('a', { href: '/following', 'data-unread': unread || '' }, words.news);
		if (unread)
			following.append(' ', make('b', {}, unread < 99 ? String(unread) : '99+'));
		const work = staff ? [make('a', { href: '/moderation' }, words.work)] : [];
		bar.replaceChildren(...work, following, make('a', { href: '/account' }, at));
		return;
	}
	bar.replaceChildren(...[['/sign-in', words.signIn], ['/register', words.register]].map(([href, text]) =>
		make('a', { href, 'data-account-link': '' }, text)));
};

const tell = () => document.dispatchEvent(new CustomEvent('stet:account', { detail: { me } }));

const say = (text) => {
	let line = document.querySelector('.account-said');
	if (!line) {
		line = make('p', { class: 'account-said', role: 'status' });
		document.body.append(line);
	}
	line.textContent = text;
	clearTimeout(say.timer);
	say.timer = setTimeout(() => line.remove(), 6000);
};

const became = (now) => {
	const before = me?.id ?? null;
	me = now;
	draw(me?.name, me?.unread, me && me.role !== 'reader');
	document.documentElement.toggleAttribute('data-signed-in', Boolean(me));
	if (me)
		kept.set('stet-name', me.name);
	else
		kept.drop('stet-name');
	if ((me?.id ?? null) !== before) {
		tell();
		if (me)
			leaveForms();
	}
};

const ask = async () => {
	if (!isIn()) {
		if (me || kept.get('stet-name') || bar?.querySelector('bdi'))
			became(null);
		return;
	}
	// Kept alive, since the answer may bring a new secret: a page that is left meanwhile must not lose it.
	try {
		const r = await fetch('/me.json', { cache: 'no-store', credentials: 'same-origin', keepalive: true });
		const now = await r.json();
		became(now.signed_in ? now : null);
	} catch { /* without a connection the page stays as it is */ }
};

// Several reasons to look at once are one.
let asking = null;
const look = () => (asking ??= ask().finally(() => { asking = null; }));

const changed = async () => {
	await (asking ?? Promise.resolve());
	await look();
	kept.set('stet-state', `${isIn() ? 1 : 0} ${Date.now()}`);
	channel?.postMessage('changed');
};

// A page on which one only waits to be signed in is done.
const leaveForms = () => {
	if (dialog) {
		close();
		say(`${words.welcome}: ${me.name}`);
		return;
	}
	const here = document.querySelector('main [data-account]')?.dataset.account;
	if (['sign-in', 'register', 'mail-sent'].includes(here))
		location.replace(document.querySelector('main input[name="next"]')?.value ?? '/');
};

// A page with an open channel is not kept for going back to: it listens while it is shown.
const listen = () => {
	if (!('BroadcastChannel' in window))
		return;
	channel = new BroadcastChannel('stet-account');
	channel.addEventListener('message', look);
};
listen();
addEventListener('pagehide', () => { channel?.close(); channel = null; });
addEventListener('storage', (e) => { if (e.key === 'stet-state') look(); });
addEventListener('pageshow', (e) => { if (e.persisted) { listen(); look(); } });
addEventListener('focus', () => { if (isIn() !== Boolean(me)) look(); });
document.addEventListener('visibilitychange', () => { if (!document.hidden) look(); });
// Something changed: an answer that is on its way already may not know of it.
document.addEventListener('stet:check', async () => { await asking; look(); });

// --- forms

const prepare = (root) => {
	for (const input of root.querySelectorAll('input[data-show]')) {
		const button = make('button', { type: 'button', class: 'show', 'aria-controls': input.id, 'aria-pressed': 'false' },
			input.dataset.show);
		button.addEventListener('click', () => {
			const hidden = input.type === 'password';
			input.type = hidden ? 'text' : 'password';
			button.textContent = hidden ? input.dataset.hide : input.dataset.show;
			button.setAttribute('aria-pressed', String(hidden));
		});
		input.after(button);
	}
	document.dispatchEvent(new CustomEvent('stet:form', { detail: { root } }));
};

document.addEventListener('submit', (e) => {
	const form = e.target;
	if (!form.closest('.account') || form.elements.script)
		return;
	form.append(make('input', { type: 'hidden', name: 'script', value: '1' }));
}, { capture: true });

document.addEventListener('submit', async (e) => {
	if (!e.target.matches('form[data-sign-out]') || e.defaultPrevented)
		return;
	e.preventDefault();
	try {
		await fetch(e.target.action, { method: 'POST', body: new URLSearchParams({ script: '1' }) });
	} catch { /* the cookie tells whether it worked */ }
	await changed();
	location.assign('/');
});

// --- the dialog

const styled = () => new Promise((done) => {
	if (!words.style || document.querySelector(`link[href="${words.style}"]`))
		return done();
	const link = make('link', { rel: 'stylesheet', href: words.style });
	link.addEventListener('load', done);
	link.addEventListener('error', done);
	document.head.append(link);
});

const close = () => {
	const gone = dialog;
	dialog = null;
	gone?.close();
	gone?.remove();
};

const fill = (section) => {
	const heading = section.querySelector('h1');
	if (heading) {
		heading.id = 'account-heading';
		dialog.setAttribute('aria-labelledby', heading.id);
	}
	dialog.querySelector('.holds').replaceChildren(section);
	prepare(section);
	const first = section.querySelector('[aria-invalid="true"]') ?? section.querySelector('[autofocus], input:not([type="hidden"]):not([type="radio"])')
		?? section.querySelector('button, a');
	first?.focus();
};

const failed = () => {
	const holds = dialog?.querySelector('.holds');
	if (!holds)
		return;
	holds.querySelector('.wrong.all')?.remove();
	holds.prepend(make('p', { class: 'wrong all', role: 'alert' }, words.failed));
};

// The account's part of a page; the whole page if it has none.
const take = async (response) => {
	const page = new DOMParser().parseFromString(await response.text(), 'text/html');
	const section = page.querySelector('main [data-account], main .account');
	if (!section)
		throw new Error('no account form');
	for (const script of page.querySelectorAll('script[type="module"][src]'))
		if (!document.querySelector(`script[src="${script.getAttribute('src')}"]`))
			document.head.append(make('script', { type: 'module', src: script.getAttribute('src') }));
	if ('signedIn' in section.dataset) {
		await signedIn(section.dataset.next ?? '/');
		return;
	}
	if (dialog)
		fill(document.importNode(section, true));
};

// A passkey is made in the dialog as well; all else is where the reader was.
const signedIn = async (next) => {
	const more = next.startsWith('/account/passkeys');
	const held = dialog;
	if (more)
		dialog = null; // so that it stays open
	await changed();
	if (more && held?.open) {
		dialog = held;
		await send(next);
	} else {
		close();
	}
};

const send = async (url, options = {}) => {
	dialog?.setAttribute('aria-busy', 'true');
	try {
		await take(await fetch(url, { credentials: 'same-origin', ...options }));
	} catch {
		failed();
	} finally {
		dialog?.removeAttribute('aria-busy');
	}
};

const open = async (href) => {
	const url = new URL(href, location.href);
	url.searchParams.set('next', location.pathname + location.search);
	if (!dialog) {
		await styled();
		const shut = make('button', { type: 'button', class: 'close', 'aria-label': words.close }, '×');
		dialog = make('dialog', { class: 'account-dialog' }, shut, make('div', { class: 'holds' },
			make('p', { class: 'help' }, words.wait)));
		shut.addEventListener('click', close);
		dialog.addEventListener('close', () => { dialog?.remove(); dialog = null; });
		document.body.append(dialog);
		dialog.showModal();
	}
	await send(url);
};

document.addEventListener('click', (e) => {
	if (dialog && e.target.closest?.('a[data-account-done]')) {
		e.preventDefault();
		close();
		return;
	}
	const link = e.target.closest?.('a[data-account-link]');
	const plain = e.button === 0 && !e.metaKey && !e.ctrlKey && !e.shiftKey && !e.altKey;
	const alone = !dialog && document.querySelector('main [data-account]');
	if (!link || !plain || alone || !HTMLDialogElement.prototype.showModal)
		return;
	e.preventDefault();
	open(link.href);
});

document.addEventListener('submit', (e) => {
	if (!dialog?.contains(e.target) || e.target.method === 'dialog')
		return;
	e.preventDefault();
	if (dialog.ariaBusy === 'true')
		return;
	const body = new URLSearchParams(new FormData(e.target, e.submitter));
	// A button without an address of its own would say the page's.
	const to = e.submitter?.hasAttribute('formaction') ? e.submitter.formAction : e.target.action;
	send(to, { method: 'POST', body });
});

document.addEventListener('stet:signed-in', (e) => {
	e.preventDefault();
	const next = e.detail?.next ?? '/';
	if (dialog)
		signedIn(next);
	else
		changed().then(() => location.replace(next));
});

// --- at the start

if (hasCookie('stet_plain'))
	document.cookie = 'stet_plain=; path=/; max-age=0; samesite=lax' + (location.protocol === 'https:' ? '; secure' : '');

const name = kept.get('stet-name');
if (isIn() && name)
	draw(name);
for (const root of document.querySelectorAll('main .account'))
	prepare(root);

const landed = document.querySelector('main [data-signed-in]');
if (landed)
	changed().then(() => location.replace(landed.dataset.next ?? '/'));
else if (isIn() === (kept.get('stet-state') ?? '0').startsWith('1'))
	look();
else
	changed();
