// elsewhere.js: what another site's page loads as /embed/comments.js: it puts a frame with the conversation about the page where
// <div data-stet-comments> is, or behind the script. The frame tells how high it is; it is told whether the page is dark.
// Only messages of our origin, and of that frame, are listened to.
(words) => {
	const script = document.currentScript, ours = script ? new URL(script.src).origin : words.ours;
	const opaque = /^rgba?\((\d+), (\d+), (\d+)(?:, ([\d.]+))?\)$/;

	// As the page says, or as what is behind the frame looks.
	function isDark(place) {
		if (place.dataset.theme) return place.dataset.theme === 'dark';
		for (let e = place; e; e = e.parentElement) {
			const [, r, g, b, a] = opaque.exec(getComputedStyle(e).backgroundColor) ?? [];
			if (r !== undefined && a !== '0') return 0.299 * r + 0.587 * g + 0.114 * b < 128;
		}
		const scheme = getComputedStyle(document.documentElement).colorScheme;
		return scheme.includes('dark') && (!scheme.includes('light') || matchMedia('(prefers-color-scheme: dark)').matches);
	}

	function show(place) {
		// Only pages of this origin may show the frame: a canonical address of another is not taken.
		const canonical = document.querySelector('link[rel=canonical]')?.href;
		const same = canonical && new URL(canonical, location.href).origin === location.origin;
		const url = new URL(place.dataset.url || (same ? canonical : location.href), location.href);
		const frame = document.createElement('iframe');
		frame.title = words.title;
		frame.src = `${ours}/embed/comments?url=${encodeURIComponent(url.href)}`;
		frame.sandbox = 'allow-scripts allow-same-origin allow-popups allow-popups-to-escape-sandbox';
		frame.referrerPolicy = 'origin';
		Object.assign(frame.style, { display: 'block', inlineSize: '100%', blockSize: '12rem', border: '0', colorScheme: 'normal' });
		const tell = () => frame.contentWindow?.postMessage({ stet: 'theme', dark: isDark(place) }, ours);
		addEventListener('message', (event) => {
			if (event.origin !== ours || event.source !== frame.contentWindow) return;
			const { stet, height } = event.data ?? {};
			if (stet === 'ready') tell();
			if (stet === 'height' && Number.isFinite(height)) frame.style.blockSize = `${Math.min(Math.max(Math.ceil(height), 80), 50_000)}px`;
		});
		matchMedia('(prefers-color-scheme: dark)').addEventListener('change', tell);
		for (const e of [document.documentElement, document.body])
			new MutationObserver(tell).observe(e, { attributes: true, attributeFilter: ['class', 'style', 'data-theme', 'data-color-scheme'] });
		place.replaceChildren(frame); // in the place of the link that is there without script
	}

	function begin() {
		let places = [...document.querySelectorAll('[data-stet-comments]')].filter((e) => !e.querySelector('iframe'));
		if (!places.length && script?.isConnected && script.parentElement !== document.head) {
			const place = document.createElement('div');
			Object.assign(place.dataset, { stetComments: '', ...script.dataset });
			script.after(place);
			places = [place];
		}
		places.forEach(show);
	}
	if (document.readyState === 'loading') addEventListener('DOMContentLoaded', begin);
	else begin();
}
