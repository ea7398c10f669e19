// exchange.test.mjs: folders of Markdown in, the whole publication out and in again, backups made while
// the site serves and is written to.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Publication, root, stet } from './lib.mjs';
import { content, counts, rows } from './db.mjs';

const picture = join(root, 'examples', 'courier', 'pictures', 'mara-voss.jpg');

async function folder(files) {
  const dir = await mkdtemp(join(tmpdir(), 'stet-in-'));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(dir, name)), { recursive: true });
    await writeFile(join(dir, name), text);
  }
  return dir;
}

// What readers know of every story, without the ids of this database.
function stories(p) {
  return rows(p, `SELECT s.kind, s.slug, s.state, c.slug AS section, s.headline, s.standfirst, s.dateline,
    s.body, s.words, s.long_read, m.hash AS picture, s.picture_alt, s.picture_caption, s.picture_credit,
    s.published, s.updated,
    (SELECT group_concat(a.slug || '=' || a.name || '=' || a.bio, ' | ') FROM (SELECT * FROM story_author WHERE story = s.id ORDER BY position) x JOIN author a ON a.id = x.author) AS authors,
    (SELECT group_concat(t.name, ' | ') FROM (SELECT * FROM story_tag WHERE story = s.id ORDER BY position) x JOIN tag t ON t.id = x.tag) AS tags,
    (SELECT group_concat(made || ' ' || text, ' | ') FROM (SELECT * FROM correction WHERE story = s.id ORDER BY made)) AS corrections
    FROM story s LEFT JOIN section c ON c.id = s.section LEFT JOIN media m ON m.id = s.picture ORDER BY s.kind, s.slug`);
}

const one = (p, slug) => stories(p).find((s) => s.slug === slug);

describe('our own form', () => {
  let p;
  before(async () => { p = await Publication.demo(); });
  after(() => p.end());

  test('every file of the demonstration comes in', async () => {
    const dir = join(root, 'examples', 'courier');
    const files = execFileSync('find', [join(dir, 'stories'), join(dir, 'pages'), '-name', '*.md'], { encoding: 'utf8' }).trim().split('\n');
    const all = stories(p);
    assert.equal(all.length, files.length);
    for (const file of files) {
      const text = await readFile(file, 'utf8');
      const slug = text.match(/^slug: *"?([^"\n]*)"?$/m)?.[1] ?? file.replace(/.*\//, '').replace(/\.md$/, '');
      const s = all.find((x) => x.slug === slug);
      assert.ok(s, slug);
      const headline = text.match(/^headline: *(.*)$/m)[1].replace(/^"(.*)"$/, '$1').replaceAll('\\"', '"');
      if (!headline.startsWith("'")) assert.equal(s.headline, headline);
      assert.ok(s.body.length > 100 && !s.body.includes('<script'));
    }
    assert.equal((await p.cli(['doctor'])).code, 0);
  });

  test('again, nothing changes', async () => {
    const was = counts(p);
    const r = await p.json('import', 'markdown', join(root, 'examples', 'courier'));
    assert.deepEqual([r.added, r.updated, r.kept_ours, r.left_out], [0, 0, 0, 0]);
    assert.deepEqual(counts(p), was);
  });

  test('exported and brought in elsewhere, the stories are the same', async () => {
    const made = await p.cli(['story', 'new', '--headline', 'A "quoted" \\ draft: with #signs & <marks>', '--section', 'city', '--body', '-'],
      { input: 'Body_with_marks and `code`.\n' });
    assert.equal(made.code, 0, made.stderr);
    const dir = await mkdtemp(join(tmpdir(), 'stet-out-'));
    const q = await Publication.make();
    try {
      await p.run('export', join(dir, 'out'));
      await q.run('import', 'markdown', join(dir, 'out'));
      assert.deepEqual(stories(q), stories(p));
      assert.deepEqual(rows(q, 'SELECT slug, name, description, position FROM section ORDER BY slug'),
        rows(p, 'SELECT slug, name, description, position FROM section ORDER BY slug'));
      assert.deepEqual(rows(q, 'SELECT a.slug, a.name, a.role, a.bio, m.hash FROM author a LEFT JOIN media m ON m.id = a.picture ORDER BY a.slug'),
        rows(p, 'SELECT a.slug, a.name, a.role, a.bio, m.hash FROM author a LEFT JOIN media m ON m.id = a.picture ORDER BY a.slug'));
      const full = await p.cli(['export', join(dir, 'out')]);
      assert.equal(full.code, 5, 'a folder that holds something is not written over');
    } finally {
      await rm(dir, { recursive: true });
      await q.end();
    }
  });
});

const wordpress = `<?xml version="1.0"?><rss version="2.0" xmlns:wp="http://wordpress.org/export/1.2/" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>
<title>Old</title><link>https://old.example</link><wp:wxr_version>1.2</wp:wxr_version><item><title>From there</title><link>https://old.example/2020/01/from-there/</link>
<content:encoded><![CDATA[<p>HTML <em>text</em>.</p>]]></content:encoded><wp:post_id>7</wp:post_id><wp:post_date>2020-01-02 03:04:05</wp:post_date><wp:post_date_gmt>2020-01-02 03:04:05</wp:post_date_gmt>
<wp:post_name>from-there</wp:post_name><wp:status>publish</wp:status><wp:post_type>post</wp:post_type><wp:comment><wp:comment_id>3</wp:comment_id><wp:comment_author>A. Reader</wp:comment_author>
<wp:comment_date_gmt>2020-01-03 00:00:00</wp:comment_date_gmt><wp:comment_content>Well &amp; good.</wp:comment_content><wp:comment_approved>1</wp:comment_approved></wp:comment></item></channel></rss>`;

// Everything that a publication holds beside the demonstration: each state, each kind of past.
async function withEverything(p) {
  const story = async (slug, front, body = 'Text.\n', ...more) => {
    const file = await p.file(`${slug}.md`, `---\nheadline: ${slug}\nsection: city\nslug: ${slug}\n${front}---\n${body}`);
    await p.run('story', 'new', file, ...more);
  };
  // Revisions, moves, corrections of every kind, a withdrawal that was taken back and one that was not.
  await story('much-changed', 'kicker: "K: \\"quoted\\""\ngenre: analysis\nlanguage: fr-CA\nsensitive: true\nno_ask: true\ntags: ["R&D <lab>", "Été"]\nauthors: ["Ann O’Lee"]\n', 'One *text*.\n\n<b>x</b>\n', '--publish');
  await p.run('story', 'edit', 'much-changed', '--file', await p.file('again.md', '---\nslug: moved-away\n---\n\n\n    code first\n\nAnother text with trailing blanks  \n'));
  await p.run('story', 'correct', 'moved-away', '--text', 'It was *four*, not five.');
  await p.run('story', 'correct', 'moved-away', '--wrong', 'five', '--right', 'four', '--serious');
  await p.run('story', 'correct', 'moved-away', '--text', 'We might have said it better.', '--clarification');
  await p.run('story', 'withdraw', 'moved-away', '--reason', 'For a while.');
  await p.run('story', 'publish', 'moved-away');
  await story('gone', '', 'False.\n', '--publish');
  await p.run('story', 'withdraw', 'gone', '--reason', 'It rested on <one> forged letter.');
  // Two that name each other, one that is a translation, a series, a draft to come.
  await story('first-of-two', 'series: Dams & rivers\n', 'Text.\n', '--publish');
  await story('second-of-two', 'related: [first-of-two]\ntranslates: first-of-two\n', 'Text.\n', '--publish');
  await p.run('story', 'edit', 'first-of-two', '--file', await p.file('again.md', '---\nrelated: [second-of-two]\n---\nText.\n'));
  await story('soon', 'scheduled: 2099-01-02 03:04\nembargo: 2099-01-01 00:00\n');
  await story('empty-draft', '', '');
  // A live blog with all that can become of an entry.
  await story('storm-tonight', '', 'It began.\n', '--publish');
  await p.run('live', 'start', 'storm-tonight');
  const ids = [];
  for (const n of [1, 2, 3, 4]) ids.push((await p.json('live', 'post', 'storm-tonight', '--headline', `Entry ${n}`, '--body', `Text ${n}.`, '--key', n < 3 ? `Key ${n}` : '')).id);
  const medium = JSON.stringify(await p.json('media', 'add', picture)).match(/[0-9a-f]{32}/)[0];
  await p.run('live', 'edit', ids[0], '--body', `Mended.\n\n![Her](/media/${medium} "Seen. | Desk")`);
  await p.run('live', 'correct', ids[0], '--text', 'Pier 4.');
  await p.run('live', 'withdraw', ids[3], '--reason', 'Told twice.');
  await p.run('live', 'order', 'storm-tonight', ids[1], ids[0]);
  await p.run('media', 'edit', medium, '--credit', 'Desk "A"', '--licence', 'CC BY 4.0', '--alt', 'Her face');
  await p.run('media', 'focus', medium, '20', '30');
  // What stands, stood and will stand on the fronts.
  await p.run('front', 'set', 'moved-away:lead', 'first-of-two:medium');
  await p.run('front', 'set', 'second-of-two:lead', '--section', 'city', '--at', '2099-05-05 05:05');
  // From WordPress: HTML, an old address, a reader's comment. A tag whose address does not follow from its name.
  await p.run('import', 'wordpress', await p.file('wp.xml', wordpress), '--quiet');
  const tags = await folder({ 'publication.yaml': 'name: tags\ntags:\n  - slug: r-and-d\n    name: R&D\n',
    'tagged.md': '---\nheadline: Tagged\nsection: city\ntags: [r-and-d]\nalt: Of no picture\npublished: 2020-01-01\n---\nText.\n' });
  await p.run('import', 'markdown', tags, '--quiet');
  await rm(tags, { recursive: true });
  return { ids, medium };
}

async function folderContent(dir) {
  const names = execFileSync('find', ['.', '-type', 'f'], { cwd: dir, encoding: 'utf8' }).trim().split('\n').sort();
  return new Map(await Promise.all(names.map(async (name) => [name, await readFile(join(dir, name))])));
}

// The first thing that differs, by name and text, rather than a megabyte of both.
function sameFolder(one, two, but = () => false) {
  assert.deepEqual([...one.keys()].filter((n) => !but(n)), [...two.keys()].filter((n) => !but(n)));
  for (const [name, bytes] of one) {
    if (but(name) || bytes.equals(two.get(name))) continue;
    const a = bytes.toString().split('\n'), b = two.get(name).toString().split('\n');
    const at = a.findIndex((line, i) => line !== b[i]);
    assert.fail(`${name}:${at + 1}:\n${a[at]?.slice(0, 1000)}\n${b[at]?.slice(0, 1000)}`);
  }
}

describe('export, wipe, import, export', () => {
  let p, q, dir, made;
  before(async () => {
    p = await Publication.demo();
    made = await withEverything(p);
    dir = await mkdtemp(join(tmpdir(), 'stet-out-'));
    await p.run('export', join(dir, 'one'));
    q = await Publication.make({ name: 'The Averil Courier' });
    const report = await q.json('import', 'markdown', join(dir, 'one'));
    assert.equal(report.left_out, 0, JSON.stringify(report.items.filter((i) => i.outcome === 'left out')));
    await q.run('export', join(dir, 'two'));
  });
  after(async () => {
    await rm(dir, { recursive: true });
    await p.end();
    await q.end();
  });

  test('both exports are the same, byte for byte', async () => {
    sameFolder(await folderContent(join(dir, 'one')), await folderContent(join(dir, 'two')));
  });

  test('so are the tables that readers see something of', async () => {
    for (const table of ['story', 'revision', 'correction', 'withdrawal', 'redirect', 'live_entry', 'live_revision', 'live_correction', 'story_related', 'plan', 'plan_story', 'tag', 'imported_comment']) {
      // Ids of sections, media and series are this database's own.
      const own = { story: ['section', 'picture', 'series'], plan: ['section'], tag: ['id'] }[table] ?? [];
      const all = (from) => rows(from, `SELECT * FROM ${table}`).map((r) => {
        for (const k of own) delete r[k];
        return r;
      }).sort((x, y) => (JSON.stringify(x) < JSON.stringify(y) ? -1 : 1));
      const here = all(p), there = all(q);
      assert.ok(here.length > 0, table);
      assert.equal(there.length, here.length, table);
      for (const [n, row] of here.entries())
        for (const [key, value] of Object.entries(row))
          if (there[n][key] !== value) assert.fail(`${table}.${key} of ${JSON.stringify(row).slice(0, 100)}:\n${value}\n${there[n][key]}`);
    }
    assert.equal((await q.cli(['doctor'])).code, 0);
  });

  test('what was made for it is in it', async () => {
    const files = await folderContent(join(dir, 'one'));
    const history = JSON.parse(files.get('./stories/city/moved-away.history.json'));
    assert.deepEqual(history.addresses, ['/city/much-changed']);
    assert.equal(history.withdrawals.length, 1);
    assert.ok(history.withdrawals[0].restored);
    assert.ok(history.revisions.length >= 7);
    assert.equal(history.revisions[0].content.source, 'One *text*.\n\n<b>x</b>\n');
    const live = JSON.parse(files.get('./stories/city/storm-tonight.live.json'));
    assert.deepEqual(live.entries.map((e) => e.id), made.ids);
    assert.equal(live.entries[0].corrections.length, 1);
    const plans = JSON.parse(files.get('./plans.json'));
    assert.deepEqual(plans.slice(-2).map((x) => x.stories), [
      [{ story: 'moved-away', size: 'lead' }, { story: 'first-of-two', size: 'medium' }], [{ story: 'second-of-two', size: 'lead' }]]);
    assert.equal(plans.at(-1).begins, '2099-05-05T09:05:00.000000Z');
    assert.ok(rows(q, "SELECT count(*) AS n FROM job WHERE kind = 'plan.turn'")[0].n === 1, 'what is to come has its turn');
    assert.ok(rows(q, "SELECT count(*) AS n FROM job WHERE kind = 'story.come-out'")[0].n >= 1 || rows(q, 'SELECT kind FROM job').some((j) => /come/.test(j.kind)), 'so has a draft');
  });

  test('brought in again, there and at home, it changes nothing', async () => {
    for (const to of [q, p]) {
      const was = counts(to);
      const r = await to.json('import', 'markdown', join(dir, 'one'));
      assert.deepEqual([r.added, r.updated, r.left_out], [0, 0, 0], JSON.stringify(r.items.filter((i) => i.outcome !== 'unchanged')));
      assert.deepEqual(counts(to, ['entry', 'imported', 'author']), (() => { const c = { ...was }; delete c.entry; delete c.imported; delete c.author; return c; })());
    }
  });

  test('a file that was changed by hand is a revision more', async () => {
    const file = join(dir, 'one', 'stories', 'city', 'moved-away.md');
    await writeFile(file, (await readFile(file, 'utf8')).replace('Another text', 'A text of mine'));
    const fresh = await Publication.make({ name: 'The Averil Courier' });
    try {
      const r = await fresh.json('import', 'markdown', join(dir, 'one'));
      assert.equal(r.left_out, 0);
      const numbers = (from) => rows(from, "SELECT r.number, r.actor FROM revision r JOIN story s ON s.id = r.story WHERE s.slug = 'moved-away' ORDER BY r.number");
      assert.equal(numbers(fresh).length, numbers(p).length + 1);
      assert.equal(numbers(fresh).at(-1).actor, 'import');
      assert.match(one(fresh, 'moved-away').body, /A text of mine/);
      assert.equal((await fresh.cli(['doctor'])).code, 0);
    } finally {
      await fresh.end();
    }
  });
});

describe('what Hugo and Jekyll keep', () => {
  let p;
  before(async () => { p = await Publication.make({ zone: 'Europe/Paris' }); });
  after(() => p.end());

  test('Hugo: TOML, YAML and JSON, bundles, drafts, aliases', async () => {
    const dir = await folder({
      'posts/toml.md': '+++\ntitle = "In TOML"\ndate = 2021-03-04T05:06:07Z\ntags = ["sea", "mud"]\nauthors = ["Ann Lee"]\naliases = ["/old/toml/", "/older/"]\nweight = 3\n+++\n\nText **strong**.\n',
      'posts/yaml.md': '---\ntitle: "In YAML: it’s"\ndate: 2021-07-08T09:10:11+02:00\nlastmod: 2021-07-09T00:00:00Z\ndescription: A line.\nslug: other-address\ncategories:\n  - Tides\n---\nText.\n',
      'posts/json.md': '{\n "title": "In JSON",\n "date": "2021-01-02",\n "tags": ["a"]\n}\n\nText.\n',
      'posts/draft.md': '---\ntitle: Not yet\ndate: 2021-01-01\ndraft: true\n---\nText.\n',
      'posts/bundle/index.md': '---\ntitle: A bundle\ndate: 2021-01-01\n---\nText.\n',
    });
    try {
      const r = await p.json('import', 'markdown', dir);
      assert.equal(r.left_out, 0, JSON.stringify(r.items));
      const toml = one(p, 'toml');
      assert.equal(toml.headline, 'In TOML');
      assert.equal(toml.published, Date.parse('2021-03-04T05:06:07Z') * 1000);
      assert.equal(toml.tags, 'sea | mud');
      assert.match(toml.authors, /^ann-lee=Ann Lee=/);
      assert.match(toml.body, /<strong>strong<\/strong>/);
      assert.equal(toml.section, 'posts');
      const yaml = one(p, 'other-address');
      assert.equal(yaml.headline, 'In YAML: it’s');
      assert.equal(yaml.published, Date.parse('2021-07-08T07:10:11Z') * 1000);
      assert.equal(yaml.updated, Date.parse('2021-07-09T00:00:00Z') * 1000);
      assert.equal(yaml.standfirst, 'A line.');
      assert.equal(yaml.tags, 'Tides');
      assert.equal(one(p, 'json').published, Date.parse('2021-01-01T23:00:00Z') * 1000, 'a day begins in the zone');
      assert.equal(one(p, 'draft').state, 'draft');
      assert.equal(one(p, 'bundle').headline, 'A bundle');
      assert.ok(r.items.find((i) => i.name === 'posts/toml.md').notes.some((n) => n.includes('weight')));
      await p.serve();
      for (const old of ['/old/toml/', '/older/']) {
        const got = await p.get(old);
        assert.equal(got.status, 301);
        assert.equal(new URL(got.headers.get('location'), p.url).pathname, '/posts/toml');
      }
      await p.stop();
      const was = counts(p);
      const again = await p.json('import', 'markdown', dir);
      assert.deepEqual([again.added, again.updated], [0, 0]);
      assert.deepEqual(counts(p), was);
    } finally {
      await rm(dir, { recursive: true });
    }
  });

  test('Jekyll: dated names, categories, drafts, published: false', async () => {
    const dir = await folder({
      '_posts/2020-02-29-leap-day.md': '---\nlayout: post\ntitle: Leap day\ncategories: [mud, tides]\nauthor: Bo Chan\nredirect_from:\n  - /2020/leap.html\n---\nText.\n',
      '_posts/2020-03-01-hidden.markdown': '---\ntitle: Hidden\npublished: false\n---\nText.\n',
      '_drafts/idea.md': '---\ntitle: Idea\n---\nText.\n',
    });
    try {
      const r = await p.json('import', 'markdown', dir);
      assert.equal(r.added, 3, JSON.stringify(r.items));
      const leap = one(p, 'leap-day');
      assert.equal(leap.published, Date.parse('2020-02-28T23:00:00Z') * 1000);
      assert.equal(leap.state, 'published');
      assert.equal(leap.tags, 'mud | Tides', 'a tag has the name it first came with');
      assert.match(leap.authors, /Bo Chan/);
      assert.equal(one(p, 'hidden').state, 'draft');
      assert.equal(one(p, 'idea').state, 'draft');
    } finally {
      await rm(dir, { recursive: true });
    }
  });

  test('a broken file is named and nothing is written', async () => {
    const dir = await folder({
      'a/good.md': '---\ntitle: Good\ndate: 2020-01-01\n---\nText.\n',
      'a/z-bad.md': '---\ntitle: "open\n---\nText.\n',
    });
    try {
      const was = content(p);
      const done = await p.cli(['import', 'markdown', dir, '--json']);
      assert.equal(done.code, 2);
      assert.match(done.stderr + done.stdout, /z-bad\.md.*line 2|z-bad\.md:2/);
      assert.equal(content(p), was);
      await writeFile(join(dir, 'a', 'z-bad.md'), Buffer.from('---\ntitle: x\n---\n\xe9', 'latin1'));
      assert.equal((await p.cli(['import', 'markdown', dir])).code, 2);
      assert.equal(content(p), was);
      await writeFile(join(dir, 'a', 'z-bad.md'), '---\nheadline: Ours\nsecton: a\n---\nText.\n');
      const typo = await p.cli(['import', 'markdown', dir]);
      assert.match(typo.stderr + typo.stdout, /secton.*section/s);
    } finally {
      await rm(dir, { recursive: true });
    }
  });
});

describe('backup', () => {
  let p, dir;
  before(async () => {
    p = await Publication.demo();
    dir = await mkdtemp(join(tmpdir(), 'stet-backup-'));
    await p.run('media', 'add', picture);
  });
  after(async () => {
    await rm(dir, { recursive: true });
    await p.end();
  });
  const restore = (file, to) => stet(['restore', file, to]);

  test('made while the site serves and is written to, it is whole and clean', async () => {
    await p.serve();
    let stop = false, written = 0;
    const writing = (async () => {
      while (!stop && written < 500) {
        const made = await p.cli(['story', 'new', '--headline', `Meanwhile ${written}`, '--section', 'city', '--body', '-'], { input: 'Text.' });
        assert.equal(made.code, 0, made.stderr);
        written++;
      }
    })();
    while (written < 2) await Promise.race([writing, new Promise((r) => setTimeout(r, 20))]);
    const before = written;
    await p.run('backup', join(dir, 'running.tar'));
    stop = true;
    await writing;
    await p.stop();
    const q = Object.assign(new Publication(), { base: dir, folder: join(dir, 'running') });
    const done = await restore(join(dir, 'running.tar'), q.folder);
    assert.equal(done.code, 0, done.stderr);
    assert.equal((await q.cli(['doctor'])).code, 0);
    const there = rows(q, "SELECT count(*) AS n FROM story WHERE headline LIKE 'Meanwhile %'")[0].n;
    assert.ok(there >= before && there <= written, `${there} of ${before} to ${written}`);
    assert.equal((await stat(join(q.folder, 'stet.db'))).mode & 0o77, 0, 'the database is its owner’s alone');
  });

  test('restored, the content is equal, bytes of pictures too', async () => {
    await p.run('backup', join(dir, 'still.tar'));
    const to = join(dir, 'still');
    assert.equal((await restore(join(dir, 'still.tar'), to)).code, 0);
    assert.equal(content({ folder: to }), content(p));
    for (const hash of await readdir(join(p.folder, 'media')))
      if (/^[0-9a-f]{32}$/.test(hash)) assert.deepEqual(await readFile(join(to, 'media', hash, 'original')), await readFile(join(p.folder, 'media', hash, 'original')));
    assert.equal(await readFile(join(to, 'stet.conf'), 'utf8'), await readFile(join(p.folder, 'stet.conf'), 'utf8'));
  });

  test('restore refuses what it should, and leaves no half of it', async () => {
    await cp(join(dir, 'still.tar'), join(dir, 'ok.tar'));
    const into = (name) => join(dir, `to-${name}`);
    const gone = async (name) => {
      try { return (await readdir(into(name))).length === 0; } catch { return true; }
    };
    await mkdir(into('full'));
    await writeFile(join(into('full'), 'mine'), 'x');
    assert.equal((await restore(join(dir, 'ok.tar'), into('full'))).code, 5);
    assert.equal(await readFile(join(into('full'), 'mine'), 'utf8'), 'x');

    execFileSync('tar', ['cf', join(dir, 'foreign.tar'), '-C', root, 'README.md']);
    const foreign = await restore(join(dir, 'foreign.tar'), into('foreign'));
    assert.equal(foreign.code, 2);
    assert.match(foreign.stderr, /no backup of a publication.*README\.md/s);
    assert.ok(await gone('foreign'));

    for (const part of [0.1, 0.5, 0.9]) {
      const whole = await readFile(join(dir, 'ok.tar'));
      await writeFile(join(dir, 'cut.tar'), whole.subarray(0, Math.floor(whole.length * part)));
      const cut = await restore(join(dir, 'cut.tar'), into('cut'));
      assert.notEqual(cut.code, 0, `cut at ${part}`);
      assert.ok(cut.stderr.length > 10);
      assert.ok(await gone('cut'), `cut at ${part}: nothing is left`);
    }
    await writeFile(join(dir, 'text.tar'), 'This is no archive at all.\n'.repeat(100));
    assert.notEqual((await restore(join(dir, 'text.tar'), into('text'))).code, 0);
    assert.ok(await gone('text'));

    for (const name of ['media/../../climb', '../climb', '/tmp/stet-climb', 'keys/../climb']) {
      await writeFile(join(dir, 'evil'), 'evil');
      execFileSync('tar', ['cPf', join(dir, 'evil.tar'), `--transform=s,^evil$,${name},`, '-C', dir, 'evil']);
      const evil = await restore(join(dir, 'evil.tar'), into('evil'));
      assert.equal(evil.code, 2, name);
      assert.ok(await gone('evil'), name);
      await assert.rejects(stat(join(dir, 'climb')));
      await assert.rejects(stat('/tmp/stet-climb'));
    }
    execFileSync('ln', ['-sf', '/etc/passwd', join(dir, 'stet.conf')]);
    execFileSync('tar', ['cf', join(dir, 'link.tar'), '-C', dir, 'stet.conf']);
    assert.equal((await restore(join(dir, 'link.tar'), into('link'))).code, 2);
    assert.ok(await gone('link'));
    const missing = await restore(join(dir, 'no-such.tar'), into('missing'));
    assert.notEqual(missing.code, 0);
    assert.match(missing.stderr, /no-such\.tar/);
  });
});
