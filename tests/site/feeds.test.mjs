// feeds.test.mjs: RSS, Atom and JSON Feed as their readers read them; the sitemap; robots.txt.
import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { after, before, describe, test } from 'node:test';
import { parseFeed } from '@rowanmanning/feed-parser';
import FeedParser from 'feedparser';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { plainly } from './lib.mjs';
import { importFolder, many, newsroom } from './newsroom.mjs';

const parser = new XMLParser({ ignoreAttributes: false, attributeNamePrefix: '@', isArray: (name) => ['item', 'entry', 'url', 'sitemap', 'link', 'category', 'author', 'dc:creator'].includes(name) });

// Well-formed, by a parser that is not ours; the document.
function xml(text) {
  assert.equal(XMLValidator.validate(text), true);
  return parser.parse(text);
}

function parsed(text) {
  return new Promise((resolve, reject) => {
    const feed = new FeedParser({ addmeta: false }), items = [];
    feed.on('error', reject);
    feed.on('readable', () => { for (let i; (i = feed.read());) items.push(i); });
    feed.on('end', () => resolve({ meta: feed.meta, items }));
    Readable.from([text]).pipe(feed);
  });
}

const rfc822 = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{1,2} (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d\d:\d\d:\d\d ([+-]\d{4}|GMT)$/;
const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

describe('feeds', () => {
  let p;
  before(async () => {
    p = await newsroom({ extra: many(30) });
    await p.serve();
  });
  after(() => p.end());

  const types = { 'rss.xml': 'application/rss+xml', 'atom.xml': 'application/atom+xml', 'feed.json': 'application/feed+json' };
  for (const [file, type] of Object.entries(types))
    test(`${file}: its type, guards and whole list of newest stories`, async () => {
      for (const base of ['', '/world', '/harbour', '/quiet']) {
        const r = await p.get(`${base}/${file}`);
        assert.equal(r.status, 200, base);
        assert.ok(r.headers.get('content-type').startsWith(type), r.headers.get('content-type'));
        assert.match(r.headers.get('content-type'), /charset=utf-8/i);
      }
      assert.equal((await p.get(`/nowhere/${file}`)).status, 404);
    });

  for (const file of ['rss.xml', 'atom.xml'])
    for (const base of ['', '/world', '/harbour'])
      test(`${base}/${file} is read by a feed reader as it was written`, async () => {
        const { meta, items } = await parsed(await p.text(`${base}/${file}`));
        assert.ok(meta.title.includes('The Test Herald'));
        assert.ok(meta.link.startsWith(p.url));
        assert.equal(meta.xmlurl, `${p.url}${base}/${file}`);
        assert.equal(new Set(items.map((i) => i.guid)).size, items.length, 'ids are one each');
        const times = items.map((i) => i.pubdate.getTime());
        assert.deepEqual(times, [...times].sort((a, b) => b - a), 'newest first');
        for (const i of items) {
          assert.ok(i.link.startsWith(`${p.url}/`), i.link);
          assert.equal((await p.get(new URL(i.link).pathname)).status, 200);
          assert.ok(!/(?:href|src)="\//.test(i.description ?? ''), 'links within the text are absolute');
        }
        assert.ok(!items.some((i) => /Not yet|false report/.test(i.title)), 'neither drafts nor withdrawn stories');
        const lamp = items.find((i) => i.link.endsWith('/world/lamp'));
        if (base === '/harbour') return assert.equal(lamp, undefined);
        assert.match(lamp.title.replaceAll('&lt;', '<').replaceAll('&amp;', '&'), /The “lamp” that <never> sleeps & its keeper/);
        assert.equal(lamp.pubdate.toISOString(), '2022-02-10T18:37:00.000Z');
        assert.match(lamp.description, /thirty-one winters/);
        assert.match(lamp.description, new RegExp(`src="${p.url}/media/`));
      });

  test('RSS has what its specification asks of a channel and an item', async () => {
    const { rss } = xml(await p.text('/rss.xml'));
    assert.equal(rss['@version'], '2.0');
    for (const key of ['title', 'link', 'description']) assert.ok(rss.channel[key] !== undefined, key);
    const self = rss.channel['atom:link'];
    assert.ok(JSON.stringify(self).includes(`${p.url}/rss.xml`) && JSON.stringify(self).includes('"self"'));
    assert.match(rss.channel.lastBuildDate, rfc822);
    for (const item of rss.channel.item) {
      assert.ok(item.title && item.link && item.guid, 'title, link, guid');
      assert.match(item.pubDate, rfc822);
      if (item.guid['@isPermaLink'] !== 'false') assert.match(item.guid['#text'] ?? item.guid, /^https?:/);
    }
  });

  test('Atom has what RFC 4287 asks of a feed and an entry', async () => {
    const { feed } = xml(await p.text('/atom.xml'));
    assert.equal(feed['@xmlns'], 'http://www.w3.org/2005/Atom');
    assert.ok(feed.id && feed.title);
    assert.match(feed.updated, rfc3339);
    assert.ok(feed.link.some((l) => l['@rel'] === 'self' && l['@href'] === `${p.url}/atom.xml`));
    for (const e of feed.entry) {
      assert.ok(e.id && e.title, 'id, title');
      assert.match(String(e.id), /^(urn|tag|https?):/);
      assert.match(e.updated, rfc3339);
      assert.match(e.published, rfc3339);
      assert.ok(e.author?.every((a) => a.name) || feed.author, 'an author of the entry or the feed');
      assert.ok(e.link.some((l) => (l['@rel'] ?? 'alternate') === 'alternate' && l['@href'].startsWith(p.url)));
    }
    const empty = xml(await p.text('/quiet/atom.xml')).feed;
    assert.match(String(empty.updated), rfc3339, 'a feed without entries has a time as well');
  });

  test('JSON Feed has what version 1.1 asks', async () => {
    for (const base of ['', '/world', '/quiet']) {
      const feed = await p.view(`${base}/feed.json`);
      assert.equal(feed.version, 'https://jsonfeed.org/version/1.1');
      assert.ok(feed.title);
      assert.equal(feed.feed_url, `${p.url}${base}/feed.json`);
      assert.ok(feed.home_page_url.startsWith(p.url));
      assert.ok(Array.isArray(feed.items));
      for (const item of feed.items) {
        assert.equal(typeof item.id, 'string');
        assert.ok(item.url.startsWith(`${p.url}/`));
        assert.ok(typeof item.content_html === 'string' || typeof item.content_text === 'string');
        assert.match(item.date_published, rfc3339);
        if (item.date_modified) assert.match(item.date_modified, rfc3339);
        if (item.authors) assert.ok(item.authors.every((a) => a.name));
        if (item.image) assert.ok(item.image.startsWith(p.url));
        assert.ok(!/(?:href|src)="\//.test(item.content_html ?? ''));
      }
    }
  });

  test('whatever lists stories has feeds: tag, author, series, search', async () => {
    await importFolder(p, { 's.md': '---\nheadline: Part one\nslug: part-one\nsection: world\nseries: The dams\npublished: 2022-03-01\n---\nA dam.\n' });
    const pages = { '/tag/lighthouses': '', '/author/ann-lee': '', '/series/the-dams': '', '/search': '?q=lamp+section%3Aworld' };
    for (const [page, query] of Object.entries(pages)) {
      const shown = (await p.view(`${page}.json${query}`));
      const first = (shown.results ?? shown.cards).map((c) => p.url + c.url).slice(0, 5);
      assert.deepEqual(shown.page.feeds.map((f) => f.url), ['rss.xml', 'atom.xml', 'feed.json'].map((f) => `${page}/${f}${query}`));
      const rss = await parsed(await p.text(`${page}/rss.xml${query}`)), atom = await parsed(await p.text(`${page}/atom.xml${query}`));
      const json = await p.view(`${page}/feed.json${query}`);
      assert.ok(rss.items.length > 0 && rss.items.length <= 20, page);
      assert.deepEqual(rss.items.map((i) => i.link), json.items.map((i) => i.url), page);
      assert.deepEqual(atom.items.map((i) => i.link), json.items.map((i) => i.url), page);
      for (const url of first) assert.ok(json.items.some((i) => i.url === url), url);
      assert.equal(json.feed_url, `${p.url}${page}/feed.json${query}`);
      assert.equal(rss.meta.link, json.home_page_url);
    }
    for (const path of ['/tag/none', '/author/none', '/series/none', '/search'])
      assert.equal((await p.get(`${path}/rss.xml`)).status, 404, path);
  });

  test('older entries are a page further on (RFC 5005), each once', async () => {
    await importFolder(p, { 'c.md': `---\nheadline: Often wrong\nslug: often-wrong\nsection: harbour\npublished: 2021-03-01\ncorrections:\n${
      Array.from({ length: 45 }, (_, i) => `  - date: 2021-04-05 06:${10 + i}\n    text: Mistake ${i}.\n`).join('')}---\nText.\n` });
    for (const base of ['', '/harbour', '/tag/lighthouses', '/corrections']) {
      const seen = [];
      let path = `${base}/feed.json`, pages = 0;
      for (; path; pages++) {
        const feed = await p.view(path);
        assert.equal(feed.feed_url, p.url + path);
        const xmlPath = path.replace('feed.json', 'atom.xml');
        const { feed: atom } = xml(await p.text(xmlPath));
        const link = (rel) => atom.link.find((l) => l['@rel'] === rel)?.['@href'];
        assert.equal(link('next'), feed.next_url?.replace('feed.json', 'atom.xml'));
        assert.equal(link('first'), pages ? `${p.url}${base}/atom.xml` : undefined);
        assert.equal(atom.id, `${p.url}${base}/atom.xml`, 'all pages are one feed');
        seen.push(...feed.items.map((i) => i.id));
        path = feed.next_url?.slice(p.url.length);
      }
      assert.ok(pages > 1 && seen.length > 20, base);
      assert.equal(new Set(seen).size, seen.length, base);
      if (base === '/corrections') assert.ok(seen.length >= 45, `${seen.length} corrections`);
    }
    for (const file of Object.keys(types)) assert.equal((await p.get(`/corrections/${file}?before=nonsense`)).status, 404);
  });

  test('entries carry the picture, who wrote them, and when they last changed', async () => {
    const item = (await p.view('/world/feed.json')).items.find((i) => i.url.endsWith('/world/lamp'));
    assert.deepEqual(item.authors.map((a) => a.url), [`${p.url}/author/ann-lee`, `${p.url}/author/bo-chan`]);
    const { rss } = xml(await p.text('/world/rss.xml'));
    const one = rss.channel.item.find((i) => i.link.toString().endsWith('/world/lamp'));
    assert.equal(one['media:content']['@url'], item.image);
    assert.equal(one['atom:updated'], '2022-07-01T08:05:00-04:00');
    const entry = xml(await p.text('/world/atom.xml')).feed.entry.find((e) => e.link.some((l) => l['@href'].endsWith('/world/lamp')));
    assert.equal(entry.link.find((l) => l['@rel'] === 'enclosure')['@href'], item.image);
    assert.deepEqual(entry.author.map((a) => a.uri), item.authors.map((a) => a.url));
    assert.equal((await p.get(new URL(item.image).pathname)).status, 200);
  });

  test('a second reader of another make sees the same', async () => {
    for (const base of ['', '/world', '/tag/lighthouses', '/author/ann-lee']) {
      const json = await p.view(`${base}/feed.json`);
      for (const file of ['rss.xml', 'atom.xml']) {
        const feed = parseFeed(await p.text(`${base}/${file}`));
        assert.equal(feed.title, json.title);
        assert.equal(feed.language, 'en');
        assert.deepEqual(feed.items.map((i) => [i.id, i.url, i.title]), json.items.map((i) => [i.id, i.url, i.title]));
        assert.deepEqual(feed.items.map((i) => i.published.getTime()), json.items.map((i) => Date.parse(i.date_published)));
        assert.deepEqual(feed.items.map((i) => i.authors.map((a) => a.name).filter((n) => n !== feed.title && n !== 'The Test Herald')), json.items.map((i) => i.authors.map((a) => a.name)));
        assert.deepEqual(feed.items.map((i) => i.image?.url ?? i.media[0]?.url), json.items.map((i) => i.image));
      }
    }
  });

  test('who has a feed already is told so; HEAD tells the same without it', async () => {
    for (const path of ['/rss.xml', '/tag/lighthouses/atom.xml', '/world/feed.json', '/search/rss.xml?q=lamp']) {
      const r = await p.get(path), etag = r.headers.get('etag');
      assert.ok(etag && Number(r.headers.get('content-length')) !== 0, path);
      await r.arrayBuffer();
      assert.equal((await p.get(path, { headers: { 'if-none-match': etag } })).status, 304, path);
      const head = await p.get(path, { method: 'HEAD' });
      assert.equal(head.status, 200);
      assert.equal(head.headers.get('etag'), etag, path);
      assert.equal(await head.text(), '');
    }
    const since = (await p.get('/rss.xml')).headers.get('last-modified');
    assert.equal((await p.get('/rss.xml', { headers: { 'if-modified-since': since } })).status, 304);
  });

  test('the three feeds name the same stories, in the same order', async () => {
    const rss = (await parsed(await p.text('/rss.xml'))).items.map((i) => i.link);
    const atom = (await parsed(await p.text('/atom.xml'))).items.map((i) => i.link);
    const json = (await p.view('/feed.json')).items.map((i) => i.url);
    assert.deepEqual(rss, atom);
    assert.deepEqual(rss, json);
    assert.ok(rss.length >= 10);
  });

  test('ids stay when headline, slug and section change', async () => {
    const ids = async () => [(await parsed(await p.text('/rss.xml'))).items, (await parsed(await p.text('/atom.xml'))).items]
      .map((items) => items.find((i) => /one line|another line/.test(i.title)).guid)
      .concat((await p.view('/feed.json')).items.find((i) => /one line|another line/.test(i.title)).id);
    const was = await ids();
    await p.run('story', 'edit', 'plain', '--headline', 'A story of another line', '--slug', 'plainer', '--section', 'world');
    assert.deepEqual(await ids(), was);
    assert.match(await p.text('/feed.json'), /another line/);
  });

  test('the sitemap’s index leads to parts that name every public page once, and nothing else', async () => {
    const { sitemapindex } = xml(await p.text('/sitemap.xml'));
    assert.equal(sitemapindex['@xmlns'], 'http://www.sitemaps.org/schemas/sitemap/0.9');
    const found = [];
    for (const { loc } of sitemapindex.sitemap) {
      assert.ok(loc.startsWith(`${p.url}/`));
      const { urlset } = xml(await p.text(new URL(loc).pathname));
      assert.equal(urlset['@xmlns'], 'http://www.sitemaps.org/schemas/sitemap/0.9');
      if (loc.endsWith('/news.xml')) continue; // names the newest once more
      for (const u of urlset.url) {
        found.push(u.loc);
        if (u.lastmod) assert.match(u.lastmod, rfc3339);
      }
    }
    assert.equal(new Set(found).size, found.length);
    for (const url of found) assert.equal((await p.get(new URL(url).pathname)).status, 200, url);
    const wanted = (await p.json('story', 'list', '--state', 'published', '--limit', '1000')).map((s) => p.url + s.path);
    for (const url of [...wanted, `${p.url}/`, `${p.url}/world`, `${p.url}/quiet`]) assert.ok(found.includes(url), url);
    assert.ok(!found.some((u) => /false-report|not-yet/.test(u)));
    for (const part of ['0', '2', '-1', 'x', '999999999999']) assert.equal((await p.get(`/sitemap/${part}.xml`)).status, 404, part);
  });
});

describe('the feeds of a live blog', () => {
  const files = ['rss.xml', 'atom.xml', 'feed.json'];
  let p;
  before(async () => {
    p = await newsroom();
    const file = await p.file('storm.md', '---\nheadline: Storm & <sound>\nsection: harbour\nslug: storm\nstandfirst: What we hear.\n---\nIt began at noon.\n');
    await p.run('story', 'new', file, '--publish');
    await p.run('live', 'start', 'storm');
    for (let i = 1; i <= 23; i++) await p.run('live', 'post', 'storm', '--headline', `Entry ${i}`, '--body', `Text of ${i}, see [the lamp](/world/lamp).`, '--author', 'ann-lee');
    await p.serve();
  });
  after(() => p.end());

  test('hold its entries newest first with their whole text, each at its place on the page', async () => {
    const all = await p.json('live', 'list', 'storm', '--limit', '100');
    const json = await p.view('/harbour/storm/feed.json');
    assert.equal(json.title, 'The Test Herald: Storm & <sound>');
    assert.equal(json.home_page_url, `${p.url}/harbour/storm`);
    assert.equal(json.description, 'What we hear.');
    assert.deepEqual(json.items.map((i) => i.id), all.slice(0, 20).map((e) => `urn:stet:entry:${e.id}`));
    assert.equal(json.items[0].title, 'Entry 23');
    assert.match(json.items[0].content_html, new RegExp(`Text of 23, see <a href="${p.url}/world/lamp"`));
    assert.deepEqual(json.items[0].authors.map((x) => x.name), ['Ann Lee']);
    for (const item of [json.items[0], json.items[19]]) {
      const url = new URL(item.url), page = await p.text(url.pathname + url.search);
      assert.ok(page.includes(`id="${url.hash.slice(1)}"`), item.url);
    }
    for (const file of ['rss.xml', 'atom.xml']) {
      const feed = parseFeed(await p.text(`/harbour/storm/${file}`));
      assert.deepEqual(feed.items.map((i) => [i.id, i.url, i.title]), json.items.map((i) => [i.id, i.url, i.title]), file);
      assert.deepEqual(feed.items.map((i) => i.published.getTime()), json.items.map((i) => Date.parse(i.date_published)), file);
    }
    const older = await p.view(json.next_url.slice(p.url.length));
    assert.deepEqual(older.items.map((i) => i.title), ['Entry 3', 'Entry 2', 'Entry 1']);
    assert.equal(older.next_url, undefined);
  });

  test('are named at the head of its page, and are there for live blogs alone', async () => {
    const html = plainly(await p.text('/harbour/storm'));
    for (const file of files) {
      assert.match(html, new RegExp(`<link rel="alternate" type="[^"]+" title="[^"]+" href="/harbour/storm/${file}">`));
      assert.equal((await p.get(`/harbour/storm/${file}`)).status, 200, file);
      for (const path of ['/world/lamp', '/world/storm', '/harbour/never-was', '/harbour/false-report', '/harbour/not-yet'])
        assert.equal((await p.get(`${path}/${file}`)).status, 404, path);
      assert.equal((await p.get(`/harbour/storm/${file}?before=nonsense`)).status, 404);
    }
    assert.doesNotMatch(plainly(await p.text('/world/lamp')), /href="\/world\/lamp\/rss.xml"/);
  });

  test('are the same until an entry is added, edited, corrected or withdrawn, and tell of it under the same id', async () => {
    const [entry] = await p.json('live', 'list', 'storm', '--limit', '1');
    const changes = [
      ['a new entry', ['live', 'post', 'storm', '--body', `${'Words without a headline go on and on. '.repeat(6)}`], /Words without a headline/],
      ['an edit', ['live', 'edit', entry.id, '--body', 'Mended text.'], /Mended text\./],
      ['a correction', ['live', 'correct', entry.id, '--text', 'It was pier 4, not 14.'], /pier 4, not 14/],
      ['a withdrawal', ['live', 'withdraw', entry.id, '--reason', 'Told <twice>.'], /withdrawn: Told &lt;twice/],
    ];
    for (const [what, verb, said] of changes) {
      const etags = {};
      for (const file of files) {
        etags[file] = (await p.get(`/harbour/storm/${file}`)).headers.get('etag');
        assert.equal((await p.get(`/harbour/storm/${file}`, { headers: { 'if-none-match': etags[file] } })).status, 304, file);
      }
      await p.run(...verb);
      for (const file of files)
        assert.equal((await p.get(`/harbour/storm/${file}`, { headers: { 'if-none-match': etags[file] } })).status, 200, `${what}: ${file}`);
      const { items } = await p.view('/harbour/storm/feed.json');
      assert.ok(items.some((i) => said.test(i.content_html)), what);
      const same = items.find((i) => i.id === `urn:stet:entry:${entry.id}`);
      assert.ok(same, 'its id stays');
      if (verb[2] === entry.id) assert.ok(Date.parse(same.date_modified) >= Date.parse(same.date_published), what);
      assert.ok(items.every((i) => i.title.length > 0 && i.title.length <= 111), 'each has a title');
    }
    const { items } = await p.view('/harbour/storm/feed.json');
    assert.doesNotMatch(JSON.stringify(items), /Mended text|pier 4/, 'what was withdrawn is not told');
  });
});
