// reader.js: buttons that follow, mute and block, on pages that are everybody's: what whoever looks has chosen is asked
// for, and a button changes in place. A form is [data-follow] or [data-ties], each with the address of what it is about.
const follow = [...document.querySelectorAll('[data-follow]')];
const ties = document.querySelector('[data-ties]');
const isIn = () => document.cookie.split('; ').some((c) => c.startsWith('stet_in='));

function show(form, { self, following, muted }) {
	form.hidden = Boolean(self || muted);
	form.action = `${form.dataset.follow}/${following ? 'unfollow' : 'follow'}`;
	form.querySelector('button').textContent = following ? form.dataset.unfollowText : form.dataset.followText;
}

function showTies({ self, muted, blocked }) {
	ties.hidden = Boolean(self);
	ties.querySelector('[data-said=muted]').hidden = !muted || blocked;
	ties.querySelector('[data-said=blocked]').hidden = !blocked;
	ties.querySelector('[data-tie=mute]').hidden = Boolean(muted);
	ties.querySelector('[data-tie=block]').hidden = Boolean(blocked);
	ties.querySelector('[data-tie=unmute]').hidden = !muted;
}

let looks = 0;

async function look() {
	if (!isIn()) return;
	const mine = ++looks; // an answer that was asked for before another says what was
	const asked = new Map();
	for (const form of [...follow, ties].filter(Boolean)) {
		const of = form.dataset.follow ?? form.dataset.ties;
		if (!asked.has(of))
			asked.set(of, fetch(`${of}/mine.json`, { cache: 'no-store' }).then((r) => (r.ok ? r.json() : null)).catch(() => null));
		const now = await asked.get(of);
		if (mine !== looks) return;
		if (now) form === ties ? showTies(now) : show(form, now);
	}
}

// What cannot be done here (nobody is signed in, it is refused) is done by the page that says so.
document.addEventListener('submit', async (e) => {
	const form = e.target;
	if (!form.matches('[data-follow], [data-ties]') || !isIn()) return;
	e.preventDefault();
	const action = e.submitter?.getAttribute('formaction') ?? form.getAttribute('action');
	const r = await fetch(action, { method: 'POST', headers: { Accept: 'application/json' }, body: new URLSearchParams() }).catch(() => null);
	if (r?.ok) {
		await look();
		[...form.querySelectorAll('button')].find((b) => !b.hidden)?.focus();
		return;
	}
	form.action = action;
	form.submit();
});

if (follow.length || ties) {
	look();
	document.addEventListener('stet:account', look);
	window.addEventListener('pageshow', (e) => { if (e.persisted) look(); });
}
