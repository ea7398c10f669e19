// feeds.test.mjs: RSS, Atom and JSON Feed as their readers read them; the sitemap; robots.txt.
import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { after, before, describe, test } from 'node:test';
import FeedParser from 'feedparser';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { many, newsroom } from './newsroom.mjs';

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

  test('robots.txt lets everybody in and names the sitemap', async () => {
    const r = await p.get('/robots.txt');
    assert.match(r.headers.get('content-type'), /^text\/plain/);
    assert.equal(await r.text(), `User-agent: *\nDisallow:\n\nSitemap: ${p.url}/sitemap.xml\n`);
  });
});
