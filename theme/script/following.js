// following.js: what is on the page counts as seen once the page is in view, on every device. The marks stay until the
// page is read again, so that one finds what is new.
const form = document.querySelector('[data-seen]');

async function seen() {
	if (document.hidden) return;
	document.removeEventListener('visibilitychange', seen);
	const r = await fetch(form.action, { method: 'POST', headers: { Accept: 'application/json' }, body: new URLSearchParams(new FormData(form)) }).catch(() => null);
	if (!r?.ok) return;
	form.hidden = true;
	document.dispatchEvent(new Event('stet:check'));
}

if (form) {
	document.addEventListener('visibilitychange', seen);
	seen();
}
