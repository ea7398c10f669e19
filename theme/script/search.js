// Suggestions while one types in the search field: the combobox of the WAI-ARIA practices. Each is a
// link to where it leads; whoever goes on typing and presses Enter searches as without this.
const field = document.querySelector('input[data-suggest]');
const pause = 120; // milliseconds without a key

const list = document.createElement('ul');
list.id = 'suggestions';
list.className = 'suggestions';
list.setAttribute('role', 'listbox');
list.setAttribute('aria-label', field.dataset.label);
list.hidden = true;

const status = document.createElement('p');
status.className = 'unseen';
status.setAttribute('role', 'status');

const attributes = { role: 'combobox', 'aria-autocomplete': 'list', 'aria-expanded': 'false', 'aria-controls': list.id };
for (const [name, value] of Object.entries(attributes)) field.setAttribute(name, value);
field.after(list, status);

let asking, timer, chosen = -1;

function choose(index) {
	const options = list.children;
	chosen = index;
	for (let i = 0; i < options.length; i++) options[i].setAttribute('aria-selected', String(i === index));
	if (index < 0) return field.removeAttribute('aria-activedescendant');
	field.setAttribute('aria-activedescendant', options[index].id);
	options[index].scrollIntoView({ block: 'nearest' });
}

function open(yes) {
	list.hidden = !yes;
	field.setAttribute('aria-expanded', String(yes));
	if (!yes) choose(-1);
}

function option({ text, label, url }, i) {
	const item = document.createElement('li'), words = document.createElement('span'), kind = document.createElement('small');
	item.id = `suggestion-${i}`;
	item.setAttribute('role', 'option');
	item.setAttribute('aria-selected', 'false');
	item.dataset.url = url;
	words.textContent = text;
	words.dir = 'auto';
	kind.textContent = label;
	item.append(words, ' ', kind);
	return item;
}

async function suggest() {
	const q = field.value.trim();
	asking?.abort();
	if (!q) return open(false);
	asking = new AbortController();
	try {
		const answer = await fetch(`${field.dataset.suggest}?${new URLSearchParams({ q })}`, { signal: asking.signal });
		if (!answer.ok) return open(false);
		const { suggestions, status: said } = await answer.json();
		choose(-1);
		list.replaceChildren(...suggestions.map(option));
		open(suggestions.length > 0 && document.activeElement === field);
		status.textContent = said;
	} catch {
		// Another key came before the answer, or the network went: the form still works.
	}
}

field.addEventListener('input', () => {
	clearTimeout(timer);
	timer = setTimeout(suggest, pause);
});
field.addEventListener('keydown', (event) => {
	const last = list.children.length - 1;
	if (event.key === 'Escape' && !list.hidden) {
		open(false);
	} else if (event.key === 'ArrowDown' && last >= 0) {
		if (list.hidden) open(true);
		choose(chosen < last ? chosen + 1 : -1);
	} else if (event.key === 'ArrowUp' && last >= 0) {
		if (list.hidden) open(true);
		choose(chosen < 0 ? last : chosen - 1);
	} else if (event.key === 'Enter' && chosen >= 0) {
		location.assign(list.children[chosen].dataset.url);
	} else {
		return;
	}
	event.preventDefault();
});
list.addEventListener('pointerdown', (event) => event.preventDefault()); // the field keeps the focus
list.addEventListener('click', (event) => {
	const item = event.target.closest('[role=option]');
	if (item) location.assign(item.dataset.url);
});
field.addEventListener('blur', () => {
	clearTimeout(timer);
	open(false);
});
