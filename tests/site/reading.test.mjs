// reading.test.mjs: the tools under a story, what a browser keeps, and reading without a connection.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium } from './lib.mjs';
import { newsroom } from './newsroom.mjs';

let p, browser;
before(async () => {
  p = await newsroom();
  await p.serve();
  browser = await chromium();
});
after(async () => {
  await browser?.close();
  await p?.end();
});

// A page of a browser that has never been here. `script` runs before the page's own.
async function open(path, { script, ...options } = {}) {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(180_000); // a busy machine draws the pictures first
  const page = await context.newPage();
  page.faults = [];
  page.on('pageerror', (e) => page.faults.push(String(e)));
  page.on('console', (m) => m.type() === 'error' && page.faults.push(m.text()));
  if (script) await context.addInitScript(script);
  await page.goto(p.url + path, { waitUntil: 'domcontentloaded' });
  return page;
}
const close = async (page) => {
  assert.deepEqual(page.faults, []);
  await page.context().close();
};

test('minutes follow from the words, and the next story is the one before in the section', async () => {
  const lamp = await p.view('/world/lamp.json');
  assert.equal(lamp.minutes, `${Math.max(1, Math.round(lamp.words / 230))} minute to read`);
  const long = await p.file('long.md', `---\nheadline: Long\nslug: long\nsection: harbour\n---\n${'word '.repeat(1150)}\n`);
  await p.run('story', 'new', long, '--publish');
  const view = await p.view('/harbour/long.json');
  assert.equal(view.minutes, '5 minutes to read');
  assert.equal(view.next_story.url, '/harbour/plain');
  await p.run('story', 'edit', 'plain', '--headline', 'Plain & new');
  assert.equal((await p.view('/harbour/long.json')).next_story.headline, 'Plain & new');
});

test('without script: share by mail and by address, no button that does nothing', async () => {
  const page = await open('/world/lamp', { javaScriptEnabled: false });
  assert.equal(await page.locator('.tools button:visible').count(), 0);
  await page.locator('.share summary').click();
  const mail = new URL(await page.getByRole('link', { name: 'Send it by mail' }).getAttribute('href'));
  assert.equal(mail.protocol, 'mailto:');
  assert.equal(mail.searchParams.get('subject'), 'The “lamp” that <never> sleeps & its keeper');
  assert.equal(mail.searchParams.get('body'), `${p.url}/world/lamp`);
  assert.equal(await page.locator('.share .address').innerText(), `${p.url}/world/lamp`);
  assert.equal(await page.locator('.share button:visible').count(), 0);
  for (const [path, words] of [['/saved', /does not run/], ['/offline', /does not run/]]) {
    await page.goto(p.url + path);
    assert.match(await page.locator('main').innerText(), words);
  }
  await close(page);
});

test('a story is saved, listed and taken off again, by keyboard', async () => {
  const page = await open('/world/lamp');
  const button = page.locator('[data-tool=save]');
  assert.equal(await button.getAttribute('aria-pressed'), 'false');
  await button.press('Enter');
  assert.equal(await button.getAttribute('aria-pressed'), 'true');
  await page.goto(`${p.url}/harbour/plain`);
  await page.locator('[data-tool=save]').press('Space');
  await page.goto(`${p.url}/saved`);
  const lines = page.locator('.keeping li');
  assert.equal(await lines.count(), 2);
  assert.match(await lines.nth(1).innerText(), /The “lamp” that <never> sleeps & its keeper[^]*World · 10 February 2022/);
  await page.getByRole('button', { name: 'Remove: The “lamp”' }).press('Enter');
  assert.equal(await lines.count(), 1);
  assert.match(await page.evaluate(() => document.activeElement.textContent), /Remove/);
  await page.getByRole('button', { name: /^Remove/ }).press('Enter');
  assert.ok(await page.locator('[data-none]').isVisible());
  await close(page);
});

test('what another program wrote into the list does no harm', async () => {
  for (const bad of ['{', '7', '"x"', '[null,{"url":"javascript:alert(1)","headline":"x"},{"url":"//evil.example/","headline":"x"},{"url":"/ok","headline":"<img src=x onerror=alert(1)>"}]']) {
    const page = await open('/saved', { script: `localStorage.setItem('saved', ${JSON.stringify(bad)})` });
    const links = await page.locator('.keeping a').evaluateAll((all) => all.map((a) => [a.getAttribute('href'), a.textContent]));
    assert.deepEqual(links, bad.startsWith('[') ? [['/ok', '<img src=x onerror=alert(1)>']] : []);
    await close(page);
  }
});

test('the size of type is chosen, kept, and there before the page is drawn', async () => {
  const page = await open('/world/lamp');
  const size = () => page.locator('.prose p').first().evaluate((e) => parseFloat(getComputedStyle(e).fontSize));
  const usual = await size();
  await page.getByRole('button', { name: 'Large type' }).press('Enter');
  assert.ok(await size() > usual);
  // Held before the modules run: the answer of the module is never sent.
  await page.route('**/assets/reading.*', () => {});
  await page.reload({ waitUntil: 'commit' });
  await page.waitForFunction((before) => {
    const words = document.querySelector('.prose p');
    return words && parseFloat(getComputedStyle(words).fontSize) > before;
  }, usual);
  await page.unroute('**/assets/reading.*');
  await page.reload();
  await page.getByRole('button', { name: 'Usual type' }).press('Enter');
  assert.equal(await size(), usual);
  await page.getByRole('button', { name: 'Small type' }).press('Enter');
  assert.ok(await size() < usual);
  await close(page);
});

// A browser with voices that say at once what they are given; `end` ends the passage.
const voices = (langs) => `
  const said = [], ends = [];
  Object.defineProperty(window, 'speechSynthesis', { value: {
    getVoices: () => ${JSON.stringify(langs)}.map((lang) => ({ lang, name: lang, default: false })),
    speak(u) { said.push([u.text, u.voice && u.voice.lang]); ends.push(u.onend); }, cancel() { said.push('cancel'); },
    pause() { said.push('pause'); }, resume() { said.push('resume'); }, addEventListener() {},
  } });
  window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
  window.heard = { said, end: () => ends.pop()() };`;

test('it is read aloud where there is a voice for it, without captions and figures', async () => {
  const page = await open('/world/lamp', { script: voices(['de-DE', 'en_GB']) });
  const play = page.locator('[data-tool=listen] button').first(), said = () => page.evaluate(() => window.heard.said);
  await play.press('Enter');
  assert.deepEqual((await said()).at(-1), ['The “lamp” that <never> sleeps & its keeper', 'en_GB']);
  assert.equal(await play.innerText(), 'Pause');
  await play.press('Enter');
  assert.equal((await said()).at(-1), 'pause');
  assert.equal(await play.innerText(), 'Go on');
  await play.press('Enter');
  assert.equal((await said()).at(-1), 'resume');
  for (let i = 0; i < 40 && await play.innerText() === 'Pause'; i++) await page.evaluate(() => window.heard.end());
  assert.equal(await play.innerText(), 'Listen');
  const words = JSON.stringify(await said());
  assert.ok(words.includes('It floats on mercury.') && words.includes('Nobody thanks a lamp.'));
  assert.ok(!/Turning since|The lamp, lit|1,044|Test Desk/.test(words));
  await play.press('Enter');
  await page.getByRole('button', { name: 'Stop' }).press('Enter');
  assert.equal((await said()).at(-1), 'cancel');
  assert.equal(await play.innerText(), 'Listen');
  await close(page);
  const none = await open('/world/lamp', { script: voices(['de-DE']) });
  assert.ok(await none.locator('[data-tool=listen]').isHidden());
  await close(none);
});

test('share opens the system’s sheet where there is one, else the address is copied', async () => {
  const page = await open('/world/lamp', { script: 'window.shared = []; navigator.share = async (x) => { shared.push(x); };' });
  await page.locator('.share summary').click();
  await page.waitForFunction(() => window.shared.length === 1);
  assert.equal(await page.evaluate(() => window.shared[0].url), `${p.url}/world/lamp`);
  assert.equal(await page.locator('.share').getAttribute('open'), null);
  await close(page);
  const other = await open('/world/lamp', { permissions: ['clipboard-read', 'clipboard-write'],
    script: 'Object.defineProperty(Navigator.prototype, "share", { value: undefined })' });
  await other.locator('.share summary').click();
  await other.getByRole('button', { name: 'Copy the address' }).click();
  await other.locator('.share [role=status]', { hasText: 'Copied.' }).waitFor();
  assert.equal(await other.evaluate(() => navigator.clipboard.readText()), `${p.url}/world/lamp`);
  await close(other);
});

test('tools and lists stand in nobody’s way', async () => {
  const { default: axe } = await import('axe-core');
  for (const path of ['/world/lamp', '/saved', '/offline'])
    for (const [width, colorScheme] of [[320, 'light'], [1280, 'dark']]) {
      const page = await open(path, { bypassCSP: true, colorScheme, viewport: { width, height: 800 }, script: voices(['en-GB']) +
        `localStorage.setItem('saved', '[{"url":"/world/lamp","headline":"Lamp","section":"World","published":"today"}]');` });
      if (path === '/world/lamp') await page.locator('.share summary').click();
      await page.evaluate(axe.source);
      const { violations } = await page.evaluate(() => globalThis.axe.run());
      assert.deepEqual(violations.map((v) => `${v.id}: ${v.nodes[0].html}`), [], `${path} ${width}`);
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
      await close(page);
    }
});

test('the manifest is a valid one, and its icons are what it says', async () => {
  const { default: validate } = await import('web-app-manifest-validator');
  const answer = await p.get('/manifest.webmanifest'), manifest = await answer.json();
  assert.match(answer.headers.get('content-type'), /^application\/manifest\+json/);
  // It is older than three of the members, and than icons that have every size (W3C Web Application Manifest).
  const newer = /^Unknown manifest attribute "(id|categories|shortcuts)"|"sizes" value "any"/;
  assert.deepEqual(validate(manifest).filter((fault) => !newer.test(fault)), []);
  assert.ok(validate({ ...manifest, display: 'upright' }).some((fault) => !newer.test(fault)));
  assert.ok(manifest.icons.some((i) => i.purpose === 'maskable') && manifest.icons.some((i) => i.sizes === '192x192'));
  for (const icon of manifest.icons) {
    const file = await p.get(icon.src), bytes = Buffer.from(await file.arrayBuffer());
    assert.equal(file.headers.get('content-type'), icon.type);
    if (icon.type === 'image/png')
      assert.equal(`${bytes.readUInt32BE(16)}x${bytes.readUInt32BE(20)}`, icon.sizes);
  }
  const page = await open('/');
  const session = await page.context().newCDPSession(page);
  const { errors, data } = await session.send('Page.getAppManifest');
  assert.deepEqual(errors, []);
  assert.equal(JSON.parse(data).name, 'The Test Herald');
  const { installabilityErrors } = await session.send('Page.getInstallabilityErrors');
  assert.deepEqual(installabilityErrors.map((e) => e.errorId).filter((e) => e !== 'in-incognito'), []);
  await close(page);
});

// --- without a connection ---

// The server is gone, for the worker of the page as well.
async function offline(work) {
  await p.stop();
  try {
    await work();
  } finally {
    await p.serve();
  }
}

const kept = (page, url) => page.waitForFunction(async (path) => {
  const answer = await caches.match('/kept', { cacheName: 'stories' });
  return answer && (await answer.json()).some((one) => one.url === path);
}, url);

async function offlineReader() {
  const page = await open('/world/lamp');
  await page.evaluate(() => navigator.serviceWorker.ready);
  await kept(page, '/world/lamp');
  return page;
}

test('a story that was read can be read again without a connection, another page says so', async () => {
  const page = await offlineReader();
  await offline(async () => {
    await page.goto(`${p.url}/world/lamp?utm_source=x`);
    assert.match(await page.locator('h1').innerText(), /lamp/);
    const picture = page.locator('.opener img');
    assert.ok(await picture.evaluate((img) => img.decode().then(() => img.naturalWidth > 0)));
    assert.ok(await page.evaluate(() => getComputedStyle(document.querySelector('.masthead')).maxWidth !== 'none'), 'styled');
    await page.goto(`${p.url}/harbour/plain`);
    assert.match(await page.locator('h1').innerText(), /No connection/);
    await page.locator('.keeping a').click();
    await page.locator('h1', { hasText: 'lamp' }).waitFor();
  });
  await page.context().close();
});

test('who is online never sees an old page, and what was withdrawn is not kept', async () => {
  const page = await offlineReader();
  await p.run('story', 'edit', 'lamp', '--headline', 'The lamp of today');
  await page.goto(`${p.url}/world/lamp`);
  assert.equal(await page.locator('h1').innerText(), 'The lamp of today');
  await page.goto(`${p.url}/harbour/plain`);
  await kept(page, '/harbour/plain');
  await p.run('story', 'withdraw', 'plain', '--reason', 'Wrong.');
  await page.reload();
  assert.match(await page.locator('h1').innerText(), /withdrawn/);
  await page.waitForFunction(async () => !(await caches.match('/harbour/plain', { cacheName: 'stories' })));
  await offline(async () => {
    await page.goto(`${p.url}/harbour/plain`);
    assert.match(await page.locator('h1').innerText(), /No connection/);
  });
  await page.context().close();
});

test('only the last twenty are kept, with nothing of the others', async () => {
  const page = await offlineReader();
  const left = await page.evaluate(async () => {
    const { active } = await navigator.serviceWorker.ready;
    const told = (url) => new Promise((done) => navigator.serviceWorker.addEventListener('message', (e) => e.data.kept === url && done()));
    for (let i = 0; i < 21; i++) {
      const url = `/about?n=${i}`, answer = told(url);
      active.postMessage({ keep: { url, headline: `${i}`, pictures: [] } });
      await answer;
    }
    const list = await (await caches.match('/kept', { cacheName: 'stories' })).json();
    const keys = (await (await caches.open('stories')).keys()).map((one) => new URL(one.url).pathname);
    return { n: list.length, first: list[0].headline, pictures: keys.filter((one) => one.startsWith('/media/')).length };
  });
  assert.deepEqual(left, { n: 20, first: '20', pictures: 0 });
  await page.context().close();
});

test('streams, posts and the JSON of a page pass the worker by', async () => {
  const page = await offlineReader();
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null); // it takes the page over after it is ready
  // What is cut is not answered with the kept story, nor with the page of no connection.
  await offline(async () => {
    const failed = await page.evaluate(() => Promise.all([['/world/lamp', { method: 'POST' }], ['/world/lamp.json', {}],
      ['/world/lamp', { headers: { accept: 'text/event-stream' } }]].map(([path, options]) =>
      fetch(path, options).then(() => 'answered', () => 'failed'))));
    assert.deepEqual(failed, ['failed', 'failed', 'failed']);
  });
  await page.context().close();
});

test('a new look makes a new worker, which clears the old one’s files away', async () => {
  const page = await offlineReader();
  const names = () => page.evaluate(async () => (await caches.keys()).filter((one) => one.startsWith('look-')));
  const [before_] = await names();
  await p.stop();
  const folder = join(p.folder, 'theme', 'script');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'tables.js'), '// another build\n');
  await p.serve();
  await page.reload();
  await page.evaluate(async () => (await navigator.serviceWorker.getRegistration()).update());
  await page.waitForFunction(async (old) => {
    const all = (await caches.keys()).filter((one) => one.startsWith('look-'));
    return all.length === 1 && all[0] !== old;
  }, before_);
  // Kept stories outlive the change.
  await offline(async () => {
    await page.goto(`${p.url}/world/lamp`);
    assert.match(await page.locator('h1').innerText(), /lamp/);
  });
  await page.context().close();
  await rm(join(p.folder, 'theme', 'script'), { recursive: true });
});
