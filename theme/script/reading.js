// Reading: the tools under a story's byline (listen, size of type, save, share), keeping the story for
// reading without a connection, and the pages that list what is kept. Every word is in the page; nothing
// is told to anybody.

// --- what readers keep in their own browser; a closed or broken storage is an empty one ---
const MOST = 200;

function read(key, otherwise) {
	try {
		return JSON.parse(localStorage.getItem(key)) ?? otherwise;
	} catch {
		return otherwise;
	}
}

function write(key, value) {
	try {
		localStorage.setItem(key, JSON.stringify(value));
		return true;
	} catch {
		return false;
	}
}

// Addresses of this site only: the list may have been written by anything.
const ours = (one) => one && typeof one.url === 'string' && /^\/(?![/\\])/.test(one.url) &&
	typeof one.headline === 'string';

const saved = () => {
	const list = read('saved', []);
	return Array.isArray(list) ? list.filter(ours) : [];
};

const isSaved = (url) => saved().some((one) => one.url === url);

const save = (story) => write('saved', [story, ...saved().filter((one) => one.url !== story.url)].slice(0, MOST));

const unsave = (url) => write('saved', saved().filter((one) => one.url !== url));

// A list of stories as lines; `button`, if given, is the text of a button that takes one off.
function lines(list, place, button, off) {
	place.replaceChildren(...list.map((story) => {
		const line = document.createElement('li'), link = document.createElement('a');
		link.href = story.url;
		link.textContent = story.headline;
		link.dir = 'auto';
		line.append(link);
		const where = [story.section, story.published].filter((s) => typeof s === 'string' && s).join(' · ');
		if (where) {
			const small = document.createElement('p');
			small.className = 'meta';
			small.textContent = where;
			line.append(small);
		}
		if (button) {
			const take = document.createElement('button');
			take.type = 'button';
			take.textContent = button;
			take.setAttribute('aria-label', `${button}: ${story.headline}`);
			take.addEventListener('click', () => off(story));
			line.append(take);
		}
		return line;
	}));
}

// --- the tools of a story ---

const article = document.querySelector('article.story'), tools = article?.querySelector('.tools');
const part = (name) => tools.querySelector(`[data-tool=${name}]`);
const words = (button) => button.dataset;

// --- save for later ---

function saving(button) {
	const story = JSON.parse(tools.dataset.story);
	const show = () => {
		const on = isSaved(story.url);
		button.setAttribute('aria-pressed', String(on));
		button.textContent = on ? words(button).on : words(button).off;
	};
	button.addEventListener('click', () => {
		if (isSaved(story.url))
			unsave(story.url);
		else
			save(story);
		show();
	});
	addEventListener('storage', show);
	addEventListener('pageshow', show);
	show();
	button.hidden = false;
}

// --- size of type ---

function sizing(group) {
	const buttons = [...group.querySelectorAll('button')];
	const show = () => {
		const now = document.documentElement.dataset.text ?? 'usual';
		for (const button of buttons)
			button.setAttribute('aria-pressed', String(button.value === now));
	};
	for (const button of buttons)
		button.addEventListener('click', () => {
			if (button.value === 'usual')
				delete document.documentElement.dataset.text;
			else
				document.documentElement.dataset.text = button.value;
			try {
				localStorage.setItem('text-size', button.value);
			} catch { /* it lasts as long as the page */ }
			show();
		});
	show();
	group.hidden = false;
}

// --- share ---

function sharing(details) {
	const { url } = tools.dataset, title = document.querySelector('h1').textContent.trim();
	const copy = details.querySelector('button'), summary = details.querySelector('summary');
	if (navigator.share)
		summary.addEventListener('click', async (event) => {
			if (details.open)
				return;
			event.preventDefault();
			try {
				await navigator.share({ title, url });
			} catch (why) {
				if (why.name !== 'AbortError')
					details.open = true;
			}
		});
	if (!navigator.clipboard)
		return;
	const state = details.querySelector('[role=status]');
	copy.hidden = false;
	copy.addEventListener('click', async () => {
		try {
			await navigator.clipboard.writeText(url);
			state.textContent = words(copy).done;
		} catch {
			state.textContent = words(copy).failed;
		}
	});
}

// --- listen ---

// What is read aloud: the words of the story, not what stands in figures, boxes or notes of its own.
function passages() {
	const all = article.querySelectorAll('h1, .standfirst, .prose :is(p, h2, h3, h4, li, blockquote)');
	return [...all]
		.filter((one) => !one.closest('figure, figcaption, table, aside, details, nav, [hidden]'))
		.filter((one) => !one.querySelector('p, li, blockquote'))
		.map((one) => ({ text: one.textContent.trim(), lang: one.closest('[lang]')?.lang ?? '' }))
		.filter((one) => one.text);
}

const speaks = (voice, lang) => voice.lang.replace('_', '-').toLowerCase().split('-')[0] ===
	lang.toLowerCase().split('-')[0];

function voiceFor(lang) {
	const fitting = speechSynthesis.getVoices().filter((voice) => speaks(voice, lang));
	return fitting.find((voice) => voice.lang.replace('_', '-').toLowerCase() === lang.toLowerCase()) ??
		fitting.find((voice) => voice.default) ?? fitting[0];
}

function listening(group) {
	const [play, stop] = group.querySelectorAll('button');
	let state = 'still', turn = 0;
	const show = (now) => {
		state = now;
		play.textContent = now === 'still' ? words(play).play : now === 'playing' ? words(play).pause : words(play).resume;
		stop.hidden = now === 'still';
	};
	const say = (list, at, mine) => {
		if (mine !== turn)
			return;
		if (at === list.length) {
			show('still');
			return;
		}
		const speech = new SpeechSynthesisUtterance(list[at].text);
		speech.lang = list[at].lang || document.documentElement.lang;
		speech.voice = voiceFor(speech.lang) ?? null;
		speech.onend = () => say(list, at + 1, mine);
		speech.onerror = () => mine === turn && show('still');
		speechSynthesis.speak(speech);
	};
	const end = () => {
		turn++;
		speechSynthesis.cancel();
		show('still');
	};
	play.addEventListener('click', () => {
		if (state === 'still') {
			speechSynthesis.cancel();
			show('playing');
			say(passages(), 0, ++turn);
		} else if (state === 'playing') {
			speechSynthesis.pause();
			show('paused');
		} else {
			speechSynthesis.resume();
			show('playing');
		}
	});
	stop.addEventListener('click', () => {
		end();
		play.focus();
	});
	addEventListener('pagehide', end);
	const offer = () => {
		group.hidden = !voiceFor(document.documentElement.lang);
	};
	show('still');
	offer();
	speechSynthesis.addEventListener?.('voiceschanged', offer);
}

// --- without a connection ---

// Pictures are kept as they were seen: at first those that came with the page, later those scrolled to.
const seen = () => [...article.querySelectorAll('img')]
	.filter((img) => img.complete && img.currentSrc && new URL(img.currentSrc).origin === location.origin)
	.map((img) => new URL(img.currentSrc).pathname);

async function keeping(story) {
	const { active } = await navigator.serviceWorker.ready;
	const tell = () => {
		const pictures = [...new Set(seen())];
		told = pictures.length;
		active?.postMessage({ keep: { ...story, pictures } });
	};
	let told = 0;
	tell();
	document.addEventListener('visibilitychange', () => {
		if (document.visibilityState === 'hidden' && seen().length > told)
			tell();
	});
}

// --- /saved: the stories this browser keeps for later ---

function listing(place, none) {
	const show = () => {
		const list = saved();
		lines(list, place, place.dataset.remove, (story) => {
			const at = list.findIndex((one) => one.url === story.url);
			unsave(story.url);
			show();
			// The place of the keyboard stays in the list.
			const buttons = place.querySelectorAll('button');
			(buttons[Math.min(at, buttons.length - 1)] ?? none).focus();
		});
		none.hidden = list.length > 0;
		place.hidden = list.length === 0;
	};
	show();
	addEventListener('storage', show);
}

// --- /offline: the stories that the service worker kept because they were read ---

async function offline(place, none) {
	let list = [];
	try {
		const answer = await caches.match('/kept', { cacheName: 'stories' });
		list = answer ? await answer.json() : [];
	} catch { /* no storage: nothing is kept */ }
	lines(list, place);
	none.hidden = list.length > 0;
	place.hidden = list.length === 0;
	addEventListener('online', () => location.reload());
}

if (tools) {
	saving(part('save'));
	sizing(part('size'));
	sharing(part('share'));
	if ('speechSynthesis' in window)
		listening(part('listen'));
	const story = JSON.parse(tools.dataset.story);
	if ('serviceWorker' in navigator && location.pathname === story.url) {
		if (document.readyState === 'complete')
			keeping(story);
		else
			addEventListener('load', () => keeping(story), { once: true });
	}
}

const none = document.querySelector('[data-none]');
const savedPlace = document.querySelector('[data-saved]'), keptPlace = document.querySelector('[data-kept]');
if (savedPlace)
	listing(savedPlace, none);
if (keptPlace)
	offline(keptPlace, none);

// --- parts of a page whose script is fetched when they come near: most readers leave before the comments ---
const near = new IntersectionObserver((seen) => {
	for (const one of seen) {
		if (!one.isIntersecting) continue;
		near.unobserve(one.target);
		import(one.target.dataset.near);
	}
}, { rootMargin: '600px' });
for (const part of document.querySelectorAll('[data-near]')) near.observe(part);
