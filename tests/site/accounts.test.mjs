// accounts.test.mjs: registering, signing in and out, over HTTP: what the answers say, and what they do not.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { withSections } from './lib.mjs';
import { Client, letterTo, letters, readersPublication } from './readers.mjs';

let p;
before(async () => {
  p = await readersPublication();
  await withSections(p, 'city');
});
after(() => p?.end());

describe('registering', () => {
  test('by the code, in the browser that asked: a session with hardened cookies', async () => {
    const c = new Client(p);
    const sent = await c.post('/register', { name: 'Ada Quill', address: 'ada@example.org', way: 'mail', next: '/city' });
    assert.equal(sent.status, 303);
    assert.equal(sent.headers.get('location'), `${p.url}/mail-sent?next=%2Fcity`);
    const mail = await letterTo(p, 'ada@example.org');
    const done = await c.post('/mail-code', { code: mail.code });
    assert.equal(done.status, 303);
    assert.equal(done.headers.get('location'), `${p.url}/city`);
    const cookie = done.headers.getSetCookie().find((s) => s.startsWith('__Host-stet='));
    for (const part of ['Secure', 'HttpOnly', 'SameSite=Lax', 'Path=/']) assert.ok(cookie.includes(part), cookie);
    assert.ok(!/domain/i.test(cookie));
    assert.equal((await c.me()).name, 'Ada Quill');
  });

  test('by the link: opening it changes nothing, its button serves once', async () => {
    const c = new Client(p);
    await c.post('/register', { name: 'Ben Lock', address: 'ben@example.org', way: 'mail' });
    const { link } = await letterTo(p, 'ben@example.org');
    for (let i = 0; i < 3; i++) { // a scanner of mail
      const scanner = await new Client(p).get(link);
      assert.equal(scanner.status, 200);
      assert.equal(scanner.headers.get('cache-control'), 'no-store');
      assert.equal(scanner.headers.get('referrer-policy'), 'strict-origin');
    }
    assert.equal((await c.post(link)).status, 303);
    assert.equal((await c.me()).name, 'Ben Lock');
    const again = await new Client(p).post(link);
    assert.equal(again.status, 410);
    assert.equal((await new Client(p).get(link)).status, 410);
  });

  test('with a password, which then signs in; what was typed comes back when something is wrong', async () => {
    const c = new Client(p);
    const weak = await c.post('/register', { name: 'Cleo Marsh', address: 'cleo@example.org', way: 'password', password: 'passwordpassword' });
    assert.equal(weak.status, 422);
    const html = (await weak.text());
    assert.match(html, /value="Cleo Marsh"/);
    assert.match(html, /value="cleo@example\.org"/);
    assert.match(html, /id="password-wrong"/);
    assert.ok(!html.includes('passwordpassword'));
    await c.register('Cleo Marsh', 'cleo@example.org', { way: 'password', password: 'correct horse battery staple' });
    const d = new Client(p);
    assert.equal((await d.post('/sign-in', { address: 'CLEO@example.org', password: 'correct horse battery staple' })).status, 303);
    assert.equal((await d.me()).name, 'Cleo Marsh');
  });

  test('with an address that has an account: the same answer, and its owner is told by mail', async () => {
    const c = new Client(p), d = new Client(p);
    await c.register('Dora Finch', 'dora@example.org');
    const known = await d.post('/register', { name: 'Somebody New', address: 'dora@example.org', way: 'mail' });
    const fresh = await new Client(p).post('/register', { name: 'Somebody Newer', address: 'nobody@example.org', way: 'mail' });
    const strip = (r) => [r.status, [...r.headers].filter(([k]) => !['date', 'set-cookie'].includes(k))];
    assert.deepEqual(strip(known), strip(fresh));
    assert.match((await letterTo(p, 'dora@example.org', 2)).subject, /You have an account/);
    const page = (h) => h.replaceAll(/dora@example\.org|nobody@example\.org/g, 'X');
    const e = new Client(p);
    await e.post('/register', { name: 'Third Person', address: 'third@example.org', way: 'mail' });
    assert.equal(page(await d.html('/mail-sent')), page((await e.html('/mail-sent')).replaceAll('third@example.org', 'X')));
  });

  test('a mail goes to the address of the account, not to one that folds to it', async () => {
    await new Client(p).register('Stella Ross', 'u@strasse.example');
    const before = (await letters(p)).filter((l) => l.to === 'u@strasse.example').length;
    for (const path of ['/sign-in/mail', '/register'])
      await new Client(p).post(path, { name: 'Some Thief', way: 'mail', address: 'u@straße.example' });
    await letterTo(p, 'u@strasse.example', before + 2);
    assert.ok(!(await letters(p)).some((l) => l.to.includes('ß')));
  });

  test('a password that somebody else chose does not open the account its owner confirms', async () => {
    const thief = new Client(p), owner = new Client(p), words = 'planted by somebody else';
    await thief.post('/register', { name: 'Vic Tim', address: 'victim@example.org', way: 'password', password: words });
    const { link } = await letterTo(p, 'victim@example.org');
    assert.equal((await owner.post(link)).status, 303);
    assert.equal((await owner.me()).name, 'Vic Tim');
    assert.equal((await new Client(p).post('/sign-in', { address: 'victim@example.org', password: words })).status, 422);
  });

  test('asked twice, the own name is not taken, and the answer tells nothing of the address', async () => {
    await new Client(p).register('Dana Frost', 'dana@example.org');
    const twice = async (name, address) => {
      const c = new Client(p), statuses = [];
      for (let i = 0; i < 2; i++) statuses.push((await c.post('/register', { name, address, way: 'mail' })).status);
      statuses.push((await new Client(p).post('/register', { name, address, way: 'mail' })).status);
      return statuses;
    };
    assert.deepEqual(await twice('Wanda One', 'dana@example.org'), [303, 303, 409]);
    assert.deepEqual(await twice('Wanda Two', 'wanda@example.org'), [303, 303, 409]);
  });

  test('a name that became a byline meanwhile is said over the link’s button', async () => {
    const c = new Client(p);
    await c.post('/register', { name: 'Nora Vale', address: 'nora@example.org', way: 'mail' });
    const { link } = await letterTo(p, 'nora@example.org');
    const story = await p.file('byline.md', '---\nheadline: A story\nsection: city\nauthors: [Nora Vale]\n---\nText.\n');
    await p.run('story', 'new', story);
    const r = await c.post(link);
    assert.equal(r.status, 409);
    assert.match(await r.text(), /role="alert">[^<]*Nora Vale/);
  });

  test('a name that looks like one that is taken is refused, at once and while it is being taken', async () => {
    const c = new Client(p);
    await c.register('Paul Reed', 'paul@example.org');
    for (const name of ['paul reed', 'PauI Reed', 'Pаul Reed', 'admin']) {
      const r = await new Client(p).post('/register', { name, address: 'imp@example.org', way: 'mail' });
      assert.ok([409, 422].includes(r.status), `${name}: ${r.status}`);
    }
    await new Client(p).post('/register', { name: 'Quiet One', address: 'q1@example.org', way: 'mail' });
    const second = await new Client(p).post('/register', { name: 'Quiet One', address: 'q2@example.org', way: 'mail' });
    assert.equal(second.status, 409);
  });

  test('bad fields get their own words and 422', async () => {
    for (const [field, value] of [['name', ''], ['name', 'a@b.example'], ['name', '<b>x</b>'], ['address', 'no'], ['address', 'a@b.c\r\nBcc: x@y.z']]) {
      const r = await new Client(p).post('/register', { name: 'Fine Name', address: 'fine@example.org', way: 'mail', [field]: value });
      assert.equal(r.status, 422, `${field}=${value}`);
      assert.match(await r.text(), new RegExp(`id="${field}-wrong"`));
    }
  });
});

describe('signing in', () => {
  before(() => new Client(p).register('Eve Stone', 'eve@example.org', { way: 'password', password: 'seven grey umbrellas marching' }));

  test('a wrong password and an unknown address get the very same answer', async () => {
    const a = await new Client(p).post('/sign-in', { address: 'eve@example.org', password: 'not this one at all' });
    const b = await new Client(p).post('/sign-in', { address: 'who@example.org', password: 'not this one at all' });
    assert.equal(a.status, 422);
    assert.equal(b.status, 422);
    assert.equal((await a.text()).replaceAll('eve@', 'X@'), (await b.text()).replaceAll('who@', 'X@'));
  });

  test('a mail is asked for alike whether there is an account', async () => {
    const c = new Client(p), d = new Client(p);
    const a = await c.post('/sign-in/mail', { address: 'eve@example.org' });
    const b = await d.post('/sign-in/mail', { address: 'unknown@example.org' });
    assert.equal(a.status, b.status);
    assert.equal(a.headers.get('location'), b.headers.get('location'));
    assert.equal((await c.html('/mail-sent')).replaceAll('eve@', 'X@'), (await d.html('/mail-sent')).replaceAll('unknown@', 'X@'));
    assert.match((await letterTo(p, 'unknown@example.org')).subject, /no account/);
    const wrong = [await c.post('/mail-code', { code: '00000000' }), await d.post('/mail-code', { code: '00000000' })];
    assert.deepEqual(wrong.map((r) => r.status), [422, 422]);
  });

  test('without a password the form sends a mail', async () => {
    const r = await new Client(p).post('/sign-in', { address: 'nowhere@example.org', password: '' });
    assert.match(r.headers.get('location'), /\/mail-sent/);
  });

  test('the newest mail counts, in the browser that asked; another is told who asked', async () => {
    const c = new Client(p);
    const count = (await letters(p)).filter((l) => l.to === 'eve@example.org').length;
    await c.post('/sign-in/mail', { address: 'eve@example.org' });
    const older = await letterTo(p, 'eve@example.org', count + 1);
    await c.post('/sign-in/mail', { address: 'eve@example.org' });
    const newest = await letterTo(p, 'eve@example.org', count + 2);
    assert.equal((await new Client(p).get(older.link)).status, 410);
    const other = await new Client(p, { 'user-agent': 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Version/17.0 Safari/605.1' }).html(newest.link);
    assert.match(other, /another browser/);
    assert.match(other, /Firefox, Linux/);
    assert.doesNotMatch(await c.html(newest.link), /another browser/);
    assert.equal((await c.post(newest.link)).status, 303);
  });

  test('one who guesses waits ever longer; a mail lets the owner in all the same', async () => {
    const guesser = new Client(p);
    let slowed = false;
    for (let i = 0; i < 12 && !slowed; i++)
      slowed = (await guesser.post('/sign-in', { address: 'eve@example.org', password: `guess number ${i} of many` })).status === 429;
    assert.ok(slowed);
    const count = (await letters(p)).filter((l) => l.to === 'eve@example.org').length;
    const owner = new Client(p);
    assert.equal((await owner.post('/sign-in/mail', { address: 'eve@example.org' })).status, 303);
    assert.equal((await owner.post('/mail-code', { code: (await letterTo(p, 'eve@example.org', count + 1)).code })).status, 303);
    assert.equal((await owner.me()).name, 'Eve Stone');
  });

  test('mails to one address are bounded, the same for known and unknown', async () => {
    await new Client(p).register('Flo Birch', 'flo@example.org');
    const tries = async (address) => {
      const statuses = [], c = new Client(p);
      for (let i = 0; i < 7; i++) statuses.push((await c.post('/sign-in/mail', { address })).status);
      return statuses;
    };
    const known = await tries('flo@example.org'), unknown = await tries('flora@example.org');
    assert.ok(known.includes(429) && unknown.includes(429));
    assert.deepEqual(unknown.slice(0, 4), known.slice(0, 4));
  });

  test('signing out ends the session itself, not only the cookie', async () => {
    const c = new Client(p);
    await c.register('Gus Alder', 'gus@example.org');
    const cookie = `__Host-stet=${c.session}`;
    assert.equal((await c.post('/sign-out')).status, 303);
    assert.equal(c.session, undefined);
    const me = await (await p.get('/me.json', { headers: { cookie } })).json();
    assert.equal(me.signed_in, false);
  });

  test('leads back only to a path of ours', async () => {
    for (const next of ['//evil.example', 'https://evil.example/', '/\\evil.example', '/\t/evil.example', 'javascript:alert(1)', '/x\r\nSet-Cookie: a=b']) {
      const c = new Client(p);
      const r = await c.post('/sign-out', { next });
      assert.equal(r.headers.get('location'), `${p.url}/`, next);
    }
  });
});

describe('the account', () => {
  let c;
  before(async () => {
    c = new Client(p);
    await c.register('Hal Rowan', 'hal@example.org');
  });

  test('is for who is signed in: others are led to the sign-in page and back', async () => {
    const r = await new Client(p).get('/account');
    assert.equal(r.status, 303);
    assert.equal(r.headers.get('location'), `${p.url}/sign-in?next=%2Faccount`);
    const page = await c.get('/account');
    assert.equal(page.status, 200);
    assert.equal(page.headers.get('cache-control'), 'no-store');
  });

  test('lists where one is signed in, and ends one of them', async () => {
    const phone = new Client(p, { 'user-agent': 'Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Mobile Safari/537.36' });
    const count = (await letters(p)).filter((l) => l.to === 'hal@example.org').length;
    await phone.post('/sign-in/mail', { address: 'hal@example.org' });
    await phone.post('/mail-code', { code: (await letterTo(p, 'hal@example.org', count + 1)).code });
    const html = await c.html('/account');
    assert.match(html, /Firefox, Linux/);
    assert.match(html, /Chrome, Android/);
    const others = [...html.matchAll(/action="(\/account\/sessions\/\w+)"[^>]*><button[^>]*aria-label="[^"]*Chrome/g)].map((m) => m[1]);
    assert.equal(others.length, 1);
    assert.equal((await c.post(others[0])).status, 303);
    assert.equal((await phone.me()).signed_in, false);
    assert.equal((await c.me()).signed_in, true);
  });

  test('says at its field why a new password is refused', async () => {
    const r = await c.post('/account/password', { password: 'passwordpassword' });
    assert.equal(r.status, 422);
    assert.match(await r.text(), /id="password-wrong"/);
  });

  test('sets a password; other places are signed out and the owner is told', async () => {
    const other = new Client(p);
    const before = (await letters(p)).filter((l) => l.to === 'hal@example.org').length;
    await other.post('/sign-in/mail', { address: 'hal@example.org' });
    await other.post('/mail-code', { code: (await letterTo(p, 'hal@example.org', before + 1)).code });
    const old = c.session;
    const r = await c.post('/account/password', { password: 'lamplight over wet cobbles' });
    assert.equal(r.status, 303);
    assert.notEqual(c.session, old, 'a new secret after a new password');
    assert.equal((await other.me()).signed_in, false);
    assert.match((await letterTo(p, 'hal@example.org', before + 2)).subject, /password was changed/);
  });
});

describe('requests that another site makes', () => {
  test('change nothing, whatever a proxy took out', async () => {
    const c = new Client(p);
    await c.register('Ida Thorn', 'ida@example.org');
    const cookie = `__Host-stet=${c.session}`;
    const send = (headers) => fetch(`${p.url}/account/sessions`, { method: 'POST', redirect: 'manual', headers: { cookie, ...headers }, body: new URLSearchParams() });
    for (const headers of [
      { 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' },
      { 'sec-fetch-site': 'cross-site', origin: p.url }, { origin: 'https://evil.example' }, { origin: 'null' },
      { origin: p.url.replace('http:', 'https:') }, { origin: `${p.url}.evil.example` }, {},
    ]) assert.equal((await send(headers)).status, 403, JSON.stringify(headers));
    for (const headers of [{ 'sec-fetch-site': 'same-origin' }, { origin: p.url }])
      assert.equal((await send(headers)).status, 303, JSON.stringify(headers));
  });

  test('do not sign anybody in either', async () => {
    const r = await fetch(`${p.url}/sign-in`, { method: 'POST', headers: { 'sec-fetch-site': 'cross-site' }, body: new URLSearchParams({ address: 'eve@example.org', password: 'seven grey umbrellas marching' }) });
    assert.equal(r.status, 403);
    assert.deepEqual(r.headers.getSetCookie(), []);
  });
});

describe('pages', () => {
  test('are the same bytes for a reader who is signed in', async () => {
    const c = new Client(p);
    await c.register('Jon Sedge', 'jon@example.org');
    c.cookies.delete('stet_plain'); // its browser runs script
    const [mine, anybodys] = [await c.get('/'), await p.get('/')];
    assert.equal(mine.headers.get('etag'), anybodys.headers.get('etag'));
    assert.equal(await mine.text(), await anybodys.text());
    assert.deepEqual(anybodys.headers.getSetCookie(), []);
  });

  test('are made for one who runs no script, and kept by nobody', async () => {
    const c = new Client(p);
    await c.register('Kit Larch', 'kit@example.org');
    assert.equal(c.cookies.get('stet_plain'), '1');
    const r = await c.get('/');
    assert.equal(r.headers.get('cache-control'), 'no-store');
    assert.match(await r.text(), /Kit Larch/);
    assert.doesNotMatch(await (await p.get('/')).text(), /Kit Larch/);
  });

  test('set no cookie before somebody signs in', async () => {
    for (const path of ['/', '/register', '/sign-in', '/search?q=x', '/me.json'])
      assert.deepEqual((await p.get(path)).headers.getSetCookie(), [], path);
  });
});

describe('the command line', () => {
  test('makes staff, changes roles, shuts accounts, sets passwords', async () => {
    const made = await p.json('user', 'add', 'owner@example.org', '--name', 'Olive Grant', '--role', 'owner');
    assert.equal(made.role, 'owner');
    assert.ok((await p.json('user', 'list')).some((u) => u.address === 'owner@example.org'));
    assert.equal((await p.json('user', 'role', 'owner@example.org', 'editor')).role, 'editor');
    const set = await p.cli(['user', 'password', 'owner@example.org'], { input: 'nine quiet herons wading\n' });
    assert.equal(set.code, 0, set.stderr);
    const c = new Client(p);
    await c.register('Lee Moss', 'lee@example.org');
    await p.run('user', 'disable', 'lee@example.org', '--why', 'threats');
    assert.equal((await c.me()).signed_in, false);
    const count = (await letters(p)).filter((l) => l.to === 'lee@example.org').length;
    await c.post('/sign-in/mail', { address: 'lee@example.org' });
    const r = await c.post('/mail-code', { code: (await letterTo(p, 'lee@example.org', count + 1)).code });
    assert.equal(r.status, 422);
    assert.match(await r.text(), /closed/);
  });

  test('says what is wrong', async () => {
    for (const [args, code, says] of [
      [['user', 'add', 'x@example.org'], 64, /--name/],
      [['user', 'add', 'nonsense', '--name', 'No One'], 2, /address/],
      [['user', 'role', 'x@example.org', 'king'], 64, /owner/],
      [['user', 'disable', 'x@example.org'], 64, /--why/],
      [['user', 'role', 'missing@example.org', 'editor'], 4, /no account/],
    ]) {
      const r = await p.cli(args);
      assert.match(r.stderr, says, args.join(' '));
      assert.equal(r.code, code, `${args.join(' ')}: ${r.stderr}`);
    }
  });
});
