// pages.test.mjs: what readers get at each address, over HTTP.
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { plainly } from './lib.mjs';
import { kinds, many, newsroom } from './newsroom.mjs';

// One request with exactly these headers: fetch() adds and decodes behind our back.
function raw(p, path, headers = {}, method = 'GET') {
  return new Promise((resolve, reject) => {
    const q = request({ host: '127.0.0.1', port: p.port, path, method, headers, agent: false }, (r) => {
      const parts = [];
      r.on('data', (d) => parts.push(d));
      r.on('end', () => resolve({ status: r.statusCode, headers: r.headers, body: Buffer.concat(parts) }));
    });
    q.on('error', reject);
    q.end();
  });
}

const statuses = { withdrawn: 410, missing: 404 };
const decode = { br: brotliDecompressSync, gzip: gunzipSync };
const MANY = 50;

describe('pages', () => {
  let p;
  before(async () => {
    p = await newsroom({ extra: many(MANY), conf: '\nlist_stories = 7\n' });
    await p.serve();
  });
  after(() => p.end());

  for (const [kind, path] of Object.entries(kinds))
    test(`${kind}: its status, one h1, a title, its own address`, async () => {
      const r = await p.get(path), html = plainly(await r.text());
      assert.equal(r.status, statuses[kind] ?? 200);
      assert.equal(r.headers.get('content-type'), 'text/html; charset=utf-8');
      assert.equal(html.match(/<h1[ >]/g)?.length, 1, 'one h1');
      assert.match(html, /<title>[^<]+<\/title>/);
      if (kind !== 'missing') assert.ok(html.includes(`<link rel="canonical" href="${p.url}${path}">`));
    });

  test('every view as JSON holds what its page shows, at the address the page names', async () => {
    for (const [kind, path] of Object.entries(kinds)) {
      if (kind === 'missing') continue;
      const html = await p.html(path), [, json] = html.match(/type="application\/json"[^>]* href="([^"]+)"/);
      const r = await p.get(json);
      assert.equal(r.status, statuses[kind] ?? 200, json);
      assert.equal(r.headers.get('content-type'), 'application/json; charset=utf-8');
      const view = await r.json();
      assert.equal(view.page.canonical, p.url + path);
      assert.equal(view.site.name, 'The Test Herald');
      for (const card of [view.lead, ...(view.cards ?? []), ...(view.latest ?? [])].filter(Boolean))
        assert.ok(html.includes(`href="${card.url}"`), `${kind}: ${card.url}`);
      if (view.body) assert.ok(html.includes(view.body.trim()), `${kind}: body`);
    }
  });

  test('an address that leads nowhere answers 404 as JSON, too', async () => {
    const r = await p.get('/harbour/never-was.json');
    assert.equal(r.status, 404);
    assert.equal((await r.json()).status, 404);
  });

  test('the story shows headline, standfirst, byline, place, tags and picture, escaped', async () => {
    const html = await p.html('/world/lamp');
    for (const part of ['The “lamp” that &lt;never&gt; sleeps &amp; its keeper', 'A life <em>beside</em> the light.',
      'NORTH POINT', 'Bo Chan &amp; Daughters', 'R&amp;D &lt;lab&gt;', 'The lamp, <em>lit</em>.', 'Test Desk'])
      assert.ok(html.includes(part), part);
    assert.match(html, /alt="A lamp behind (&quot;|&#34;)glass(&quot;|&#34;) &amp; fog"/);
    assert.ok(!html.includes('<never>') && !html.includes('<lab>'));
    assert.match(html, /<source[^>]* type="image\/avif"|<source type="image\/avif"/);
  });

  test('dates are of the publication’s zone, with its abbreviation and the day', async () => {
    const view = await p.view('/world/lamp.json'), html = await p.html('/world/lamp');
    assert.equal(view.published.text, 'Thursday 10 February 2022 13:37 EST');
    assert.equal(view.published.iso, '2022-02-10T13:37:00-05:00');
    assert.equal(view.updated.text, 'Friday 1 July 2022 08:05 EDT');
    assert.ok(html.includes('<time datetime="2022-02-10T13:37:00-05:00">Thursday 10 February 2022 13:37 EST</time>'));
    // An hour and a half after the clocks went forward.
    assert.equal((await p.view('/harbour/plain.json')).published.text, 'Sunday 12 March 2023 03:30 EDT');
  });

  test('corrections stand on the story, newest first, with their dates', async () => {
    const html = await p.html('/world/lamp'), { corrections } = await p.view('/world/lamp.json');
    assert.deepEqual(corrections.map((c) => c.date.iso), ['2022-03-20T23:30:00-04:00', '2022-02-11T09:00:00-05:00']);
    assert.ok(html.includes('The lamp was lit in 1889, <strong>not</strong> 1898.'));
    assert.ok(html.indexOf('mercury.</p>') < html.lastIndexOf('1889'));
    assert.match(html, /href="#corrections"/);
  });

  test('a withdrawn story answers 410 and tells the reason', async () => {
    const r = await p.get('/harbour/false-report'), html = plainly(await r.text());
    assert.equal(r.status, 410);
    assert.ok(html.includes('It rested on &lt;one&gt; forged letter.'));
    assert.ok(!html.includes('It was false.'), 'nothing of what was withdrawn');
    assert.match(html, /name="robots" content="noindex"/);
    const view = await p.view('/harbour/false-report.json');
    assert.equal(view.reason, 'It rested on <one> forged letter.');
    assert.equal(view.body, undefined);
  });

  test('a draft is nowhere', async () => {
    for (const path of ['/harbour/not-yet', '/harbour/not-yet.json']) assert.equal((await p.get(path)).status, 404);
    for (const path of ['/', '/harbour', '/rss.xml', '/sitemap/1.xml'])
      assert.ok(!(await p.html(path)).includes('not-yet'), path);
  });

  for (const [list, expected] of [['/harbour', MANY + 1], ['/tag/lighthouses', MANY + 1], ['/author/ann-lee', MANY + 1]])
    test(`${list}: its pages bring every story once, newest first`, async () => {
      const seen = [], times = [];
      let path = `${list}.json`, pages = 0;
      for (; path; pages++) {
        const view = await p.view(path);
        const cards = [view.lead, ...view.cards].filter(Boolean);
        assert.ok(cards.length <= 7 && cards.length > 0);
        for (const card of cards) {
          seen.push(card.url);
          times.push(card.published.iso);
        }
        assert.equal(view.newest, pages ? list : null);
        if (view.older) assert.ok((await p.html(path.replace('.json', ''))).includes(`href="${view.older}"`));
        path = view.older?.replace(list, `${list}.json`);
      }
      assert.equal(pages, Math.ceil(expected / 7));
      assert.equal(seen.length, expected);
      assert.equal(new Set(seen).size, expected, 'none twice');
      const instants = times.map(Date.parse);
      assert.deepEqual(instants, [...instants].sort((a, b) => b - a));
    });

  test('a broken key of a list leads nowhere', async () => {
    for (const key of ['', 'x', '0'.repeat(26), '../..', '%00'])
      assert.ok([400, 404, 200].includes((await p.get(`/harbour?before=${key}`)).status), key);
    assert.equal((await p.get('/harbour?before=nonsense')).status, 404);
  });

  test('a slash at the end, and letters after the question mark, are the same page', async () => {
    for (const path of ['/world/', '/world/lamp/', '/tag/lighthouses/', '/about/']) {
      const r = await p.get(path);
      assert.equal(r.status, 301, path);
      assert.equal(r.headers.get('location'), p.url + path.slice(0, -1));
    }
    const plain = await raw(p, '/world/lamp');
    for (const query of ['?utm_source=mail', '?fbclid=1&gclid=2', '?', '?x=<script>'].map(encodeURI)) {
      const r = await raw(p, `/world/lamp${query}`);
      assert.equal(r.headers.etag, plain.headers.etag, query);
      assert.deepEqual(r.body, plain.body, query);
    }
  });

  test('slashes doubled and letters escaped for no need are the same page', async () => {
    const { etag } = (await raw(p, '/world/lamp')).headers;
    for (const path of ['//world/lamp', '/world//lamp', '/%77orld/l%61mp'])
      assert.equal((await raw(p, path)).headers.etag, etag, path);
    // Never another host's address.
    assert.ok((await raw(p, '//example.org/')).headers.location.startsWith(`${p.url}/`));
  });

  test('paths that are not canonical do not reach another page', async () => {
    for (const path of ['/world/./lamp', '/world/../about', '/%2e%2e/about', '/world%2flamp', '/WORLD', '/world/lamp.html'])
      assert.notEqual((await raw(p, path)).status, 200, path);
    assert.notEqual((await raw(p, '/media/../stet.conf')).status, 200);
    assert.notEqual((await raw(p, '/assets/..%2f..%2fstet.conf')).status, 200);
  });

  test('HEAD gives the headers of GET and no body', async () => {
    for (const path of [...Object.values(kinds), '/rss.xml', '/robots.txt']) {
      const get = await raw(p, path), head = await raw(p, path, {}, 'HEAD');
      assert.equal(head.status, get.status, path);
      assert.equal(head.body.length, 0, path);
      for (const name of ['content-length', 'content-type', 'etag', 'last-modified', 'vary'])
        assert.equal(head.headers[name], get.headers[name], `${path}: ${name}`);
    }
  });

  test('what a browser holds already is answered 304, by ETag and by date', async () => {
    for (const path of ['/', '/world/lamp', '/harbour', '/world/lamp.json', '/rss.xml']) {
      const first = await raw(p, path, { 'accept-encoding': 'br' });
      assert.match(first.headers.etag, /^(W\/)?"/);
      const again = await raw(p, path, { 'accept-encoding': 'br', 'if-none-match': `"other", ${first.headers.etag}` });
      assert.equal(again.status, 304, path);
      assert.equal(again.body.length, 0);
      assert.equal(again.headers.etag, first.headers.etag);
      assert.equal((await raw(p, path, { 'if-none-match': '*' })).status, 304);
      assert.equal((await raw(p, path, { 'if-none-match': '"other"' })).status, 200);
      assert.ok(first.headers['last-modified'], `${path} says when it was changed`);
      const since = first.headers['last-modified'];
      const br = { 'accept-encoding': 'br' }; // each coding is made for itself, and dated so
      assert.equal((await raw(p, path, { ...br, 'if-modified-since': since })).status, 304);
      const earlier = new Date(Date.parse(since) - 1000).toUTCString();
      assert.equal((await raw(p, path, { ...br, 'if-modified-since': earlier })).status, 200);
      // The tag is the better witness of the two.
      assert.equal((await raw(p, path, { ...br, 'if-none-match': '"other"', 'if-modified-since': since })).status, 200);
    }
  });

  test('brotli, gzip and plain are the same page', async () => {
    for (const path of ['/', '/world/lamp', '/atom.xml', '/index.json', '/sitemap/1.xml']) {
      const plain = await raw(p, path, { 'accept-encoding': 'identity' });
      assert.equal(plain.headers['content-encoding'], undefined);
      assert.match(plain.headers.vary, /accept-encoding/i);
      for (const coding of ['br', 'gzip']) {
        const packed = await raw(p, path, { 'accept-encoding': coding });
        assert.equal(packed.headers['content-encoding'], coding, path);
        assert.ok(packed.body.length < plain.body.length);
        assert.deepEqual(decode[coding](packed.body), plain.body, `${path} ${coding}`);
        assert.notEqual(packed.headers.etag, undefined);
      }
      assert.equal((await raw(p, path, { 'accept-encoding': 'gzip, br;q=0' })).headers['content-encoding'], 'gzip');
      assert.equal((await raw(p, path, { 'accept-encoding': 'gzip, deflate, br' })).headers['content-encoding'], 'br');
      assert.equal((await raw(p, path)).headers['content-encoding'], undefined);
    }
  });

  test('no cookie, ever; the guards on every page', async () => {
    const assets = [...(await p.html('/')).matchAll(/"(\/assets\/[^"]+)"/g)].map((m) => m[1]);
    const picture = (await p.view('/world/lamp.json')).picture.src;
    const paths = [...Object.values(kinds), '/rss.xml', '/feed.json', '/sitemap.xml', '/robots.txt', '/world/', '/a/b/c/d/e', picture, ...assets];
    assert.ok(assets.length > 2);
    for (const path of paths)
      for (const method of ['GET', 'HEAD', 'OPTIONS', 'DELETE']) {
        const r = await raw(p, path, { cookie: 'a=b' }, method);
        assert.equal(r.headers['set-cookie'], undefined, path);
        if (r.status >= 300 && r.status < 400 || !r.headers['content-type']) continue;
        assert.equal(r.headers['x-content-type-options'], 'nosniff', `${method} ${path}`);
        if (!/^text\/html/.test(r.headers['content-type'])) continue;
        const csp = r.headers['content-security-policy'];
        assert.match(csp, /default-src 'none'/);
        assert.match(csp, /script-src 'self'/);
        assert.match(csp, /frame-ancestors 'none'/);
        assert.match(csp, /base-uri 'none'/);
        assert.doesNotMatch(csp, /unsafe|\*|https?:/);
        assert.ok(r.headers['referrer-policy'] && r.headers['permissions-policy']);
      }
  });

  test('no page carries inline script or style, or names another host', async () => {
    for (const path of Object.values(kinds)) {
      const html = await p.html(path);
      // A block of data is none: nothing runs it.
      assert.doesNotMatch(html, /<style|<script(?![^>]* src=| type="application\/ld\+json">)| style="| on[a-z]+="/);
      for (const [, url] of html.matchAll(/(?:src|srcset|action)="([^"]+)"/g)) assert.match(url, /^\//, path);
      for (const [, url] of html.matchAll(/<link rel="(?:stylesheet|preload|icon|modulepreload)" href="([^"]+)"/g)) assert.match(url, /^\//, path);
    }
  });

  test('what the theme names is held for ever under a name of its content', async () => {
    const html = await p.html('/');
    for (const [, path] of html.matchAll(/"(\/assets\/[^"]+)"/g)) {
      const r = await raw(p, path, { 'accept-encoding': 'br' });
      assert.equal(r.status, 200, path);
      assert.match(r.headers['cache-control'], /immutable/);
      assert.equal((await raw(p, path, { 'if-none-match': r.headers.etag })).status, 304);
    }
    assert.equal((await raw(p, '/assets/style.0000.css')).status, 404);
  });

  test('methods a page does not know are refused, with those it does', async () => {
    const r = await raw(p, '/world/lamp', {}, 'DELETE');
    assert.equal(r.status, 405);
    assert.match(r.headers.allow, /GET/);
    assert.equal((await raw(p, '/world/lamp', {}, 'OPTIONS')).status, 204);
  });

  test('a new slug leads from the old address; so does a new section; chains are one step', async () => {
    await p.run('story', 'new', '--headline', 'Moving', '--slug', 'first-name', '--section', 'harbour', '--publish', '--body', await p.file('x.md', 'Text.'));
    assert.equal((await p.get('/harbour/first-name')).status, 200);
    await p.run('story', 'edit', 'first-name', '--slug', 'second-name');
    await p.run('story', 'edit', 'second-name', '--section', 'world');
    await p.run('story', 'edit', 'second-name', '--slug', 'third-name');
    for (const old of ['/harbour/first-name', '/harbour/second-name', '/world/second-name']) {
      const r = await p.get(old);
      assert.equal(r.status, 301, old);
      assert.equal(r.headers.get('location'), `${p.url}/world/third-name`, old);
    }
    assert.equal((await p.get('/world/third-name')).status, 200);
    // An address that is taken again is a page again.
    await p.run('story', 'edit', 'third-name', '--slug', 'first-name', '--section', 'harbour');
    assert.equal((await p.get('/harbour/first-name')).status, 200);
    assert.equal((await p.get('/world/third-name')).headers.get('location'), `${p.url}/harbour/first-name`);
  });

  test('tags and authors without a public story are not pages', async () => {
    assert.equal((await p.get('/tag/nothing')).status, 404);
    assert.equal((await p.get('/author/nobody')).status, 404);
  });
});
