// Registers the service worker when the page has done all else. Without it everything works, online.
if ('serviceWorker' in navigator) {
	const idle = window.requestIdleCallback ?? ((work) => setTimeout(work, 1));
	const register = () => idle(() => navigator.serviceWorker.register('/sw.js').catch(() => {}));
	if (document.readyState === 'complete')
		register();
	else
		addEventListener('load', register, { once: true });
}
