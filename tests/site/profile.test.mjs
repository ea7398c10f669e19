// profile.test.mjs: what readers tell of themselves: names, a line, a picture, whom they follow; and the page on which
// others see it.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { importFolder, png } from './newsroom.mjs';
import { Client, letters, letterTo, readersPublication } from './readers.mjs';

const run = promisify(execFile);
let p;
before(async () => {
  p = await readersPublication();
  await importFolder(p, {
    'publication.yaml': 'name: x\nsections:\n  - slug: city\n    name: City\n    description: ""\n',
    'authors/vera.md': '---\nname: Vera Quill\n---\nWrites.\n',
    'stories/a.md': '---\nheadline: A\nsection: city\nauthors: [vera]\npublished: 2021-01-01 10:00\n---\nText.\n',
  });
});
after(() => p.end());

const profile = (more = {}) => ({ name: 'x', about: '', language: '', comments: '1', followers: '1', following: '1', ...more });
async function fresh(name, address) {
  const c = new Client(p);
  const me = await c.register(name, address);
  return Object.assign(c, { mine: me.url, name });
}

// A form with a file, as a browser sends it.
async function upload(c, bytes, type = 'image/png') {
  const form = new FormData();
  form.set('picture', new Blob([bytes], { type }), 'me.png');
  return fetch(`${p.url}/account/picture`, {
    method: 'POST', body: form, redirect: 'manual',
    headers: { cookie: [...c.cookies].map(([k, v]) => `${k}=${v}`).join('; '), 'sec-fetch-site': 'same-origin' },
  });
}

describe('a name', () => {
  test('is changed once in 14 days, stays its owner\'s, and the page says it at once', async () => {
    const c = await fresh('Anna Marten', 'anna@example.org');
    assert.match(await (await c.get(c.mine)).text(), /Anna Marten/);
    const done = await c.post('/account/profile', profile({ name: 'Anna  Weasel', about: ' Likes  <b>rain</b> ' }));
    assert.equal(done.headers.get('location'), `${p.url}/account?said=profile`);
    const page = await c.html(c.mine);
    assert.match(page, /Anna Weasel/);
    assert.match(page, /Likes &lt;b&gt;rain&lt;\/b&gt;/);
    assert.doesNotMatch(page, /Anna Marten/);
    const again = await c.post('/account/profile', profile({ name: 'Anna Otter' }));
    assert.equal(again.status, 422);
    assert.match(await again.text(), /once in 14 days/);
    assert.equal((await c.me()).name, 'Anna Weasel');
    // Without a new name everything else can be changed meanwhile.
    assert.equal((await c.post('/account/profile', profile({ name: 'Anna Weasel', about: 'Snow' }))).status, 303);

    const thief = await fresh('Somebody Else', 'thief@example.org');
    for (const name of ['Anna Marten', 'anna  marten', 'Аnna Marten', 'Anna Weasel']) {
      const refused = await thief.post('/account/profile', profile({ name }));
      assert.ok([409, 422].includes(refused.status), `${name}: ${refused.status}`);
    }
    assert.equal((await thief.me()).name, 'Somebody Else');
  });

  test('is nobody\'s that speaks for the newspaper', async () => {
    await p.run('user', 'add', 'boss@example.org', '--name', 'Bella Boss', '--role', 'editor');
    const c = await fresh('Plain Reader', 'plain@example.org');
    for (const name of ['Vera Quill', 'VERA QUILL', 'Bella Boss', 'Administrator', 'Moderator', 'The Test']) {
      const refused = await c.post('/account/profile', profile({ name }));
      assert.equal(refused.status, 409, name);
      assert.match(await refused.text(), /is taken/);
    }
  });

  test('that is bad, or a line that is too long, comes back with the form as it was filled', async () => {
    const c = await fresh('Long Winded', 'long@example.org');
    for (const [field, value] of [['name', 'x'], ['name', 'me@example.org'], ['about', 'y'.repeat(301)], ['language', '../x']]) {
      const refused = await c.post('/account/profile', profile({ name: 'Long Winded', [field]: value }));
      assert.equal(refused.status, 422, field);
      const html = await refused.text();
      assert.match(html, new RegExp(`id="${field}-wrong"`));
      if (field !== 'language') assert.ok(html.includes(`value="${value}"`), field);
    }
  });
});

describe('a picture', () => {
  test('is drawn from the name until there is one', async () => {
    const c = await fresh('Öz "&" Brown'.replace(/"&" /, ''), 'oz@example.org');
    const svg = await c.get(`${c.mine}/picture.svg`);
    assert.equal(svg.headers.get('content-type'), 'image/svg+xml');
    assert.match(await svg.text(), />ÖB<\/text>/);
  });

  test('is made anew: square, small, without what it said of itself', async (t) => {
    const c = await fresh('Pic Turesque', 'pic@example.org');
    const dir = await mkdtemp(join(tmpdir(), 'stet-pic-'));
    t.after(() => rm(dir, { recursive: true }));
    const file = join(dir, 'me.png');
    await writeFile(file, png(900, 600));
    await run('exiftool', ['-q', '-overwrite_original', '-GPSLatitude=52.1', '-GPSLatitudeRef=N', '-Artist=Me Myself', file]);
    const { readFile } = await import('node:fs/promises');
    const sent = await upload(c, await readFile(file));
    assert.equal(sent.headers.get('location'), `${p.url}/account?said=picture`);
    const { person } = await (await c.get(`${c.mine}.json`)).json();
    assert.match(person.picture, /\/picture\/[0-9a-f]{32}\.jpg$/);
    const shown = await c.get(person.picture);
    assert.equal(shown.headers.get('content-type'), 'image/jpeg');
    await writeFile(join(dir, 'out.jpg'), Buffer.from(await shown.arrayBuffer()));
    const [facts] = JSON.parse((await run('exiftool', ['-json', '-a', '-G', join(dir, 'out.jpg')])).stdout);
    assert.equal(facts['File:ImageWidth'], 256);
    assert.equal(facts['File:ImageHeight'], 256);
    assert.equal(JSON.stringify(facts).includes('Myself'), false);
    assert.equal(Object.keys(facts).some((k) => /GPS|XMP|IPTC/.test(k)), false);
    // Taken away, it is gone at its address too.
    await c.post('/account/picture', { none: '1' });
    assert.equal((await c.get(person.picture)).status, 404);
    assert.match((await (await c.get(`${c.mine}.json`)).json()).person.picture, /picture\.svg$/);
  });

  test('that is none is refused in words, and nothing changes', async () => {
    const c = await fresh('Not A Picture', 'nap@example.org');
    for (const bytes of [Buffer.from('<svg onload="alert(1)">'), Buffer.from('GIF89a'), png(20000, 20000, { declared: [60000, 60000] }).subarray(0, 400)]) {
      const refused = await upload(c, bytes);
      assert.equal(refused.status, 422);
      assert.match(await refused.text(), /id="picture-wrong"/);
    }
    assert.match((await (await c.get(`${c.mine}.json`)).json()).person.picture, /picture\.svg$/);
  });
});

describe('following', () => {
  test('works with a form, twice as once, shows on both pages as far as both allow', async () => {
    const a = await fresh('Fol Lower', 'fol@example.org'), b = await fresh('Lea Der', 'lea@example.org');
    assert.match(await a.html(b.mine), /action="\/reader\/\w+\/(un)?follow"/);
    for (let i = 0; i < 2; i++) assert.equal((await a.post(`${b.mine}/follow`)).headers.get('location'), p.url + b.mine);
    let view = await (await b.get(`${b.mine}.json`)).json();
    assert.match(await b.html(b.mine), /id="followers"/);
    assert.doesNotMatch(await a.html(a.mine), /id="followers"/); // no heading over nothing
    assert.equal(view.followers_count.count, 1);
    assert.deepEqual(view.followers.map((f) => f.name), ['Fol Lower']);
    assert.deepEqual((await (await a.get(`${a.mine}.json`)).json()).following.map((f) => f.name), ['Lea Der']);
    assert.deepEqual(await (await a.get(`${b.mine}/mine.json`)).json(), { self: false, following: true, muted: false, blocked: false });
    assert.deepEqual(await (await new Client(p).get(`${b.mine}/mine.json`)).json(), { self: false, following: false, muted: false, blocked: false });
    // Whom a follower hides, no other page tells; the number stays.
    await a.post('/account/profile', { name: 'Fol Lower', about: '', language: '' });
    view = await (await b.get(`${b.mine}.json`)).json();
    assert.equal(view.followers_count.count, 1);
    assert.deepEqual(view.followers, []);
    view = await (await a.get(`${a.mine}.json`)).json();
    assert.equal(view.following, undefined);
    assert.equal(view.followers, undefined);
    await a.post(`${b.mine}/unfollow`);
    assert.equal((await (await b.get(`${b.mine}.json`)).json()).followers_count.count, 0);
    assert.equal((await a.post(`${a.mine}/follow`)).status, 303); // oneself: nothing happens
    assert.equal((await (await a.get(`${a.mine}/mine.json`)).json()).following, false);
  });

  test('asks who is not signed in to sign in first, and leads back', async () => {
    const b = await fresh('Lea Dest', 'dest@example.org');
    const asked = await new Client(p).post(`${b.mine}/follow`, { next: b.mine });
    assert.equal(asked.headers.get('location'), `${p.url}/sign-in?next=${encodeURIComponent(b.mine)}`);
  });
});

describe('a public page', () => {
  test('is the same for all, and says nothing that is private', async () => {
    const c = await fresh('Pub Lic', 'public@example.org');
    const anyone = await (await p.get(c.mine)).text();
    c.cookies.delete('stet_plain');
    c.cookies.delete('__Host-stet_plain');
    assert.equal(await (await c.get(c.mine)).text(), anyone);
    for (const path of [c.mine, `${c.mine}.json`]) assert.doesNotMatch(await p.text(path), /public@example/);
  });

  test('of nobody is 404', async () => {
    for (const path of ['/reader/0000000000000', '/reader/x', '/reader/0000000000000.json', '/reader/x/picture.svg', '/reader/x/picture/y.jpg'])
      assert.equal((await p.get(path)).status, 404, path);
  });
});
