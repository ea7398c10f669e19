// a11y.test.mjs: the pages in a browser: what axe-core finds, the keyboard, narrow screens, paper,
// weight, and that nothing is needed that a reader may have switched off.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { after, before, describe, test } from 'node:test';
import { Publication, arrives, chromium } from './lib.mjs';
import { kinds, many, newsroom } from './newsroom.mjs';
import { Client, readersPublication } from './readers.mjs';
import { weigh } from './weigh.mjs';

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

// A page that notes what should not happen: errors, and requests that leave the site.
async function open(browser, p, path, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage(), trouble = [];
  page.on('console', (m) => { if (m.type() === 'error' && !/status of 4(04|10)/.test(m.text())) trouble.push(m.text()); });
  page.on('pageerror', (e) => trouble.push(String(e)));
  page.on('requestfailed', (r) => trouble.push(`failed: ${r.url()} ${r.failure()?.errorText}`));
  page.on('request', (r) => { if (!r.url().startsWith(`${p.url}/`) && !r.url().startsWith('data:')) trouble.push(`elsewhere: ${r.url()}`); });
  await page.goto(p.url + path, { waitUntil: 'load' });
  if (options.javaScriptEnabled !== false) await page.evaluate(() => document.fonts.ready.then(() => {}));
  return { page, trouble, close: () => context.close() };
}

// axe within a frame of its own: the page's policy stays as it is, evaluate() passes beside it.
async function findings(page) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate((tags) => globalThis.axe.run(document, { runOnly: { type: 'tag', values: tags }, resultTypes: ['violations'] }), TAGS);
  return violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.target.join(' ')} ${n.failureSummary?.split('\n')[1]?.trim() ?? ''}`));
}

const overflow = () => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  return [...document.querySelectorAll('body *')].filter((e) => e.getBoundingClientRect().right > width + 1)
    .slice(0, 5).map((e) => `${e.tagName}.${e.className} ${Math.round(e.getBoundingClientRect().right)} > ${width}`);
};

describe('in a browser', () => {
  let p, browser, paths;
  before(async () => {
    p = await newsroom({ extra: many(20), conf: '\nlist_stories = 8\n' });
    await p.serve();
    browser = await chromium();
    paths = { ...kinds, 'second page of a list': (await p.view('/harbour.json')).older, 'card for other sites': '/embed/world/lamp' };
  });
  after(async () => {
    await browser?.close();
    await p.end();
  });

  for (const width of [390, 1280])
    for (const colorScheme of ['light', 'dark'])
      test(`axe finds nothing on any kind of page, ${width} px wide, ${colorScheme}`, async () => {
        for (const [kind, path] of Object.entries(paths)) {
          const { page, trouble, close } = await open(browser, p, path, { viewport: { width, height: 900 }, colorScheme, isMobile: width < 500, hasTouch: width < 500 });
          assert.deepEqual(await findings(page), [], kind);
          assert.deepEqual(trouble, [], kind);
          await close();
        }
      });

  test('nothing is wider than a narrow screen', async () => {
    for (const width of [320, 390]) {
      const { page, close } = await open(browser, p, '/', { viewport: { width, height: 800 } });
      for (const [kind, path] of Object.entries(paths)) {
        await page.goto(p.url + path);
        assert.deepEqual(await page.evaluate(overflow), [], `${kind} at ${width}`);
      }
      await close();
    }
  });

  test('a reader may double the text and set wide spacing', async () => {
    const { page, close } = await open(browser, p, '/world/lamp', { viewport: { width: 640, height: 900 } });
    await page.evaluate(() => { document.documentElement.style.fontSize = '200%'; });
    assert.deepEqual(await page.evaluate(overflow), []);
    await close();
  });

  test('the keyboard: first the way past the masthead, then every link, each seen when it has focus', async () => {
    // Without smooth scrolling, which would still be on its way when the next key is pressed.
    const { page, close } = await open(browser, p, '/world/lamp', { reducedMotion: 'reduce' });
    await page.keyboard.press('Tab');
    const skip = await page.evaluate(() => {
      const e = document.activeElement, b = e.getBoundingClientRect();
      return { href: e.getAttribute('href'), seen: b.top >= 0 && b.left >= 0 && b.width > 10 && b.height > 10 };
    });
    assert.deepEqual(skip, { href: '#main', seen: true });
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => document.activeElement.id === 'main');
    const links = await page.locator('main a[href]').count();
    let seen = 0;
    for (let i = 0; i < links + 4; i++) {
      await page.keyboard.press('Tab');
      const now = await page.evaluate(() => {
        // The link of a card is as large as the card, so the card shows its focus.
        const e = document.activeElement, b = e.getBoundingClientRect();
        const outlined = [e, e.closest('.card')].filter(Boolean).map((one) => getComputedStyle(one))
          .some((s) => s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) > 0);
        return { main: !!e.closest('main'), name: e.outerHTML.slice(0, 80), shown: outlined, inView: b.bottom > 0 && b.top < innerHeight };
      });
      if (!now.main) break;
      seen++;
      assert.ok(now.shown && now.inView, now.name);
    }
    assert.ok(seen >= links, `${seen} of ${links} links are reached`);
    await close();
  });

  test('without JavaScript everything is there', async () => {
    for (const path of ['/', '/world/lamp', '/harbour']) {
      const read = async (javaScriptEnabled) => {
        const { page, close } = await open(browser, p, path, { javaScriptEnabled });
        // Tools that only a script can work (size of type, listening, saving) are no part of what is read.
        await page.evaluate(() => document.querySelectorAll('button.tool, div.tool').forEach((tool) => tool.remove()));
        const text = await page.locator('main').innerText();
        await close();
        return text.replace(/\s+/g, ' ').trim();
      };
      assert.equal(await read(false), await read(true), path);
    }
  });

  test('nothing moves for those who asked for stillness', async () => {
    const { page, close } = await open(browser, p, '/world/lamp', { reducedMotion: 'reduce' });
    assert.equal(await page.evaluate(() => [...document.querySelectorAll('*')].filter((e) => {
      const s = getComputedStyle(e);
      return parseFloat(s.transitionDuration) > 0.01 || parseFloat(s.animationDuration) > 0.01 || s.scrollBehavior === 'smooth';
    }).length), 0);
    await close();
  });

  test('prints: the story without the ways elsewhere, black on white', async () => {
    const { page, close } = await open(browser, p, '/world/lamp', { colorScheme: 'dark' });
    const pdf = await page.pdf({ format: 'A4' });
    assert.equal(pdf.subarray(0, 5).toString(), '%PDF-');
    await page.emulateMedia({ media: 'print' });
    assert.equal(await page.locator('nav.sections').isVisible(), false);
    assert.equal(await page.locator('h1').isVisible(), true);
    const ink = await page.evaluate(() => getComputedStyle(document.querySelector('.prose p')).color.match(/\d+/g).map(Number));
    assert.ok(Math.max(...ink.slice(0, 3)) < 60, `ink ${ink}`);
    await close();
  });
});

describe('the demonstration in a browser', () => {
  let p, browser, lead, story, section;
  before(async () => {
    p = await Publication.demo();
    await p.serve();
    browser = await chromium();
    const front = await p.view('/index.json');
    lead = front.lead.url; // a live blog, as it happens
    story = [...front.seconds, ...front.latest].find((card) => !card.live && !card.was_live).url;
    section = front.site.sections[0].url;
  });
  after(async () => {
    await browser?.close();
    await p.end();
  });

  test('axe finds nothing, nothing is too wide, nothing is in error', async () => {
    const all = (await p.json('story', 'list', '--limit', '1000')).filter((s) => s.state === 'published').map((s) => s.path);
    const long = (await p.view('/index.json')).lead.long ? story : all[all.length >> 1];
    for (const [width, colorScheme] of [[390, 'dark'], [1280, 'light']])
      for (const path of ['/', section, lead, story, long, all.find((u) => u.split('/').length === 2)].filter(Boolean)) {
        const { page, trouble, close } = await open(browser, p, path, { viewport: { width, height: 900 }, colorScheme });
        assert.deepEqual(await findings(page), [], `${path} ${width} ${colorScheme}`);
        assert.deepEqual(await page.evaluate(overflow), [], path);
        assert.deepEqual(trouble, [], path);
        await close();
      }
  });

  test('under 100 KB are transferred before pictures, also where every face is needed', async () => {
    const everyFace = '/harbour/night-cranes';
    for (const path of ['/', lead, story, everyFace]) {
      const { bytes, faces } = await weigh(browser, p.url + path);
      assert.ok(bytes > 10_000 && bytes < 100_000, `${path}: ${bytes} bytes`);
      if (path === everyFace) assert.equal(faces, 6, 'the story that needs every face');
    }
  });

  test('a line of the text holds 45 to 75 characters on a desk, and no layout shifts', async () => {
    const { page, close } = await open(browser, p, story);
    const chars = await page.evaluate(() => {
      const para = [...document.querySelectorAll('.prose p')].find((e) => e.textContent.length > 300);
      const range = document.createRange(), text = document.createTreeWalker(para, NodeFilter.SHOW_TEXT).nextNode();
      let lines = 0, last = -1;
      for (let i = 0; i < text.length; i++) {
        range.setStart(text, i);
        range.setEnd(text, i + 1);
        const { top } = range.getBoundingClientRect();
        if (top > last + 4) lines++;
        last = top;
      }
      return text.length / lines;
    });
    assert.ok(chars > 45 && chars < 76, `${chars} characters`);
    const shift = await page.evaluate(() => new Promise((r) => {
      let sum = 0;
      new PerformanceObserver((l) => l.getEntries().forEach((e) => { sum += e.value; })).observe({ type: 'layout-shift', buffered: true });
      setTimeout(() => r(sum), 300);
    }));
    assert.ok(shift < 0.1, `layout shift ${shift}`);
    await close();
  });
});

describe('accounts in a browser', () => {
  let p, browser, reader;
  // Forms as they open, and as they come back with something wrong.
  const anybodys = ['/register', '/sign-in', '/mail/nothing', '/account/signed-in', '/dev/mail'];
  const own = ['/account', '/account/password', '/account/prove', '/account/signed-in', '/account/passkeys'];
  before(async () => {
    p = await readersPublication({ name: 'The Averil Courier' });
    browser = await chromium();
    reader = new Client(p);
    await reader.register('Ada Quill', 'ada@example.org', { way: 'password', password: 'correct horse battery staple' });
  });
  after(async () => {
    await browser?.close();
    await p?.end();
  });

  const come = async (path, options, signedIn) => {
    const context = await browser.newContext(options);
    if (signedIn)
      await context.addCookies([{ name: '__Host-stet', value: reader.session, url: p.url.replace('http:', 'https:'), secure: true, httpOnly: true, sameSite: 'Lax' }]);
    const page = await context.newPage();
    page.faults = [];
    page.on('pageerror', (e) => page.faults.push(String(e)));
    if (path === '/account/signed-in' && signedIn) {
      // It goes on by itself, maybe before it is loaded, which goto takes for a failure.
      await page.goto(p.url + path, { waitUntil: 'commit' });
      await arrives(page, `${p.url}/`);
    } else {
      await page.goto(p.url + path, { waitUntil: 'load' });
    }
    return page;
  };

  for (const width of [390, 1280])
    for (const colorScheme of ['light', 'dark'])
      test(`axe finds nothing on the pages of an account, ${width} px wide, ${colorScheme}`, async () => {
        for (const [paths, signedIn] of [[anybodys, false], [own, true]])
          for (const path of paths) {
            const page = await come(path, { viewport: { width, height: 900 }, colorScheme }, signedIn);
            if (path !== '/account/signed-in' || !signedIn) // that one went on by itself
              assert.deepEqual(await findings(page), [], path);
            assert.deepEqual(page.faults, [], path);
            await page.context().close();
          }
      });

  test('axe finds nothing in the dialog, nor where a form came back', async () => {
    const page = await come('/', { viewport: { width: 390, height: 800 } }, false);
    await page.locator('[data-account-bar] a[href="/register"]').click();
    const dialog = page.locator('dialog.account-dialog');
    await dialog.locator('#name').fill('admin');
    await dialog.locator('#address').fill('a@example.org');
    assert.deepEqual(await findings(page), []);
    await dialog.locator('button.primary').click();
    await dialog.locator('#name-wrong').waitFor();
    assert.deepEqual(await findings(page), []);
    await page.context().close();
  });

  test('nothing is wider than a narrow screen', async () => {
    for (const [paths, signedIn] of [[anybodys, false], [own, true]])
      for (const path of paths) {
        const page = await come(path, { viewport: { width: 320, height: 800 } }, signedIn);
        assert.deepEqual(await page.evaluate(overflow), [], path);
        await page.context().close();
      }
  });
});
