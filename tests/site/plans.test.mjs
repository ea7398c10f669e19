// plans.test.mjs: how SQLite answers what pages and acts of the forum ask it: by a range of an index, never by going through a table that
// grows, nor by sorting all of it. What is asked is written down by a twin of the program (traced.c), so nothing can be forgotten that is
// run here; how it is answered is asked of SQLite (EXPLAIN QUERY PLAN), which has no statistics in our databases, so it is always the same.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const build = process.env.STET ? dirname(dirname(resolve(process.env.STET))) : join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'build-asan');
execFileSync('ninja', ['-C', build, 'tests/traced'], { stdio: 'ignore' });
const written = join(tmpdir(), `stet-statements-${process.pid}`);
process.env.STET = join(build, 'tests', 'traced');
process.env.STET_STATEMENTS = written;
const { Client, forged, idText, readersPublication, sql } = await import('./readers.mjs');
const { importFolder } = await import('./newsroom.mjs');

// Tables that grow with what readers do; a scan of one is a page that gets slower.
const GROWS = /^(comment|conversation|decision|appeal|sanction|notice|reader|session|follow|story|imported|entry|revision|challenge|passkey)/;
// What may go through all of something, and why that is little.
const MAY = [
  [/SELECT 1 FROM comment WHERE state = 'held' LIMIT/, 'an index of those that are held, 100 at most'],
  [/SELECT 1 FROM comment WHERE reports > 0 LIMIT/, 'an index of those that are reported, 100 at most'],
  [/SELECT 1 FROM (appeal|notice) WHERE answered = 0 LIMIT/, 'an index of those that wait, 100 at most'],
  [/FROM comment WHERE state = 'shown' ORDER BY id DESC LIMIT/, 'the newest, from the end of the table: once a start'],
  [/FROM entry ORDER BY number DESC LIMIT 1$/, 'the last row'],
  [/^DELETE FROM comment_claim WHERE moderator/, 'a row for each moderator who looks at something just now'],
  [/^UPDATE session SET address_hash = '' WHERE/, 'once a day, all who are signed in'],
  [/^UPDATE notice SET name = '', address = '' WHERE/, 'once a day, notices of which there are few'],
  [/^(SELECT id|DELETE) FROM reader_copy WHERE ends <= \$1/, 'once a day, those who asked for a copy that day'],
];
// What may be sorted, and why that is little. Of the forum and the readers alone: a story's own lists are others' to look at.
const OURS = /\b(comment\w*|conversation|forum_setting|decision|appeal|sanction|notice|reader\w*|follow|session|identity)\b/;
const SORTS = [
  [/FROM forum_setting WHERE place IN/, 'three rows'],
  [/min\(why\)|SELECT count\(\*\) FROM \(SELECT id FROM \(SELECT \* FROM/, 'as many as a page has of each thing that is followed, of which there are 500 at most'],
  [/FROM reader_follow f JOIN reader r ON r.id = f.followed WHERE f.reader = \$1/, 'whom one follows: 500 at most'],
  [/FROM reader_mute m JOIN reader r/, 'whom one mutes, on the page of one’s account'],
  [/FROM (identity|reader_name) WHERE reader/, 'a few of one reader'],
  [/UNION ALL SELECT \* FROM \(SELECT id, comment, kind FROM decision/, 'twice as many as are read, from two ranges of an index'],
];

let p, ann, bob, mod, other, statements;
before(async () => {
  p = await readersPublication({ serve: false });
  const yesterday = new Date(Date.now() - 86400e3).toISOString().slice(0, 10);
  await importFolder(p, {
    'publication.yaml': 'name: x\nsections:\n  - slug: city\n    name: City\n    description: ""\n',
    'authors/vera.md': '---\nname: Vera Quill\n---\nWrites.\n',
    ...Object.fromEntries(['a', 'b'].map((n) => [`stories/${n}.md`, `---\nheadline: Story ${n}\nslug: ${n}\nsection: city\nauthors: [vera]\npublished: ${yesterday} 10:00\n---\nText.\n`])),
  });
  const lines = Array.from({ length: 200 }, (_, i) => JSON.stringify({ id: `i${i}`, story: 'a', ...(i % 3 ? { answers: `i${Math.floor(i / 2)}` } : {}), name: 'Guest', written: new Date(Date.now() - 600_000 + i).toISOString(), text: `Brought ${i}.`, ups: i % 5 }));
  await p.run('forum', 'import', await p.file('in.jsonl', lines.join('\n')));
  await rm(written, { force: true });
  await p.serve();
  [ann, bob, mod, other] = forged(p, [{ name: 'Ann Lee' }, { name: 'Bob Stone' }, { name: 'Mona Rule', role: 'moderator' }, { name: 'Otto Rule', role: 'owner' }]);
  for (const c of [ann, bob, mod]) c.cookies.set('stet_plain', '1').set('stet_in', '1');
  await use();
  statements = (await readFile(written, 'utf8')).split('\x1e').map((s) => s.trim()).filter((s) => /^(SELECT|INSERT|UPDATE|DELETE|WITH|REPLACE)/i.test(s));
});
after(async () => {
  await rm(written, { force: true });
  await p?.end();
});

// Everything that there is to see and to do.
async function use() {
  const talk = '/city/a/comments', post = async (c, form) => {
    const r = await c.post(talk, form);
    assert.equal(r.status, 303, await r.text());
    return /#c-(\w+)$/.exec(r.headers.get('location'))[1];
  };
  const does = async (c, path, form, ok = [200, 303]) => { const r = await c.post(path, form ?? {}); assert.ok(ok.includes(r.status), `${path}: ${r.status}`); return r; };
  const first = await post(ann, { text: 'The first of mine.' }), answer = await post(bob, { text: 'An answer to it.', answers: first }), spam = await post(bob, { text: 'Something else.' });
  await does(ann, `/comment/${first}/edit`, { text: 'The first of mine, edited.' });
  for (const verb of ['recommend', 'report']) await does(bob, `/comment/${first}/${verb}`, { reason: 'spam' });
  for (const path of [`/reader/${idText(bob.id)}/follow`, `${talk}/follow`, `/comment/${first}/follow`, '/author/vera/follow', '/following/seen?', '/following/feed']) await does(ann, path, { to: String(Date.now() * 1000) });
  await does(bob, `/reader/${idText(mod.id)}/mute`);
  await does(new Client(p), '/notice', { comment: `/comment/${first}`, why: 'Unlawful.', name: 'Nora', address: 'nora@example.org', faith: '1' });
  const feed = /(\/following\/\w+\.xml)/.exec((await (await ann.post('/following/feed')).text()).replaceAll('&#x2F;', '/'))[1];
  await mod.post(`/moderation/comment/${first}/claim`, {}, { headers: { accept: 'application/json' } });
  for (const what of ['pick', 'unpick', 'close', 'open', 'approve']) await does(mod, `/moderation/comment/${first}`, { do: what });
  await does(mod, '/moderation/undo');
  await does(mod, `/moderation/comment/${spam}`, { do: 'remove', reason: 'spam' });
  for (const what of ['warn', 'hold', 'lift', 'note']) await does(mod, `/moderation/reader/${idText(bob.id)}`, { do: what, reason: 'spam', words: 'Known.' });
  const [{ id: decided }] = sql(p, 'SELECT CAST(max(id) AS TEXT) AS id FROM decision WHERE kind = \'remove\'');
  await does(bob, `/decision/${idText(decided)}/appeal`, { words: 'No.' });
  const looks = [`${talk}`, ...['best', 'newest', 'oldest', 'discussed'].map((s) => `${talk}?sort=${s}`), `${talk}?at=${answer}`, `${talk}/${first}`, `${talk}/${answer}`, `${talk}/mine.json`, `${talk}/new?after=1`, '/comments/counts.json?stories=a,b',
    '/city/a', '/city/b/comments', '/following', `/following?before=${Date.now() * 1000}-${first}`, '/me.json', `/reader/${idText(ann.id)}`, `/reader/${idText(ann.id)}.json`, `/reader/${idText(bob.id)}/mine.json`, '/account', '/author/vera', '/author/vera/mine.json',
    `/comment/${first}`, `/comment/${first}/reply`, `/comment/${first}/report`, '/notice', '/moderation/log', '/moderation/log?before=7zzzzzzzzzzzz'];
  for (const c of [new Client(p), ann, bob, mod])
    for (const path of looks) assert.ok((await c.get(path)).status < 404, path);
  for (const path of [`/comment/${first}/edit`, `/comment/${first}/delete`]) assert.equal((await ann.get(path)).status, 200, path);
  const page = await ann.html(`${talk}?sort=newest`);
  for (const [, more] of page.matchAll(/href="([^"]*after=[^"]*)"/g)) await ann.get(new URL(more.replaceAll('&amp;', '&'), p.url).pathname + new URL(more.replaceAll('&amp;', '&'), p.url).search);
  for (const path of ['', '/reported', '/recent', '/removed', '/appeals', '/notices', `/reader/${idText(ann.id)}`, `/reader/${idText(bob.id)}`, `/comment/${first}`]) assert.equal((await mod.get(`/moderation${path}`)).status, 200, path);
  assert.equal((await mod.get(`/moderation?after=0-${first}`)).status, 200);
  assert.equal((await bob.get(`/comment/${spam}/decision`)).status, 200);
  assert.equal((await new Client(p).get(feed)).status, 200);
  const stop = new AbortController(), stream = await fetch(`${p.url}${talk}/events`, { headers: { 'last-event-id': '1' }, signal: stop.signal });
  await stream.body.getReader().read();
  stop.abort();
  await does(other, `/decision/${idText(decided)}/answer`, { do: 'reversed', words: 'You are right.' });
  const [{ id: notice }] = sql(p, 'SELECT CAST(id AS TEXT) AS id FROM notice');
  await does(mod, `/moderation/notice/${idText(notice)}`, { do: 'kept', words: 'It may.' });
  await does(ann, `/comment/${first}/delete`);
  // The daily tidying, which comes a minute after the start: not only where this takes so long.
  sql(p, "UPDATE job SET due = 1 WHERE kind = 'readers.tidy'");
  while (!sql(p, "SELECT min(due) AS due FROM job WHERE kind = 'readers.tidy'").every((j) => j.due > Date.now() * 1000 + 23 * 3600e6)) await new Promise((r) => setTimeout(r, 50));
  const draft = await new Client(p).post(talk, { text: 'Before signing in.' });
  await bob.get(new URL(draft.headers.get('location')).searchParams.get('next'));
}

function plans() {
  const input = statements.map((s, i) => `.print =${i}\nEXPLAIN QUERY PLAN ${s.replace(/\s+/g, ' ')};`).join('\n');
  const done = spawnSync('sqlite3', [join(p.folder, 'stet.db')], { input, encoding: 'utf8', maxBuffer: 1 << 28 });
  const found = new Map();
  for (const part of done.stdout.split(/^=/m).slice(1)) {
    const at = part.indexOf('\n');
    found.set(statements[Number(part.slice(0, at))], part.slice(at + 1).split('\n').map((l) => l.replace(/^[|` -]+/, '')));
  }
  return { found, errors: done.stderr };
}

test('it was asked much, and of all the forum’s tables', () => {
  assert.ok(statements.length > 150, `${statements.length}`);
  for (const table of ['comment', 'conversation', 'comment_text', 'comment_vote', 'comment_mention', 'comment_report', 'comment_hit', 'comment_draft', 'sanction', 'reader_mute', 'decision', 'appeal', 'comment_claim', 'reader_note', 'notice', 'follow', 'reader_seen', 'reader_feed', 'reader_follow', 'forum_setting'])
    assert.ok(statements.some((s) => new RegExp(`(FROM|JOIN|INTO|UPDATE) ${table}\\b`).test(s)), table);
});

test('nothing goes through a table that grows', () => {
  const { found, errors } = plans();
  assert.equal(errors, '');
  const bad = [];
  for (const [s, lines] of found)
    for (const line of lines) {
      const table = /^SCAN (\w+)/.exec(line)?.[1];
      // Aliases are as long as our names of tables are not: the table behind one is looked up in the statement.
      const name = table && (new RegExp(`\\b(\\w+)(?: AS)? ${table}\\b`).exec(s)?.[1] ?? table);
      if (table && (GROWS.test(table) || GROWS.test(name)) && !MAY.some(([may]) => may.test(s))) bad.push(`${line}: ${s.replace(/\s+/g, ' ').slice(0, 240)}`);
    }
  assert.deepEqual(bad, []);
});

test('nothing is sorted that has no bound', () => {
  const bad = [];
  for (const [s, lines] of plans().found)
    if (OURS.test(s) && lines.some((l) => /USE TEMP B-TREE/.test(l)) && !SORTS.some(([may]) => may.test(s))) bad.push(`${lines.filter((l) => /TEMP/.test(l))}: ${s.replace(/\s+/g, ' ').slice(0, 300)}`);
  assert.deepEqual(bad, []);
});
