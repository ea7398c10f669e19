// live.test.mjs: live blogs: the page and its pages, the stream over kills and storms, and two browsers that read at once.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { get as httpGet } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { Publication, chromium, plainly, withSections } from './lib.mjs';

// A reader of an event stream over plain HTTP, as a browser's EventSource would be one.
class Reader {
  constructor(url, lastId) {
    this.url = url;
    this.lastId = lastId;
    this.events = [];
    this.closed = true;
  }

  open() {
    return new Promise((resolve, reject) => {
      const headers = { accept: 'text/event-stream' };
      if (this.lastId) headers['last-event-id'] = String(this.lastId);
      this.request = httpGet(this.url, { headers }, (answer) => {
        this.status = answer.statusCode;
        this.headers = answer.headers;
        this.closed = false;
        let text = '';
        answer.setEncoding('utf8');
        answer.on('data', (part) => {
          text += part;
          for (let at; (at = text.indexOf('\n\n')) >= 0; text = text.slice(at + 2)) this.take(text.slice(0, at));
        });
        const end = () => { this.closed = true; };
        answer.on('end', end).on('error', end).on('close', end);
        resolve(this);
      });
      this.request.on('error', (e) => { this.closed = true; reject(e); });
    });
  }

  take(block) {
    let id, data;
    for (const line of block.split('\n')) {
      if (line.startsWith('id: ')) id = Number(line.slice(4));
      else if (line.startsWith('data: ')) data = line.slice(6);
    }
    if (id) this.lastId = id;
    if (data !== undefined) this.events.push({ id, ...JSON.parse(data), record: id });
  }

  close() {
    this.request?.destroy();
  }
}

async function until(what, say, seconds = 180) {
  for (const end = Date.now() + seconds * 1000; Date.now() < end;) {
    if (await what()) return;
    await new Promise((r) => { setTimeout(r, 50); });
  }
  throw new Error(`never: ${say}`);
}

async function liveBlog(slug = 'storm', entries = 0) {
  const p = await Publication.make({ name: 'The Live Test' });
  await withSections(p, 'news');
  const file = await p.file('storm.md', `---\nheadline: Storm over the sound\nsection: news\nslug: ${slug}\nstandfirst: What we hear.\n---\nIt began at noon.\n`);
  await p.run('story', 'new', file, '--publish');
  await p.run('live', 'start', slug);
  for (let i = 1; i <= entries; i++) await p.run('live', 'post', slug, '--headline', `Entry ${i}`, '--body', `Text of ${i}.`);
  return p;
}

const entriesOf = (html) => [...html.matchAll(/<article class="entry[^"]*" id="entry-(\w+)"/g)].map((m) => m[1]);

describe('the page of a live blog', () => {
  let p;
  before(async () => {
    p = await liveBlog('storm', 30);
    await p.serve();
  });
  after(() => p.end());

  test('without a script every entry is found by plain links, once', async () => {
    const seen = [];
    for (let path = '/news/storm', pages = 0; path && pages < 5; pages++) {
      const html = await p.html(path);
      assert.doesNotMatch(html, /http-equiv="refresh"/);
      seen.push(...entriesOf(html));
      path = html.match(/<a href="([^"]+)" rel="next"/)?.[1];
    }
    const all = await p.json('live', 'list', 'storm', '--limit', '100');
    assert.deepEqual(seen, all.map((e) => e.id));
    assert.match(await p.html('/news/storm'), /<a href="\/news\/storm">Look for new entries<\/a>/);
  });

  test('a shared entry opens the page that holds it', async () => {
    const all = await p.json('live', 'list', 'storm', '--limit', '100');
    for (const at of [0, 24, 25, 29]) {
      const html = await p.html(`/news/storm?entry=${all[at].id}`);
      assert.ok(entriesOf(html).includes(all[at].id), `entry ${at}`);
      assert.match(html, /<link rel="canonical" href="[^"?]*\/news\/storm">/);
    }
    assert.equal((await p.get('/news/storm?entry=nonsense')).status, 404);
    assert.equal((await p.get('/news/storm?before=nonsense')).status, 404);
  });

  test('the JSON twin holds the same', async () => {
    const view = await p.view('/news/storm.json');
    assert.equal(view.live, true);
    assert.equal(view.live_blog.entries.length, 25);
    assert.equal(view.live_blog.entries[0].headline, 'Entry 30');
    assert.match(view.live_blog.entries[0].time.iso, /T\d\d:\d\d:\d\d[+-]\d\d:\d\d$/);
  });

  test('what an entry said before is kept and what is wrong is corrected where it stands', async () => {
    const [first] = await p.json('live', 'list', 'storm', '--limit', '1');
    await p.run('live', 'edit', first.id, '--body', 'Mended text.');
    await p.run('live', 'correct', first.id, '--text', 'It was pier 4, not 14.');
    const shown = await p.json('live', 'show', first.id);
    assert.deepEqual(shown.revisions.map((r) => r.content.source), ['Text of 30.', 'Mended text.', 'Mended text.']);
    const html = await p.html('/news/storm');
    assert.match(html, /Mended text\./);
    assert.match(html, /Edited <time/);
    assert.match(html, /class="entry-correction"[^\n]*pier 4, not 14/);
  });

  test('fields of an entry cannot smuggle markup', async () => {
    const evil = '"><img src=x onerror=alert(1)><script>alert(1)</script>';
    const posted = await p.json('live', 'post', 'storm', '--headline', evil, '--key', evil, '--author', 'Eve "<b>', '--body', `${evil} [x](javascript:alert(1))`);
    const reader = await new Reader(`${p.url}/news/storm/events?after=1`, 1).open();
    await until(() => reader.events.length > 0 && reader.events.some((e) => e.id === posted.id || e.kind === 'reset'), 'the event');
    reader.close();
    const pages = [await p.text('/news/storm'), ...reader.events.map((e) => `${e.html ?? ''}${e.keys ?? ''}`)];
    for (const html of pages) {
      assert.doesNotMatch(html, /<script>alert/);
      assert.doesNotMatch(html, /<img src=x/);
      assert.doesNotMatch(html, /href="javascript/);
    }
    await p.run('live', 'withdraw', posted.id, '--reason', evil);
    const html = await p.text('/news/storm');
    assert.match(html, /This entry was withdrawn/);
    assert.doesNotMatch(html, /<script>alert|<img src=x/);
  });

  test('the front page tells the newest, and is made anew only when that changes', async () => {
    await p.run('live', 'post', 'storm', '--headline', 'Ferry cancelled');
    assert.match(await p.html('/'), /Ferry cancelled/);
    const etag = (await p.get('/')).headers.get('etag'), modified = (await p.get('/')).headers.get('last-modified');
    await p.run('live', 'post', 'storm', '--body', 'Words without a headline.');
    assert.match(await p.html('/news/storm'), /Words without a headline/);
    assert.equal((await p.get('/')).headers.get('etag'), etag);
    assert.equal((await p.get('/')).headers.get('last-modified'), modified);
  });
});

describe('the stream', () => {
  test('who asks for what is not there is told so', async () => {
    const p = await liveBlog();
    await p.serve();
    try {
      assert.equal((await p.get('/news/nothing/events')).status, 404);
      assert.equal((await p.get('/news/first-of-all/events')).status, 404);
      const reader = await new Reader(`${p.url}/news/storm/events`).open();
      assert.equal(reader.headers['content-type'], 'text/event-stream');
      assert.equal(reader.headers['x-accel-buffering'], 'no');
      assert.equal(reader.headers['content-encoding'], undefined);
      await until(() => reader.lastId, 'an id to begin with');
      const before = reader.lastId;
      await p.run('live', 'post', 'storm', '--headline', 'Now');
      await until(() => reader.events.length, 'the entry');
      assert.equal(reader.events[0].kind, 'post');
      assert.match(reader.events[0].html, /Now/);
      await p.run('live', 'end', 'storm');
      await until(() => reader.closed, 'the end of the stream');
      assert.equal(reader.events.at(-1).kind, 'end');
      // Nothing is left for who has it all; who missed the end is told and let go.
      assert.equal((await p.get('/news/storm/events', { headers: { 'last-event-id': String(reader.lastId) } })).status, 204);
      const late = await new Reader(`${p.url}/news/storm/events`, before).open();
      await until(() => late.closed, 'its end');
      assert.deepEqual(late.events.map((e) => e.kind), ['post', 'end']);
    } finally {
      await p.end();
    }
  });

  // Two desks write at random while the server is killed and readers come and go; at the end each reader, taking events as
  // the script does, has what the desks left.
  test('over a storm of two desks and a killed server nobody misses anything or hears it twice', { timeout: 900_000 }, async () => {
    const p = await liveBlog();
    await p.serve();
    const readers = [1, 2, 3].map(() => new Reader(`${p.url}/news/storm/events?after=1`, 1));
    let done = false;
    const keepOpen = readers.map(async (r, n) => {
      for (let had = 0; !done;) {
        if (r.closed) {
          had = r.events.length;
          await r.open().catch(() => {});
        }
        await new Promise((wait) => { setTimeout(wait, 120 + 90 * n); });
        if (n === 2 && r.events.length > had) r.close(); // one has a bad line, which lets something through at least
      }
    });
    const mine = [[], []], seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);
    let acted = 0;
    const desk = async (n) => {
      let drawn = (seed + n) % 2147483646 + 1; // the minimal standard generator
      const chance = () => { drawn = drawn * 48271 % 2147483647; return drawn / 2147483647; };
      for (let i = 0; i < 14; i++, acted++) {
        const own = mine[n], pick = own[Math.floor(chance() * own.length)];
        const roll = chance();
        if (!pick || roll < 0.6) own.push((await p.json('live', 'post', 'storm', '--headline', `Desk ${n}, ${i}`, '--body', `v${i}`)).id);
        else if (roll < 0.9) await p.run('live', 'edit', pick, '--body', `v${i}`);
        else {
          await p.run('live', 'withdraw', pick, '--reason', 'Not so.');
          own.splice(own.indexOf(pick), 1);
        }
      }
    };
    // What is not of the live blog passes between, and is nobody's here.
    const beside = async () => {
      for (let i = 0; i < 10; i++) await p.run('story', 'edit', 'first', '--headline', `Beside, ${i}`);
    };
    try {
      const desks = Promise.all([desk(0), desk(1), beside()]);
      await Promise.race([desks, until(() => acted > 8, 'both desks write')]);
      p.process.kill('SIGKILL');
      await p.ended;
      await p.serve();
      await desks;
      await p.run('live', 'post', 'storm', '--headline', 'The last');
      const want = (await p.json('live', 'list', 'storm', '--limit', '500')).map((e) => e.id);
      const html = await p.html('/news/storm');
      for (const r of readers) await until(() => r.events.some((e) => /The last/.test(e.html ?? '')), 'the last entry reaches everyone');
      done = true;
      await Promise.all(keepOpen);
      for (const r of readers) {
        const ids = r.events.map((e) => e.record);
        assert.deepEqual(ids, [...new Set(ids)].sort((a, b) => a - b), 'in order, none twice');
        const state = new Map();
        for (const e of r.events) if (e.html) state.set(e.id, e.html);
        if (!r.events.some((e) => e.kind === 'reset')) assert.deepEqual([...state.keys()].sort(), [...want].sort(), 'none is missing');
        for (const [article, id] of html.matchAll(/<article class="entry[^"]*" id="entry-(\w+)"[^]*?<\/article>/g))
          if (state.has(id)) assert.equal(plainly(state.get(id)).trim(), article);
      }
    } catch (e) {
      e.message += ` (SEED=${seed})`;
      throw e;
    } finally {
      done = true;
      for (const r of readers) r.close();
      await p.end();
    }
  });
});

// Debian's Firefox over WebDriver BiDi; Chromium over its own protocol: the same page, two engines.
async function firefox() {
  const { default: puppeteer } = await import('puppeteer-core');
  return puppeteer.launch({ browser: 'firefox', executablePath: process.env.FIREFOX || '/usr/bin/firefox-esr', headless: true, protocol: 'webDriverBiDi', timeout: 180_000 });
}

const lineText = () => document.querySelector('.live-wait button')?.textContent ?? '';

describe('in two browsers at once', () => {
  let p, chrome, fox;
  before(async () => {
    p = await liveBlog('storm', 8);
    await p.serve();
    chrome = await chromium();
    fox = await firefox();
  });
  after(async () => {
    await chrome?.close();
    await fox?.close();
    await p.end();
  });

  test('a new entry waits behind a line in both, comes when asked, and the text does not move', { timeout: 900_000 }, async () => {
    const one = await chrome.newPage({ viewport: { width: 800, height: 600 } });
    const two = await fox.newPage();
    two.setDefaultTimeout(180_000);
    const pages = [one, two];
    for (const page of pages) {
      await page.goto(`${p.url}/news/storm`);
      await until(() => page.evaluate(() => !document.querySelector('.live-look')), 'the script runs');
      await page.evaluate(() => document.fonts.ready.then(() => true));
      await page.evaluate(() => { document.querySelectorAll('.entry')[3].scrollIntoView({ block: 'start' }); });
    }
    const place = () => Math.round(document.querySelectorAll('.entry h3')[3].getBoundingClientRect().top);
    const before = [];
    for (const page of pages) await until(async () => { // scrolling may take its time
      const top = await page.evaluate(place);
      await new Promise((r) => { setTimeout(r, 300); });
      return top < 300 && top === await page.evaluate(place);
    }, 'the entry stands still');
    for (const page of pages) before.push(await page.evaluate(place));
    const fresh = await p.json('live', 'post', 'storm', '--headline', 'Bridge closed', '--body', 'To all.');
    for (const page of pages) await until(async () => await page.evaluate(lineText) === '1 new entry', 'the line');
    await p.run('live', 'post', 'storm', '--headline', 'Bridge still closed');
    for (const page of pages) await until(async () => await page.evaluate(lineText) === '2 new entries', 'the line counts');
    const all = await p.json('live', 'list', 'storm');
    await p.run('live', 'edit', all[3].id, '--body', 'A much longer text.\n\nOf several paragraphs.\n\nAnd one more.'); // above what is read
    for (const [i, page] of pages.entries()) {
      await until(() => page.evaluate(() => document.body.textContent.includes('Of several paragraphs')), 'the edit');
      const now = await page.evaluate(place);
      assert.ok(Math.abs(now - before[i]) <= 2, `browser ${i}: the text stood at ${before[i]}, now at ${now}`);
      assert.equal(await page.evaluate((id) => !!document.getElementById(`entry-${id}`), fresh.id), false);
    }
    for (const page of pages) {
      await page.evaluate(() => document.querySelector('.live-wait button').click());
      const state = await page.evaluate(() => ({
        headlines: [...document.querySelectorAll('.entry h3')].slice(0, 3).map((h) => h.textContent),
        focused: document.activeElement.querySelector?.('h3')?.textContent, line: !!document.querySelector('.live-wait button'),
      }));
      assert.deepEqual(state, { headlines: ['Bridge still closed', 'Bridge closed', 'Entry 8'], focused: 'Bridge still closed', line: false });
    }
    await p.run('live', 'pin', fresh.id, '--key', 'No way over the bridge');
    await p.run('live', 'withdraw', all[2].id, '--reason', 'Told twice.');
    for (const page of pages) {
      await until(() => page.evaluate(() => document.querySelector('.live-keys li')?.textContent.includes('No way over')), 'the key point');
      await until(() => page.evaluate(() => !!document.querySelector('.entry.withdrawn .stone')), 'the stone');
    }
    // A server that goes and comes back: what was posted meanwhile is there, once.
    await p.stop();
    await p.run('live', 'post', 'storm', '--headline', 'While nobody served');
    await p.serve();
    for (const page of pages) await until(async () => await page.evaluate(lineText) === '1 new entry', 'what was missed');
    await p.run('live', 'end', 'storm');
    for (const page of pages) await until(() => page.evaluate(() => document.querySelector('.live-blog .live-state')?.textContent.includes('has ended')), 'the end');
    await one.close();
    await two.close();
  });

  test('times are told in the reader’s own zone as well', async () => {
    const context = await chrome.newContext({ timezoneId: 'Europe/Berlin' });
    const page = await context.newPage();
    await page.goto(`${p.url}/news/storm`);
    const first = await page.evaluate(() => ({ clock: document.querySelector('.entry time').textContent, here: document.querySelector('.entry .here')?.textContent }));
    assert.match(first.clock, /^\d\d:\d\d E[SD]T$/);
    assert.match(first.here, /^\d\d:\d\d where you are$/);
    await context.close();
  });

  test('axe finds nothing, light and dark, wide and narrow', async () => {
    const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
    for (const colorScheme of ['light', 'dark'])
      for (const width of [320, 1280]) {
        const context = await chrome.newContext({ colorScheme, viewport: { width, height: 900 } });
        const page = await context.newPage();
        await page.goto(`${p.url}/news/storm`);
        await page.evaluate(axe);
        const { violations } = await page.evaluate(() => globalThis.axe.run(document, { runOnly: { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'] }, resultTypes: ['violations'] }));
        assert.deepEqual(violations.map((v) => `${v.id}: ${v.nodes[0].target}`), []);
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth), `${width} px`);
        await context.close();
      }
  });
});
