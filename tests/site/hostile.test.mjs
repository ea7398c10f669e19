// hostile.test.mjs: what nobody writes by accident: names and comments with signs that are not seen, that turn the direction, that look like
// others; a million combining marks; conversations 10,000 deep and 10,000 wide. Nothing hangs, nothing that was written reaches beyond its place.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { importFolder } from './newsroom.mjs';
import { Client, forged, idText, readersPublication, sql } from './readers.mjs';

const MANY = 10_000;
let p, ann, bob;
const talk = '/city/first/comments';

before(async () => {
  p = await readersPublication({ serve: false });
  await importFolder(p, {
    'publication.yaml': 'name: The Test\nsections:\n  - slug: city\n    name: City\n    description: ""\n',
    ...Object.fromEntries(['first', 'deep', 'wide'].map((s) => [`${s}.md`, `---\nheadline: The ${s} one\nslug: ${s}\nsection: city\npublished: ${new Date(Date.now() - 3_600_000).toISOString()}\n---\nWords.\n`])),
  });
  const line = (story, i, answers) => JSON.stringify({ id: `${story}${i}`, story, ...(answers === null ? {} : { answers: `${story}${answers}` }), name: `Guest ${i}`, written: new Date(Date.now() - 3_000_000 + i).toISOString(), text: `No. ${i} of ${story}.` });
  const lines = [];
  for (let i = 0; i <= MANY; i++) lines.push(line('deep', i, i ? i - 1 : null), line('wide', i, i ? 0 : null));
  await p.run('forum', 'import', await p.file('many.jsonl', lines.join('\n')));
  await p.serve();
  [ann, bob] = forged(p, [{ name: 'Ann Lee' }, { name: 'Bob Stone' }]);
});
after(() => p?.end());

const links = (html) => [...html.matchAll(/href="([^"]*)"/g)].map((m) => m[1].replaceAll('&amp;', '&')).map((h) => new URL(h, p.url).href.slice(p.url.length).replace(/#.*/, ''));
const post = async (c, text, more = {}) => {
  const r = await c.post(talk, { text, sure: '1', ...more });
  return { status: r.status, id: /#c-(\w+)$/.exec(r.headers.get('location') ?? '')?.[1], html: await r.text() };
};

describe('names', () => {
  let n = 0;
  const register = async (name) => (await new Client(p).post('/register', { name, address: `n${n++}@example.org`, way: 'mail' })).status;
  for (const [what, name] of Object.entries({
    'a right-to-left override': 'Ann \u202eeeL', 'an isolate that is not ended': 'Ann \u2067Lee', 'a letter of no width': 'Ann\u200bLee', 'a joiner among Latin letters': 'Ann\u200dLee', 'a word joiner': 'Ann\u2060 Lee',
    'a soft hyphen': 'An\u00adn Lee', 'nothing that is seen': '\u2060\u200b\u3164\u115f', 'the filler of Hangul': 'Ann\u3164Lee', 'letters of another alphabet that look the same': '\u0410nn Lee', 'mathematical letters as somebody’s': '\u{1d400}\u{1d427}\u{1d427} Lee',
    'a pile of marks': `Ann${'\u0301'.repeat(50)} Lee`, 'a tag of language': 'Ann\u{e0041}\u{e0042} Lee', 'a line break': 'Ann\nLee', 'a line separator': 'Ann\u2028Lee', 'half a pair': 'Ann \ufffd Lee', 'a private sign': 'Ann \ue000Lee',
  }))
    test(`with ${what} is refused, or is not what it seems`, async () => {
      const status = await register(name);
      if (status === 303) { // what is kept for it has none of those
        const kept = sql(p, 'SELECT data FROM challenge ORDER BY id DESC LIMIT 1')[0].data;
        assert.doesNotMatch(kept, /[\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\u3164\u115f\ue000]|\u0301{3}|\u{e0041}/u);
        assert.ok(!/[\u0410\u{1d400}]/u.test(kept), kept);
      } else assert.ok([422, 409, 400].includes(status), `${status}`);
    });

  test('one that looks like a moderator’s is taken', async () => {
    forged(p, [{ name: 'x', role: 'moderator' }]);
    await new Client(p).register('Mona Rule', 'mona@example.org');
    for (const name of ['Mona Ru1e', 'M\u043ena Rule', 'M0na Rule', 'Mona  Rule', 'MONA RULE', 'Mona RuIe']) assert.ok([409, 422].includes(await register(name)), name);
  });
});

describe('comments', () => {
  test('signs that turn the direction or are not seen are taken out; those that a script needs stay', async () => {
    const { status, id } = await post(ann, 'See \u202eexe.txt\u202c and\u2066 this\u200b one\ufeff. \u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645');
    assert.equal(status, 303);
    const html = await p.html(`${talk}/${id}`), words = /<div class="words"[^>]*>([\s\S]*?)<\/div>/.exec(html)[1];
    assert.doesNotMatch(words, /[\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/);
    assert.ok(words.includes('\u0645\u06cc\u200c\u062e\u0648'));
    assert.match(html, /<div class="words" dir="auto">/);
  });

  test('an address whose direction is turned leads where it says', async () => {
    const { id } = await post(bob, '[https://bank.example/](https://evil.example/\u202e/elpmaxe.knab)');
    const html = await p.html(`${talk}/${id}`);
    assert.doesNotMatch(/<div class="words"[^>]*>([\s\S]*?)<\/div>/.exec(html)[1], /\u202e/);
  });

  for (const [what, text, ok] of [
    ['1 MB of combining marks on one letter', `x${'\u0301'.repeat(512 * 1024)}`, [413, 422]],
    ['20 KB of them', `x${'\u0301'.repeat(9_000)}`, [303, 422]],
    ['marks of many kinds', `Z${Array.from({ length: 3000 }, (_, i) => String.fromCharCode(0x300 + (i % 0x70))).join('')}`, [303, 422]],
    ['5 MB', 'y'.repeat(5 << 20), [413, 422]],
    ['nothing but what is not seen', '\u200b\u2060\u3164\ufeff\u202e', [422]],
    ['nested quotes without end', '> '.repeat(4_000) + 'x', [303, 422]],
    ['brackets without end', '['.repeat(9_000), [303, 422]],
    ['emphasis without end', '*a _b '.repeat(1_500), [303, 422]],
    ['backticks of every length', Array.from({ length: 95 }, (_, i) => '`'.repeat(i + 1)).join(' '), [303, 422]],
    ['lists in lists', Array.from({ length: 60 }, (_, i) => `${' '.repeat(2 * i)}- x`).join('\n').slice(0, 4900), [303, 422]],
    ['entities without end', '&'.repeat(4_900), [303, 422]],
    ['a thousand names', '@Ann Lee '.repeat(550), [303, 422]],
    ['one word', 'w'.repeat(4_999), [303, 422]],
    ['every sign of a plane', Array.from({ length: 4_000 }, (_, i) => String.fromCodePoint(0x1f000 + (i % 0xf00))).join(''), [303, 422]],
  ])
    test(`${what}: taken or refused, and the conversation opens`, async () => {
      const [c] = forged(p, [{ name: `Writer ${what}` }]), { status, id, html } = await post(c, text);
      assert.ok(ok.includes(status), `${status} ${html.slice(0, 300)}`);
      assert.equal((await p.get(`${talk}?sort=newest`)).status, 200);
      if (!id) return;
      const one = await p.html(`${talk}/${id}`);
      if (status === 303) assert.doesNotMatch(one, /\u0301{5}|[\u0300-\u036f]{5}/);
      const preview = await c.post(talk, { text, preview: '1' });
      assert.equal(preview.status, 200);
    });

  test('the same in what is said to moderators', async () => {
    const marks = `x${'\u0301'.repeat(2_000)}`, { id } = await post(ann, 'Say something about this.');
    assert.ok([413, 422].includes((await bob.post(`/comment/${id}/report`, { reason: 'other', words: marks + marks + '\u0301'.repeat(512 * 1024) })).status));
    assert.equal((await bob.post(`/comment/${id}/report`, { reason: 'other', words: `\u202e${'a\u0301'.repeat(300)}` })).status, 200);
    const [{ words }] = sql(p, 'SELECT words FROM comment_report ORDER BY id DESC LIMIT 1');
    assert.doesNotMatch(words, /\u202e/);
    assert.ok([413, 422].includes((await new Client(p).post('/notice', { comment: `/comment/${id}`, why: '\u0301'.repeat(512 * 1024), name: 'N', address: 'n@example.org', faith: '1' })).status));
  });
});

describe('conversations', () => {
  for (const story of ['deep', 'wide'])
    test(`10,000 ${story}: each page is bounded, and each of its links opens`, async () => {
      const path = `/city/${story}/comments`;
      for (const at of [`/city/${story}`, path, ...['newest', 'oldest', 'discussed'].map((s) => `${path}?sort=${s}`)]) {
        const r = await p.get(at), html = await r.text();
        assert.equal(r.status, 200, at);
        assert.ok(html.length < 400_000 && (html.match(/<article class="comment/g) ?? []).length <= 60, `${at}: ${html.length}`);
      }
      const html = await p.html(path);
      assert.match(html, /10,001 comments/);
      for (const link of new Set(links(html).filter((l) => l.startsWith(path)))) assert.ok([200, 303].includes((await p.get(link)).status), link);
    });

  test('one goes down the whole of the deep one, a page at a time, and up again', async () => {
    const [{ id: last }] = sql(p, "SELECT CAST(id AS TEXT) AS id FROM comment WHERE source = 'No. 10000 of deep.'"), seen = new Set();
    let at = '/city/deep/comments', pages = 0;
    for (; at && pages < 3_000; pages++) {
      const html = await p.html(at);
      for (const [, n] of html.matchAll(/<p>No\. (\d+) of deep\.<\/p>/g)) seen.add(Number(n));
      const next = [...html.matchAll(/<p class="more"><a href="([^"#]*)#answers">/g)].at(-1)?.[1];
      at = next && next !== at ? next.replace(p.url, '') : null;
    }
    assert.equal(seen.size, MANY + 1, `${pages} pages`);
    const bottom = `/city/deep/comments/${idText(last)}`, html = await p.html(bottom);
    assert.match(html, /No\. 9997 of deep\.[\s\S]*No\. 9998 of deep\.[\s\S]*No\. 9999 of deep\.[\s\S]*No\. 10000 of deep\./);
    const up = links(html).find((l) => l.startsWith('/city/deep/comments/') && !l.includes(idText(last)) && !html.includes(`id="c-${l.split('/').at(-1)}"`));
    assert.equal((await p.get(up)).status, 200);
  });

  test('the deepest is answered, edited, recommended, removed and taken back as any other', async () => {
    const [{ id }] = sql(p, "SELECT CAST(id AS TEXT) AS id FROM comment WHERE source = 'No. 10000 of deep.'");
    const r = await ann.post('/city/deep/comments', { text: 'Deeper.', answers: idText(id) });
    assert.equal(r.status, 303, await r.text());
    const mine = /#c-(\w+)$/.exec(r.headers.get('location'))[1];
    for (const [path, form] of [['edit', { text: 'Deeper still.' }], ['delete', {}]]) assert.equal((await ann.post(`/comment/${mine}/${path}`, form)).status, 303, path);
    assert.equal((await bob.post(`/comment/${idText(id)}/recommend`)).status, 303);
    const [mod] = forged(p, [{ name: 'Mo', role: 'moderator' }]);
    const [{ id: top }] = sql(p, "SELECT CAST(id AS TEXT) AS id FROM comment WHERE source = 'No. 0 of deep.'");
    assert.equal((await mod.post(`/moderation/comment/${idText(top)}`, { do: 'close' })).status, 303);
    assert.equal((await ann.post('/city/deep/comments', { text: 'Deeper?', answers: idText(id) })).status, 403);
    assert.equal((await mod.post('/moderation/undo')).status, 303);
  });

  test('all of the wide one is read by its pages, each once', async () => {
    const [{ id }] = sql(p, "SELECT CAST(id AS TEXT) AS id FROM comment WHERE source = 'No. 0 of wide.'"), seen = new Map();
    let at = `/city/wide/comments/${idText(id)}`, pages = 0;
    for (; at && pages < 1_000; pages++) {
      const html = await p.html(at);
      for (const [, n] of html.matchAll(/<p>No\. ([1-9]\d*) of wide\.<\/p>/g)) seen.set(n, (seen.get(n) ?? 0) + 1);
      at = /<a[^>]* href="([^"]*)" rel="next"/.exec(html)?.[1].replaceAll('&amp;', '&').replace(p.url, '');
    }
    assert.equal(seen.size, MANY, `${pages} pages`);
    assert.deepEqual([...seen].filter(([, n]) => n !== 1), []);
  });

  test('and the doctor has nothing to say', async () => {
    const { code, stdout } = await p.cli(['doctor']);
    assert.equal(code, 0, stdout);
  });
});
