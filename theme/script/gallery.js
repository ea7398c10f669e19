// Pictures of a gallery are links to themselves, large. With this they open over the page, and the arrow
// keys go from one to the next; Escape closes. Clicks that ask for a new tab keep doing so.
const said = document.querySelector('script[data-previous]').dataset;

function button(name, words, sign) {
	const element = document.createElement('button');
	element.type = 'button';
	element.className = name;
	element.ariaLabel = words;
	element.textContent = sign;
	return element;
}

function viewer(links) {
	const dialog = document.createElement('dialog'), picture = document.createElement('img'), words = document.createElement('p');
	const back = button('previous', said.previous, '\u2039'), on = button('next', said.next, '\u203a');
	const close = button('close', said.close, '\u00d7');
	const rightToLeft = getComputedStyle(document.documentElement).direction === 'rtl';
	let at = 0;
	const show = (i) => {
		at = (i + links.length) % links.length;
		const link = links[at];
		picture.src = link.href;
		picture.alt = link.querySelector('img').alt;
		words.textContent = link.closest('figure').querySelector(':scope > figcaption')?.textContent ?? '';
	};
	dialog.className = 'enlarged';
	words.ariaLive = 'polite';
	dialog.append(picture, words, back, on, close);
	back.hidden = on.hidden = links.length < 2;
	back.addEventListener('click', () => show(at - 1));
	on.addEventListener('click', () => show(at + 1));
	close.addEventListener('click', () => dialog.close());
	dialog.addEventListener('click', (event) => event.target === dialog && dialog.close());
	dialog.addEventListener('keydown', ({ key }) => {
		const step = { ArrowLeft: -1, ArrowRight: 1 }[key];
		if (step) show(at + (rightToLeft ? -step : step));
	});
	dialog.addEventListener('close', () => links[at].focus());
	document.body.append(dialog);
	return (i) => {
		show(i);
		dialog.ariaLabel = picture.alt;
		dialog.showModal();
	};
}

for (const gallery of document.querySelectorAll('figure.gallery')) {
	const links = [...gallery.querySelectorAll('a.enlarge')];
	const open = links.length && viewer(links);
	links.forEach((link, i) => link.addEventListener('click', (event) => {
		if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
		event.preventDefault();
		open(i);
	}));
}
