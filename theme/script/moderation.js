// moderation.js: the moderators' queue by keys: j and k move, a approves, r asks for the reason and removes, p picks, c closes
// the branch (again: no longer), u takes the last decision back. What has the focus keeps it, or what comes next has it, over a reload, too. Each sends the form that the page has; without script the same buttons do it.
const board = document.querySelector('[data-moderation]');
const items = () => [...board.querySelectorAll('.item')];
const said = board.querySelector('[data-said]');
let current = null;

function say(text) {
	said.hidden = !text;
	said.textContent = text;
}

// The page again, at the comment with that number, or at the first, or at its head where nothing waits.
const AT = 'moderation-at', LAST = 'moderation-last';
function reload(id) {
	sessionStorage.setItem(AT, id);
	location.reload();
}

function comeBack() {
	const id = sessionStorage.getItem(AT), head = board.querySelector('h1');
	sessionStorage.removeItem(AT);
	if (id === null) return;
	const item = items().find((i) => i.dataset.id === id) ?? items()[0];
	if (item) return go(item);
	head.tabIndex = -1;
	head.focus();
}

async function send(url, form) {
	const response = await fetch(url, { method: 'POST', body: new URLSearchParams(form), headers: { accept: 'application/json' } });
	const answer = await response.json().catch(() => ({}));
	if (answer.sign_in) location.assign(answer.sign_in);
	return { ok: response.ok, text: answer.error?.text ?? board.dataset.failed };
}

// Two minutes are this moderator's; another is told.
async function claim(item) {
	if (!item.dataset.action) return;
	const { ok, text } = await send(`${item.dataset.action}/claim`, {}).catch(() => ({ ok: true }));
	const line = item.querySelector('[data-claimed]');
	if (!line || ok) return;
	line.textContent = text;
	line.hidden = false;
}

function go(item) {
	if (!item) return;
	current?.classList.remove('current');
	current = item;
	item.classList.add('current');
	item.focus({ preventScroll: true });
	item.scrollIntoView({ block: 'nearest' });
	claim(item);
}

function step(by) {
	const all = items(), at = all.indexOf(current);
	go(all[at < 0 ? 0 : Math.min(Math.max(at + by, 0), all.length - 1)]);
}

async function decide(item, what) {
	const form = item.querySelector('form.decide'), fields = form && new FormData(form);
	if (!form || item.dataset.busy) return;
	fields.set('do', what);
	item.dataset.busy = '1';
	const { ok, text } = await send(form.action, fields).catch(() => ({ text: board.dataset.failed }));
	delete item.dataset.busy;
	if (!ok) return say(text);
	say(board.dataset.done);
	sessionStorage.setItem(LAST, item.dataset.id);
	const all = items(), next = all[all.indexOf(item) + 1] ?? all[all.indexOf(item) - 1];
	item.remove();
	if (next) go(next);
	else reload('');
}

async function undo() {
	const { ok, text } = await send('/moderation/undo', {}).catch(() => ({ text: board.dataset.failed }));
	if (ok) reload(sessionStorage.getItem(LAST) ?? '');
	else say(text);
}

// Whichever of them the comment has.
function press(item, ...what) {
	const button = what.map((w) => item?.querySelector(`form.decide button[value="${w}"]`)).find(Boolean);
	if (button) decide(item, button.value);
}

const keys = {
	j: () => step(1),
	k: () => step(-1),
	a: () => press(current, 'approve'),
	p: () => press(current, 'pick', 'unpick'),
	c: () => press(current, 'close', 'open'),
	r: () => {
		const details = current?.querySelector('form.decide details');
		if (!details) return;
		details.open = true;
		details.querySelector('select').focus();
	},
	u: undo,
	'?': () => { const help = board.querySelector('[data-keys]'); help.open = !help.open; help.scrollIntoView({ block: 'nearest' }); },
};

if (board) {
	board.querySelector('[data-keys]').hidden = false;
	comeBack();
	document.addEventListener('keydown', (e) => {
		const typing = e.target.closest('input, textarea, select, [contenteditable]');
		if (e.key === 'Escape' && typing && current) return current.focus();
		if (typing || e.ctrlKey || e.metaKey || e.altKey || !keys[e.key]) return;
		e.preventDefault();
		keys[e.key]();
	});
	board.addEventListener('focusin', (e) => {
		const item = e.target.closest('.item');
		if (item && item !== current) { current?.classList.remove('current'); current = item; item.classList.add('current'); claim(item); }
	});
	board.addEventListener('submit', (e) => {
		const item = e.target.closest('.item');
		if (!item?.dataset.action || !e.submitter?.value) return;
		e.preventDefault();
		decide(item, e.submitter.value);
	});
}
