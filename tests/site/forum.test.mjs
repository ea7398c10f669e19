// forum.test.mjs: conversations as readers have them: without script, by hand; with it, two browsers at once.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { after, before, describe, test } from 'node:test';
import { chromium, plainly } from './lib.mjs';
import { importFolder } from './newsroom.mjs';
import { Client, letterTo, readersPublication } from './readers.mjs';

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
let p, ann, bo;
const path = '/city/first-of-all';

before(async () => {
  p = await readersPublication();
  await importFolder(p, {
    'publication.yaml': 'name: The Test\nsections:\n  - slug: city\n    name: City\n    description: ""\n',
    'first-of-all.md': `---\nheadline: First of all\nsection: city\npublished: ${new Date(Date.now() - 3_600_000).toISOString()}\n---\nShe had kept the light for thirty-one winters. It was never dark.\n`,
  });
  ann = new Client(p);
  bo = new Client(p);
  await ann.register('Ann Lee', 'ann@example.org');
  await bo.register('Bo Chan', 'bo@example.org');
});
after(() => p?.end());

const post = async (c, text, more = {}) => {
  const r = await c.post(`${path}/comments`, { text, ...more });
  assert.equal(r.status, 303, await r.text());
  return /comments\/(\w+)#c-\1$/.exec(r.headers.get('location'))[1];
};
const page = async (c, at = '/comments') => plainly(await (await c.get(path + at)).text());
const nobody = () => new Client(p);

describe('without script', () => {
  let first;
  test('a story that nobody has written about invites to', async () => {
    for (const at of ['', '/comments']) assert.match(await page(nobody(), at), /Join the conversation/, at);
    assert.match(await page(nobody(), '/comments'), /Yours would be the first\./);
  });

  test('a comment stands in the story, on its page and at its own address, for everybody', async () => {
    first = await post(ann, 'It was *never* dark.');
    const reply = await post(bo, 'Not once.', { answers: first });
    for (const at of ['', '/comments', `/comments/${first}`]) {
      const html = await page(nobody(), at);
      assert.ok(html.includes('<p>It was <em>never</em> dark.</p>'), at);
      assert.ok(html.includes('<p>Not once.</p>'), at);
    }
    const short = await nobody().get(`/comment/${reply}`);
    assert.equal(short.status, 303);
    assert.ok(short.headers.get('location').endsWith(`${path}/comments/${reply}#c-${reply}`));
    const above = await page(nobody(), `/comments/${reply}`);
    assert.ok(above.indexOf('never') < above.indexOf('Not once.'), 'what it answers stands over it');
  });

  test('programs find it: JSON-LD, the count', async () => {
    const html = await page(nobody(), '');
    const graph = JSON.parse(/<script type="application\/ld\+json">(.*?)<\/script>/s.exec(html)[1])['@graph'];
    const story = graph.find((g) => g.commentCount !== undefined);
    assert.equal(story.commentCount, 2);
    assert.equal(story.comment[0]['@type'], 'Comment');
    assert.equal(story.comment[0].text, 'It was never dark.');
    assert.equal(story.comment[0].author.name, 'Ann Lee');
    assert.equal(story.comment[0].comment[0].text, 'Not once.');
    const counts = await p.get('/comments/counts.json?stories=first-of-all,no-such-story,../x');
    assert.deepEqual(await counts.json(), { 'first-of-all': 2, 'no-such-story': 0 });
    assert.equal(counts.headers.get('cache-control'), 'public, max-age=5');
  });

  test('a preview is shown and nothing posted; what is wrong comes back with the text', async () => {
    const r = await ann.post(`${path}/comments`, { text: 'Will it be **strong**?', preview: '1' });
    assert.equal(r.status, 200);
    const html = plainly(await r.text());
    assert.ok(html.includes('<p>Will it be <strong>strong</strong>?</p>'));
    assert.ok(html.includes('>Will it be **strong**?</textarea>'));
    assert.ok(!(await page(nobody())).includes('Will it be'));
    const wrong = await ann.post(`${path}/comments`, { text: 'Words', quote: 'that are nowhere' });
    assert.equal(wrong.status, 422);
    const said = plainly(await wrong.text());
    assert.match(said, /role="alert"[^>]*>The quoted words are not in the story\./);
    assert.ok(said.includes('>Words</textarea>'));
  });

  test('who is not signed in writes first; the text waits until they are', async () => {
    const cy = nobody();
    const r = await cy.post(`${path}/comments`, { text: 'I was **there**.', answers: first });
    assert.equal(r.status, 303);
    const next = new URL(r.headers.get('location')).searchParams.get('next');
    assert.match(next, /^\/comment\/draft\/[0-9a-f]{32}$/);
    assert.equal((await nobody().get(next)).status, 303, 'others are sent to sign in, too');
    await cy.register('Cy Dee', 'cy@example.org');
    const form = plainly(await (await cy.get(next)).text());
    assert.ok(form.includes('>I was **there**.</textarea>'));
    const secret = next.split('/').at(-1);
    const done = await cy.post(`${path}/comments`, { text: 'I was **there**.', answers: first, draft: secret });
    assert.equal(done.status, 303);
    assert.ok((await page(nobody())).includes('I was <strong>there</strong>.'));
    assert.equal((await cy.get(next)).status, 410, 'and is not kept any longer');
  });

  test('recommending moves it up, once for each reader; nobody votes for their own', async () => {
    const second = await post(bo, 'A better thought.');
    assert.equal((await ann.post(`/comment/${second}/recommend`)).status, 303);
    assert.equal((await ann.post(`/comment/${second}/recommend`)).status, 303);
    const html = await page(nobody());
    assert.ok(html.indexOf('A better thought.') < html.indexOf('never'), 'it stands first');
    assert.match(html, /First, because 1 reader recommends it\./);
    assert.equal((await bo.post(`/comment/${second}/recommend`)).status, 403);
    const asked = new URL((await nobody().post(`/comment/${second}/recommend`)).headers.get('location'));
    assert.deepEqual([asked.pathname, asked.searchParams.get('next')], ['/sign-in', `${path}/comments/${second}#c-${second}`]);
    const newest = await page(nobody(), '/comments?sort=oldest');
    assert.ok(newest.indexOf('never') < newest.indexOf('A better thought.'));
  });

  test('one edits one’s own, and says so; others cannot', async () => {
    const id = await post(ann, 'A slipp of the pen.');
    assert.equal((await bo.get(`/comment/${id}/edit`)).status, 403);
    assert.equal((await bo.post(`/comment/${id}/edit`, { text: 'Mine now' })).status, 403);
    assert.ok((await ann.html(`/comment/${id}/edit`)).includes('>A slipp of the pen.</textarea>'));
    assert.equal((await ann.post(`/comment/${id}/edit`, { text: 'A slip of the pen.' })).status, 303);
    const html = await page(nobody());
    assert.ok(html.includes('A slip of the pen.') && !html.includes('slipp'));
    assert.match(html, /class="edited"[^>]*>edited</);
  });

  test('what is taken back is gone, or leaves a stone where others answered', async () => {
    const id = await post(ann, 'I take this back.'), answer = await post(bo, 'Too late.', { answers: id });
    assert.match(await ann.html(`/comment/${id}/delete`), /Delete your comment\?/);
    assert.equal((await bo.post(`/comment/${id}/delete`)).status, 403);
    assert.equal((await ann.post(`/comment/${id}/delete`)).status, 303);
    const html = await page(nobody());
    assert.ok(!html.includes('I take this back.') && html.includes('Too late.'));
    assert.ok(html.includes('<p class="gone">This comment was deleted by whoever wrote it.'));
    assert.equal((await bo.post(`/comment/${answer}/delete`)).status, 303);
    assert.equal((await nobody().get(`${path}/comments/${id}`)).status, 410);
    assert.ok(!(await page(nobody())).includes('class="gone"'));
  });

  test('a report reaches the newsroom with its reason', async () => {
    assert.match(await bo.html(`/comment/${first}/report`), /What is wrong with it\?/);
    assert.equal((await bo.post(`/comment/${first}/report`, { words: 'no reason' })).status, 422);
    const r = await bo.post(`/comment/${first}/report`, { reason: 'false', words: 'It was dark once.' });
    assert.match(await r.text(), /A moderator will look at it\./);
  });

  test('what an edit puts behind a rule waits, and nobody else sees it meanwhile', async () => {
    await p.run('forum', 'words', 'suspect', await p.file('suspect.txt', 'turnip*\n'));
    const told = await bo.post(`${path}/comments`, { text: 'A turnip, says who?' });
    assert.equal(told.status, 409);
    const form = plainly(await told.text());
    assert.match(form, /a moderator looks at: “turnip” *\. Reword it|turnip/);
    assert.ok(form.includes('name="sure" value="1"') && form.includes('>A turnip, says who?</textarea>'));
    const id = await post(ann, 'Harmless as can be.'), answer = await post(bo, 'Quite so.', { answers: id });
    assert.equal((await ann.post(`/comment/${id}/edit`, { text: 'You turnips!' })).status, 303);
    for (const c of [nobody(), bo])
      for (const at of ['/comments', `/comments/${id}`, `/comments/${answer}`, '/comments/new?after=0', '/comments.json', '']) {
        const text = await (await c.get(path + at)).text();
        assert.ok(!text.includes('turnips'), at);
      }
    for (const at of [`/comment/${id}/reply`, `/comment/${id}/report`]) assert.equal((await bo.get(at)).status, 404, at);
    const preview = await nobody().post(`${path}/comments`, { text: 'x', answers: id, preview: '1' });
    assert.ok(!(await preview.text()).includes('turnips'));
    assert.ok((await page(ann, `/comments/${id}`)).includes('You turnips!'), 'its writer does');
    await p.run('forum', 'words', 'suspect', await p.file('suspect.txt', ''));
  });

  test('whatever comes at once reaches an open page: all new ones, all changes, none twice', async () => {
    await importFolder(p, { 'a-busy-one.md': `---\nheadline: A busy one\nsection: city\npublished: ${new Date(Date.now() - 3_600_000).toISOString()}\n---\nWords.\n` });
    const line = (i) => JSON.stringify({ id: `b${i}`, story: 'a-busy-one', name: `Guest ${i}`, written: new Date(Date.now() - 600_000 + i).toISOString(), text: `Busy ${i}.` });
    await p.run('forum', 'import', await p.file('busy.jsonl', Array.from({ length: 130 }, (_, i) => line(i)).join('\n')));
    const seen = [];
    let after = 0, pages = 0;
    for (let more = true; more; pages++) {
      const html = plainly(await p.text(`/city/a-busy-one/comments/new?after=${after}`));
      seen.push(...[...html.matchAll(/<p>Busy (\d+)\.<\/p>/g)].map((m) => Number(m[1])));
      const [, till, flag] = /data-till="(\d+)"( data-more)?/.exec(html);
      assert.ok(Number(till) > after || !flag);
      [after, more] = [Number(till), Boolean(flag)];
    }
    assert.ok(pages > 2);
    assert.deepEqual(seen.sort((a, b) => a - b), Array.from({ length: 130 }, (_, i) => i));
    // Who comes back is told of all that changed since, in order, and where they stand.
    const stop = new AbortController(), stream = await fetch(`${p.url}/city/a-busy-one/comments/events`, { headers: { 'last-event-id': '1' }, signal: stop.signal });
    let text = '';
    for await (const part of stream.body) {
      text += Buffer.from(part).toString();
      if (/\nid: 130\n\n/.test(text)) break;
    }
    stop.abort();
    const told = [...text.matchAll(/^data: (.*)$/gm)].map((m) => JSON.parse(m[1]));
    assert.deepEqual(told.map((e) => e.change), [41, 81, 121, 130]);
    assert.equal(new Set(told.flatMap((e) => e.changed.map((c) => c.id))).size, 129);
    const far = await fetch(`${p.url}/city/a-busy-one/comments/events`, { headers: { 'last-event-id': '999' } });
    assert.ok(!Buffer.from((await far.body.getReader().read()).value).toString().includes('data:'));
  });

  test('a page has keys, not numbers: each comment once, on as many pages as it takes', async () => {
    const cl = [];
    for (let i = 0; i < 5; i++) { cl.push(new Client(p)); await cl[i].register(`Writer ${'ABCDE'[i]}`, `writer${i}@example.org`); }
    for (let i = 0; i < 30; i++) await post(cl[i % 5], `Number ${i} of thirty.`);
    const seen = new Map();
    let at = '/comments?sort=newest', pages = 0;
    while (at) {
      const html = await page(nobody(), at);
      for (const [, n] of html.matchAll(/<p>Number (\d+) of thirty/g)) seen.set(n, (seen.get(n) ?? 0) + 1);
      pages++;
      at = /href="[^"]*(\/comments\?[^"]*after=[^"]*)" rel="next"/.exec(html)?.[1].replaceAll('&amp;', '&');
      if (pages === 1) await post(bo, 'Meanwhile another.'); // nothing is shown twice nor left out
    }
    assert.ok(pages > 1);
    assert.deepEqual([...seen.values()].filter((n) => n !== 1), []);
    assert.equal(seen.size, 30);
    for (const bad of ['x', '-', '1-', '9e9-zz', '1-!!']) assert.equal((await p.get(`${path}/comments?after=${bad}`)).status, 404, bad);
  });
});

describe('in browsers', () => {
  let browser;
  before(async () => { browser = await chromium(); });
  after(() => browser?.close());

  const open = async (c, at, options = {}) => {
    const context = await browser.newContext({ viewport: { width: 1100, height: 900 }, ...options });
    if (c) await context.addCookies([...c.cookies].filter(([name]) => name !== 'stet_plain').map(([name, value]) => ({ name, value, url: p.url.replace('http:', 'https:'), secure: true })));
    const tab = await context.newPage();
    await tab.goto(p.url + at);
    return tab;
  };

  test('two readers talk: what one writes waits behind a line for the other, who answers in place', async () => {
    const one = await open(ann, `${path}/comments?sort=newest`), two = await open(bo, `${path}/comments?sort=newest`);
    await one.locator('[data-ready]').waitFor();
    await two.locator('[data-ready]').waitFor();
    await one.locator('#write-text').fill('Is anybody awake?');
    await one.locator('form[data-write] button.primary').first().click();
    await one.getByText('Is anybody awake?').first().waitFor();
    assert.equal(new URL(one.url()).pathname, `${path}/comments`, 'the page stayed');
    const line = two.locator('.talk-wait button');
    await line.waitFor();
    assert.equal(await two.getByText('Is anybody awake?').count(), 0, 'nothing moved yet');
    await line.click();
    const theirs = two.locator('.comment', { hasText: 'Is anybody awake?' }).first();
    await theirs.locator('[data-reply]').first().click();
    await theirs.locator('form.write textarea').fill('I am.');
    await theirs.locator('form.write button.primary').click();
    await theirs.locator('.replies .words', { hasText: 'I am.' }).waitFor();
    await one.locator('.talk-wait button').click();
    const mine = one.locator('.comment', { hasText: 'Is anybody awake?' }).first();
    await mine.locator('.replies .words', { hasText: 'I am.' }).waitFor();
    // A vote is counted where the other sees it; a removal, too.
    await theirs.locator(':scope > footer [data-vote=up] button').click();
    await mine.locator(':scope > footer [data-ups]', { hasText: '1' }).waitFor();
    one.on('dialog', (d) => d.accept());
    await mine.locator(':scope > footer [data-delete]').click();
    await two.locator('.comment > .gone').waitFor();
    await one.context().close();
    await two.context().close();
  });

  test('so many at once that they are not named are counted, and shown all the same', async () => {
    const tab = await open(null, '/city/a-busy-one/comments?sort=newest');
    await tab.locator('[data-ready]').waitFor();
    const line = (i) => JSON.stringify({ id: `s${i}`, story: 'a-busy-one', name: `Guest ${i}`, written: new Date(Date.now() - 5000 + i).toISOString(), text: `Storm ${i}.` });
    await p.run('forum', 'import', await p.file('storm.jsonl', Array.from({ length: 60 }, (_, i) => line(i)).join('\n')));
    const button = tab.locator('.talk-wait button', { hasText: '60 new comments' });
    await button.waitFor();
    await button.click();
    await tab.getByText('Storm 59.').waitFor();
    await button.waitFor({ state: 'detached' });
    assert.equal(await tab.getByText(/^Storm \d+\.$/).count(), 60);
    await tab.context().close();
  });

  test('who writes before registering is asked to, and then the comment is posted', async () => {
    const tab = await open(null, `${path}/comments`);
    await tab.locator('[data-ready]').waitFor();
    await tab.locator('#write-text').fill('My first comment ever.');
    await tab.reload();
    await tab.locator('[data-ready]').waitFor();
    assert.equal(await tab.locator('#write-text').inputValue(), 'My first comment ever.', 'kept in the browser');
    await tab.locator('form[data-write] button.primary').first().click();
    await tab.locator('dialog #name').fill('Dora Finch');
    await tab.locator('dialog #address').fill('dora@example.org');
    await tab.locator('dialog input[value=mail]').check();
    await tab.locator('dialog form[action="/register"] button.primary').click();
    await tab.locator('dialog #code').fill((await letterTo(p, 'dora@example.org')).code);
    await tab.locator('dialog form[action="/mail-code"] button.primary').click();
    await tab.locator('.comment .words', { hasText: 'My first comment ever.' }).waitFor();
    assert.equal(await tab.locator('#write-text').inputValue(), '');
    await tab.context().close();
  });

  test('axe finds nothing, wide and narrow, light and dark; nothing is wider than the screen', async () => {
    for (const [width, colorScheme] of [[320, 'light'], [1280, 'dark']])
      for (const at of [path, `${path}/comments`, `${path}/comments?sort=newest`]) {
        const tab = await open(ann, at, { viewport: { width, height: 900 }, colorScheme });
        await tab.locator('#comments').scrollIntoViewIfNeeded();
        await tab.evaluate(axe);
        const { violations } = await tab.evaluate(() => globalThis.axe.run('#comments', { runOnly: { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] } }));
        assert.deepEqual(violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.target.join(' ')} ${n.failureSummary}`)), [], `${at} ${width}`);
        const [wide, screen] = await tab.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
        assert.ok(wide <= screen, `${at}: ${wide} > ${screen}`);
        await tab.context().close();
      }
  });

  test('what readers write does not run', async () => {
    const bad = ['<img src=x onerror=ran()>', '[x](javascript:ran())', '<svg/onload=ran()>', '[x](data:text/html,<script>ran()</script>)', '![x](x" onerror="ran())', '<a href="jav&#x09;ascript:ran()">x</a>', '`<script>ran()</script>`', '"><script>ran()</script>', '<iframe srcdoc="<script>ran()</script>">', '@Ann Lee"><img src=x onerror=ran()>', '[a](https://e.org "onmouseover=ran()")', '<style>@import "x"</style>', 'x' + '\u0301'.repeat(3000), '\u202etxt.exe', '> '.repeat(400) + 'deep'];
    const writers = [];
    for (let i = 0; i < 3; i++) { writers.push(new Client(p)); await writers[i].register(`Hostile ${'XYZ'[i]}`, `hostile${i}@example.org`); }
    for (let i = 0; i < bad.length; i++) {
      const r = await writers[i % 3].post(`${path}/comments`, { text: `${bad[i]} end` });
      assert.ok([303, 422].includes(r.status), `${bad[i].slice(0, 40)}: ${r.status}`);
    }
    const tab = await open(null, `${path}/comments?sort=newest`, { bypassCSP: true });
    await tab.addInitScript(() => { globalThis.ran = () => { globalThis.didRun = true; }; }); // there before anything of the page is
    await tab.reload();
    await tab.evaluate(() => { for (const a of document.querySelectorAll('.words a')) if (/^(javascript|data):/i.test(a.protocol)) globalThis.didRun = a.href; });
    assert.equal(await tab.evaluate(() => globalThis.didRun), undefined);
    assert.equal(await tab.locator('.words :is(script, style, iframe, svg, img, object)').count(), 0);
    assert.equal(await tab.evaluate(() => [...document.querySelectorAll('.words *')].some((e) => [...e.attributes].some((a) => a.name.startsWith('on')))), false);
    await tab.context().close();
  });
});

test('the doctor counts the same', async () => {
  const { code, stdout } = await p.cli(['doctor']);
  assert.equal(code, 0, stdout);
});
