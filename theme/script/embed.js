// An embed is a card until somebody asks for the thing itself: only then does a frame take the card's
// place, and only then does the other site know of the reader. Without this the card is a link.
const rights = 'allow-scripts allow-same-origin allow-popups allow-popups-to-escape-sandbox allow-presentation';

function frameOf({ frame, title, referrer }) {
	const element = document.createElement('iframe');
	element.title = title;
	element.sandbox = rights;
	element.allow = 'fullscreen; encrypted-media; picture-in-picture';
	element.referrerPolicy = referrer === undefined ? 'no-referrer' : 'strict-origin-when-cross-origin';
	element.src = frame;
	return element;
}

for (const figure of document.querySelectorAll('figure.embed[data-frame]')) {
	const button = figure.querySelector('button');
	for (const part of figure.querySelectorAll('.offer [hidden]')) part.hidden = false;
	button.addEventListener('click', () => {
		const frame = frameOf(figure.dataset);
		figure.querySelector('.offer').replaceWith(frame);
		frame.focus();
	});
}
