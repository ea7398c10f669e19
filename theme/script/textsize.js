// The size of type that the reader chose, before anything is drawn.
try {
	var size = localStorage.getItem('text-size');
	if (size === 'small' || size === 'large')
		document.documentElement.dataset.text = size;
} catch (e) { /* storage is closed: the usual size */ }
