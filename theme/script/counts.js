// How much the stories on this page are talked about: the page is the same for everybody and kept until a story changes, so
// its numbers may be of a while ago. One request tells those of now; none where no story has a conversation.

const places = [...document.querySelectorAll('[data-talked]')];
const words = document.querySelector('script[data-counts]')?.dataset;
const lang = document.documentElement.lang || 'en';
const plural = new Intl.PluralRules(lang), number = new Intl.NumberFormat(lang);
const text = (n) => (words[plural.select(n)] || words.other).replace('{n}', number.format(n));

// A line that would break anew, and move what is below it, stays as it is.
const show = (place, n) => {
	const line = place.parentElement, before = line.offsetHeight, was = [place.textContent, place.hidden];
	place.textContent = text(n);
	place.hidden = n === 0;
	if (line.offsetHeight !== before)
		[place.textContent, place.hidden] = was;
};

if (places.length && words) {
	// As many as one request counts, and an address holds: letters of most alphabets take six signs there.
	const slugs = [...new Set(places.map((p) => p.dataset.talked))].sort(), batches = [];
	for (const slug of slugs.slice(0, 200).map(encodeURIComponent)) {
		const last = batches.at(-1);
		if (last && last.length + slug.length < 6000) batches[batches.length - 1] = `${last},${slug}`;
		else batches.push(slug);
	}
	const counts = {};
	for (const batch of batches) {
		const answer = await fetch(`/comments/counts.json?stories=${batch}`).catch(() => null);
		Object.assign(counts, answer?.ok ? await answer.json().catch(() => ({})) : {});
	}
	for (const place of places)
		if (Number.isInteger(counts[place.dataset.talked]) && text(counts[place.dataset.talked]) !== place.textContent)
			show(place, counts[place.dataset.talked]);
}
