// follow.test.mjs: the newsroom's commands, and that every page and feed follows each at once: the
// first request after a command has returned sees what it did.
import assert from 'node:assert/strict';
import { readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Publication, binary, chromium, stet } from './lib.mjs';
import { importFolder, many, newsroom, png } from './newsroom.mjs';

const places = ['/', '/harbour', '/tag/tides', '/author/ann-lee', '/rss.xml', '/atom.xml', '/feed.json', '/harbour/rss.xml', '/sitemap/1.xml'];
const elsewhere = ['/world/lamp', '/world', '/tag/lighthouses', '/author/bo-chan', '/about', '/world/rss.xml'];

async function etags(p, paths) {
  const all = {};
  for (const path of paths) all[path] = (await p.get(path)).headers.get('etag');
  return all;
}

// That each of `paths` says `text`, or that none does.
async function everywhere(p, paths, text, says = true) {
  for (const path of paths) assert.equal((await p.html(path)).includes(text), says, `${path} ${says ? 'says' : 'does not say'} ${text}`);
}

describe('every page follows', () => {
  let p, body, still;
  before(async () => {
    p = await newsroom({ extra: { 'stories/tide.md': '---\nheadline: An older tide\nslug: older-tide\nsection: harbour\nauthors: [ann-lee]\ntags: [Tides]\npublished: 2024-01-01 08:00\n---\nOld.\n' } });
    await p.serve();
    body = await p.file('body.md', 'High water at *six*.\n');
    for (const path of [...places, ...elsewhere]) await p.get(path); // all kept now
    still = await etags(p, elsewhere);
  });
  after(() => p.end());

  test('a draft changes nothing', async () => {
    const was = await etags(p, places);
    const made = await p.json('story', 'new', '--headline', 'Spring tide', '--section', 'harbour', '--authors', 'Ann Lee', '--tags', 'Tides', '--body', body);
    assert.equal(made.state, 'draft');
    assert.equal(made.revision, 1);
    assert.equal((await p.get('/harbour/spring-tide')).status, 404);
    assert.deepEqual(await etags(p, places), was);
  });

  test('publishing puts it on its page, the lists, the feeds and the sitemap', async () => {
    await p.run('story', 'publish', 'spring-tide');
    await everywhere(p, places.slice(0, 8), 'Spring tide');
    await everywhere(p, places, '/harbour/spring-tide');
    assert.ok((await p.html('/harbour/spring-tide')).includes('High water at <em>six</em>.'));
  });

  test('an edit is there at once, and the story says when', async () => {
    await p.run('story', 'edit', 'spring-tide', '--headline', 'Neap tide & calm');
    await everywhere(p, ['/', '/harbour', '/tag/tides', '/author/ann-lee', '/harbour/spring-tide'], 'Neap tide &amp; calm');
    await everywhere(p, places, 'Spring tide', false);
    const view = await p.view('/harbour/spring-tide.json');
    assert.ok(view.updated && Date.parse(view.updated.iso) >= Date.parse(view.published.iso));
  });

  test('a story leaves the tag and author it is no longer of', async () => {
    await p.run('story', 'edit', 'spring-tide', '--tags', 'Moon', '--authors', 'Cy Dee');
    await everywhere(p, ['/tag/tides', '/author/ann-lee'], 'Neap tide', false);
    await everywhere(p, ['/tag/moon', '/author/cy-dee', '/harbour/spring-tide'], 'Neap tide');
    await p.run('story', 'edit', 'spring-tide', '--tags', 'Tides,Moon', '--authors', 'ann-lee,Cy Dee');
    await everywhere(p, ['/tag/tides', '/author/ann-lee', '/tag/moon'], 'Neap tide');
  });

  test('a correction is on the page, and its card says so', async () => {
    await p.run('story', 'correct', 'spring-tide', '--text', 'High water is at **seven**.');
    assert.ok((await p.html('/harbour/spring-tide')).includes('High water is at <strong>seven</strong>.'));
    const cards = (await p.view('/harbour.json'));
    assert.equal([cards.lead, ...cards.cards].find((c) => c.url === '/harbour/spring-tide').corrected, true);
  });

  test('a withdrawn story leaves every list and feed, and its page tells why', async () => {
    await p.run('story', 'withdraw', 'spring-tide', '--reason', 'The moon was misread.');
    await everywhere(p, places, 'Neap tide', false);
    await everywhere(p, places, '/harbour/spring-tide', false);
    const r = await p.get('/harbour/spring-tide');
    assert.equal(r.status, 410);
    assert.match(await r.text(), /The moon was misread\./);
    assert.equal((await p.get('/tag/moon')).status, 404);
  });

  test('and comes back when published again', async () => {
    await p.run('story', 'publish', 'spring-tide');
    assert.equal((await p.get('/harbour/spring-tide')).status, 200);
    await everywhere(p, places, '/harbour/spring-tide');
    assert.ok(!(await p.html('/harbour/spring-tide')).includes('misread'));
  });

  test('a page that shows none of it kept its ETag through all of that', async () => {
    assert.deepEqual(await etags(p, elsewhere), still);
  });

  test('a static page is named in every footer as soon as it is public', async () => {
    await p.run('story', 'new', '--page', '--headline', 'House rules', '--body', body, '--publish');
    await everywhere(p, ['/', '/world/lamp', '/quiet', '/house-rules'], '>House rules</a>');
    await p.run('story', 'withdraw', 'house-rules', '--reason', 'No rules.');
    await everywhere(p, ['/', '/world/lamp', '/quiet'], '>House rules</a>', false);
  });

  test('what an import brings is there as well', async () => {
    await importFolder(p, { 'more.md': '---\nheadline: Brought along\nsection: quiet\npublished: 2024-05-05 05:05\n---\nHere.\n' });
    await everywhere(p, ['/', '/quiet', '/rss.xml', '/quiet/rss.xml'], 'Brought along');
  });

  test('many commands beside each other: each is there when it returns', async () => {
    await Promise.all([...Array(6)].map(async (_, i) => {
      for (let k = 0; k < 3; k++) {
        const name = `Burst ${i} ${k}`;
        await p.run('story', 'new', '--headline', name, '--section', 'harbour', '--body', body, '--publish');
        assert.ok((await p.html('/feed.json')).includes(name), name);
      }
    }));
  });
});

describe('the command line', () => {
  let p, body;
  before(async () => {
    p = await newsroom();
    body = await p.file('body.md', 'Text.\n');
  });
  after(() => p.end());

  test('every verb’s help shows its usage and examples that begin with it', async () => {
    const { stdout, code } = await stet(['--help']);
    assert.equal(code, 0);
    const verbs = stdout.split('\n').filter((l) => /^ {2}[a-z]/.test(l)).map((l) => l.trim().match(/^[a-z]+(?: [a-z]+)*(?=\s)/)[0].trim());
    const known = ['init', 'serve', 'import wordpress', 'import ghost', 'import markdown', 'story new', 'story edit', 'story publish', 'story withdraw',
      'story correct', 'story list', 'story show', 'media add', 'export', 'backup', 'restore', 'doctor', 'version'];
    for (const verb of known) {
      assert.ok(verbs.some((v) => v.startsWith(verb)), verb);
      const help = await stet([...verb.split(' '), '--help']);
      assert.equal(help.code, 0, verb);
      const [, examples] = help.stdout.split('\nExamples\n');
      assert.ok(examples?.trim(), `${verb} has examples`);
      for (const line of examples.trim().split('\n')) assert.ok(line.trim().startsWith(`stet ${verb}`), line);
      assert.match(help.stdout, /--json/);
    }
  });

  test('a slip in a verb or an option is answered with the nearest', async () => {
    for (const [args, near] of [[['stroy', 'list'], 'stet story list'], [['story', 'publsh', 'x'], 'stet story publish'], [['serv'], 'stet serve'],
      [['story', 'edit', 'lamp', '--headlin', 'x'], '--headline'], [['story', 'list', '--jsno'], '--json']]) {
      const r = await p.cli(args);
      assert.equal(r.code, 64, args.join(' '));
      assert.ok(r.stderr.includes(near), `${args.join(' ')}: ${r.stderr}`);
      assert.equal(r.stdout, '');
    }
  });

  test('exit codes say what kind of failure it was', async () => {
    const cases = [
      [64, []], [64, ['story', 'edit']], [64, ['story', 'withdraw', 'lamp']], [64, ['story', 'correct', 'lamp']], [64, ['story', 'list', '--limit', 'x']],
      [64, ['story', 'list', '--state', 'odd']],
      [4, ['story', 'show', 'never-was']], [4, ['story', 'publish', 'never-was']],
      [2, ['story', 'new', '--headline', 'x', '--section', 'nowhere', '--body', body]],
      [2, ['story', 'new', '--headline', '', '--section', 'world', '--body', body]],
      [2, ['story', 'new', '--headline', 'y'.repeat(301), '--section', 'world', '--body', body]],
      [5, ['story', 'new', '--headline', 'x', '--slug', 'lamp', '--section', 'world', '--body', body]],
      [2, ['story', 'new', '--headline', 'x', '--slug', 'No Slug!', '--section', 'world', '--body', body]],
      [5, ['story', 'publish', 'lamp']], [5, ['story', 'withdraw', 'not-yet', '--reason', 'x']], [5, ['story', 'correct', 'not-yet', '--text', 'x']],
      [2, ['story', 'correct', 'lamp', '--text', ' ']],
      [5, ['init', p.folder]],
    ];
    for (const [code, args] of cases) {
      const r = args[0] === 'init' || !args.length ? await stet(args) : await p.cli(args);
      assert.equal(r.code, code, `stet ${args.join(' ').slice(0, 60)}: ${r.stderr}`);
      if (args.length) assert.match(r.stderr, /^stet: \S/);
    }
    const folder = await stet(['story', 'list', '--dir', join(p.base, 'nothing-here')]);
    assert.notEqual(folder.code, 0);
    assert.match(folder.stderr, /nothing-here/);
  });

  test('--json prints one value; an error is one line of JSON on standard error', async () => {
    assert.ok((await p.json('story', 'list')).every((s) => s.id && s.slug && s.state && s.path));
    const shown = await p.json('story', 'show', 'lamp');
    assert.deepEqual(shown.authors, ['Ann Lee', 'Bo Chan & Daughters']);
    assert.equal(shown.corrections.length, 2);
    for (const name of [shown.id, shown.slug, shown.path, shown.url]) assert.equal((await p.json('story', 'show', name)).id, shown.id, name);
    assert.ok((await p.json('version')).stet);
    const r = await p.cli(['story', 'new', '--headline', '', '--section', 'world', '--body', body, '--json']);
    const error = JSON.parse(r.stderr);
    assert.equal(error.exit, 2);
    assert.equal(error.field, 'headline');
    assert.equal(r.stdout, '');
  });

  test('--quiet prints nothing', async () => {
    const r = await p.cli(['story', 'list', '--quiet']);
    assert.deepEqual([r.code, r.stdout, r.stderr], [0, '', '']);
  });

  test('every change is a revision kept for ever', async () => {
    await p.run('story', 'new', '--headline', 'First words', '--slug', 'revised', '--section', 'world', '--body', body);
    await p.run('story', 'edit', 'revised', '--headline', 'Second words');
    await p.run('story', 'publish', 'revised');
    await p.run('story', 'correct', 'revised', '--text', 'Third.');
    const now = await p.json('story', 'show', 'revised');
    assert.equal(now.revision, 4);
    const of = async (n) => (await p.json('story', 'show', 'revised', '--revision', String(n)));
    assert.equal((await of(1)).content.headline, 'First words');
    assert.equal((await of(2)).content.headline, 'Second words');
    assert.equal((await p.cli(['story', 'show', 'revised', '--revision', '5'])).code, 4);
  });

  test('$EDITOR edits the story as a file; what `show` prints can be given back', async () => {
    const editor = await p.file('editor.sh', '#!/bin/sh\nsed -i "s/One line\\./One line, edited./" "$1"\n');
    const r = await p.cli(['story', 'edit', 'plain'], { env: { EDITOR: `sh ${editor}`, VISUAL: '' } });
    assert.equal(r.code, 0, r.stderr);
    assert.match((await p.json('story', 'show', 'plain')).source, /One line, edited\./);
    const same = await p.cli(['story', 'edit', 'plain'], { env: { EDITOR: 'true', VISUAL: '' } });
    assert.equal(same.code, 2, 'nothing was changed');
    const failed = await p.cli(['story', 'edit', 'plain'], { env: { EDITOR: 'false', VISUAL: '' } });
    assert.notEqual(failed.code, 0);
    const none = await p.cli(['story', 'edit', 'plain'], { env: { EDITOR: '', VISUAL: '' } });
    assert.equal(none.code, 64);
    const file = await p.file('whole.md', (await p.run('story', 'show', 'lamp')).replace('NORTH POINT', 'SOUTH POINT'));
    const before = await p.json('story', 'show', 'lamp');
    await p.run('story', 'edit', 'lamp', '--file', file, '--minor');
    const now = await p.json('story', 'show', 'lamp');
    assert.equal(now.dateline, 'SOUTH POINT');
    for (const key of ['headline', 'standfirst', 'body', 'published', 'authors', 'tags', 'words']) assert.deepEqual(now[key], before[key], key);
    assert.deepEqual(now.corrections, before.corrections, 'corrections are not doubled');
  });

  test('whoever saves second is told, and loses no text', async () => {
    const editor = await p.file('slow.sh', `#!/bin/sh\necho "Mine." >> "$1"\n"$STET" story edit plain --headline "Theirs" --dir "${p.folder}" >/dev/null\n`);
    const r = await p.cli(['story', 'edit', 'plain'], { env: { EDITOR: `sh ${editor}`, VISUAL: '', STET: binary } });
    assert.equal(r.code, 5, r.stderr);
    assert.match(r.stderr, /saved meanwhile/);
    const kept = r.stderr.match(/(\/\S+stet-story-\S+\.md)/);
    assert.ok(kept, 'the file with the text is named');
    assert.match(await readFile(kept[1], 'utf8'), /Mine\./);
    await rm(kept[1]);
    assert.equal((await p.json('story', 'show', 'plain')).headline, 'Theirs');
  });

  test('a story from standard input, and one with a key that is misspelt', async () => {
    const r = await p.cli(['story', 'new', '-', '--json'], { input: '---\nheadline: Piped\nsection: world\n---\nIn.\n' });
    assert.equal(JSON.parse(r.stdout).slug, 'piped');
    const bad = await p.cli(['story', 'new', '-'], { input: '---\nhedline: Piped\nsection: world\n---\nIn.\n' });
    assert.equal(bad.code, 2);
    assert.match(bad.stderr, /did you mean "headline"/);
    const twice = await p.json('story', 'list', '--state', 'draft');
    assert.equal(twice.filter((s) => s.headline === 'Piped').length, 1);
  });

  test('a key of stet.conf that is misspelt is named, with its line', async () => {
    const q = await Publication.make({ conf: '\nlist_storys = 4\n' });
    const r = await q.cli(['story', 'list']);
    assert.equal(r.code, 2);
    assert.match(r.stderr, /stet\.conf:\d+.*list_storys.*list_stories/);
    await q.end();
  });
});

describe('pictures', () => {
  let p;
  before(async () => {
    p = await newsroom();
    await p.serve();
  });
  after(() => p.end());

  const refused = {
    'broken.png': [png(300, 200).subarray(0, 900), /.+/],
    'cut.jpg': [Buffer.from('ffd8ffe000104a46494600010100000100010000', 'hex'), /.+/],
    'huge.png': [png(8, 8, { declared: [60000, 60000] }), /megapixel/],
    'page.jpg': ['<!doctype html><script>alert(1)</script>', /JPEG|format|kind/i],
    'empty.png': ['', /.+/],
    'text.webp': ['RIFF\x10\x00\x00\x00WEBPVP8 nonsense', /.+/],
  };
  for (const [name, [bytes, why]] of Object.entries(refused))
    test(`${name} is refused with a reason, and nothing of it stays`, async () => {
      const file = await p.file(name, bytes);
      const was = (await readdir(join(p.folder, 'media'))).length;
      const r = await p.cli(['media', 'add', file]);
      assert.equal(r.code, 2, r.stderr);
      assert.ok(r.stderr.includes(name), r.stderr);
      assert.match(r.stderr, why);
      assert.equal((await readdir(join(p.folder, 'media'))).length, was);
    });

  test('one over picture_mb is refused by its size', async () => {
    const q = await Publication.make({ conf: '\npicture_mb = 1\n' });
    const file = join(q.base, 'large.png');
    await writeFile(file, Buffer.alloc(1.2 * 1048576, 1));
    const r = await q.cli(['media', 'add', file]);
    assert.equal(r.code, 2, r.stderr);
    assert.match(r.stderr, /MB|large/);
    await q.end();
  });

  test('a story cannot be published with a picture that is not described', async () => {
    const [m] = await p.json('media', 'add', await p.file('bare.png', png(500, 400, { seed: 7 })));
    const r = await p.cli(['story', 'new', '-', '--publish'], { input: `---\nheadline: Bare\nsection: world\npicture: /media/${m.hash}\n---\nx\n` });
    assert.equal(r.code, 2);
    assert.match(r.stderr, /alt/);
  });

  test('the same picture twice is one', async () => {
    const [a] = await p.json('media', 'add', await p.file('a.png', png(600, 400, { seed: 9 })));
    const [b] = await p.json('media', 'add', await p.file('b.png', png(600, 400, { seed: 9 })));
    assert.equal(a.hash, b.hash);
    assert.deepEqual([a.width, a.height], [600, 400]);
  });

  test('each width and format has its type, is held for ever, and can be asked for in parts', async () => {
    const { picture } = await p.view('/world/lamp.json');
    const types = { avif: 'image/avif', webp: 'image/webp', jpeg: 'image/jpeg' };
    const magic = { avif: /^....ftypavif/s, webp: /^RIFF....WEBP/s, jpeg: /^\xff\xd8\xff/ };
    for (const [key, type] of Object.entries(types)) {
      const urls = picture[key].split(', ').map((s) => s.split(' ')[0]);
      assert.ok(urls.length >= 4);
      for (const url of urls) {
        const r = await p.get(url), bytes = Buffer.from(await r.arrayBuffer());
        assert.equal(r.status, 200, url);
        assert.equal(r.headers.get('content-type'), type);
        assert.match(r.headers.get('cache-control'), /immutable/);
        assert.match(bytes.toString('latin1', 0, 16), magic[key]);
        if (url !== urls[0]) continue;
        assert.equal(r.headers.get('accept-ranges'), 'bytes');
        const part = await p.get(url, { headers: { range: 'bytes=10-29' } });
        assert.equal(part.status, 206);
        assert.equal(part.headers.get('content-range'), `bytes 10-29/${bytes.length}`);
        assert.deepEqual(Buffer.from(await part.arrayBuffer()), bytes.subarray(10, 30));
        const end = await p.get(url, { headers: { range: 'bytes=-7' } });
        assert.deepEqual(Buffer.from(await end.arrayBuffer()), bytes.subarray(-7));
        assert.equal((await p.get(url, { headers: { range: `bytes=${bytes.length}-` } })).status, 416);
        assert.equal((await p.get(url, { headers: { range: 'bytes=0-1', 'if-range': '"other"' } })).status, 200);
        assert.equal((await p.get(url, { headers: { 'if-none-match': r.headers.get('etag') } })).status, 304);
      }
    }
    const base = picture.src.replace(/[^/]+$/, '');
    for (const name of ['961.jpg', '960.png', '960.svg', '0.jpg', '-1.jpg', '960', 'original', '99999999999999999999.jpg'])
      assert.equal((await p.get(base + name)).status, 404, name);
  });

  test('Chromium decodes each format in its right shape', async (t) => {
    const browser = await chromium();
    t.after(() => browser.close());
    const page = await browser.newPage();
    await page.goto(`${p.url}/world/lamp`);
    const { picture } = await p.view('/world/lamp.json');
    for (const key of ['avif', 'webp', 'jpeg'])
      for (const part of picture[key].split(', ')) {
        const [src, w] = part.split(' ');
        const size = await page.evaluate(async (src) => {
          const img = new Image();
          img.src = src;
          await img.decode();
          return [img.naturalWidth, img.naturalHeight];
        }, src);
        assert.equal(size[0], parseInt(w, 10), src);
        assert.ok(Math.abs(size[1] - size[0] * 900 / 1400) <= 1, `${src}: ${size}`);
      }
    assert.match(await page.evaluate(() => document.querySelector('figure.opener img').currentSrc), /\.avif$/);
  });
});

describe('export, backup, restore', () => {
  test('a backup made while it is served is the whole publication', async (t) => {
    const p = await newsroom({ extra: many(5) });
    t.after(() => p.end());
    await p.serve();
    const file = join(p.base, 'b.tar'), again = join(p.base, 'again');
    await p.run('backup', file);
    const was = await p.json('story', 'list', '--limit', '1000');
    const r = await stet(['restore', file, again]);
    assert.equal(r.code, 0, r.stderr);
    const list = await stet(['story', 'list', '--limit', '1000', '--json', '--dir', again]);
    assert.deepEqual(JSON.parse(list.stdout), was);
    assert.equal((await stet(['doctor', '--dir', again])).code, 0);
    assert.notEqual((await stet(['restore', file, again])).code, 0, 'never over a publication');
  });

  test('an export brought in again is the same stories', async (t) => {
    const p = await newsroom(), q = await Publication.make({ name: 'The Test Herald' });
    t.after(() => Promise.all([p.end(), q.end()]));
    const out = join(p.base, 'out');
    await p.run('export', out);
    await q.run('import', 'markdown', out, '--quiet');
    const all = async (r) => Promise.all((await r.json('story', 'list', '--limit', '100')).map((s) => r.json('story', 'show', s.path)))
      .then((list) => list.map(({ id, url, revision, ...rest }) => rest).sort((a, b) => a.path.localeCompare(b.path)));
    assert.deepEqual(await all(q), await all(p));
  });
});
