// outside.test.mjs: what the publication tells other programs: crawlers, search engines, hubs, the
// networks, sites that embed a story. Judged by their own parsers and schemas.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import robotsParser from 'robots-parser';
import { validateXML } from 'xmllint-wasm';
import { rows } from './db.mjs';
import { chromium } from './lib.mjs';
import { importFolder, newsroom } from './newsroom.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const file = (slug, headline, more = '') => `---\nheadline: ${JSON.stringify(headline)}\nslug: ${slug}\nsection: world\nauthors: [ann-lee]\n${more}---\nText.\n`;
const ago = (hours) => new Date(Date.now() - hours * 3600e3).toISOString();

// What the sitemap protocol's schema and those of its extensions have against a document.
async function against(text) {
  const read = async (fileName) => ({ fileName, contents: await readFile(fileName === 'sitemap.xsd'
    ? join(here, 'node_modules', 'sitemap', 'schema', fileName) : join(here, 'schemas', fileName), 'utf8') });
  const result = await validateXML({ xml: [{ fileName: 'x.xml', contents: text }], schema: [await read('all.xsd')],
    preload: await Promise.all(['sitemap.xsd', 'news.xsd', 'image.xsd'].map(read)) });
  return result.errors.map((e) => e.rawMessage);
}

// A place that others are told at; `told` are the requests, `answer` the status of the next.
async function listener() {
  const l = { told: [], answers: [] };
  l.server = createServer(async (q, r) => {
    const parts = [];
    for await (const d of q) parts.push(d);
    l.told.push({ method: q.method, url: q.url, headers: q.headers, body: Buffer.concat(parts).toString() });
    r.writeHead(l.answers.shift() ?? 204).end();
  }).listen(0, '127.0.0.1');
  await once(l.server, 'listening');
  l.url = `http://127.0.0.1:${l.server.address().port}`;
  l.count = async (n) => {
    for (const end = Date.now() + 180_000; Date.now() < end && l.told.length < n;) await new Promise((r) => setTimeout(r, 50));
    assert.ok(l.told.length >= n, `told ${l.told.length} times, not ${n}`);
  };
  return l;
}

describe('files at fixed addresses', () => {
  let p;
  before(async () => {
    p = await newsroom({ conf: `\nsecurity_contact = mailto:security@herald.example\ntrust = belongto=https://press.example, contact=https://herald.example/contact
same_as = https://social.example/@herald\nlicence = https://creativecommons.org/licenses/by/4.0/\nindexnow = 0123456789abcdef\n` });
    await p.serve();
  });
  after(() => p.end());

  test('robots.txt lets everybody in but those who train models, and not into searches', async () => {
    const text = await p.text('/robots.txt'), robots = robotsParser(`${p.url}/robots.txt`, text);
    for (const agent of ['Googlebot', 'Bingbot', 'OAI-SearchBot', 'ChatGPT-User', 'Nobody/1.0']) assert.ok(robots.isAllowed(`${p.url}/world/lamp`, agent), agent);
    for (const agent of ['GPTBot', 'CCBot', 'ClaudeBot', 'Google-Extended', 'meta-externalagent', 'Bytespider'])
      assert.ok(robots.isDisallowed(`${p.url}/world/lamp`, agent), agent);
    assert.ok(robots.isDisallowed(`${p.url}/search?q=x`, 'Googlebot'));
    assert.deepEqual(robots.getSitemaps(), [`${p.url}/sitemap.xml`, `${p.url}/sitemap/news.xml`]);
    assert.match(text, new RegExp(`^License: ${p.url}/license.xml$`, 'm'));
  });

  test('license.xml is RSL with the terms and each use once', async () => {
    const text = await p.text('/license.xml');
    assert.match(text, /<rsl xmlns="https:\/\/rslstandard\.org\/rsl">/);
    assert.match(text, /<prohibits type="usage">ai-train<\/prohibits>/);
    assert.match(text, /<permits type="usage">ai-index<\/permits>/);
    assert.match(text, /<terms>https:\/\/creativecommons\.org\/licenses\/by\/4\.0\/<\/terms>/);
    const { errors } = await validateXML({ xml: [{ fileName: 'l.xml', contents: text }], schema: [{ fileName: 'any.xsd', contents:
      '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="https://rslstandard.org/rsl"><xs:element name="rsl" type="xs:anyType"/></xs:schema>' }] });
    assert.deepEqual(errors, []);
  });

  test('security.txt is what RFC 9116 asks for', async () => {
    const r = await p.get('/.well-known/security.txt'), text = await r.text();
    assert.equal(r.headers.get('content-type'), 'text/plain; charset=utf-8');
    const fields = text.trim().split('\n').map((l) => l.match(/^([A-Za-z-]+): (\S.*)$/)?.slice(1));
    assert.ok(fields.every(Boolean), text);
    const get = (name) => fields.filter(([n]) => n === name).map(([, v]) => v);
    assert.deepEqual(get('Contact'), ['mailto:security@herald.example']);
    assert.deepEqual(get('Canonical'), [`${p.url}/.well-known/security.txt`]);
    assert.deepEqual(get('Preferred-Languages'), ['en']);
    const [expires] = get('Expires'), days = (Date.parse(expires) - Date.now()) / 864e5;
    assert.match(expires, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    assert.ok(get('Expires').length === 1 && days > 30 && days < 365, expires);
    const moved = await p.get('/security.txt');
    assert.deepEqual([moved.status, moved.headers.get('location')], [301, `${p.url}/.well-known/security.txt`]);
  });

  test('trust.txt and ads.txt say who belongs to whom, and that nobody sells here', async () => {
    assert.equal(await p.text('/trust.txt'), 'belongto=https://press.example\ncontact=https://herald.example/contact\nsocial=https://social.example/@herald\ndatatrainingallowed=no\n');
    assert.equal(await p.text('/.well-known/trust.txt'), await p.text('/trust.txt'));
    for (const path of ['/ads.txt', '/app-ads.txt']) assert.equal(await p.text(path), 'placeholder.example.com, placeholder, DIRECT, placeholder\n');
  });

  test('the key of IndexNow is at its address, and no other', async () => {
    assert.equal(await p.text('/0123456789abcdef.txt'), '0123456789abcdef');
    for (const path of ['/0123456789abcde.txt', '/other.txt', '/.txt']) assert.equal((await p.get(path)).status, 404, path);
  });

  test('a file in well-known/ stands in for ours; nothing else is reached', async () => {
    const folder = join(p.folder, 'well-known');
    await mkdir(folder);
    await writeFile(join(folder, 'ads.txt'), 'google.com, pub-1, DIRECT\n');
    await writeFile(join(folder, 'assetlinks.json'), '[]');
    await writeFile(join(folder, '.hidden'), 'no');
    assert.equal(await p.text('/ads.txt'), 'google.com, pub-1, DIRECT\n');
    const r = await p.get('/.well-known/assetlinks.json');
    assert.deepEqual([r.headers.get('content-type'), await r.text()], ['application/json', '[]']);
    for (const path of ['/.well-known/.hidden', '/.well-known/nothing', '/.well-known/..%2fstet.conf', '/.well-known/%2e%2e/stet.conf'])
      assert.ok((await p.get(path)).status >= 400, path);
  });
});

describe('switches and silence', () => {
  test('every switch works alone; without contact, trust and licence there are no such files', async (t) => {
    const p = await newsroom({ conf: '\nai_training = allow\nai_answers = deny\nai_visits = deny\n' });
    t.after(() => p.end());
    await p.serve();
    const robots = robotsParser(`${p.url}/robots.txt`, await p.text('/robots.txt'));
    for (const agent of ['PerplexityBot', 'OAI-SearchBot', 'ChatGPT-User', 'Claude-User']) assert.ok(robots.isDisallowed(`${p.url}/`, agent), agent);
    for (const agent of ['GPTBot', 'CCBot', 'Googlebot']) assert.ok(robots.isAllowed(`${p.url}/`, agent), agent);
    for (const path of ['/.well-known/security.txt', '/trust.txt', '/license.xml', '/.txt']) assert.equal((await p.get(path)).status, 404, path);
    assert.doesNotMatch(await p.text('/robots.txt'), /License:/);
  });
});

describe('sitemaps', () => {
  let p;
  before(async () => {
    const extra = {};
    for (const [slug, headline, hours, more = ''] of [['fresh', 'Fresh & <new>', 1], ['older', 'Nearly two days', 47.5], ['old', 'Two days and more', 48.5],
      ['paid', 'Paid for', 1, 'genre: sponsored\n'], ['french', 'En français', 2, 'language: fr-CA\n'], ['warned', 'Warned of', 3, 'sensitive: true\npicture: pictures/one.png\nalt: x\n']])
      extra[`stories/${slug}.md`] = file(slug, headline, `published: ${ago(hours)}\n${more}`);
    p = await newsroom({ extra });
    await p.serve();
  });
  after(() => p.end());

  test('each is valid by the protocol’s schema', async () => {
    for (const path of ['/sitemap/fixed.xml', '/sitemap/1.xml', '/sitemap/news.xml']) assert.deepEqual(await against(await p.text(path)), [], path);
    assert.notDeepEqual(await against((await p.text('/sitemap/news.xml')).replace('<news:title>', '<news:name>x</news:name><news:title>')), [], 'the schema judges');
  });

  test('the index names all parts', async () => {
    const parts = [...(await p.text('/sitemap.xml')).matchAll(/<loc>([^<]+)<\/loc>/g)].map((m) => m[1].slice(p.url.length));
    assert.deepEqual(parts.sort(), ['/sitemap/1.xml', '/sitemap/fixed.xml', '/sitemap/news.xml']);
    assert.equal((await p.get('/sitemap/2.xml')).status, 404);
    assert.equal((await p.get('/sitemap/0.xml')).status, 404);
  });

  test('news is two days old at most, nobody’s advertisement, newest first', async () => {
    const text = await p.text('/sitemap/news.xml');
    const entries = [...text.matchAll(/<url>.*?<\/url>/gs)].map(([u]) => ({ loc: u.match(/<loc>[^<]*\/([^<]+)<\/loc>/)[1], language: u.match(/language>([^<]+)/)[1], title: u.match(/title>([^<]+)/)[1] }));
    assert.deepEqual(entries.map((e) => e.loc), ['fresh', 'french', 'warned', 'older']);
    assert.deepEqual(entries.map((e) => e.language), ['en', 'fr', 'en', 'en']);
    assert.equal(entries[0].title, 'Fresh &amp; &lt;new&gt;');
  });

  test('pictures stand with their pages, but for those that readers are warned of', async () => {
    const text = await p.text('/sitemap/1.xml');
    const of = (slug) => text.match(new RegExp(`<url><loc>[^<]*/${slug}</loc>.*?</url>`, 's'))[0];
    assert.match(of('lamp'), /<image:loc>http[^<]*\/media\/[0-9a-f]+\/1280\.jpg</);
    assert.doesNotMatch(of('warned'), /image:/);
  });
});

// What is left to tell, to hubs and search engines.
const untold = (p) => rows(p, "SELECT count(*) AS n FROM job WHERE kind IN ('websub.ping', 'indexnow.tell')")[0].n;

describe('hubs and search engines', () => {
  let p, hub, engine;
  const allTold = async () => {
    for (const end = Date.now() + 180_000; untold(p); await new Promise((r) => setTimeout(r, 50))) assert.ok(Date.now() < end, p.log);
  };
  before(async () => {
    hub = await listener();
    engine = await listener();
    p = await newsroom({ conf: `\nhubs = ${hub.url}/hub\nindexnow = 0123456789abcdef\nindexnow_to = ${engine.url}/indexnow\nprivate_calls = allow\nannounce_after = 1\n` });
    await p.serve();
    await hub.count(1); // of what the newsroom was made with
    await engine.count(1);
    await allTold();
  });
  after(async () => {
    await p.end();
    hub.server.close();
    engine.server.close();
  });

  test('feeds name the hub and themselves, in their heads and in themselves', async () => {
    for (const path of ['/rss.xml', '/world/atom.xml', '/feed.json']) {
      const r = await p.get(path), text = await r.text();
      assert.equal(r.headers.get('link'), `<${hub.url}/hub>; rel="hub", <${p.url}${path}>; rel="self"`);
      if (path.endsWith('.json')) assert.deepEqual(JSON.parse(text).hubs, [{ type: 'WebSub', url: `${hub.url}/hub` }]);
      else assert.match(text, new RegExp(`rel="hub"[^>]*href="${hub.url}/hub"|href="${hub.url}/hub"[^>]*rel="hub"`));
    }
  });

  test('a storm of edits is told once to each, and tells of all that changed', async () => {
    hub.told.length = engine.told.length = 0;
    // Each is an act of its own; one command writes them faster than a second a piece, on a busy machine too.
    const storm = Array.from({ length: 12 }, (_, i) => [`stories/s${i}.md`, file(`storm-${i}`, `Storm ${i}`, `published: ${ago(1)}\ntags: [Wind ${i % 2}]\n`)]);
    const acts = () => rows(p, "SELECT count(*) AS n FROM entry WHERE kind = 'story.create'")[0].n, before = acts();
    await importFolder(p, Object.fromEntries(storm));
    assert.equal(acts() - before, storm.length);
    await hub.count(1);
    await engine.count(1);
    await allTold();
    const all = hub.told.map((t) => new URLSearchParams(t.body));
    for (const t of hub.told) assert.deepEqual([t.method, t.url, t.headers['content-type']], ['POST', '/hub', 'application/x-www-form-urlencoded']);
    for (const form of all) assert.equal(form.get('hub.mode'), 'publish');
    assert.ok(hub.told.length < storm.length, `told ${hub.told.length} times of ${storm.length} acts`);
    const feeds = new Set(all.flatMap((f) => f.getAll('hub.url')));
    for (const path of ['/rss.xml', '/atom.xml', '/feed.json', '/world/rss.xml', '/author/ann-lee/atom.xml', '/tag/wind-0/feed.json'])
      assert.ok(feeds.has(p.url + path), path);
    for (const url of feeds) assert.equal((await fetch(url)).status, 200, url);
    const told = engine.told.map((t) => JSON.parse(t.body));
    assert.deepEqual([told[0].host, told[0].key, told[0].keyLocation], [new URL(p.url).host, '0123456789abcdef', `${p.url}/0123456789abcdef.txt`]);
    assert.equal(await (await fetch(told[0].keyLocation)).text(), told[0].key);
  });

  test('a draft is nobody’s business', async () => {
    hub.told.length = 0;
    await importFolder(p, { 'stories/d.md': file('secret-draft', 'Secret', 'state: draft\n') });
    await importFolder(p, { 'stories/e.md': file('after-it', 'After it', `published: ${ago(1)}\n`) });
    await hub.count(1);
    await allTold();
    assert.ok(!JSON.stringify(engine.told).includes('secret-draft'));
  });

  test('a hub that fails is told again', async () => {
    hub.told.length = 0;
    hub.answers.push(503);
    await p.run('story', 'withdraw', 'storm-0', '--reason', 'Calm.');
    await hub.count(2);
    assert.equal(hub.told[0].body.split('&')[0], 'hub.mode=publish');
    assert.ok(new URLSearchParams(hub.told[1].body).getAll('hub.url').includes(`${p.url}/world/rss.xml`));
  });
});

test('a publication that the world cannot reach tells nobody', async (t) => {
  const hub = await listener();
  const p = await newsroom({ conf: `\nhubs = ${hub.url}/hub\nindexnow = 0123456789abcdef\nindexnow_to = ${hub.url}/i\nannounce_after = 0\n` });
  t.after(async () => {
    await p.end();
    hub.server.close();
  });
  await p.serve();
  await importFolder(p, { 'stories/x.md': file('unheard', 'Unheard', `published: ${ago(1)}\n`) });
  assert.equal((await p.get('/world/unheard')).status, 200);
  assert.equal(untold(p), 0); // nor is anything left to tell
  assert.equal(hub.told.length, 0);
});

describe('embedding', () => {
  let p, browser;
  before(async () => {
    p = await newsroom();
    await p.serve();
    browser = await chromium();
  });
  after(async () => {
    await browser?.close();
    await p.end();
  });
  const ask = (query) => p.get(`/oembed?${new URLSearchParams(query)}`);

  test('a story’s page leads to its oEmbed answers', async () => {
    const html = await p.html('/world/lamp');
    const links = [...html.matchAll(/<link rel="alternate" type="((?:application\/json|text\/xml)\+oembed)" href="([^"]+)"/g)];
    assert.deepEqual(links.map((l) => l[1]), ['application/json+oembed', 'text/xml+oembed']);
    for (const [, , href] of links) assert.equal((await fetch(href.replaceAll('&amp;', '&'))).status, 200, href);
  });

  test('the answer is a rich one with all it must have', async () => {
    const r = await ask({ url: `${p.url}/world/lamp`, format: 'json' }), o = await r.json();
    assert.match(r.headers.get('content-type'), /^application\/json/);
    assert.deepEqual([o.type, o.version, o.width, o.height], ['rich', '1.0', 600, 260]);
    assert.equal(o.title, 'The “lamp” that <never> sleeps & its keeper');
    assert.equal(o.provider_name, 'The Test Herald');
    assert.equal(o.provider_url, `${p.url}/`);
    assert.ok(o.html.includes(`<iframe src="${p.url}/embed/world/lamp"`) && !o.html.includes('<never>') && !/script/i.test(o.html));
    const xml = await ask({ url: `${p.url}/world/lamp?utm=1#x`, format: 'xml' }), text = await xml.text();
    assert.match(xml.headers.get('content-type'), /^text\/xml/);
    const { errors } = await validateXML({ xml: [{ fileName: 'o.xml', contents: text }], schema: [{ fileName: 'o.xsd', contents:
      '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="oembed" type="xs:anyType"/></xs:schema>' }] });
    assert.deepEqual(errors, []);
    assert.match(text, /<type>rich<\/type>/);
  });

  test('it stays within the size that was asked for', async () => {
    const o = await (await ask({ url: `${p.url}/world/lamp`, maxwidth: 320, maxheight: 200 })).json();
    assert.deepEqual([o.width, o.height, o.thumbnail_url], [320, 200, undefined]);
    assert.match(o.html, /width="320" height="200"/);
    assert.equal((await (await ask({ url: `${p.url}/world/lamp`, maxwidth: 5000 })).json()).width, 600);
  });

  test('what cannot be answered has the right status', async () => {
    for (const [query, status] of [[{}, 400], [{ url: `${p.url}/world/lamp`, format: 'yaml' }, 501], [{ url: 'https://elsewhere.example/x' }, 404],
      [{ url: `${p.url}/harbour/not-yet` }, 404], [{ url: `${p.url}/harbour/false-report` }, 404], [{ url: `${p.url}/harbour/lamp` }, 404], [{ url: `${p.url}.evil.example/world/lamp` }, 404],
      [{ url: p.url }, 404], [{ url: `${p.url}/` }, 404], [{ url: `${p.url}/world/lamp`, maxwidth: 'x' }, 400], [{ url: `${p.url}/world/lamp`, maxheight: '-1' }, 400]])
      assert.equal((await ask(query)).status, status, JSON.stringify(query));
    for (const path of ['/embed/harbour/not-yet', '/embed/harbour/false-report', '/embed/harbour/lamp']) assert.equal((await p.get(path)).status, 404, path);
  });

  test('the card shows in a frame of another site, without script, its links leaving the frame; other pages do not', async () => {
    const r = await p.get('/embed/world/lamp'), html = await r.text();
    assert.match(r.headers.get('content-security-policy'), /frame-ancestors \*/);
    assert.match(r.headers.get('content-security-policy'), /default-src 'none'/);
    assert.doesNotMatch(r.headers.get('content-security-policy'), /script-src/);
    assert.doesNotMatch(html, /<script/);
    assert.match((await p.get('/world/lamp')).headers.get('content-security-policy'), /frame-ancestors 'none'/);
    const { html: frame } = await (await ask({ url: `${p.url}/world/lamp` })).json();
    const other = createServer((q, s) => s.setHeader('content-type', 'text/html').end(`<!DOCTYPE html><p>Other</p>${frame}<iframe src="${p.url}/world/lamp"></iframe>`)).listen(0, '127.0.0.1');
    await once(other, 'listening');
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${other.address().port}/`);
    const card = page.frameLocator('iframe').first();
    assert.equal(await card.locator('h1').innerText(), 'The “lamp” that <never> sleeps & its keeper');
    assert.deepEqual(await card.locator('a').evaluateAll((l) => [...new Set(l.map((a) => a.target))]), ['_top']);
    // The browser says that it was refused, in words of its own.
    assert.equal(await page.frameLocator('iframe').nth(1).locator('.headline').count(), 0);
    assert.ok(await card.locator('main').evaluate((m) => m.scrollWidth <= innerWidth && document.documentElement.scrollHeight <= innerHeight));
    await page.close();
    other.close();
  });
});

describe('pictures for sharing', () => {
  let p;
  const size = (b) => [b.readUInt32BE(16), b.readUInt32BE(20)];
  before(async () => {
    const extra = {};
    for (const [slug, headline] of Object.entries({ long: `${'Words and more words '.repeat(14)}`.trim(), arabic: 'الميناء القديم يفتح أبوابه من جديد', chinese: '港務局第三次推遲舊渡輪碼頭重開',
      hindi: 'पुराना बंदरगाह फिर खुला', markup: '<b>bold</b> & <span size="999999">big</span>', word: 'W'.repeat(200), emoji: '🛳️🏴‍☠️' }))
      extra[`stories/${slug}.md`] = file(slug, headline, `published: ${ago(1)}\n`);
    p = await newsroom({ extra });
    await p.serve();
  });
  after(() => p.end());

  const share = async (slug) => (await p.view(`/world/${slug}.json`)).page.picture;

  for (const slug of ['long', 'arabic', 'chinese', 'hindi', 'markup', 'word', 'emoji'])
    test(`a headline of any kind is drawn: ${slug}`, async () => {
      const picture = await share(slug), r = await p.get(new URL(picture.url).pathname);
      assert.equal(r.status, 200);
      assert.deepEqual([r.headers.get('content-type'), r.headers.get('cache-control')], ['image/png', 'public, max-age=31536000, immutable']);
      const b = Buffer.from(await r.arrayBuffer());
      assert.deepEqual(size(b), [picture.width, picture.height]);
      assert.deepEqual(size(b), [1200, 630]);
      assert.ok(b.length > 3000 && b.length < 300_000, `${b.length} bytes`);
    });

  test('a changed story has another picture; the old one leads to it', async () => {
    const before = await share('long');
    await p.run('story', 'correct', 'long', '--text', 'It was shorter.');
    const now = await share('long');
    assert.notEqual(now.url, before.url);
    const moved = await p.get(new URL(before.url).pathname);
    assert.deepEqual([moved.status, moved.headers.get('location')], [302, now.url]);
  });

  test('drafts, withdrawn stories and made-up names have none', async () => {
    const list = await p.json('story', 'list', '--limit', '100'), id = (slug) => list.find((s) => s.path?.endsWith(slug) || s.slug === slug)?.id;
    for (const name of [`${id('not-yet')}-1`, `${id('false-report')}-1`, `${id('long')}-99`, `${id('long')}-0`, `${id('long')}`, 'x-1', '..', '-'])
      assert.equal((await p.get(`/share/${name}.png`)).status, 404, name);
  });

  test('the publication has its own, and its name as a logo', async () => {
    assert.equal((await p.view('/quiet.json')).page.picture.url, `${p.url}/share/site.png`);
    for (const [name, wanted] of [['site', [1200, 630]], ['logo', [600, 60]]])
      assert.deepEqual(size(Buffer.from(await (await p.get(`/share/${name}.png`)).arrayBuffer())), wanted);
  });
});
