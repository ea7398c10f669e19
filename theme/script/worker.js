// The service worker. /sw.js sets `paper` (version, offline page, files of the look, how many stories are
// kept) and then runs this. The network comes first, so nothing old is shown to whoever is online; what is
// kept is for when there is none. Streams, uploads and everything but GET pass it by.
const LOOK = `look-${paper.version}`;
const STORIES = 'stories';
const LIST = '/kept'; // the list of kept stories, in the cache of that name

addEventListener('install', (event) => {
	event.waitUntil((async () => {
		const cache = await caches.open(LOOK);
		await cache.addAll([new Request(paper.offline, { cache: 'reload' }), ...paper.files]);
		await skipWaiting();
	})());
});

addEventListener('activate', (event) => {
	event.waitUntil((async () => {
		for (const name of await caches.keys())
			if (name !== LOOK && name !== STORIES)
				await caches.delete(name);
		await clients.claim();
	})());
});

// --- stories that were read ---

const readList = async (cache) => (await cache.match(LIST))?.json() ?? [];

// One after the other: two pages may report at once.
let last = Promise.resolve();
const inTurn = (work) => (last = last.then(work, work));

async function keep({ url, headline, section, pictures }) {
	const cache = await caches.open(STORIES);
	const page = await fetch(url, { cache: 'no-cache' });
	if (!page.ok || page.redirected)
		return;
	await cache.put(url, page);
	await Promise.all(pictures.map((picture) => cache.add(picture).catch(() => {})));
	const list = (await readList(cache)).filter((one) => one.url !== url);
	list.unshift({ url, headline, section, pictures, read: Date.now() });
	await cache.put(LIST, Response.json(list.slice(0, paper.most)));
	await forget(cache, list.slice(0, paper.most));
}

async function forget(cache, list) {
	const wanted = new Set([LIST, ...list.flatMap((one) => [one.url, ...one.pictures])]);
	for (const request of await cache.keys()) {
		const url = new URL(request.url);
		if (!wanted.has(url.pathname))
			await cache.delete(request);
	}
}

// A story that was withdrawn is not kept on.
async function drop(path) {
	const cache = await caches.open(STORIES);
	const list = await readList(cache);
	if (!list.some((one) => one.url === path))
		return;
	const rest = list.filter((one) => one.url !== path);
	await cache.put(LIST, Response.json(rest));
	await forget(cache, rest);
}

addEventListener('message', (event) => {
	if (event.data?.keep)
		event.waitUntil(inTurn(() => keep(event.data.keep)).then(
			() => event.source?.postMessage({ kept: event.data.keep.url }), () => {}));
});

// --- answers ---

async function page(event) {
	const url = new URL(event.request.url);
	try {
		const answer = await fetch(event.request);
		if (answer.status === 404 || answer.status === 410)
			event.waitUntil(inTurn(() => drop(url.pathname)));
		return answer;
	} catch {
		const kept = await (await caches.open(STORIES)).match(url.pathname);
		return kept ?? (await caches.open(LOOK)).match(paper.offline);
	}
}

// Files of the look never change under their name; a kept page may ask for one of an older look.
const stem = (path) => path.replace(/\.[0-9a-f]{12}\./, '.');

async function file(request) {
	const cache = await caches.open(LOOK), path = new URL(request.url).pathname;
	const held = await cache.match(path);
	if (held)
		return held;
	try {
		const answer = await fetch(request);
		if (answer.ok)
			await cache.put(path, answer.clone());
		return answer;
	} catch {
		const now = paper.files.find((one) => stem(one) === stem(path));
		return (now && await cache.match(now)) ?? Response.error();
	}
}

// A kept picture may be asked for in another width than it was seen in.
async function picture(request) {
	try {
		return await fetch(request);
	} catch {
		const cache = await caches.open(STORIES), path = new URL(request.url).pathname;
		const folder = path.slice(0, path.lastIndexOf('/') + 1);
		for (const key of await cache.keys())
			if (new URL(key.url).pathname.startsWith(folder))
				return cache.match(key);
		return Response.error();
	}
}

addEventListener('fetch', (event) => {
	const { request } = event, url = new URL(request.url);
	if (request.method !== 'GET' || url.origin !== location.origin || request.headers.has('range') ||
		(request.headers.get('accept') ?? '').includes('text/event-stream'))
		return;
	if (request.mode === 'navigate')
		event.respondWith(page(event));
	else if (url.pathname.startsWith('/assets/'))
		event.respondWith(file(request));
	else if (url.pathname.startsWith('/media/') && request.destination === 'image')
		event.respondWith(picture(request));
});
