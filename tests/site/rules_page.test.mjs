// rules_page.test.mjs: the rules in the browser: a number changed there judges what readers post; who may come; wrong numbers
// come back with their reason; lists of words, ten thousand of them; a text tried; in three languages, by axe.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { chromium, plainly } from './lib.mjs';
import { importFolder } from './newsroom.mjs';
import { Client, readersPublication } from './readers.mjs';

const run = promisify(execFile);
let p, ada, mod, editor, reporter, owner;
const rules = '/moderation/rules', talk = '/city/harbour/comments';
const sql = async (text) => JSON.parse((await run('sqlite3', ['-json', '-cmd', '.timeout 10000', join(p.folder, 'stet.db'), text])).stdout || '[]');

// Staff sign in with a second factor; here the session is marked so.
async function person(name, role) {
  const address = `${name.split(' ')[0].toLowerCase()}@example.org`, c = new Client(p);
  const me = await c.register(name, address);
  if (role) {
    await sql(`UPDATE reader SET role = '${role}' WHERE address = '${address}'`);
    await sql(`UPDATE session SET strong = 1 WHERE reader = (SELECT id FROM reader WHERE address = '${address}')`);
  }
  return Object.assign(c, { id: me.id, name, address });
}
const set = (c, fields, place = 'publication') => c.post(rules, { place, ...fields });
const post = (c, text, more = {}) => c.post(talk, { text, ...more });
// The field of a setting, as HTML.
async function field(c, name, place = 'publication') {
  const html = await c.html(`${rules}?place=${encodeURIComponent(place)}`);
  const from = html.indexOf(`id="f-${name}"`);
  return html.slice(from, html.indexOf('\n</div>', from));
}
const lastEntry = async () => (await sql('SELECT kind, actor, detail FROM entry ORDER BY number DESC LIMIT 1'))[0];

before(async () => {
  p = await readersPublication();
  await importFolder(p, {
    'publication.yaml': 'name: The Test\nsections:\n  - slug: city\n    name: City\n    description: ""\n  - slug: world\n    name: World\n    description: ""\n',
    'harbour.md': '---\nheadline: The harbour\nsection: city\nslug: harbour\npublished: 2021-11-20 09:00\n---\nThe pier stays.\n',
    'lamp.md': '---\nheadline: The lamp\nsection: world\nslug: lamp\npublished: 2021-11-20 09:00\n---\nIt shines.\n',
  });
  await p.run('forum', 'settings', 'publication', 'days', '0');
  ada = await person('Ada Quill');
  mod = await person('Mona Rule', 'moderator');
  editor = await person('Edith Ore', 'editor');
  reporter = await person('Rita Port', 'reporter');
  owner = await person('Olga Own', 'owner');
});
after(() => p?.end());

describe('the page of rules', () => {
  test('is for moderators, editors and owners, and changes nothing for others', async () => {
    for (const path of [rules, `${rules}/words/banned`, `${rules}/words/banned.txt`]) {
      assert.equal((await new Client(p).get(path)).status, 303, path);
      for (const c of [ada, reporter]) assert.equal((await c.get(path)).status, 403, `${c.name} ${path}`);
      for (const c of [mod, editor, owner]) {
        const r = await c.get(path);
        assert.equal(r.status, 200, `${c.name} ${path} ${p.log}`);
        assert.match(r.headers.get('cache-control'), /no-store/);
      }
    }
    const before = await sql('SELECT count(*) AS n FROM entry');
    for (const c of [ada, reporter]) {
      assert.equal((await set(c, { links_most: '1' })).status, 403);
      assert.equal((await c.post(`${rules}/words/banned`, { do: 'add', lines: 'pier' })).status, 403);
      assert.equal((await c.post(`${rules}/try`, { text: 'x' })).status, 403);
      assert.equal((await c.post(`${rules}/forget`)).status, 403);
    }
    // From another origin nothing counts, whoever is signed in.
    for (const path of [rules, `${rules}/words/banned`, `${rules}/forget`]) {
      const r = await owner.post(path, { place: 'publication', links_most: '1', do: 'add', lines: 'pier' }, { headers: { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' } });
      assert.equal(r.status, 403, path);
    }
    assert.deepEqual(await sql('SELECT count(*) AS n FROM entry'), before);
    assert.equal((await mod.get(`${rules}/words/nothing`)).status, 404);
    assert.match(await mod.html('/moderation'), /href="\/moderation\/rules"/);
    assert.doesNotMatch(await reporter.html('/moderation'), /href="\/moderation\/rules"/);
  });

  test('without a second factor leads to one', async () => {
    const weak = await person('Wera Weak', 'moderator');
    await sql(`UPDATE session SET strong = 0 WHERE reader = (SELECT id FROM reader WHERE name = 'Wera Weak')`);
    assert.match((await weak.get(rules)).headers.get('location'), /\/account\/factor$/);
    assert.match((await set(weak, { links_most: '1' })).headers.get('location'), /\/account\/factor$/);
  });

  test('a number changed here refuses, or holds, what readers post; the record says who and what', async () => {
    assert.equal((await set(mod, { length_most: '20' })).status, 303);
    const entry = await lastEntry();
    assert.equal(entry.kind, 'forum.rules');
    assert.match(entry.actor, /^reader:\w+$/);
    assert.deepEqual(JSON.parse(entry.detail), { place: '', rules: { length_most: '20' } });
    assert.equal((await post(ada, 'A comment of more than twenty characters')).status, 422);
    assert.equal((await set(mod, { length_most: '' })).status, 303); // given back
    assert.equal((await post(ada, 'A comment of more than twenty characters')).status, 303);
    assert.deepEqual(await sql(`SELECT value FROM forum_setting WHERE place = 'rules' AND value LIKE '%length_most%'`), []);

    assert.equal((await set(mod, { newcomer_links: '0' })).status, 303);
    assert.equal((await post(ada, 'See [this](https://a.example/) there')).status, 409); // told before
    assert.equal((await post(ada, 'See [this](https://a.example/) there', { sure: 'yes' })).status, 303);
    assert.deepEqual(await sql(`SELECT state FROM comment WHERE source LIKE '%a.example%'`), [{ state: 'held' }]);
    assert.equal((await set(mod, { newcomer_links: '' })).status, 303);
  });

  test('a narrower place has its own numbers, says where the others are from, and gives them back', async () => {
    assert.equal((await set(editor, { length_most: '900' })).status, 303);
    assert.match(await field(mod, 'length_most', 'section:city'), /900, as in the publication/);
    assert.equal((await set(editor, { length_most: '30', mode: 'before' }, 'section:city')).status, 303);
    assert.match(await field(mod, 'length_most', 'section:city'), /Set here\. Otherwise: 900, as in the publication/);
    assert.match(await field(mod, 'length_most', 'story:harbour'), /30, as in “City”/);
    assert.match(await field(mod, 'mode', 'story:harbour'), /as it is otherwise: before it is shown/);
    assert.match(await field(mod, 'length_most', 'section:world'), /900, as in the publication/);
    assert.equal((await post(ada, 'Thirty characters are not enough for this')).status, 422);
    assert.equal((await ada.post('/world/lamp/comments', { text: 'Thirty characters are not enough for this' })).status, 303);
    assert.equal((await set(editor, { length_most: '500', mode: 'after' }, 'story:harbour')).status, 303);
    assert.equal((await post(ada, 'Here there is room for all these many words')).status, 303);
    assert.deepEqual(await sql(`SELECT state FROM comment WHERE source LIKE 'Here there is room%'`), [{ state: 'shown' }]);
    for (const place of ['story:harbour', 'section:city', 'publication']) assert.equal((await set(editor, { length_most: '', mode: '' }, place)).status, 303);
    assert.match(await field(mod, 'length_most', 'story:harbour'), /10,000, as it is at first/);
    for (const place of ['section:nothing', 'story:nothing', 'nonsense']) {
      assert.equal((await mod.get(`${rules}?place=${place}`)).status, 404, place);
      assert.equal((await set(mod, { links_most: '2' }, place)).status, 404, place);
    }
    // Named by its address, as copied.
    assert.match(await mod.html(`${rules}?story=${encodeURIComponent(`${p.url}/city/harbour`)}`), /value="story:harbour"/);
  });

  test('a wrong number comes back at its field, nothing is lost and nothing saved', async () => {
    const before = await sql('SELECT count(*) AS n FROM entry');
    const sent = { links_most: 'many', run_most: '7', days: '99999', hosts_bad: 'good.example\nnot a host', why: 'Too late' };
    const r = await set(mod, sent), html = plainly(await r.text());
    assert.equal(r.status, 422);
    for (const [name, value] of [['links_most', 'many'], ['run_most', '7'], ['days', '99999'], ['why', 'Too late']]) assert.match(html, new RegExp(`name="${name}" value="${value}"`));
    assert.match(html, />good\.example\nnot a host<\/textarea>/);
    for (const name of ['links_most', 'days', 'hosts_bad']) assert.match(html, new RegExp(`<p class="mistake" id="w-${name}">`), name);
    assert.doesNotMatch(html, /id="w-run_most"/);
    assert.match(html, /A whole number from 0 to 1000, or nothing/);
    // Two numbers that do not go together.
    const both = await set(mod, { length_least: '500', length_most: '400' });
    assert.equal(both.status, 422);
    assert.match(plainly(await both.text()), /id="w-length_least">This is above/);
    assert.deepEqual(await sql('SELECT count(*) AS n FROM entry'), before);
    // Bytes that are no text.
    assert.equal((await mod.send('POST', rules, { headers: { 'content-type': 'application/x-www-form-urlencoded' }, form: undefined })).status, 303);
    const r2 = await fetch(p.url + rules, { method: 'POST', redirect: 'manual', headers: { ...mod.headers, cookie: [...mod.cookies].map(([k, v]) => `${k}=${v}`).join('; '), 'sec-fetch-site': 'same-origin', 'content-type': 'application/x-www-form-urlencoded' }, body: 'why=%ff%fe&links_most=%00' });
    assert.ok([400, 422].includes(r2.status), String(r2.status));
  });

  test('who saves what another has changed meanwhile is told', async () => {
    const seen = /name="seen" value="([^"]*)"/.exec(await mod.html(rules))[1];
    assert.equal((await set(editor, { run_most: '9' })).status, 303);
    const late = await set(mod, { seen, run_most: '20' });
    assert.equal(late.status, 409);
    assert.match(plainly(await late.text()), /name="run_most" value="20"/);
    assert.match(await field(mod, 'run_most'), /value="9"/);
    assert.equal((await set(editor, { run_most: '' })).status, 303);
  });
});

describe('lists of words', () => {
  const list = `${rules}/words/banned`;
  test('are added to, searched, taken from, downloaded; a wrong line is named and nothing lost', async () => {
    const done = await mod.post(list, { do: 'add', lines: 'blockhead*\r\ndunderpate\r\nblockhead*\r\n' });
    assert.equal(done.status, 303);
    assert.match(await mod.html(done.headers.get('location').slice(p.url.length)), /2 words added/);
    const entry = await lastEntry();
    assert.deepEqual([entry.kind, JSON.parse(entry.detail)], ['forum.words', { list: 'banned', added: 2 }]); // not which
    assert.equal((await post(ada, 'Those bl0ckheads again')).status, 422);
    assert.match(await mod.html(`${list}?q=pate`), /value="dunderpate"/);
    assert.doesNotMatch(await mod.html(`${list}?q=pate`), /value="blockhead/);
    const wrong = await mod.post(list, { do: 'add', lines: 'fine\r\nb*d' });
    assert.equal(wrong.status, 422);
    const html = plainly(await wrong.text());
    assert.match(html, /Line 2 is no word/);
    assert.match(html, /fine\nb\*d<\/textarea>/);
    assert.equal(await (await mod.get(`${list}.txt`)).text(), 'blockhead*\ndunderpate\n');
    assert.match((await mod.get(`${list}.txt`)).headers.get('content-disposition'), /attachment/);
    assert.equal((await mod.post(list, { do: 'remove', word: 'blockhead*' })).status, 303);
    assert.equal((await post(ada, 'Those bl0ckheads again')).status, 303);
  });

  test('take ten thousand words at once, a hundred a page', async () => {
    const words = Array.from({ length: 10_000 }, (_, i) => `zz${i.toString(36).replace(/\d/g, (d) => 'abcdefghij'[d])}word${i}`);
    const done = await mod.post(list, { do: 'add', lines: words.join('\n') });
    assert.equal(done.status, 303, await done.text());
    const page = await mod.html(list);
    assert.match(page, /10,001 words/);
    assert.equal([...page.matchAll(/name="word"/g)].length, 100);
    assert.match(page, /from=100/);
    assert.match(await mod.html(`${list}?from=9990`), new RegExp(`value="${words[9_990]}"`));
    assert.equal((await (await mod.get(`${list}.txt`)).text()).trim().split('\n').length, 10_001);
    assert.equal((await post(ada, `I say ${words[7_777]}`)).status, 422);
    await p.run('forum', 'words', 'banned', await p.file('none.txt', ''));
  });
});

describe('a text', () => {
  test('is tried by what judges comments, and keeps nothing', async () => {
    await mod.post(`${rules}/words/suspect`, { do: 'add', lines: 'rascal' });
    const before = await sql('SELECT (SELECT count(*) FROM entry) AS a, (SELECT count(*) FROM comment) AS b');
    const held = plainly(await (await mod.post(`${rules}/try`, { text: 'That r4scal & co', as: 'newcomer' })).text());
    assert.match(held, /It would wait for a moderator/);
    assert.match(held, /That <mark>r4scal<\/mark> &amp; co/);
    assert.match(held, /a word that a moderator looks at: “rascal”/);
    const links = 'See [one](https://a.example/) and [two](https://b.example/)';
    assert.match(plainly(await (await mod.post(`${rules}/try`, { text: links, as: 'newcomer' })).text()), /It would wait/);
    assert.match(plainly(await (await mod.post(`${rules}/try`, { text: links, as: 'regular' })).text()), /It would be shown at once/);
    // By the numbers of the place.
    await set(mod, { length_most: '5' }, 'story:harbour');
    assert.match(plainly(await (await mod.post(`${rules}/try`, { text: 'Longer', place: 'story:harbour' })).text()), /It would be refused/);
    assert.match(plainly(await (await mod.post(`${rules}/try`, { text: 'Longer', place: 'story:lamp' })).text()), /It would be shown/);
    await set(mod, { length_most: '' }, 'story:harbour');
    assert.equal((await mod.post(`${rules}/try`, { text: '' })).status, 422);
    const after = await sql('SELECT (SELECT count(*) FROM entry) AS a, (SELECT count(*) FROM comment) AS b');
    assert.equal(after[0].b, before[0].b);
    assert.equal(after[0].a, before[0].a + 2); // the two changes
  });

  test('what the classifier has learned is told and forgotten', async () => {
    const ids = [], bob = await person('Bob Stone');
    for (const text of ['Good pier, good day', 'Nice work on the pier']) {
      const done = await post(bob, text);
      assert.equal(done.status, 303, await done.text());
      ids.push(/#c-(\w+)$/.exec(done.headers.get('location'))[1]);
    }
    assert.equal((await mod.post(`/moderation/comment/${ids[0]}`, { do: 'remove', reason: 'spam' })).status, 303);
    assert.match(await mod.html(rules), /0 approved, 1 removed\. That is too little/);
    assert.equal((await mod.post(`${rules}/forget`, { place: 'publication' })).status, 303);
    assert.equal((await lastEntry()).kind, 'forum.unlearn');
    assert.match(await mod.html(rules), /0 approved, 0 removed/);
    await p.stop();
    await p.serve();
    assert.match(await mod.html(rules), /0 approved, 0 removed/); // nor after a start
    assert.equal((await mod.post(`/moderation/comment/${ids[1]}`, { do: 'remove', reason: 'spam' })).status, 303);
    assert.match(await mod.html(rules), /0 approved, 1 removed/);
  });
});

describe('in a browser', () => {
  test('axe finds nothing, nothing is wider than the screen, in three languages; without script it works', async () => {
    const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
    const browser = await chromium();
    try {
      await mod.post(`${rules}/words/banned`, { do: 'add', lines: 'blockhead*\ndunderpate' });
      for (const language of ['en', 'fr', 'ar']) {
        await p.stop();
        await run('sed', ['-i', `/^language/d;$ a language = ${language}`, join(p.folder, 'stet.conf')]);
        await p.serve();
        for (const [width, colorScheme] of [[320, 'light'], [1280, 'dark']]) {
          const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme, javaScriptEnabled: language !== 'fr' });
          await context.addCookies([...mod.cookies].map(([name, value]) => ({ name, value, url: p.url.replace('http:', 'https:') })));
          const page = await context.newPage();
          for (const path of [`${rules}?place=section:city`, `${rules}/words/banned`]) {
            const answer = await page.goto(p.url + path);
            assert.equal(answer.status(), 200);
            const body = await page.content();
            assert.doesNotMatch(body, /rules\.(label|group|choice|effect|about)\./); // each message is there
            const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
            assert.ok(wide <= 0, `${path} ${language} ${width}: ${wide} px too wide`);
            if (language !== 'fr') {
              await page.evaluate(axe);
              const { violations } = await page.evaluate(() => globalThis.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }));
              assert.deepEqual(violations.flatMap((v) => v.nodes.map((n) => `${v.id} ${n.target}`)), [], `${path} ${language}`);
            }
            if (process.env.SHOTS) await page.screenshot({ path: join(process.env.SHOTS, `rules${path.includes('words') ? '-words' : ''}-${language}-${width}.png`), fullPage: true });
          }
          await page.goto(p.url + rules);
          await page.fill('#s-run_most', width === 320 ? '8' : '');
          await page.press('#s-run_most', 'Enter'); // by keyboard, with or without script
          await page.waitForURL(/said=saved/);
          assert.equal(await page.inputValue('#s-run_most'), width === 320 ? '8' : '');
          await context.close();
        }
      }
    } finally {
      await browser.close();
    }
  });
});
