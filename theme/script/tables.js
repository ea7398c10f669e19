// Tables wider than the screen scroll sideways; this lets the keyboard reach them in browsers that
// do not do so by themselves. Without it nothing else is missing.
for (const table of document.querySelectorAll('.prose figure.table'))
	if (table.scrollWidth > table.clientWidth)
		table.tabIndex = 0;
