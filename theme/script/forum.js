// A conversation: writing and voting without leaving the page; what is new, as it comes, behind a line that says how
// much it is, so that nothing moves under the reader.
//
// The page is the same for everybody. What is the reader's own (votes, what may still be edited, whom they muted)
// is asked for once they are known. What somebody types is kept in the browser until it is posted, also while they
// register: the dialog opens over the page, and the comment goes out when it closes.

const talk = document.querySelector('[data-talk]');
const words = talk.dataset;
const url = words.talk;
const list = talk.querySelector('.comments[data-below]') ?? [...talk.querySelectorAll('.comments')].at(-1);
const line = talk.querySelector('.talk-wait');
const plural = new Intl.PluralRules(document.documentElement.lang || 'en');
const number = new Intl.NumberFormat(document.documentElement.lang || undefined);
const isIn = () => document.cookie.split('; ').some((c) => c.startsWith('stet_in='));
const parse = (html) => Object.assign(document.createElement('template'), { innerHTML: html }).content;
const find = (id) => document.getElementById(`c-${id}`);
const form = (key, n) => (words[`${key}${plural.select(n).replace(/^./, (c) => c.toUpperCase())}`] || words[`${key}Other`])
	.replace('{n}', number.format(n));
const kept = {
	get: (key) => { try { return localStorage.getItem(key); } catch { return null; } },
	set: (key, value) => { try { localStorage.setItem(key, value); } catch { /* no storage: no memory */ } },
	drop: (key) => { try { localStorage.removeItem(key); } catch { /* the same */ } },
};

// --- what is said to the reader

const say = (near, text, wrong) => {
	near.querySelector(':scope > .said, :scope > .wrong')?.remove();
	const p = document.createElement('p');
	p.className = wrong ? 'wrong' : 'said';
	p.setAttribute('role', wrong ? 'alert' : 'status');
	p.textContent = text;
	near.prepend(p);
};

// The server's answer to a form: {ok, status, json}.
const send = async (action, body) => {
	try {
		const r = await fetch(action, { method: 'POST', body, headers: { Accept: 'application/json' }, credentials: 'same-origin' });
		return { ok: r.ok, status: r.status, json: await r.json().catch(() => ({})) };
	} catch {
		return { ok: false, status: 0, json: {} };
	}
};

const why = (answer) => answer.json.error?.text ?? words.failed;

// What is to be done once somebody is signed in; the last wish counts.
let wish = null;
const signIn = (then) => {
	const link = document.querySelector('[data-account-link][href="/register"]');
	if (!link) { // the page believes that somebody is signed in who is not any more
		location.assign(`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`);
		return;
	}
	wish = then;
	link.click();
};

// --- the reader's own

let mine = null;

const apply = (root) => {
	if (!mine)
		return;
	for (const c of root.querySelectorAll('.comment')) {
		const id = c.dataset.id, footer = c.querySelector(':scope > footer');
		fold(c, mine.muted?.includes(c.dataset.author) ?? false);
		if (!footer)
			continue;
		const left = mine.own?.[id], reply = footer.querySelector('[data-asked]');
		if (reply) // guests answer, the newsroom, and whoever asked goes on
			reply.hidden = !(mine.guest || mine.moderator || mine.own?.[branchOf(c)] !== undefined);
		footer.querySelector('.mine').hidden = left === undefined;
		footer.querySelector('[data-edit]').hidden = !(left > 0);
		footer.querySelector('.report').hidden = left !== undefined;
		for (const [what, hidden] of [['follow', mine.branches?.includes(id)], ['unfollow', !mine.branches?.includes(id)]]) {
			const b = footer.querySelector(`[data-do=${what}]`);
			if (b)
				b.hidden = Boolean(hidden);
		}
		const menu = footer.querySelector('.menu');
		if (menu)
			menu.hidden = left !== undefined;
		press(footer, mine.votes?.[id] ?? 0);
	}
};

// What somebody wrote whom the reader muted is behind a line, as the server has it on pages made for one reader; what
// answers it stays.
const fold = (c, muted) => {
	const lineThere = c.querySelector(':scope > .muted-line');
	c.classList.toggle('muted', muted && !c.classList.contains('stone'));
	for (const [what, hidden] of [['mute', muted], ['unmute', !muted]]) {
		const b = c.querySelector(`:scope > footer [data-do=${what}]`);
		if (b)
			b.hidden = hidden;
	}
	if (!muted || c.classList.contains('stone'))
		return lineThere?.remove();
	if (lineThere)
		return;
	const details = document.createElement('details');
	details.className = 'muted-line';
	details.append(Object.assign(document.createElement('summary'), { textContent: words.muted }));
	c.prepend(details);
};

const menu = async (f, button) => {
	const c = f.closest('.comment');
	if (!isIn())
		return signIn(() => menu(f, button));
	const answer = await send(button?.getAttribute('formaction') ?? f.getAttribute('action'), new URLSearchParams());
	if (!answer.ok)
		return answer.status === 401 ? signIn(() => menu(f, button)) : say(c, why(answer), true);
	f.closest('details').open = false;
	await look();
	(c.querySelector(':scope > .muted-line > summary') ?? c.querySelector(':scope > footer .menu > summary')).focus();
};

const branchOf = (c) => {
	let top = c;
	for (let up = c; up; up = up.parentElement.closest('.comment'))
		top = up;
	return top.dataset.id;
};

// What is only a guest's, or a moderator's, to see.
const showRole = () => {
	for (const [what, on] of [['for-you', mine?.guest], ['held', mine?.moderator]]) {
		const p = talk.querySelector(`[data-${what}]`);
		if (p)
			p.hidden = !on;
	}
};

// The story itself.
const showFollowed = () => {
	const f = talk.querySelector('[data-follow-story]');
	if (!f || !mine)
		return;
	f.action = `${url}/${mine.following ? 'unfollow' : 'follow'}`;
	f.querySelector('button').textContent = mine.following ? f.dataset.unfollowText : f.dataset.followText;
};

const followStory = async (f) => {
	if (!isIn())
		return signIn(() => followStory(f));
	const answer = await send(f.action, new URLSearchParams());
	if (!answer.ok)
		return answer.status === 401 ? signIn(() => followStory(f)) : say(talk, why(answer), true);
	await look();
};

const press = (footer, way) => {
	footer.querySelector('[data-vote=up] button').setAttribute('aria-pressed', String(way > 0));
	footer.querySelector('[data-vote=down] button')?.setAttribute('aria-pressed', String(way < 0));
};

// An answer from before what was just done may come after the one that knows of it.
let looks = 0, shown = 0;

const look = async () => {
	const turn = ++looks;
	if (!isIn()) {
		shown = turn;
		mine = mine && { votes: {}, own: {}, muted: [], branches: [], following: false };
		apply(talk);
		showFollowed();
		showRole();
		return;
	}
	const r = await fetch(`${url}/mine.json`, { cache: 'no-store' }).catch(() => null);
	const now = r?.ok && await r.json();
	if (now && turn > shown) {
		shown = turn;
		mine = now;
		apply(talk);
		showFollowed();
		showRole();
	}
};

// --- voting

const vote = async (f) => {
	const c = f.closest('.comment'), footer = f.closest('footer');
	if (!isIn())
		return signIn(() => vote(f));
	const button = f.querySelector('button'), taken = button.getAttribute('aria-pressed') === 'true';
	const way = taken ? 0 : f.dataset.vote === 'up' ? 1 : -1;
	press(footer, way); // at once; put right below if it did not work
	const answer = await send(f.action, new URLSearchParams(taken ? { not: '1' } : {}));
	if (!answer.ok) {
		press(footer, mine?.votes?.[c.dataset.id] ?? 0);
		return answer.status === 401 ? signIn(() => vote(f)) : say(c, why(answer), true);
	}
	if (mine?.votes)
		mine.votes[c.dataset.id] = way;
	footer.querySelector('[data-ups]').textContent = answer.json.ups ? number.format(answer.json.ups) : '';
};

// --- writing

const draftKey = (f) => `draft ${f.getAttribute('action')} ${f.elements.answers?.value ?? ''}`;

const keepDraft = (f) => {
	const text = f.elements.text.value;
	if (text.trim())
		kept.set(draftKey(f), JSON.stringify({ text, quote: f.elements.quote?.value ?? '' }));
	else
		kept.drop(draftKey(f));
	const left = Number(f.dataset.most) - [...text].length;
	let count = f.querySelector('.left');
	if (left < 500 && !count) {
		count = Object.assign(document.createElement('p'), { className: 'help left' });
		count.setAttribute('aria-live', 'polite');
		f.elements.text.after(count);
	}
	if (count)
		count.textContent = left < 500 ? words.left.replace('{n}', number.format(left)) : '';
};

const quoteField = (f, quote) => {
	if (!f.elements.quote) {
		const box = document.createElement('div'), field = document.createElement('textarea');
		box.className = 'quoting';
		field.name = 'quote';
		field.rows = 2;
		field.dir = 'auto';
		field.setAttribute('aria-label', words.quote);
		box.append(field);
		f.elements.text.labels[0].before(box);
	}
	f.elements.quote.value = quote;
};

const restore = (f) => {
	try {
		const draft = JSON.parse(kept.get(draftKey(f)));
		if (draft?.text && !f.elements.text.value) {
			f.elements.text.value = draft.text;
			if (draft.quote)
				quoteField(f, draft.quote);
		}
	} catch { /* not ours */ }
};

const post = async (f) => {
	if (!isIn()) {
		say(f, words.signing);
		return signIn(() => post(f));
	}
	const button = f.querySelector('.primary');
	button.disabled = f.elements.text.readOnly = true;
	const body = new URLSearchParams(new FormData(f));
	if (f.dataset.began)
		body.set('typed', String(Math.ceil((Date.now() - Number(f.dataset.began)) / 1000)));
	const answer = await send(f.action, body);
	button.disabled = f.elements.text.readOnly = false;
	if (answer.status === 401)
		return signIn(() => post(f));
	if (answer.json.error?.field === 'sure' && !f.elements.sure) {
		f.insertAdjacentHTML('afterbegin', '<input type="hidden" name="sure" value="1">');
		return say(f, `${why(answer)} ${words.wouldWait}`, true);
	}
	if (!answer.ok)
		return say(f, why(answer), true);
	kept.drop(draftKey(f));
	f.elements.sure?.remove();
	delete f.dataset.began;
	f.querySelector(':scope > .said, :scope > .wrong')?.remove();
	f.elements.text.value = '';
	f.querySelector('.quoting')?.remove();
	if (f.dataset.inline)
		f.remove();
	else
		keepDraft(f);
	if (answer.json.state === 'held') {
		say(find(f.elements.answers?.value) ?? talk, words.held);
		return;
	}
	if (!list)
		return location.assign(`${answer.json.url}#c-${answer.json.id}`);
	await look();
	await fetchNew(answer.json.id);
};

const inlineForm = (c) => {
	const there = c.querySelector(':scope > form.write');
	if (there)
		return there;
	const model = talk.querySelector('form[data-write]:not([data-inline])');
	if (!model)
		return null;
	const f = model.cloneNode(true), n = c.dataset.id;
	for (const old of f.querySelectorAll('.preview, .wrong, .said, .quoting, .left, [name=answers], [name=draft], [name=sure]'))
		old.remove();
	f.dataset.inline = 'reply';
	delete f.dataset.began;
	f.action = url;
	f.insertAdjacentHTML('afterbegin', '<input type="hidden" name="answers">');
	f.elements.answers.value = n;
	f.elements.text.id = `write-${n}`;
	f.elements.text.value = '';
	const label = f.querySelector('label[for=write-text]');
	label.htmlFor = `write-${n}`;
	label.textContent = label.dataset.answer;
	f.querySelector('.second').remove();
	const cancel = Object.assign(document.createElement('button'), { type: 'button', textContent: words.cancel });
	cancel.addEventListener('click', () => { f.remove(); c.querySelector('[data-reply]')?.focus(); });
	f.querySelector('.buttons').append(cancel);
	c.querySelector(':scope > footer').after(f);
	restore(f);
	return f;
};

const edit = async (link) => {
	const c = link.closest('.comment'), r = await fetch(link.href).catch(() => null);
	const page = r?.ok && new DOMParser().parseFromString(await r.text(), 'text/html');
	const f = page && page.querySelector('form[data-write]');
	if (!f)
		return location.assign(link.href);
	const mineNow = document.importNode(f, true), place = c.querySelector(':scope > .words');
	mineNow.dataset.inline = 'edit';
	mineNow.elements.text.id = `edit-${c.dataset.id}`;
	mineNow.querySelector('label[for=write-text]').htmlFor = mineNow.elements.text.id;
	mineNow.querySelector('.second')?.remove();
	const cancel = Object.assign(document.createElement('button'), { type: 'button', textContent: words.cancel });
	cancel.addEventListener('click', () => { mineNow.remove(); place.hidden = false; });
	mineNow.querySelector('.buttons').append(cancel);
	place.hidden = true;
	place.after(mineNow);
	mineNow.elements.text.focus();
};

const saveEdit = async (f) => {
	const c = f.closest('.comment'), answer = await send(f.action, new URLSearchParams(new FormData(f)));
	if (!answer.ok)
		return say(f, why(answer), true);
	f.remove();
	c.querySelector(':scope > .words').hidden = false;
	if (answer.json.state === 'held')
		return say(c, words.held);
	await fetchNew();
};

const stone = (c, text) => {
	for (const part of c.querySelectorAll(':scope > header, :scope > .words, :scope > .quoted, :scope > footer'))
		part.remove();
	for (const f of c.querySelectorAll(':scope > form'))
		if (!f.elements.text?.value)
			f.remove(); // what somebody is writing stays
	c.classList.add('stone');
	if (c.querySelector(':scope > .gone'))
		return;
	const p = Object.assign(document.createElement('p'), { className: 'gone', textContent: text });
	c.prepend(p);
};

const remove = async (link) => {
	const c = link.closest('.comment');
	if (!confirm(words.sure))
		return;
	const answer = await send(link.href, new URLSearchParams());
	if (answer.ok)
		stone(c, words.deleted);
	else
		say(c, why(answer), true);
};

talk.addEventListener('submit', (e) => {
	const f = e.target;
	if (f.matches('[data-vote]')) {
		e.preventDefault();
		vote(f);
	} else if (f.matches('[data-follow-story]')) {
		e.preventDefault();
		followStory(f);
	} else if (f.matches('[data-menu]')) {
		e.preventDefault();
		menu(f, e.submitter);
	} else if (f.matches('[data-write]') && e.submitter?.name !== 'preview') {
		e.preventDefault();
		if (f.dataset.inline === 'edit' || /\/edit$/.test(f.action) && f.closest('.comment'))
			saveEdit(f);
		else if (/\/edit$/.test(f.action) || f.elements.draft)
		{
			kept.drop(draftKey(f));
			f.submit(); // a page of its own: it leads back
		}
		else
			post(f);
	}
});

talk.addEventListener('click', (e) => {
	const link = e.target.closest('[data-reply], [data-edit], [data-delete]');
	if (!link || e.ctrlKey || e.metaKey || e.shiftKey)
		return;
	if ('reply' in link.dataset) {
		const f = inlineForm(link.closest('.comment'));
		if (!f)
			return;
		e.preventDefault();
		f.elements.text.focus();
	} else if ('edit' in link.dataset) {
		e.preventDefault();
		edit(link);
	} else {
		e.preventDefault();
		remove(link);
	}
});

talk.addEventListener('input', (e) => {
	const f = e.target.form;
	if (!f?.matches('[data-write]') || /\/edit$/.test(f.action))
		return;
	f.dataset.began ??= Date.now();
	f.elements.sure?.remove(); // it is another text now
	keepDraft(f);
});

document.addEventListener('stet:account', async (e) => {
	await look();
	const then = wish;
	wish = null;
	if (e.detail.me && then)
		then();
});

// --- a paragraph of the story

const prose = document.querySelector('.story > .prose');
let button = null;

const offerQuote = () => {
	const chosen = getSelection(), text = chosen.toString().trim().replace(/\s+/g, ' ');
	button?.remove();
	button = null;
	const main = talk.querySelector('form[data-write]:not([data-inline])');
	if (!main || text.length < 12 || text.length > 600 || chosen.rangeCount === 0 ||
	    !prose.contains(chosen.getRangeAt(0).commonAncestorContainer))
		return;
	const at = chosen.getRangeAt(0).getBoundingClientRect();
	button = Object.assign(document.createElement('button'), { type: 'button', className: 'quote-this', textContent: words.quote });
	button.style.insetBlockStart = `${at.bottom + scrollY + 6}px`;
	button.style.left = `${Math.max(8, Math.min(at.left + scrollX, scrollX + innerWidth - 220))}px`;
	button.addEventListener('pointerdown', (e) => e.preventDefault());
	button.addEventListener('click', () => {
		quoteField(main, text);
		button.remove();
		main.scrollIntoView({ block: 'center' });
		main.elements.text.focus();
	});
	document.body.append(button);
};

if (prose) {
	document.addEventListener('pointerup', () => setTimeout(offerQuote));
	document.addEventListener('keyup', (e) => { if (e.shiftKey || e.key === 'Shift') offerQuote(); });
}

// --- what is new

let seen = Number(words.change); // what the page shows goes to this change
let told = seen;
const waiting = new Set();
let unnamed = 0; // that came too many at a time to be told one by one

const showLine = () => {
	const n = waiting.size + unnamed;
	let b = line?.querySelector('button');
	if (!n) {
		b?.remove();
		return;
	}
	if (!line)
		return;
	if (!b) {
		b = Object.assign(document.createElement('button'), { type: 'button' });
		b.addEventListener('click', () => fetchNew());
		line.append(b);
	}
	b.textContent = form('new', n);
};

const placeOf = (article) => {
	const answers = article.dataset.answers;
	if (!answers)
		return list.dataset.below ? null : list;
	if (answers === list.dataset.below)
		return list;
	return find(answers)?.querySelector(':scope > .replies') ?? null;
};

const put = (article) => {
	const id = article.dataset.id, there = find(id);
	if (there) {
		const own = there.querySelector(':scope > .replies');
		article.querySelector(':scope > .replies').replaceWith(own);
		const more = there.querySelector(':scope > .more'), writing = there.querySelectorAll(':scope > form.write');
		if (more)
			article.append(more);
		article.querySelector(':scope > footer')?.after(...writing);
		there.replaceWith(article);
		return false;
	}
	const place = placeOf(article);
	if (!place)
		return false;
	article.classList.add('fresh');
	if (place === list && !list.dataset.below)
		place.prepend(article);
	else
		place.append(article);
	return true;
};

// All that is new, some at a time.
const takeNew = async (fresh) => {
	for (let more = true; more;) {
		const r = await fetch(`${url}/new?after=${seen}`).catch(() => null);
		if (!r?.ok)
			return false;
		const content = parse(await r.text()), head = content.querySelector('[data-till]');
		for (const article of [...content.children].filter((e) => e.matches('.comment'))) {
			waiting.delete(article.dataset.id);
			if (put(article))
				fresh.push(article);
		}
		const till = Number(head.dataset.till);
		more = 'more' in head.dataset && till > seen;
		seen = Math.max(seen, till);
	}
	return true;
};

const fetchNew = async (show) => {
	const fresh = [];
	if (unnamed > 200) { // a page of them is shown sooner than all
		location.reload();
		return;
	}
	if (!await takeNew(fresh))
		return;
	apply(talk);
	if (seen >= told) {
		waiting.clear();
		unnamed = 0;
	}
	showLine();
	talk.querySelector('.nobody')?.remove();
	const first = (show && find(show)) || (!show && fresh[0]);
	if (first) {
		const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
		first.scrollIntoView({ behavior: still ? 'instant' : 'smooth', block: 'center' });
		first.tabIndex = -1;
		first.focus({ preventScroll: true });
	}
};

const tell = (event) => {
	const e = JSON.parse(event.data);
	told = Math.max(told, e.change);
	const head = talk.querySelector('[data-count]');
	if (head)
		(head.querySelector('a') ?? head).textContent = form('count', e.comments);
	unnamed += e.added;
	for (const one of e.changed) {
		const c = find(one.id);
		if (one.state !== 'shown') {
			waiting.delete(one.id);
			if (c)
				stone(c, one.state === 'deleted' ? words.deleted : one.state === 'held' ? words.waits : words.removed);
		} else if (!c || c.classList.contains('stone')) {
			waiting.add(one.id);
		} else {
			const ups = c.querySelector(':scope > footer [data-ups]');
			if (ups)
				ups.textContent = one.ups ? number.format(one.ups) : '';
			waiting.delete(one.id);
		}
	}
	showLine();
};

// Closed while nobody looks: the connection is worth more to somebody who does.
let stream = null;
const listen = () => {
	if (document.hidden) {
		stream?.close();
		stream = null;
		return;
	}
	if (stream && stream.readyState !== EventSource.CLOSED)
		return;
	stream = new EventSource(`${url}/events?after=${told}`);
	stream.addEventListener('message', (e) => { if (e.data) tell(e); });
	stream.addEventListener('far', () => location.reload()); // away for so long that the page says too little; drafts are kept
	stream.addEventListener('account', () => document.dispatchEvent(new Event('stet:check')));
};

if (line && !talk.classList.contains('form')) {
	listen();
	document.addEventListener('visibilitychange', listen);
	addEventListener('pagehide', () => { stream?.close(); stream = null; });
	addEventListener('pageshow', (e) => { if (e.persisted) listen(); });
}

for (const f of talk.querySelectorAll('form[data-write]')) {
	restore(f);
	if (f.elements.text.value && !f.elements.draft && !/\/edit$/.test(f.action))
		keepDraft(f); // typed before this script was there
}
talk.dataset.ready = '';
look();
