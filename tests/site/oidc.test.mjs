// oidc.test.mjs: signing in with a provider: a real one (oidc-provider), and one that lies in every way there is.
import assert from 'node:assert/strict';
import { createHash, createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { mkdir, writeFile } from 'node:fs/promises';
import { freePort, stet } from './lib.mjs';
import { Client, letterThat, letterTo, letters, readersPublication } from './readers.mjs';

// oidc-provider wants it; Debian 12's Node has none.
URL.parse ??= (...given) => { try { return new URL(...given); } catch { return null; } };

const run = promisify(execFile);
const b64 = (x) => Buffer.from(typeof x === 'string' || Buffer.isBuffer(x) ? x : JSON.stringify(x)).toString('base64url');

let named = 0;

// A provider that answers as it is told. Its keys are ours to turn.
class Liar {
  constructor(port) {
    this.issuer = `http://127.0.0.1:${port}`;
    this.keys = {};
    this.turn('RS256');
    this.person = { sub: 'one', email: 'one@example.org', email_verified: true, name: 'One Person' };
    this.lie = {};
    this.seen = [];
    this.server = createServer((q, r) => this.answer(q, r)).listen(port, '127.0.0.1');
  }

  turn(alg, kid = `k${named++}`) {
    const made = alg === 'RS256' ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : alg === 'ES256' ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : generateKeyPairSync('ed25519');
    this.key = { alg, kid, ...made };
  }

  token(claims, { alg = this.key.alg, kid = this.key.kid, key = this.key } = {}) {
    const text = `${b64({ alg, kid, typ: 'JWT' })}.${b64(claims)}`;
    if (this.lie.sign) return this.lie.sign(text, claims);
    const signature = key.alg === 'EdDSA' ? sign(null, Buffer.from(text), key.privateKey)
      : sign('sha256', Buffer.from(text), { key: key.privateKey, dsaEncoding: 'ieee-p1363' });
    return `${text}.${b64(signature)}`;
  }

  async answer(q, r) {
    const url = new URL(q.url, this.issuer);
    const say = (json, status = 200) => { r.writeHead(status, { 'content-type': 'application/json' }); r.end(JSON.stringify(json)); };
    this.seen.push(url.pathname);
    if (this.lie.down) return say({ error: 'server_error' }, 503);
    if (url.pathname === '/.well-known/openid-configuration')
      return say({ issuer: this.lie.issuer ?? this.issuer, authorization_endpoint: `${this.issuer}/auth`, token_endpoint: `${this.issuer}/token`, jwks_uri: `${this.issuer}/jwks`, userinfo_endpoint: `${this.issuer}/me` });
    if (url.pathname === '/jwks')
      return say({ keys: [{ kty: 'oct', k: 'AAAA', kid: 'x' }, { ...this.key.publicKey.export({ format: 'jwk' }), kid: this.key.kid, use: 'sig' }] });
    if (url.pathname !== '/token') return say({}, 404);
    let body = '';
    for await (const chunk of q) body += chunk;
    this.form = new URLSearchParams(body);
    this.authorization = q.headers.authorization;
    const asked = this.codes?.get(this.form.get('code'));
    if (!asked) return say({ error: 'invalid_grant' }, 400);
    this.codes.delete(this.form.get('code'));
    if (createHash('sha256').update(this.form.get('code_verifier') ?? '').digest('base64url') !== asked.get('code_challenge')) return say({ error: 'invalid_grant' }, 400);
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: this.issuer, aud: 'courier', exp: now + 300, iat: now, nonce: asked.get('nonce'), ...this.person, ...this.lie.claims };
    return say({ access_token: 'a', token_type: 'Bearer', id_token: this.token(claims, this.lie.header) });
  }

  // What the person's browser does there: the address it comes back to.
  consent(location) {
    const asked = new URL(location).searchParams, code = `c${named++}`;
    (this.codes ??= new Map()).set(code, asked);
    return `${new URL(asked.get('redirect_uri')).pathname}?code=${code}&state=${encodeURIComponent(asked.get('state'))}&iss=${encodeURIComponent(this.issuer)}`;
  }
}

let p, liar;
before(async () => {
  const port = await freePort();
  liar = new Liar(port);
  p = await readersPublication({ conf: `private_calls = allow\nproviders = Liar=${liar.issuer} courier\n` });
});
after(async () => {
  liar.server.closeAllConnections();
  liar.server.close();
  await p.end();
});

const sql = async (text) => JSON.parse((await run('sqlite3', ['-json', '-cmd', '.timeout 10000', join(p.folder, 'stet.db'), text])).stdout || '[]');
async function leave(c, path = '/sign-in/with/Liar?next=%2Fabout') {
  const out = await c.get(path);
  assert.equal(out.status, 303, await out.text());
  return out.headers.get('location');
}
// There and back; the answer of ours.
async function through(c = new Client(p), lie = {}) {
  liar.lie = lie;
  const answer = await c.get(liar.consent(await leave(c)));
  liar.lie = {};
  return answer;
}

describe('a provider', () => {
  test('makes an account with a name of one\'s own choice, and signs in from then on', async () => {
    const c = new Client(p);
    for (const path of ['/sign-in', '/register'])
      assert.match(await c.html(`${path}?next=%2Fabout`), /href="\/sign-in\/with\/Liar\?next=%2Fabout"/);
    const out = new URL(await leave(c));
    for (const [key, value] of Object.entries({ response_type: 'code', client_id: 'courier', code_challenge_method: 'S256', redirect_uri: `${p.url}/sign-in/with/Liar/back` }))
      assert.equal(out.searchParams.get(key), value, key);
    const back = await c.get(liar.consent(out.href));
    assert.equal(back.headers.get('location'), `${p.url}/sign-in/name`);
    assert.equal((await c.me()).signed_in, false);
    assert.match(await c.html('/sign-in/name'), /value="One Person"/);
    assert.equal((await c.post('/sign-in/name', { name: 'Moderator' })).status, 409);
    assert.equal((await c.post('/sign-in/name', { name: 'One Of Us' })).headers.get('location'), `${p.url}/about`);
    assert.equal((await c.me()).name, 'One Of Us');
    const again = new Client(p);
    assert.equal((await through(again)).headers.get('location'), `${p.url}/about`);
    assert.equal((await again.me()).name, 'One Of Us');
    assert.equal(liar.form.get('client_id'), 'courier'); // a public client: no secret
    assert.match(await again.html('/account'), /<b>Liar<\/b>/);
  });

  for (const alg of ['ES256', 'EdDSA', 'RS256'])
    test(`turns to a new key, ${alg}, and is believed at once`, async () => {
      liar.turn(alg);
      const c = new Client(p);
      await through(c);
      assert.equal((await c.me()).name, 'One Of Us');
    });

  test('does not take over an account by its address: the owner is asked by mail', async () => {
    const owner = new Client(p);
    await owner.register('Own Er', 'own@example.org');
    liar.person = { sub: 'two', email: 'Own@example.org', email_verified: true };
    const c = new Client(p);
    const back = await through(c);
    assert.match(back.headers.get('location'), /\/mail-sent/);
    assert.equal((await c.me()).signed_in, false);
    assert.deepEqual(await sql(`SELECT * FROM identity WHERE subject = 'two'`), []);
    const mail = await letterThat(p, 'own@example.org', (l) => /with Liar\?/.test(l.subject));
    await c.post('/mail-code', { code: mail.code });
    assert.equal((await c.me()).name, 'Own Er');
    const again = new Client(p);
    await through(again);
    assert.equal((await again.me()).name, 'Own Er');
    // No longer, when one says so.
    await again.post('/account/untie', { issuer: liar.issuer });
    assert.deepEqual(await sql(`SELECT * FROM identity WHERE subject = 'two'`), []);
    assert.match((await letterTo(p, 'own@example.org', 3)).subject, /Liar no longer signs you in/);
    await again.post('/account/untie', { issuer: liar.issuer }); // nothing to take away: nothing to tell
    await again.post('/account/untie', {});
    assert.equal((await letters(p)).filter((l) => /no longer signs/.test(l.subject)).length, 1);
  });

  test('is tied to an account by who is signed in, and to one only', async () => {
    const c = new Client(p);
    await c.register('Tie Me', 'tie@example.org');
    liar.person = { sub: 'three', email: 'other@example.org', email_verified: false };
    const back = await c.get(liar.consent(await leave(c, '/account/with/Liar')));
    assert.equal(back.headers.get('location'), `${p.url}/account?said=tied`);
    const told = await letterTo(p, 'tie@example.org', 2);
    assert.match(told.subject, /Liar signs you in/);
    assert.match(told.text, /Firefox, Linux/);
    const other = new Client(p);
    await other.register('Tie Too', 'tie2@example.org');
    const refused = await other.get(liar.consent(await leave(other, '/account/with/Liar')));
    assert.equal(refused.status, 409);
    // Asked for by one browser, answered in another that is signed in as somebody else: nothing.
    const where = liar.consent(await leave(c, '/account/with/Liar'));
    assert.equal((await other.get(where)).status, 422);
  });

  test('whose address is not verified makes no account', async () => {
    liar.person = { sub: 'four', email: 'four@example.org', email_verified: false };
    const refused = await through();
    assert.equal(refused.status, 422);
    assert.match(await refused.text(), /does not vouch for an e-mail address/);
    assert.deepEqual(await sql(`SELECT id FROM reader WHERE address = 'four@example.org'`), []);
  });
});

describe('an answer that is not good', () => {
  const now = () => Math.floor(Date.now() / 1000);
  before(() => { liar.person = { sub: 'one', email: 'one@example.org', email_verified: true }; });
  async function refusedWith(lie, why) {
    const c = new Client(p), answer = await through(c, lie);
    assert.equal(answer.status, 422, why);
    assert.match(await answer.text(), /role="alert"/, why);
    assert.equal((await c.me()).signed_in, false, why);
  }

  test('is refused whatever is wrong with its claims', async () => {
    const lies = {
      'another nonce': { nonce: 'x' }, 'no nonce': { nonce: undefined }, 'over': { exp: now() - 600 }, 'no end': { exp: undefined },
      'an end in words': { exp: 'tomorrow' }, 'another site': { aud: 'somebody' }, 'no site': { aud: undefined },
      'several sites and not whose': { aud: ['courier', 'somebody'] }, 'another site\'s party': { azp: 'somebody' },
      'another provider': { iss: 'https://evil.example' }, 'made long ago': { iat: now() - 7200 }, 'made tomorrow': { iat: now() + 86400 }, 'nobody': { sub: '' },
    };
    for (const [why, claims] of Object.entries(lies)) await refusedWith({ claims }, why);
    const fine = new Client(p);
    await through(fine, { claims: { aud: ['courier', 'somebody'], azp: 'courier' } });
    assert.equal((await fine.me()).signed_in, true);
  });

  test('is refused whatever is wrong with its signature', async () => {
    const other = generateKeyPairSync('rsa', { modulusLength: 2048 });
    liar.turn('RS256', 'known');
    const pem = liar.key.publicKey.export({ type: 'spki', format: 'pem' });
    const head = (h) => b64({ kid: 'known', ...h });
    const lies = {
      'alg none': (text) => `${head({ alg: 'none' })}.${text.split('.')[1]}.`,
      'alg None': (text) => `${head({ alg: 'nOnE' })}.${text.split('.')[1]}.`,
      'no signature': (text) => `${text}.`,
      'no third part': (text) => text,
      'another key': (text) => `${text}.${b64(sign('sha256', Buffer.from(text), other.privateKey))}`,
      'the public key as a shared one': (text) => { const t = `${head({ alg: 'HS256' })}.${text.split('.')[1]}`; return `${t}.${createHmac('sha256', pem).update(t).digest('base64url')}`; },
      'another text': (text, claims) => `${text.split('.')[0]}.${b64({ ...claims, sub: 'two' })}.${b64(sign('sha256', Buffer.from(text), liar.key.privateKey))}`,
      'an algorithm of another kind of key': (text) => { const t = `${head({ alg: 'ES256' })}.${text.split('.')[1]}`; return `${t}.${b64(sign('sha256', Buffer.from(t), liar.key.privateKey))}`; },
      'a header that asks for more': (text) => { const t = `${head({ alg: 'RS256', crit: ['b64'], b64: false })}.${text.split('.')[1]}`; return `${t}.${b64(sign('sha256', Buffer.from(t), liar.key.privateKey))}`; },
      'a key nobody has': (text) => { const t = `${b64({ alg: 'RS256', kid: 'unknown' })}.${text.split('.')[1]}`; return `${t}.${b64(sign('sha256', Buffer.from(t), liar.key.privateKey))}`; },
      'no token': () => 'x', 'an empty one': () => '', 'a huge one': () => `${'a'.repeat(40000)}.b.c`,
    };
    for (const [why, lie] of Object.entries(lies)) await refusedWith({ sign: lie }, why);
  });

  test('serves once, in the browser that asked', async () => {
    const c = new Client(p), where = liar.consent(await leave(c));
    assert.equal((await new Client(p).get(where)).status, 422); // another browser
    assert.equal((await c.get(where.replace(/state=[^&]*/, 'state=x'))).status, 422);
    assert.equal((await c.get(where.replace(/state=[^&]*/, ''))).status, 422);
    assert.equal((await c.get(where.replace(/iss=[^&]*/, 'iss=https%3A%2F%2Fevil.example'))).status, 422);
    const fresh = liar.consent(await leave(c));
    assert.equal((await c.get(fresh)).status, 303);
    assert.equal((await c.get(fresh)).status, 422); // replayed
    const off = new URL(await leave(c));
    const called = await c.get(`/sign-in/with/Liar/back?error=access_denied&state=${off.searchParams.get('state')}`);
    assert.equal(called.status, 422);
    assert.match(await called.text(), /called off there/);
    // A code that was used already, with a state that was not.
    const one = liar.consent(await leave(c)), code = /code=([^&]*)/.exec(one)[1];
    liar.codes.delete(code);
    assert.equal((await c.get(one)).status, 422);
    assert.equal((await c.get('/sign-in/with/Nobody')).status, 404);
  });

  test('of a provider that is down is told in words, and the other ways stay', async () => {
    await p.stop(); // what was kept of its description
    await p.serve();
    liar.lie = { down: true };
    const answer = await new Client(p).get('/sign-in/with/Liar');
    assert.equal(answer.status, 429);
    assert.match(await answer.text(), /Liar does not answer just now\. Sign in another way/);
    liar.lie = { issuer: 'https://evil.example' };
    assert.equal((await new Client(p).get('/sign-in/with/Liar')).status, 429);
    liar.lie = {};
    assert.equal((await new Client(p).get('/sign-in/with/Liar')).status, 303);
  });
});

describe('oidc-provider, a real one', () => {
  let real, server, q;
  before(async () => {
    const { default: Provider } = await import('oidc-provider');
    const port = await freePort();
    q = await readersPublication({ conf: `private_calls = allow\nproviders = Real=http://localhost:${port} courier\n` });
    await mkdir(join(q.folder, 'keys'), { recursive: true });
    await writeFile(join(q.folder, 'keys', 'Real.secret'), 'a secret: with signs/+\n');
    await q.stop();
    await q.serve();
    real = new Provider(`http://localhost:${port}`, {
      clients: [{ client_id: 'courier', client_secret: 'a secret: with signs/+', redirect_uris: [`${q.url}/sign-in/with/Real/back`] }],
      claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
      findAccount: (ctx, id) => ({ accountId: id, claims: () => ({ sub: id, email: `${id}@example.org`, email_verified: true, name: 'Rea Lee' }) }),
      pkce: { required: () => true },
    });
    server = real.listen(port, 'localhost');
    await once(server, 'listening');
  });
  after(async () => {
    server?.closeAllConnections();
    server?.close();
    await q?.end();
  });

  test('signs in with its pages as they come: PKCE demanded, a secret in the header, address from userinfo', async () => {
    const c = new Client(q), jar = new Map();
    // Its own cookies, page after page, until it leads back to us.
    let url = (await c.get('/sign-in/with/Real?next=%2Fabout')).headers.get('location'), form = null;
    for (let i = 0; i < 15 && !url.startsWith(q.url); i++) {
      const r = await fetch(url, { redirect: 'manual', method: form ? 'POST' : 'GET', body: form, headers: { cookie: [...jar].map(([k, v]) => `${k}=${v}`).join('; ') } });
      for (const line of r.headers.getSetCookie()) { const [pair] = line.split(';'), at = pair.indexOf('='); jar.set(pair.slice(0, at), pair.slice(at + 1)); }
      form = null;
      if (r.headers.get('location')) { url = new URL(r.headers.get('location'), url).href; continue; }
      const html = await r.text(), action = /<form[^>]*action="([^"]+)"/.exec(html);
      assert.ok(action, html.slice(0, 500));
      url = new URL(action[1], url).href;
      form = new URLSearchParams({ prompt: /name="prompt" value="([^"]+)"/.exec(html)[1], login: 'rea', password: 'x' });
    }
    const back = await c.get(url);
    assert.equal(back.headers.get('location'), `${q.url}/sign-in/name`, `${back.status} ${q.log}`);
    assert.equal((await c.post('/sign-in/name', { name: 'Rea Lee' })).headers.get('location'), `${q.url}/about`);
    assert.equal((await c.me()).name, 'Rea Lee');
  });
});

test('providers that stet.conf names badly are told with the place', async () => {
  const { readFile } = await import('node:fs/promises');
  const q = await readersPublication();
  await q.stop();
  const file = join(q.folder, 'stet.conf'), conf = await readFile(file, 'utf8');
  for (const bad of ['x', 'A B=https://x.example y', 'Name=https://x.example', 'Name=http://x.example y', 'A=https://x.example y, A=https://y.example z']) {
    await writeFile(file, `${conf}\nproviders = ${bad}\n`);
    const done = await stet(['user', 'list', '--dir', q.folder]).then(() => stet(['user', 'invite', 'x@example.org', '--name', 'Xen', '--role', 'editor', '--dir', q.folder]));
    assert.notEqual(done.code, 0, bad);
    assert.match(done.stderr, /stet\.conf: providers/, bad);
  }
  await q.end();
});
