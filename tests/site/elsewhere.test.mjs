// elsewhere.test.mjs: conversations on other people's pages, with a second origin that is real: which pages may, that looking leaves
// nothing, that such pages are in no list; in Chromium and Firefox that the frame shows, grows, gets what is written in a window
// of ours, refuses to stand where it may not, and hears no strangers.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { once } from 'node:events';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { chromium, until } from './lib.mjs';
import { importFolder } from './newsroom.mjs';
import { Client, readersPublication } from './readers.mjs';

const run = promisify(execFile), firefox = process.env.FIREFOX || '/usr/bin/firefox-esr';
let p, ada, friend, stranger;
const sql = async (text) => JSON.parse((await run('sqlite3', ['-json', '-cmd', '.timeout 10000', join(p.folder, 'stet.db'), text])).stdout || '[]');

// Another site: at another host name, so another site to browsers, not only another origin.
async function site() {
  const server = createServer((request, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8');
    const path = new URL(request.url, 'http://x').pathname;
    if (path === '/favicon.ico') return response.writeHead(404).end();
    const dark = path.includes('dark') ? ' style="background: #111"' : '';
    const frame = path.includes('plain') ? `<iframe src="${p.url}${new URL(request.url, 'http://x').searchParams.get('frame')}"></iframe>`
      : `<div data-stet-comments><a href="${p.url}/embed/comments?url=${encodeURIComponent(`http://${request.headers.host}${path}`)}">Comments</a></div><script src="${p.url}/embed/comments.js" async></script>`;
    response.end(`<!DOCTYPE html><html lang="en"><title>Theirs</title><body${dark}><h1>Theirs</h1>${frame}</body></html>`);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { origin: `http://127.0.0.1:${server.address().port}`, close: () => new Promise((r) => { server.closeAllConnections(); server.close(r); }) };
}
const frameOf = (url, more = '') => `/embed/comments?url=${encodeURIComponent(url)}${more}`;
const write = (c, url, text, more = {}) => c.post('/embed/write', { url, text, ...more });

before(async () => {
  p = await readersPublication();
  await importFolder(p, {
    'publication.yaml': 'name: The Test\nsections:\n  - slug: city\n    name: City\n    description: ""\n',
    'harbour.md': '---\nheadline: The harbour\nsection: city\nslug: harbour\npublished: 2024-11-20 09:00\n---\nThe pier stays.\n',
  });
  await p.run('forum', 'settings', 'publication', 'days', '0');
  friend = await site();
  stranger = await site();
  await p.run('forum', 'rules', 'near_hours', '0'); // the browsers write the same
  await p.run('forum', 'site', 'add', friend.origin);
  ada = new Client(p);
  await ada.register('Ada Quill', 'ada@example.org');
});
after(async () => {
  await p?.end();
  await friend?.close();
  await stranger?.close();
});

describe('pages of other sites', () => {
  test('are those of listed origins, which owners list', async () => {
    assert.equal((await p.run('forum', 'site', 'add', 'HTTPS://Blog.Example.org:443/')).includes('https://blog.example.org\n'), true);
    assert.deepEqual((await p.json('forum', 'site', 'list')).sites, [friend.origin, 'https://blog.example.org'].sort());
    for (const wrong of ['blog.example.org', 'https://a.example/path', 'http://a.example', 'https://*.example', "https://a.example'; script-src *", 'https://u:p@a.example', 'https://a.example:99999', 'javascript:alert(1)', 'https://', friend.origin]) {
      const done = await p.cli(['forum', 'site', 'add', wrong]);
      assert.notEqual(done.code, 0, wrong);
    }
    await p.run('forum', 'site', 'remove', 'https://blog.example.org');
    const [{ kind, detail }] = await sql('SELECT kind, detail FROM entry ORDER BY number DESC LIMIT 1');
    assert.deepEqual([kind, JSON.parse(detail)], ['forum.site', { origin: 'https://blog.example.org', allowed: false }]);

    const owner = new Client(p), mod = new Client(p);
    for (const [c, name, role] of [[owner, 'Olga Own', 'owner'], [mod, 'Mona Rule', 'moderator']]) {
      await c.register(name, `${role}@example.org`);
      await sql(`UPDATE reader SET role = '${role}' WHERE name = '${name}'`);
      await sql(`UPDATE session SET strong = 1 WHERE reader = (SELECT id FROM reader WHERE name = '${name}')`);
    }
    const sites = '/moderation/rules/sites';
    assert.equal((await mod.post(sites, { do: 'add', origin: 'https://b.example' })).status, 403);
    assert.equal((await ada.post(sites, { do: 'add', origin: 'https://b.example' })).status, 403);
    assert.equal((await owner.post(sites, { do: 'add', origin: 'https://b.example' })).status, 303);
    assert.match(await mod.html('/moderation/rules'), /<bdi>https:\/\/b\.example<\/bdi>/);
    const wrong = await owner.post(sites, { do: 'add', origin: 'b.example' });
    assert.equal(wrong.status, 422);
    assert.match(await wrong.text(), /id="origin-wrong"/);
    assert.equal((await owner.post(sites, { do: 'add', origin: 'https://b.example' })).status, 409);
    assert.equal((await owner.post(sites, { do: 'remove', origin: 'https://b.example' })).status, 303);
  });

  test('may frame what is about them alone; nothing else is framed by anybody', async () => {
    const r = await p.get(frameOf(`${friend.origin}/a`));
    assert.equal(r.status, 200);
    assert.match(r.headers.get('content-security-policy'), new RegExp(`frame-ancestors ${friend.origin.replaceAll('.', '\\.')};`));
    assert.equal(r.headers.get('x-frame-options'), null);
    const bad = [`${stranger.origin}/a`, 'https://evil.example/', 'javascript:alert(1)', '', 'https://a.example/;%20x', `${friend.origin}.evil.example/`, `${friend.origin}@evil.example/`, `${friend.origin}/a/../b`, `${friend.origin}/%zz`, `${friend.origin}/${'x'.repeat(500)}`, `${friend.origin}/a\nb`];
    for (const url of bad) {
      const refused = await p.get(frameOf(url));
      assert.equal(refused.status, 404, url);
      assert.match(refused.headers.get('content-security-policy'), /frame-ancestors 'none'/, url);
      assert.equal(refused.headers.get('x-frame-options'), 'DENY', url);
      assert.equal((await write(ada, url, 'Words')).status, 404, url);
    }
    for (const path of ['/', '/city/harbour', '/embed/write?url=x', '/sign-in', '/city/harbour/comments']) {
      const ours = await p.get(path);
      assert.match(ours.headers.get('content-security-policy'), /frame-ancestors 'none'/, path);
      assert.equal(ours.headers.get('x-frame-options'), 'DENY', path);
    }
    const script = await p.get('/embed/comments.js');
    assert.match(script.headers.get('content-type'), /javascript/);
    new Function(await script.text()); // it parses
  });

  test('leave nothing while they are only looked at, or while nothing may be written', async () => {
    for (let i = 0; i < 50; i++) await p.get(frameOf(`${friend.origin}/made-up/${i}`));
    assert.equal((await new Client(p).get(`/embed/write?url=${encodeURIComponent(`${friend.origin}/a`)}`)).status, 303);
    assert.equal((await ada.get(`/embed/write?url=${encodeURIComponent(`${friend.origin}/a`)}`)).status, 200);
    assert.equal((await write(ada, `${friend.origin}/a`, '')).status, 422);
    const out = await write(new Client(p), `${friend.origin}/a`, 'Kept words');
    assert.equal(out.status, 403); // signed out meanwhile: the words come back
    assert.match(await out.text(), />Kept words<\/textarea>/);
    const held = await write(ada, `${friend.origin}/a`, '[a](https://a.example/) [b](https://b.example/)');
    assert.equal(held.status, 409);
    assert.match(await held.text(), /name="sure"/);
    const other = await ada.post('/embed/write', { url: `${friend.origin}/a`, text: 'x' }, { headers: { 'sec-fetch-site': 'cross-site', origin: friend.origin } });
    assert.equal(other.status, 403);
    assert.deepEqual(await sql('SELECT * FROM other_page'), []);
    assert.deepEqual(await sql('SELECT * FROM comment'), []);
  });

  test('have one conversation however their address is written, with all that conversations have, and are in no list', async () => {
    const url = `${friend.origin}/page?id=7`;
    const done = await write(ada, `${friend.origin.replace('http', 'HTTP')}/page?utm_source=x&id=7&fbclid=y#part`, 'The first about this page');
    assert.equal(done.status, 303, await done.text());
    assert.deepEqual(await sql('SELECT url FROM other_page'), [{ url }]);
    const bob = new Client(p);
    await bob.register('Bob Stone', 'bob@example.org');
    assert.equal((await write(bob, `${url}&gclid=z`, 'The second')).status, 303);
    for (const spelled of [url, `${url}#x`, `${url}&utm_medium=y`]) {
      const html = await p.html(frameOf(spelled));
      assert.match(html, /The first about this page/);
      assert.match(html, /2 comments/);
    }
    assert.doesNotMatch(await p.html(frameOf(`${friend.origin}/page?id=8`)), /The first about/);
    const [{ slug }] = await sql('SELECT slug FROM other_page');
    const talk = `/elsewhere/${slug}/comments`;
    assert.match(await p.html(talk), /The first about this page/);
    assert.match(await p.html(talk), /noindex/);
    assert.equal((await p.get(`/elsewhere/${slug}`)).headers.get('location'), url);
    // Answers, votes, reports as everywhere.
    const id = /id="c-(\w+)"/.exec(await p.html(frameOf(url)))[1];
    const cy = new Client(p);
    await cy.register('Cy Dee', 'cy@example.org');
    assert.equal((await cy.post(talk, { text: 'An answer', answers: id })).status, 303);
    assert.match(await p.html(frameOf(url)), /An answer/);
    assert.equal((await p.get(`/comment/${id}`)).status, 303);
    for (const path of ['/', '/search?q=page', '/search?q=first', '/sitemap.xml', '/sitemap/news.xml', '/rss.xml', '/feed.json', '/archive', '/most-read', '/city', '/city.json']) {
      const text = await p.text(path);
      assert.doesNotMatch(text, new RegExp(`${slug}|${friend.origin}`), path);
    }
    const doctor = await p.cli(['doctor']);
    assert.equal(doctor.code, 0, doctor.stdout + doctor.stderr);
    // Who is answered there hears of it like anybody.
    assert.match(await bob.html('/following') + await ada.html('/following'), /An answer/);
    // A site that may no more is not framed, nor led to; what was said stays.
    await p.run('forum', 'site', 'remove', friend.origin);
    assert.equal((await p.get(frameOf(url))).status, 404);
    assert.equal((await write(ada, url, 'More')).status, 404);
    assert.equal((await p.get(`/elsewhere/${slug}`)).headers.get('location'), `${p.url}${talk}`);
    assert.equal((await p.get(talk)).status, 200);
    await p.run('forum', 'site', 'add', friend.origin);
  });
});

// What both browsers must do; `b` drives one.
async function inBrowser(b, name) {
  const url = `${friend.origin}/${name}`;
  const page = await b.open(url);
  const frame = await b.frame(page, /\/embed\/comments/);
  await b.until(frame, () => !!document.querySelector('.nobody'));
  assert.equal(await page.evaluate(() => document.querySelector('[data-stet-comments] > a')), null); // the link gave way
  const height = () => page.evaluate(() => document.querySelector('iframe').getBoundingClientRect().height);
  const fits = () => b.until(frame, () => document.documentElement.scrollHeight <= innerHeight + 1 && document.querySelector('main').offsetHeight >= innerHeight - 2);
  await b.until(page, () => document.querySelector('iframe').style.blockSize !== '12rem');
  const low = await height();

  // Signed in on our site, in this browser; the frame does not know, so one writes in a window of ours.
  const link = await frame.evaluate(() => document.querySelector('a.button').href);
  const mine = new Client(p);
  await mine.register(`Reader ${name[0].toUpperCase()}${name.slice(1)}`, `${name}@example.org`);
  await b.cookies(mine);
  const wide = await b.open(link);
  assert.equal(await wide.evaluate(() => document.querySelector('form.write button').textContent), 'Post');
  await wide.evaluate(() => { document.querySelector('#write-text').value = 'Written in a window of ours\n\nwith\n\nmany\n\nlines'; });
  await wide.evaluate(() => { setTimeout(() => document.querySelector('form.write').requestSubmit(), 50); });
  await b.until(wide, () => location.pathname.startsWith('/elsewhere/') || document.querySelector('#write-wrong'));
  // The page itself is asked: what drives it hears of where it went a moment later.
  assert.match(await wide.evaluate(() => location.pathname), /\/elsewhere\/\w+\/comments/, await wide.evaluate(() => document.querySelector('#write-wrong')?.textContent));
  await b.close(wide);
  await b.front(page);
  await frame.evaluate(() => { dispatchEvent(new Event('focus')); });
  await b.until(frame, () => document.querySelector('.comment')?.textContent.includes('Written in a window of ours'));
  await b.until(page, (was) => document.querySelector('iframe').getBoundingClientRect().height > was, low);
  await fits();

  // From now on events tell.
  assert.equal((await write(ada, url, `And another, by event, in ${name}`)).status, 303);
  await b.until(frame, () => [...document.querySelectorAll('.comment')].some((e) => e.textContent.includes('And another, by event')));

  await fits();

  // Strangers: the page hears only the frame, the frame only the page.
  // Whoever listens later hears later: when we heard it, the script has, too.
  const heard = (where, message) => where.evaluate((said) => new Promise((r) => { addEventListener('message', (e) => { if (e.source === window) r(); }); postMessage(said, '*'); }), message);
  await heard(page, { stet: 'height', height: 5000 });
  await heard(frame, { stet: 'theme', dark: true });
  assert.notEqual(await height(), 5000);
  assert.notEqual(await frame.evaluate(() => document.documentElement.style.colorScheme), 'dark');
  // The page tells light or dark, and when that changes.
  await page.evaluate(() => { document.body.style.background = '#111'; });
  await b.until(frame, () => document.documentElement.style.colorScheme === 'dark');
  const paper = await frame.evaluate(() => getComputedStyle(document.body).backgroundColor);
  assert.ok(/\d+/.exec(paper)[0] < 60, paper);
  await page.evaluate(() => { document.body.style.background = '#fff'; });
  await b.until(frame, () => document.documentElement.style.colorScheme === 'light');
  await b.close(page);

  // A page that may not gets no frame; nor does one that frames what is about another's page, or any other page of ours.
  for (const [from, path] of [[stranger.origin, frameOf(url)], [stranger.origin, frameOf(`${stranger.origin}/x`)], [friend.origin, '/sign-in'], [friend.origin, `/embed/write?url=${encodeURIComponent(url)}`]]) {
    const framed = await b.open(`${from}/plain?frame=${encodeURIComponent(path)}`);
    const seen = await b.texts(framed);
    assert.ok(!seen.some((t) => /Written in a window|Sign in|What do you think/.test(t)), `${from} ${path}: ${seen}`);
    await b.close(framed);
  }
}

describe('in Chromium', () => {
  test('the frame shows, grows, is told; windows of ours write; others are refused', async () => {
    const browser = await chromium(), context = await browser.newContext({ viewport: { width: 800, height: 900 } });
    try {
      const b = {
        open: async (url) => { const page = await context.newPage(); await page.goto(url, { waitUntil: 'load' }); return page; },
        frame: async (page, at) => { const e = await page.waitForSelector('iframe'); const f = await e.contentFrame(); await f.waitForURL(at); return f; },
        until: (where, what, arg) => where.waitForFunction(what, arg, { timeout: 180_000 }),
        cookies: (c) => context.addCookies([...c.cookies].map(([name, value]) => ({ name, value, url: p.url.replace('http:', 'https:') }))),
        close: (page) => page.close(), front: (page) => page.bringToFront(),
        texts: async (page) => Promise.all(page.frames().slice(1).map((f) => f.evaluate(() => document.body?.innerText ?? '').catch(() => ''))),
      };
      await inBrowser(b, 'chromium');
      // axe within the frame's own page, and how it looks.
      const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
      for (const [width, theme] of [[320, 'light'], [800, 'dark']]) {
        const page = await context.newPage();
        await page.setViewportSize({ width, height: 900 });
        await page.goto(`${friend.origin}/chromium`);
        if (theme === 'dark') await page.evaluate(() => { document.body.style.background = '#111'; });
        const frame = await b.frame(page, /embed/);
        await b.until(frame, (t) => document.documentElement.style.colorScheme === t, theme);
        await frame.evaluate(axe);
        const { violations } = await frame.evaluate(() => globalThis.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }));
        assert.deepEqual(violations.flatMap((v) => v.nodes.map((n) => `${v.id} ${n.target} ${n.failureSummary}`)), []);
        assert.ok(await frame.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth), `${width}`);
        if (process.env.SHOTS) await page.screenshot({ path: join(process.env.SHOTS, `frame-${width}-${theme}.png`), fullPage: true });
        await page.close();
      }
      if (process.env.SHOTS) {
        const page = await b.open(`${p.url}/embed/write?url=${encodeURIComponent(`${friend.origin}/chromium`)}`);
        await page.screenshot({ path: join(process.env.SHOTS, 'frame-write.png') });
      }
    } finally {
      await browser.close();
    }
  });
});

describe('in Firefox', { skip: !existsSync(firefox) && 'no Firefox here' }, () => {
  test('the same', async () => {
    const { default: puppeteer } = await import('puppeteer-core');
    const browser = await puppeteer.launch({ browser: 'firefox', executablePath: firefox, headless: true, protocol: 'webDriverBiDi', userDataDir: join(p.base, 'firefox'), timeout: 180_000, protocolTimeout: 180_000 });
    try {
      const b = {
        open: async (url) => { const page = await browser.newPage(); page.setDefaultTimeout(180_000); await page.goto(url, { waitUntil: 'load' }); return page; },
        frame: async (page, at) => {
          let found;
          await until(() => (found = page.frames().find((f) => at.test(f.url()))), `a frame at ${at}`);
          return found;
        },
        until: (where, what, arg) => where.waitForFunction(what, { timeout: 180_000 }, arg),
        cookies: async (c) => { await browser.setCookie(...[...c.cookies].map(([name, value]) => ({ name, value, domain: 'localhost', path: '/', secure: name.startsWith('__Host-'), httpOnly: true, sameSite: 'Lax' }))); },
        close: (page) => page.close(), front: (page) => page.bringToFront(),
        texts: async (page) => Promise.all(page.frames().slice(1).map((f) => f.evaluate(() => document.body?.innerText ?? '').catch(() => ''))),
      };
      await inBrowser(b, 'firefox');
    } finally {
      await browser.close();
    }
  });
});
