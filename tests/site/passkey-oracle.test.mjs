// What a passkey's answer must be, judged twice: by Stet and by SimpleWebAuthn, which others wrote. Genuine answers are
// made by Chromium's authenticator; of its keys this test signs what no honest authenticator would.
import assert from 'node:assert/strict';
import { createHash, createPrivateKey, generateKeyPairSync, sign, webcrypto } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { chromium } from './lib.mjs';
import { Client, readersPublication } from './readers.mjs';

globalThis.crypto ??= webcrypto;
const { verifyAuthenticationResponse, verifyRegistrationResponse } = await import('@simplewebauthn/server');

const algorithms = [-8, -7, -257];
const bytes = (text) => Buffer.from(text, 'base64url');
const text = (buffer) => Buffer.from(buffer).toString('base64url');
const sha256 = (data) => createHash('sha256').update(data).digest();
let p, browser, page, devtools;

before(async () => {
  p = await readersPublication();
  browser = await chromium();
  page = await browser.newPage();
  await page.goto(`${p.url}/robots.txt`);
  devtools = await page.context().newCDPSession(page);
  await devtools.send('WebAuthn.enable', { enableUI: false });
});

after(async () => {
  await browser?.close();
  await p?.end();
});

// A passkey of a new authenticator: what it answered to `options`, and its private key.
async function made(options, alg) {
  const { authenticatorId } = await devtools.send('WebAuthn.addVirtualAuthenticator', { options: {
    protocol: 'ctap2', ctap2Version: 'ctap2_1', transport: 'internal', hasResidentKey: true, hasUserVerification: true,
    isUserVerified: true, automaticPresenceSimulation: true, defaultBackupEligibility: true, defaultBackupState: true,
  } });
  const answer = await page.evaluate(async (json) => (await navigator.credentials.create({
    publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(json) })).toJSON(),
  { ...options, pubKeyCredParams: [{ type: 'public-key', alg }] });
  const { credentials: [{ privateKey }] } = await devtools.send('WebAuthn.getCredentials', { authenticatorId });
  await devtools.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId });
  return { answer, alg, key: createPrivateKey({ key: Buffer.from(privateKey, 'base64'), format: 'der', type: 'pkcs8' }) };
}

const client = (type, challenge, more = {}) => text(JSON.stringify({ type, challenge, origin: p.url, crossOrigin: false, ...more }));

// Where the authenticator data stands in an attestation object, and how long it is.
function authAt(object) {
  const at = object.indexOf('authData') + 8;
  return object[at] === 0x59 ? [at + 3, object.readUInt16BE(at + 1)] : [at + 2, object[at + 1]];
}

// An attestation object whose authenticator data (or whose all) `edit` has changed in place.
const edited = (edit) => (answer) => {
  const object = bytes(answer.response.attestationObject), [at, n] = authAt(object);
  answer.response.attestationObject = text(edit(object.subarray(at, at + n), object) ?? object);
};
const said = (more) => (answer, challenge, type) => {
  answer.response.clientDataJSON = client(more.type ?? type, more.challenge ?? challenge, more);
};

// `laxer`: the other judge lets it pass, and may.
const ofRegistration = [
  ['another type', said({ type: 'webauthn.get' }), 'another kind'],
  ['another challenge', said({ challenge: text(Buffer.alloc(32)) }), 'another challenge'],
  ['another origin', said({ origin: 'https://evil.example' }), 'another origin'],
  ['within another site’s page', said({ crossOrigin: true }), 'another site', 'laxer'],
  ['under another site’s top', said({ topOrigin: 'https://evil.example' }), 'another site', 'laxer'],
  ['another rpId', edited((auth) => { auth[0] ^= 1; }), 'another site'],
  ['nobody present', edited((auth) => { auth[32] &= ~0x01; }), 'nobody was there'],
  ['not verified', edited((auth) => { auth[32] &= ~0x04; }), 'did not verify'],
  ['synced, never eligible', edited((auth) => { auth[32] = (auth[32] & ~0x08) | 0x10; }), 'cannot be'],
  ['without the credential', edited((auth) => { auth[32] &= ~0x40; }), 'malformed'],
  ['extensions that are not there', edited((auth) => { auth[32] |= 0x80; }), 'malformed'],
  ['a byte behind the object', edited((_, object) => Buffer.concat([object, Buffer.from([0])])), 'malformed', 'laxer'],
  ['a byte behind the key', edited((auth, object) => {
    const [at, n] = authAt(object);
    if (object[at - 2] === 0x58) object[at - 1] = n + 1; else object.writeUInt16BE(n + 1, at - 2);
    return Buffer.concat([object, Buffer.from([0])]);
  }), 'malformed'],
  ['cut short', edited((_, object) => object.subarray(0, 100)), 'malformed'],
  ['cut by a byte', edited((_, object) => object.subarray(0, -1)), 'malformed', 'laxer'],
  ['a huge length', edited((_, object) => {
    const [at] = authAt(object), head = object[at - 2] === 0x58 ? 2 : 3;
    return Buffer.concat([object.subarray(0, at - head), Buffer.from('5bffffffffffffffff', 'hex'), object.subarray(at)]);
  }), 'malformed'],
  ['another id outside', (answer) => { answer.id = answer.rawId = text(Buffer.alloc(32)); }, 'another credential', 'laxer'],
  ['two ids', (answer) => { answer.id = text(Buffer.alloc(32)); }, 'incomplete'],
  ['an unknown attestation', edited((_, object) => { object.write('some', object.indexOf('none')); }), 'not known here'],
];

async function judges(verdict) {
  try {
    return (await verdict).verified;
  } catch {
    return false;
  }
}

const judged = (response, challenge) => judges(verifyRegistrationResponse({
  response, expectedChallenge: challenge, expectedOrigin: p.url, expectedRPID: 'localhost', requireUserVerification: true,
  supportedAlgorithmIDs: algorithms,
}));

async function options(c, path) {
  const answer = await c.post(`${path}/options`, {}, { json: {} });
  assert.equal(answer.status, 200);
  return answer.json();
}

const finish = (c, path, ceremony, credential) => c.post(path, {}, { json: { ceremony, credential } });

describe('registering, judged twice', () => {
  let c, kept;
  before(async () => {
    c = new Client(p);
    await c.register('Ora Cle', 'ora@example.org');
    kept = await made((await options(c, '/account/passkeys')).publicKey, -7);
  });

  for (const [name, tamper, why, laxer] of ofRegistration)
    it(`both refuse ${name}`, async () => {
      const { ceremony, publicKey } = await options(c, '/account/passkeys'), answer = structuredClone(kept.answer);
      answer.response.clientDataJSON = client('webauthn.create', publicKey.challenge);
      tamper(answer, publicKey.challenge, 'webauthn.create');
      if (!laxer) assert.equal(await judged(answer, publicKey.challenge), false);
      const ours = await finish(c, '/account/passkeys', ceremony, answer);
      assert.equal(ours.status, 422);
      assert.match((await ours.json()).error, new RegExp(why));
    });

  it('both accept what Chromium made, which then is registered', async () => {
    for (const alg of algorithms) {
      const { ceremony, publicKey } = await options(c, '/account/passkeys'), { answer } = await made(publicKey, alg);
      assert.equal(await judged(answer, publicKey.challenge), true, `algorithm ${alg}`);
      const ours = await finish(c, '/account/passkeys', ceremony, answer);
      assert.equal(ours.status, 200, await ours.text());
      const again = await options(c, '/account/passkeys');
      answer.response.clientDataJSON = client('webauthn.create', again.publicKey.challenge);
      const twice = await finish(c, '/account/passkeys', again.ceremony, answer);
      assert.equal(twice.status, 409);
      assert.equal((await twice.json()).reason, 'taken');
    }
  });
});

// An answer signed with the key; what `more` names is otherwise than honest.
function assertion({ answer, key, alg }, challenge, handle, more = {}) {
  const clientDataJSON = client('webauthn.get', challenge, more.client), count = Buffer.alloc(4);
  count.writeUInt32BE(more.count ?? Math.floor(Date.now() / 1000));
  const auth = Buffer.concat([sha256(more.rp ?? 'localhost'), Buffer.from([more.flags ?? 0x1d]), count, more.tail ?? Buffer.alloc(0)])
    .subarray(0, more.cut);
  const signature = sign(alg === -8 ? null : 'sha256', Buffer.concat([auth, sha256(bytes(clientDataJSON))]), more.key ?? key);
  if (more.wrong) signature[signature.length - 1] ^= 1;
  return {
    id: answer.id, rawId: answer.rawId, type: 'public-key', clientExtensionResults: {},
    response: {
      clientDataJSON, authenticatorData: text(auth), signature: text(signature),
      ...(more.handle === null ? {} : { userHandle: more.handle ?? handle }),
    },
  };
}

const ofSigning = [
  ['another type', { client: { type: 'webauthn.create' } }, 'another kind'],
  ['another challenge', { client: { challenge: text(Buffer.alloc(32)) } }, 'another challenge'],
  ['another origin', { client: { origin: 'http://localhost' } }, 'another origin'],
  ['within another site’s page', { client: { crossOrigin: true } }, 'another site', 'laxer'],
  ['under another site’s top', { client: { topOrigin: 'https://evil.example' } }, 'another site', 'laxer'],
  ['another rpId', { rp: 'evil.example' }, 'another site'],
  ['nobody present', { flags: 0x1c }, 'nobody was there'],
  ['not verified', { flags: 0x19 }, 'did not verify'],
  ['synced, never eligible', { flags: 0x15 }, 'cannot be'],
  ['no longer eligible', { flags: 0x05 }, 'could not before', 'laxer'],
  ['a credential that is not there', { flags: 0x5d }, 'malformed'],
  ['extensions that are not there', { flags: 0x9d }, 'malformed'],
  ['a byte behind', { tail: Buffer.from([0]) }, 'malformed'],
  ['cut short', { cut: 36 }, 'malformed'],
  ['a huge length', { flags: 0x9d, tail: Buffer.from('bbffffffffffffffff', 'hex') }, 'malformed'],
  ['a wrong signature', { wrong: true }, 'signature'],
  ['another’s signature', { key: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey }, 'signature'],
  ['nobody’s handle', { handle: null }, 'whose', 'laxer'],
  ['another’s handle', { handle: text(Buffer.alloc(32, 7)) }, 'somebody else', 'laxer'],
];

describe('signing in, judged twice', () => {
  const passkeys = [], handles = [], stored = [];
  let q;
  before(async () => {
    q = p; // ends with this; its limits may be used up
    p = await readersPublication();
    await page.goto(`${p.url}/robots.txt`);
    const c = new Client(p);
    await c.register('Sig Nature', 'sig@example.org');
    for (const alg of algorithms) {
      const { ceremony, publicKey } = await options(c, '/account/passkeys'), passkey = await made(publicKey, alg);
      const { registrationInfo } = await verifyRegistrationResponse({ response: passkey.answer,
        expectedChallenge: publicKey.challenge, expectedOrigin: p.url, expectedRPID: 'localhost', supportedAlgorithmIDs: algorithms });
      assert.equal((await finish(c, '/account/passkeys', ceremony, passkey.answer)).status, 200);
      passkeys.push(passkey);
      handles.push(publicKey.user.id);
      stored.push(registrationInfo.credential);
    }
  });
  after(() => q?.end());

  const other = (response, challenge, i) => judges(verifyAuthenticationResponse({
    response, expectedChallenge: challenge, expectedOrigin: p.url, expectedRPID: 'localhost', requireUserVerification: true,
    credential: { ...stored[i], counter: 0 },
  }));

  it('both accept each algorithm, and the reader is signed in', async () => {
    for (let i = 0; i < algorithms.length; i++) {
      const c = new Client(p), { ceremony, publicKey } = await options(c, '/sign-in/passkey');
      const answer = assertion(passkeys[i], publicKey.challenge, handles[i]);
      assert.equal(await other(answer, publicKey.challenge, i), true);
      const ours = await finish(c, '/sign-in/passkey', ceremony, answer);
      assert.equal(ours.status, 200, await ours.clone().text());
      assert.deepEqual(await ours.json(), { next: '/' });
      assert.equal((await c.me()).name, 'Sig Nature');
      const replayed = await finish(c, '/sign-in/passkey', ceremony, answer);
      assert.equal(replayed.status, 404, 'a challenge serves once');
    }
  });

  for (const [name, more, why, laxer] of ofSigning)
    it(`both refuse ${name}`, async () => {
      const c = new Client(p), { ceremony, publicKey } = await options(c, '/sign-in/passkey');
      const answer = assertion(passkeys[1], publicKey.challenge, handles[1], more);
      if (!laxer) assert.equal(await other(answer, publicKey.challenge, 1), false);
      const ours = await finish(c, '/sign-in/passkey', ceremony, answer);
      assert.equal(ours.status, 422);
      assert.match((await ours.json()).error, new RegExp(why));
      assert.equal((await c.me()).signed_in, false);
    });

  it('refuses an answer that another browser was asked for, and one from another site’s page', async () => {
    const mine = new Client(p), thief = new Client(p), { ceremony, publicKey } = await options(mine, '/sign-in/passkey');
    await options(thief, '/sign-in/passkey');
    const answer = assertion(passkeys[1], publicKey.challenge, handles[1]);
    assert.equal((await finish(thief, '/sign-in/passkey', ceremony, answer)).status, 404);
    const crossed = await mine.post('/sign-in/passkey', {}, { json: { ceremony, credential: answer }, headers: { 'sec-fetch-site': 'cross-site' } });
    assert.equal(crossed.status, 403);
    assert.equal((await finish(mine, '/sign-in/passkey', ceremony, answer)).status, 200);
  });

  it('works whatever was counted of wrong passwords', async () => {
    const guesser = new Client(p);
    let status;
    for (let i = 0; i < 10 && status !== 429; i++)
      ({ status } = await guesser.post('/sign-in', { address: 'sig@example.org', password: `not this one, nor ${i}` }));
    assert.equal(status, 429);
    const { ceremony, publicKey } = await options(guesser, '/sign-in/passkey');
    assert.equal((await finish(guesser, '/sign-in/passkey', ceremony, assertion(passkeys[1], publicKey.challenge, handles[1]))).status, 200);
    assert.equal((await guesser.me()).signed_in, true);
  });
});
