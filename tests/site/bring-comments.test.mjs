// bring-comments.test.mjs: comments of other programs brought in by the real program. What should come of each file is
// found out here by parsers that others wrote (fast-xml-parser, Python's csv, JavaScript's JSON), item by item.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { XMLParser } from 'fast-xml-parser';
import { Publication, fixtures } from './lib.mjs';
import { content, rows } from './db.mjs';
import { sql } from './readers.mjs';

const here = join(fixtures, 'comments');
const pages = new Map(Object.entries({ '/2020/01/harbour': 'harbour-opens', '/?p=99': 'tram-line', '/tram': 'tram-line', '/library': 'library' }));

// Stories with the addresses that they had elsewhere, in Hugo's form.
async function publication() {
  const p = await Publication.make({ zone: 'UTC' });
  const seed = await mkdtemp(join(tmpdir(), 'stet-seed-'));
  await mkdir(join(seed, 'city'));
  const story = (slug, ...old) => writeFile(join(seed, 'city', `${slug}.md`), `---\ntitle: The ${slug}\ndate: 2020-01-05T08:00:00Z\naliases:\n${old.map((o) => `  - ${o}\n`).join('')}---\nWords.\n`);
  await story('harbour-opens', '/2020/01/harbour/', '/?p=12');
  await story('tram-line', '/tram', '/?p=99');
  await story('library', '/library/');
  await p.run('import', 'markdown', seed, '--quiet');
  await rm(seed, { recursive: true });
  return p;
}

// An address as a browser takes it apart: its path, without the slash at its end.
function storyAt(url) {
  const u = new URL(url, 'https://old.example/');
  return pages.get(u.pathname.replace(/\/$/, '') + (u.searchParams.has('p') ? `/?p=${u.searchParams.get('p')}` : ''));
}

const entities = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };
const decode = (s) => s.replace(/&(amp|lt|gt|quot|#39);/g, (_, e) => entities[e]);
const words = (html) => decode(html.replace(/<(script|style|iframe)\b.*?<\/\1>/gs, '').replace(/<img\b[^>]*\balt="([^"]*)"[^>]*>/g, '$1').replace(/<[^>]*>/g, ' ')).replace(/\s+/g, '');

// Who answers whom: a parent counts if it stands under the same story; of a ring the one whose key is first comes loose.
function tree(list) {
  const by = new Map();
  for (const k of list) if (k.story && !by.has(k.id)) by.set(k.id, { ...k });
  const up = (k) => { const p = k.parent && k.parent !== k.id ? by.get(k.parent) : null; return p && p.story === k.story ? p : null; };
  const loose = new Set();
  for (const k of [...by.values()].sort((a, b) => (a.id < b.id ? -1 : 1))) {
    const seen = new Set([k.id]);
    for (let at = up(k); at && !loose.has(at.id); at = up(at)) {
      if (at.id === k.id) { loose.add(k.id); break; }
      if (seen.has(at.id)) break;
      seen.add(at.id);
    }
  }
  for (const k of by.values()) k.above = loose.has(k.id) ? null : up(k)?.id ?? null;
  return by;
}

function placed(p, like) {
  return new Map(rows(p, `SELECT i.foreign_id AS id, s.slug AS story, k.state, k.name, k.made, k.edited, k.ups, k.downs, k.body, u.foreign_id AS above
    FROM imported_comment i JOIN comment k ON k.id = i.comment JOIN story s ON s.id = k.story
    LEFT JOIN imported_comment u ON u.comment = k.parent AND u.source = i.source WHERE i.source LIKE '${like}'`).map((k) => [k.id, k]));
}

function compare(p, like, expected, report) {
  const by = tree(expected), came = placed(p, like);
  assert.deepEqual([...came.keys()].sort(), [...by.keys()].sort());
  for (const [id, k] of came) {
    const want = by.get(id), gone = want.state === 'deleted' || (want.state === 'shown' && !words(want.html));
    assert.equal(k.story, want.story, id);
    assert.equal(k.above, want.above, `what ${id} answers`);
    assert.equal(k.state, gone ? 'deleted' : want.state, id);
    assert.equal(k.name, want.name, id);
    const at = Date.parse(want.time), known = at > 0 && at < Date.now();
    assert.equal(Math.floor(Number(k.made) / 1000), known ? at : Date.parse('2020-01-05T08:00:00Z'), `when ${id} was written`);
    assert.equal(k.ups, want.ups ?? 0, id);
    assert.equal(k.downs, want.downs ?? 0, id);
    assert.equal(Math.floor(Number(k.edited) / 1000), want.edited ? Date.parse(want.edited) : 0, id);
    if (!gone) assert.equal(words(k.body), words(want.html), id);
    assert.doesNotMatch(k.body, /<script|javascript:|\son\w+=|<img/i, id);
  }
  assert.equal(report.read, expected.length);
  assert.equal(report.added, by.size);
  assert.equal(report.without_story, expected.filter((k) => !k.story).length);
  assert.equal(report.orphans, [...by.values()].filter((k) => k.parent && !k.above && !ring(by, k)).length);
  assert.equal(report.placed + report.waiting + report.deleted + report.spam + report.empty, by.size);
}
// Its parent is there, under the same story: it is loose only because it stands in a ring.
const ring = (by, k) => k.parent !== k.id && by.get(k.parent)?.story === k.story;

function disqus(text) {
  const doc = new XMLParser({ ignoreAttributes: false, trimValues: false, parseTagValue: false, isArray: (name, path) => ['disqus.thread', 'disqus.post'].includes(path) }).parse(text).disqus;
  const said = (v) => String(v?.['#text'] ?? (typeof v === 'string' ? v : ''));
  const threads = new Map(doc.thread.map((t) => [t['@_dsq:id'], t]));
  return doc.post.map((k) => {
    const t = threads.get(k.thread['@_dsq:id']), name = said(t?.id).split(' ')[1];
    const story = t && (storyAt(said(t.link) || 'x:') ?? (name ? pages.get(`/${new URL(name).search}`) : undefined));
    return { id: k['@_dsq:id'], parent: k.parent?.['@_dsq:id'], story, name: decode(said(k.author.name)), time: said(k.createdAt), html: said(k.message).replaceAll('http://disq.us/url', 'https://x'),
      state: [k.isSpam, k.isDeleted, t?.isDeleted].some((v) => said(v) === 'true') ? 'deleted' : 'shown' };
  });
}

const remark42 = (text) => text.trim().split('\n').slice(1).map((line) => JSON.parse(line)).map((k) => {
  const votes = Object.values(k.votes);
  return { id: k.id, parent: k.pid, story: storyAt(k.locator.url), name: decode(k.user.name), time: k.time.replace(/(\.\d{3})\d+/, '$1'), edited: k.edit?.time, html: k.text.replace(/[\ud800-\udbff](?![\udc00-\udfff])/g, '\ufffd'),
    ups: votes.length ? votes.filter((v) => v).length : Math.max(0, k.score), downs: votes.length ? votes.filter((v) => !v).length : Math.max(0, -k.score), state: k.delete ? 'deleted' : 'shown' };
});

function commento(text) {
  const doc = JSON.parse(text), who = new Map(doc.commenters.map((c) => [c.commenterHex ?? c.id, c.name])), at = new Map((doc.pages ?? []).map((x) => [x.id, x.path]));
  return doc.comments.map((k) => {
    const url = k.url ?? at.get(k.pageId), state = k.state ?? (k.isPending ? 'unapproved' : 'approved'), parent = k.parentHex ?? k.parentId;
    return { id: k.commentHex ?? k.id, parent: !parent || parent === 'root' || /^[0-]+$/.test(parent) ? undefined : parent, story: url && storyAt(url), name: who.get(k.commenterHex ?? k.userCreated) ?? k.authorName ?? '',
      time: (k.creationDate ?? k.createdTime).replace(/(\.\d{3})\d+/, '$1'), edited: k.editedTime, html: k.html || k.markdown.replaceAll('**', ''), ups: Math.max(0, k.score), downs: Math.max(0, -k.score),
      state: k.deleted || state === 'flagged' ? 'deleted' : state === 'unapproved' ? 'held' : 'shown' };
  });
}

function coral(folder) {
  const table = (name) => JSON.parse(execFileSync('python3', ['-c', 'import csv,json,sys\nprint(json.dumps(list(csv.DictReader(open(sys.argv[1], newline="", encoding="utf-8")))))', join(folder, name)], { encoding: 'utf8' }));
  const urls = new Map(table('stories.csv').map((s) => [s.id, s.url])), names = new Map(table('users.csv').map((u) => [u.id, u.username]));
  return table('comments.csv').map((k) => ({ id: k.id, parent: k.parent_id, story: storyAt(urls.get(k.story_id)), name: names.get(k.author_id) ?? '', time: k.created_at && `${k.created_at.replace(' ', 'T').replace('Z', '')}Z`, html: k.body,
    state: k.status === 'REJECTED' ? 'deleted' : k.status === 'PREMOD' ? 'held' : 'shown' }));
}

describe('comments from elsewhere', () => {
  let p;
  const bring = (file, ...more) => p.json('forum', 'import', file, ...more);
  before(async () => { p = await publication(); });
  after(() => p.end());

  const formats = [
    ['Disqus', 'disqus.xml', 'disqus', async (f) => disqus(await readFile(f, 'utf8'))],
    ['Remark42', 'remark42.jsonl', 'remark42:averil', async (f) => remark42(await readFile(f, 'utf8'))],
    ['Comentario', 'comentario.json', 'commento', async (f) => commento(await readFile(f, 'utf8'))],
    ['Coral', 'coral/comments.csv', 'file:comments.csv', async () => coral(join(here, 'coral'))],
  ];
  for (const [name, file, source, expected] of formats)
    test(`${name}: every comment, under its story, below what it answers`, async () => {
      const path = join(here, file), was = content(p);
      const trial = await bring(path, '--dry-run');
      assert.equal(content(p), was, 'a trial writes nothing');
      const list = await expected(path), report = await bring(path);
      compare(p, source, list, report);
      for (const key of ['read', 'added', 'without_story', 'orphans', 'spam', 'deleted', 'waiting', 'doubles', 'undated']) assert.equal(trial[key], report[key], key);
      const now = content(p), again = await bring(path);
      assert.equal(again.added + again.placed, 0);
      assert.equal(again.there, report.added);
      assert.ok(now !== was);
      assert.deepEqual(placed(p, source).size, report.added);
    });

  test('Commento, packed: of two sites the one that is asked for', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'stet-gz-')), file = join(folder, 'commento.json.gz'), text = await readFile(join(here, 'commento.json'), 'utf8');
    await writeFile(file, gzipSync(text));
    await p.run('forum', 'import', file, '--quiet', '--site', 'nobody.example');
    const q = await publication();
    try {
      const report = await q.json('forum', 'import', file, '--site', 'old.example');
      assert.equal(report.other_sites, 1);
      compare(q, 'commento', commento(text).filter((k) => k.id !== 'c7'), { ...report, read: report.read - 1 });
      await writeFile(file, gzipSync(text).subarray(0, 500));
      const cut = await q.cli(['forum', 'import', file]);
      assert.equal(cut.code, 2);
      assert.match(cut.stderr, /commento\.json\.gz is cut short/);
    } finally {
      await q.end();
      await rm(folder, { recursive: true });
    }
  });

  test('what has no story is listed with its address, and a list of addresses brings it in', async () => {
    const shown = await p.run('forum', 'import', join(here, 'remark42.jsonl'));
    assert.match(shown, /2 {2}https:\/\/old\.example\/nowhere/);
    const report = await bring(join(here, 'remark42.jsonl'), '--map', join(here, 'map.csv'));
    assert.equal(report.added, 2);
    assert.equal(report.without_story, 0);
    assert.deepEqual([...placed(p, 'remark42:averil').values()].filter((k) => ['r-7', 'r-8'].includes(k.id)).map((k) => k.story), ['tram-line', 'tram-line']);
  });

  test('the conversation shows them in their places', async () => {
    await p.serve();
    const html = await (await fetch(`${p.url}/city/harbour-opens/comments`)).text();
    for (const said of ['Below what was taken back.', 'In a part ]]&gt; cut in two.', 'Before what it answers.']) assert.ok(html.includes(said), said);
    for (const never of ['Pills', 'Taken back', 'alert(', 'Waits for a moderator', 'example.org']) assert.ok(!html.includes(never), never);
    const doctor = await p.cli(['doctor']);
    assert.equal(doctor.code, 0, doctor.stdout + doctor.stderr);
  });
});

describe('what is taken out comes in again', () => {
  let p, q, path;
  const told = (x) => rows(x, `SELECT s.slug AS story, coalesce(r.name, k.name) AS name, k.state, k.source, k.body, k.quote, k.quote_revision, k.made, k.edited, k.ups, k.downs, k.picked,
    k.rank, k.staff, k.depth, k.replies, k.talk, a.body AS above, a.made AS above_made FROM comment k JOIN story s ON s.id = k.story LEFT JOIN reader r ON r.id = k.reader LEFT JOIN comment a ON a.id = k.parent
    WHERE k.state IN ('shown', 'held') OR k.stands ORDER BY s.slug, k.made, k.body, k.name`);
  before(async () => {
    [p, q] = [await publication(), await publication()];
    for (const x of [p, q]) await x.run('user', 'add', 'ann@example.org', '--name', 'Ann Lee', '--quiet');
    for (const file of ['disqus.xml', 'remark42.jsonl', 'commento.json']) await p.run('forum', 'import', join(here, file), '--quiet');
    const own = await p.file('own.jsonl', ['{"id":"a","story":"library","name":"Ann Lee","address":"ann@example.org","written":"2026-01-02T03:04:05.678Z","text":"*Mine*, and [there](https://example.org/)\\n\\n> said"}',
      '{"id":"b","story":"library","name":"","answers":"a","written":"2026-01-02T03:04:06Z","text":"of one who has gone"}',
      '{"id":"c","story":"library","name":"C","answers":"b","written":"2026-01-02T03:05:06Z","text":"below what was removed"}',
      '{"id":"d","story":"library","name":"D","written":"2026-01-02T03:06:06Z","text":"alone"}'].join('\n'));
    await p.run('forum', 'import', own, '--quiet');
    sql(p, `UPDATE comment SET picked = made + 1, rank = rank + 2000000, quote = 'Words “said” "there"', quote_revision = 1, talk = 1 WHERE source LIKE '*Mine*%';
      UPDATE comment SET edited = made + 123456 WHERE source = 'below what was removed'`);
    sql(p, "UPDATE comment SET state = 'removed' WHERE source = 'of one who has gone'; UPDATE comment SET state = 'deleted', stands = 0, source = '', body = '' WHERE source = 'alone'");
    path = join(p.base, 'out.jsonl');
  });
  after(async () => { await p.end(); await q.end(); });

  test('everything but what nobody may read', async () => {
    const { comments } = await p.json('forum', 'export', path, '--addresses');
    const lines = (await readFile(path, 'utf8')).trimEnd().split('\n').map((l) => JSON.parse(l));
    assert.equal(lines.length, comments);
    assert.equal(lines.length, told(p).length);
    assert.ok(lines.length > 20);
    const seen = new Set();
    for (const l of lines) {
      assert.ok(!l.answers || seen.has(l.answers), 'what is answered comes before');
      seen.add(l.id);
    }
    const text = JSON.stringify(lines);
    for (const never of ['of one who has gone', 'alone']) assert.ok(!text.includes(never), never);
    const report = await q.json('forum', 'import', path);
    assert.equal(report.added, lines.length);
    assert.equal(report.orphans + report.without_story + report.undated, 0);
    // What moderators removed is gone there, as what its writer took back.
    const want = told(p).map((k) => (k.state === 'removed' || k.state === 'deleted' ? { ...k, state: 'deleted', source: '', body: '', name: '', ups: 0, downs: 0, rank: 0, edited: 0 } : k))
      .map((k) => (k.above?.includes('of one who has gone') ? { ...k, above: '' } : k));
    const have = told(q).map((k) => (k.state === 'deleted' ? { ...k, name: '' } : k));
    const sorted = (list) => list.map((k) => JSON.stringify(k)).sort();
    assert.deepEqual(sorted(have), sorted(want));
    assert.equal(rows(q, "SELECT r.address FROM comment k JOIN reader r ON r.id = k.reader")[0].address, 'ann@example.org');
    assert.ok(have.some((k) => k.state === 'held') && have.some((k) => k.state === 'deleted') && have.some((k) => k.picked && k.quote));
    const doctor = await q.cli(['doctor']);
    assert.equal(doctor.code, 0, doctor.stdout + doctor.stderr);
  });

  test('and out once more it is the same, but for numbers', async () => {
    const plain = (text) => {
      const lines = text.trimEnd().split('\n').map((l) => JSON.parse(l)), by = new Map(lines.map((l) => [l.id, l]));
      const key = (l) => l && `${l.story} ${l.written} ${l.text}`;
      return lines.map(({ id, answers, ...l }) => JSON.stringify({ ...l, above: key(by.get(answers)) ?? '' })).sort();
    };
    const first = await p.run('forum', 'export'), second = await q.run('forum', 'export');
    assert.deepEqual(plain(second), plain(first.replaceAll('"state":"removed"', '"state":"deleted"')));
    assert.ok(!first.includes('ann@example.org'), 'addresses are asked for');
    const one = (await p.run('forum', 'export', '--story', 'library')).trimEnd().split('\n').map((l) => JSON.parse(l));
    assert.ok(one.length && one.every((l) => l.story === 'library'));
  });

  test('what cannot be written or read is said', async () => {
    const nowhere = await p.cli(['forum', 'export', join(p.base, 'no', 'such', 'file')]);
    assert.equal(nowhere.code !== 0 && /open .*file\.part: No such file/.test(nowhere.stderr), true, nowhere.stderr);
    const full = await p.cli(['forum', 'export', '/dev/full']);
    assert.match(full.stderr, /write the comments: No space left on device/);
    assert.ok((await stat('/dev/full')).isCharacterDevice(), 'it is not replaced');
    const before = await readFile(path, 'utf8');
    await writeFile(`${path}.part`, '');
    const there = await p.cli(['forum', 'export', path]);
    assert.match(there.stderr, /out\.jsonl\.part: File exists/);
    assert.equal(await readFile(path, 'utf8'), before);
    const bad = await p.file('bad.jsonl', '{"id":"x","story":"library","name":"X","written":"2026-01-02T03:04:05Z","text":"x","state":"gone"}\n');
    const refused = await q.cli(['forum', 'import', bad]);
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /line 1: "state" is shown, held, removed or deleted, not "gone"/);
  });
});

describe('comments of WordPress by themselves', () => {
  const file = join(fixtures, 'wordpress', 'export.xml');
  test('are those that come with the stories, and not doubled', async () => {
    const p = await Publication.make(), q = await Publication.make();
    const all = (x) => rows(x, `SELECT i.foreign_id, s.slug, i.parent, i.state, i.written, k.body, k.state AS stands, k.depth FROM imported_comment i JOIN story s ON s.id = i.story
      LEFT JOIN comment k ON k.id = i.comment WHERE i.type NOT IN ('pingback', 'trackback', 'note') AND s.kind = 'story' ORDER BY i.foreign_id`).map((k) => ({ ...k, parent: k.parent === '0' ? '' : k.parent }));
    try {
      await p.run('import', 'wordpress', file, '--quiet');
      const there = await p.json('forum', 'import', file);
      assert.equal(there.added, 0);
      assert.ok(there.there > 10);
      assert.ok(there.no_comments > 0);
      // The same stories without their comments.
      const bare = join(q.base, 'bare.xml');
      await writeFile(bare, (await readFile(file, 'utf8')).replace(/<wp:comment>.*?<\/wp:comment>/gs, ''));
      await q.run('import', 'wordpress', bare, '--quiet');
      assert.equal(all(q).length, 0);
      const came = await q.json('forum', 'import', file);
      assert.equal(came.added, there.there);
      assert.deepEqual(all(q), all(p));
    } finally {
      await p.end();
      await q.end();
    }
  });
});
