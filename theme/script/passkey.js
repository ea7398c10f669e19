// Passkeys: making one, signing in with one, by a button or by the browser's suggestions in the address
// field. A ceremony is two requests: the options, with a challenge in them, and the authenticator's
// answer. Forms come and go (dialogs), so buttons are heard on the document, and what a form shows is
// put right whenever one appears.
const asks = 'application/json', renew = 4 * 60 * 1000; // the challenge is good for five minutes

// A passkey belongs to a name, never to a number.
const works = Boolean(window.PublicKeyCredential && isSecureContext && !/^[\d.]+$|^\[/.test(location.hostname));

let running; // the one ceremony that may be: a browser knows no two

// --- bytes

const toBytes = (text) => Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
const toText = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)))
	.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');

function options(kind, json) {
	const parse = PublicKeyCredential[kind === 'create' ? 'parseCreationOptionsFromJSON' : 'parseRequestOptionsFromJSON'];
	if (parse) return parse.call(PublicKeyCredential, json);
	const known = (list) => list?.map((one) => ({ ...one, id: toBytes(one.id) }));
	return {
		...json, challenge: toBytes(json.challenge), user: json.user && { ...json.user, id: toBytes(json.user.id) },
		excludeCredentials: known(json.excludeCredentials), allowCredentials: known(json.allowCredentials),
	};
}

function answered(credential) {
	if (credential.toJSON) {
		try {
			return credential.toJSON();
		} catch {
			// Some password managers put an object in its place that has the method, and cannot do it.
		}
	}
	const { response } = credential, out = { clientDataJSON: toText(response.clientDataJSON) };
	for (const name of ['attestationObject', 'authenticatorData', 'signature', 'userHandle'])
		if (response[name]) out[name] = toText(response[name]);
	if (response.getTransports) out.transports = response.getTransports();
	return { id: credential.id, rawId: toText(credential.rawId), type: credential.type, response: out };
}

// --- the server

async function post(url, body) {
	const answer = await fetch(url, { method: 'POST', headers: { 'Content-Type': asks, Accept: asks }, body: JSON.stringify(body) });
	const said = await answer.json();
	if (!answer.ok) throw Object.assign(new Error(said.error), said);
	return said;
}

// Asks, has the authenticator answer, brings the answer.
async function ceremony({ kind, url, next, mediation }) {
	const mine = new AbortController();
	running?.abort();
	running = mine;
	mine.waits = Boolean(mediation);
	try {
		const { ceremony: id, publicKey } = await post(`${url}/options`, {});
		if (mine.signal.aborted) return null;
		const credential = await navigator.credentials[kind]({
			publicKey: options(kind, publicKey), signal: mine.signal, ...(mediation && { mediation }),
		});
		if (mine.signal.aborted) return null;
		const done = post(url, { ceremony: id, credential: answered(credential), next });
		done.catch((error) => forget(error, publicKey.rpId, credential.id));
		return await done;
	} finally {
		if (running === mine) running = undefined;
	}
}

// What we do not know any more, its keeper need not offer any more.
function forget(error, rpId, credentialId) {
	if (error.reason === 'unknown')
		PublicKeyCredential.signalUnknownCredential?.({ rpId, credentialId }).catch(() => {});
}

// --- the page

function say(root, error) {
	const place = root?.querySelector('[data-passkey-said]') ?? document.querySelector('[data-passkey-said]');
	if (!place) return;
	const stopped = error?.name === 'NotAllowedError' || error?.name === 'AbortError';
	const reason = error?.reason ?? (error?.name === 'InvalidStateError' ? 'taken' : stopped ? 'stopped' : 'failed');
	place.hidden = !error;
	place.setAttribute('role', 'alert');
	place.textContent = error ? place.dataset[reason] ?? place.dataset.failed : '';
}

function goOn(next) {
	const event = new CustomEvent('stet:signed-in', { detail: { next }, cancelable: true });
	if (document.dispatchEvent(event)) location.assign(next);
}

const nextOf = (root) => root?.querySelector('input[name=next]')?.value ?? '/';

const buttons = {
	'data-passkey-sign-in': () => ({ kind: 'get', url: '/sign-in/passkey' }),
	'data-passkey-prove': () => ({ kind: 'get', url: '/account/prove/passkey' }),
	'data-passkey-new': (button) => ({ kind: 'create', url: '/account/passkeys', next: button.dataset.next }),
};

async function press(button, what) {
	const root = button.closest('[data-account]') ?? document.body;
	say(root, null);
	button.disabled = true;
	try {
		const done = await ceremony({ next: nextOf(root), ...what });
		if (done) goOn(done.next);
	} catch (error) {
		if (error.go) return location.assign(`${error.go}?${new URLSearchParams({ next: location.pathname + location.search })}`);
		say(root, error);
	} finally {
		button.disabled = false;
		suggest(root);
	}
}

document.addEventListener('click', (event) => {
	for (const [name, what] of Object.entries(buttons)) {
		const button = event.target.closest?.(`[${name}]`);
		if (button) return press(button, what(button));
	}
});

// The browser suggests passkeys in the address field for as long as that is shown. The challenge grows
// old meanwhile, so it is asked anew.
let waiting;
async function suggest(root) {
	if (!works || running || document.hidden || !root.isConnected) return;
	if (!root.querySelector('input[autocomplete~=webauthn]')) return;
	if (!await PublicKeyCredential.isConditionalMediationAvailable?.() || running) return;
	clearTimeout(waiting);
	waiting = setTimeout(() => {
		if (!running?.waits) return;
		running.abort();
		running = undefined;
		suggest(root);
	}, renew);
	try {
		const done = await ceremony({ kind: 'get', url: '/sign-in/passkey', next: nextOf(root), mediation: 'conditional' });
		if (done) goOn(done.next);
	} catch (error) {
		if (error.name !== 'AbortError' && error.name !== 'NotAllowedError') say(root, error);
		if (error.reason === 'over' || error.reason === 'unknown') suggest(root);
	}
}

function show(root) {
	for (const part of root.querySelectorAll('[data-passkey]')) part.hidden = !works;
	for (const part of root.querySelectorAll('[data-no-passkey]')) part.hidden = works;
	suggest(root);
}

document.addEventListener('stet:form', (event) => show(event.detail.root));
document.addEventListener('stet:account', (event) => {
	if (event.detail.me && running?.waits) running.abort(); // signed in otherwise
});
document.addEventListener('visibilitychange', () => {
	const root = document.querySelector('input[autocomplete~=webauthn]')?.closest('[data-account]');
	if (root && !document.hidden) suggest(root);
});
for (const root of document.querySelectorAll('[data-account]')) show(root);
