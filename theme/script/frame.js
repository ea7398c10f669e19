// frame.js: a conversation in a frame on another site's page. It tells that page, and nobody else, how high it is; takes light or dark
// from it; and shows what is new when there is something. Writing happens in a window of our own.
const { origin, events, write } = document.body.dataset;
const framed = window.parent !== window;
const tell = (message) => { if (framed) parent.postMessage(message, origin); };

// --- how high

new ResizeObserver(() => tell({ stet: 'height', height: document.querySelector('main').getBoundingClientRect().height })).observe(document.querySelector('main'));

// --- light or dark: the look's own rules for dark, switched by the page instead of by the browser

let rules = null;
function look(dark) {
	rules ??= [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules])
		.filter((rule) => rule.media && /prefers-color-scheme/.test(rule.media.mediaText))
		.map((rule) => ({ rule, dark: /dark/.test(rule.media.mediaText) }));
	for (const r of rules) r.rule.media.mediaText = r.dark === dark ? 'all' : 'not all';
	document.documentElement.style.colorScheme = dark ? 'dark' : 'light';
}

addEventListener('message', (event) => {
	if (!framed || event.source !== parent || event.origin !== origin) return;
	if (event.data?.stet === 'theme') look(event.data.dark === true);
});
tell({ stet: 'ready' });

// --- what is new

let stream = null, told = Number(document.body.dataset.change ?? -1), reading = false, again = false;

// What happens while one reads may not be in the answer that is on its way: it is read once more.
async function read() {
	again = true;
	if (reading) return;
	reading = true;
	while (again) {
		again = false;
		await readOnce();
	}
	reading = false;
}

async function readOnce() {
	try {
		const answer = await fetch(location.href, { cache: 'no-cache' });
		if (!answer.ok) return;
		const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
		const { change } = page.body.dataset;
		if (change !== undefined && Number(change) !== told) {
			told = Number(change);
			document.querySelector('main').replaceChildren(...page.querySelector('main').childNodes);
			listen(page.body.dataset.events);
		}
	} catch {
		// The network is away: the next event or look tries again.
	}
}

function listen(url) {
	if (stream || !url) return;
	stream = new EventSource(`${url}?after=${told}`);
	stream.addEventListener('message', (e) => { if (e.data) read(); });
	stream.addEventListener('far', read);
}
listen(events);
addEventListener('pagehide', () => { stream?.close(); stream = null; });

// Before the first comment there is nothing to listen to: look again when the reader comes back from writing it.
document.addEventListener('visibilitychange', () => { if (!document.hidden) read(); });
addEventListener('focus', read);
document.addEventListener('click', (event) => {
	const link = event.target.closest('a');
	if (!link || stream || !link.href.endsWith(write)) return;
	let left = 120;
	const clock = setInterval(() => { if (stream || !left--) clearInterval(clock); else read(); }, 3000);
});
