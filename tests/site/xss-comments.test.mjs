// xss-comments.test.mjs: the same ways to smuggle a script, through whatever readers and moderators write: comments in Markdown and, where
// they are brought in, in HTML; names, lines about oneself, quotes, mentions; reports, decisions, appeals, notices, notes, lists of words,
// what is said of a conversation. Nothing runs on any page that shows them, with the page's policy and without it.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, before, describe, test } from 'node:test';
import { chromium } from './lib.mjs';
import { importFolder } from './newsroom.mjs';
import { Client, forged, idText, readersPublication, sql } from './readers.mjs';
import { bodies, harm, notations, own, theirs, watch } from './smuggle.mjs';

const words = '.words, .quoted, .about, .who, q, bdi, blockquote, .reports, .notes, .news, dd, .excerpt';
const talk = '/city/words/comments', quoted = own[0];
// A form with control characters is refused whole. As many as fit into a comment; alone where one fills it.
const sendable = (t) => t.replace(/[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/g, ' ');
const texts = bodies.map(sendable).flatMap((b) => (b.length < 4500 ? [b] : b.split('\n<p>.</p>\n').filter((v) => v.length < 4500)));

let p, browser, readers, ann, mod, other, victim, comments = [], brought = 0;
const q = (s) => `'${s.replaceAll("'", "''").replaceAll('\0', '')}'`;
const nth = (i) => own[i % own.length];
const write = async (c, form, path = talk) => {
  const r = await c.post(path, form);
  assert.ok([303, 422].includes(r.status), `${r.status} ${JSON.stringify(form).slice(0, 200)} ${(await r.text()).match(/class="wrong"[^>]*>[^<]*/)}`);
  return /#c-(\w+)$/.exec(r.headers.get('location') ?? '')?.[1];
};
const must = async (c, path, form) => { const r = await c.post(path, form); assert.ok([200, 303].includes(r.status), `${path}: ${r.status} ${(await r.text()).match(/class="wrong"[^>]*>[^<]*/)}`); return r; };

before(async () => {
  p = await readersPublication({ serve: false });
  await importFolder(p, {
    'publication.yaml': 'name: The Test\nsections:\n  - slug: city\n    name: City\n    description: ""\n',
    ...Object.fromEntries(['words', 'brought', 'waits'].map((s) => [`${s}.md`, `---\nheadline: The ${s} one\nslug: ${s}\nsection: city\npublished: ${new Date(Date.now() - 3_600_000).toISOString()}\n---\nShe wrote \`${quoted}\` on the wall.\n`])),
  });
  const off = ['heat_warm', 'heat_hot', 'repeat_hours', 'near_hours', 'links_most', 'mentions_most', 'capitals_percent', 'run_most', 'signs_percent', 'marks_most', 'newcomer_host', 'learn_percent'];
  for (let i = 0; i < off.length; i += 4) await p.run('forum', 'rules', ...off.slice(i, i + 4).flatMap((name) => [name, '0']));
  await p.run('forum', 'rules', 'newcomer_links', '-1');
  await p.run('forum', 'settings', 'waits', 'mode', 'before');
  for (const [name, value] of [['question', own[0]], ['downs', 'yes']]) await p.run('forum', 'settings', 'publication', name, value);
  readers = forged(p, Array.from({ length: Math.ceil(texts.length / 4) + 2 }, (_, i) => ({ name: `Eve ${i}` })));
  [ann, victim, mod, other] = forged(p, [{ name: 'Ann Lee' }, { name: 'Vic Tim' }, { name: 'Mona', role: 'moderator' }, { name: 'Otto', role: 'owner' }]);
  // No name like these can be chosen; a page must not lean on that.
  sql(p, readers.map((r, i) => `UPDATE reader SET name = ${q(`Eve ${i} ${nth(i)}`)}, about = ${q(`${harm} ${nth(i + 1)}`)} WHERE id = ${r.id};`).join('\n') + `UPDATE reader SET name = ${q(`Mona ${own[1]}`)} WHERE id = ${mod.id};`);
  browser = await chromium();
});
after(async () => {
  await browser?.close();
  await p?.end();
});

test('no name is taken that has signs of a tag', async () => {
  await p.serve();
  for (const name of [own[0], '<b>', 'a"onclick="x', "a'onclick='x"]) assert.equal((await new Client(p).post('/register', { name, address: 'x@example.org', way: 'mail' })).status, 422, name);
  for (const name of [own[0], own[1]]) assert.equal((await ann.post('/account/profile', { name, about: '' })).status, 422);
  await must(ann, '/account/profile', { name: 'Ann Lee', about: harm, language: '', comments: '1', followers: '1', following: '1' });
});

test('everything is written', async () => {
  assert.ok(theirs.length >= 150);
  await p.stop();
  // HTML comes from elsewhere: kept as it came, cleaned when it takes its place.
  const story = sql(p, "SELECT CAST(id AS TEXT) AS id FROM story WHERE slug = 'brought'")[0].id;
  sql(p, `BEGIN; ${bodies.flatMap((b, i) => ['html', 'markdown'].map((type) => `INSERT INTO imported_comment (source, foreign_id, story, parent, state, type, author_name, author_email, author_url, author_ip, author_id, written, content, meta)
    VALUES (${q(`x${own[2]}`)}, ${q(`${type}${i}`)}, ${story}, '', '1', ${q(type)}, ${q(nth(i))}, '', 'javascript:window.__xss=1', '', '', ${(Date.now() - 1e6 + i) * 1000}, ${q(b)}, '{}');`)).join('\n')} COMMIT;`);
  await p.run('forum', 'import');
  brought = sql(p, `SELECT count(*) AS n FROM comment WHERE story = ${story}`)[0].n;
  assert.ok(brought >= bodies.length, `${brought} of ${bodies.length}`);
  await p.serve();
  for (const [i, text] of [...texts, ...notations.map((n) => n.slice(0, 4500))].entries()) {
    const id = await write(readers[i % readers.length], { text: `${i}\n\n${text}` }, i % 5 ? talk : '/city/waits/comments');
    if (id && i % 5) comments.push(id);
  }
  assert.ok(comments.length > texts.length / 2);
  assert.equal((await ann.post(talk, { text: 'a\x0bb' })).status, 400);
  const eve = readers[0], quote = await write(victim, { text: `@Ann Lee"><img src=x onerror=window.__xss=1> ${harm} @${own[0]}`, quote: quoted });
  assert.ok(quote);
  await write(ann, { text: harm, answers: quote });
  await must(eve, `/comment/${quote}/report`, { reason: 'other', words: own.join(' ').slice(0, 900) });
  const gone = await write(victim, { text: own.slice(0, 9).join('\n\n') });
  await must(mod, `/moderation/comment/${gone}`, { do: 'remove', reason: 'other', words: harm + own[2] });
  const decision = sql(p, 'SELECT CAST(max(id) AS TEXT) AS id FROM decision')[0].id;
  await must(victim, `/decision/${idText(decision)}/appeal`, { words: harm + own[3] });
  await must(mod, `/moderation/comment/${quote}`, { do: 'pick' });
  for (const form of [{ do: 'note', words: harm }, { do: 'warn', reason: 'other', words: harm }]) await must(mod, `/moderation/reader/${idText(victim.id)}`, form);
  await must(new Client(p), '/notice', { comment: `/comment/${quote}?x=${harm}`, why: harm + own[4], name: `Nora ${own[1]}`.slice(0, 90), address: 'nora@example.org', faith: '1' });
  await p.run('forum', 'words', 'suspect', await p.file('suspect.txt', 'script\nonerror*\n<img\n'));
  for (const [i, v] of own.slice(0, 9).entries()) await write(readers[i], { text: `Held ${v}`, sure: '1' });
  for (const path of [...readers.slice(0, 12).map((r) => `/reader/${idText(r.id)}/follow`), `${talk}/follow`, '/city/brought/comments/follow']) await must(ann, path, {});
  Object.assign(victim, { quote, gone, decision });
});

test('this test sees what runs in a comment’s place', async () => {
  const html = (await p.html(`${talk}?sort=newest`)).replace(/<div class="words"[^>]*>/, (m) => `${m}<svg onload="window.__xss=1"></svg>`);
  assert.notDeepEqual(await watch(browser, p, [talk], false, { instead: html, words }), []);
});

describe('nothing runs', () => {
  const pages = (path) => async (c) => { // and those that go on from it
    const all = [path];
    for (let at = path; at && all.length < 20;) {
      const next = /<a[^>]* href="([^"]*)" rel="next"/.exec(await c.html(at))?.[1].replaceAll('&amp;', '&');
      at = next && new URL(next, p.url + path).href.slice(p.url.length);
      if (at) all.push(at);
    }
    return all;
  };
  const cases = {
    'stories and conversations': [() => new Client(p), async (c) => ['/city/words', '/city/brought', ...await pages(talk)(c), ...await pages('/city/brought/comments?sort=oldest')(c), ...await pages('/city/words/comments?sort=discussed')(c)]],
    'comments alone, what is new, the short ways': [() => ann, async () => [...comments.slice(0, 6).map((id) => `${talk}/${id}`), `${talk}/new?after=0`, `/comment/${victim.quote}`, `/comment/${victim.quote}/reply`, `/comment/${victim.quote}/report`]],
    'readers’ pages, what they follow, the log, the notice': [() => ann, async (c) => [...await pages('/following')(c), ...readers.slice(0, 4).map((r) => `/reader/${idText(r.id)}`), `/reader/${idText(ann.id)}`, '/account', '/moderation/log', `/notice?comment=${encodeURIComponent(own[0] + harm)}`]],
    'what one wrote oneself': [() => victim, async () => [`/comment/${victim.quote}/edit`, `/comment/${victim.quote}/delete`, `${talk}/${victim.quote}`, `/decision/${idText(victim.decision)}`]],
    'the moderators’ board': [() => other, async (c) => [...await pages('/moderation')(c), ...(await Promise.all(['reported', 'recent', 'removed', 'appeals', 'notices'].map((t) => pages(`/moderation/${t}`)(c)))).flatMap((l) => l.slice(0, 6)),
      `/moderation/reader/${idText(victim.id)}`, `/moderation/reader/${idText(readers[0].id)}`, `/moderation/comment/${victim.quote}`, `/decision/${idText(victim.decision)}`]],
  };
  for (const [what, [who, list]] of Object.entries(cases))
    test(what, async () => {
      const c = who(), paths = await list(c), cookies = [...c.cookies].filter(([name]) => name !== 'stet_plain');
      // Without the policy cleaning alone holds; with it the markup is the same, and a part of the pages enough.
      assert.deepEqual(await watch(browser, p, paths, false, { words, cookies }), []);
      assert.deepEqual(await watch(browser, p, paths.filter((_, i) => i % 4 === 0), true, { words, cookies }), []);
    });

  test('previews, and forms that come back with what was wrong', async () => {
    const answers = [], previews = [];
    for (const [i, text] of texts.filter((_, i) => i % 2 === 0).entries()) {
      const r = await ann.post(talk, { text: `${i} ${text}`, preview: '1' });
      assert.equal(r.status, 200);
      previews.push(/<div class="preview[\s\S]*?<\/div>\s*<\/div>/.exec(await r.text())?.[0] ?? assert.fail('no preview'));
    }
    assert.deepEqual(await watch(browser, p, ['/previews'], false, { instead: `<main>${previews.join('\n')}</main>`, words: '.words' }), []);
    answers.push([await ann.post(talk, { text: texts[0], preview: '1' }), 200]);
    answers.push([await ann.post(talk, { text: harm }), 409], [await ann.post(talk, { text: 'Plainly.', quote: own[1] }), 422], [await ann.post(`/comment/${victim.quote}/report`, { words: harm }), 422], [await new Client(p).post('/notice', { comment: harm, why: harm, name: harm, address: harm }), 422],
      [await mod.post(`/moderation/reader/${idText(victim.id)}`, { do: 'suspend', words: harm, hours: harm, reason: harm }), 422], [await victim.post(`/decision/${idText(victim.decision)}/appeal`, { words: harm }), 409],
      [await new Client(p).post('/register', { name: harm, address: harm, way: harm }), 422], [await ann.post('/account/profile', { name: harm, about: harm }), 422], [await ann.get(`/comment/draft/${encodeURIComponent(harm)}`), 400]);
    for (const [r, status] of answers) {
      assert.equal(r.status, status, r.url);
      assert.deepEqual(await watch(browser, p, ['/preview'], false, { instead: await r.text(), words }), [], r.url);
    }
  });

  test('in the feed, in JSON and in structured data', async () => {
    const { XMLParser, XMLValidator } = createRequire(import.meta.url)('fast-xml-parser');
    const feed = /(\/following\/\w+\.xml)/.exec(await (await ann.post('/following/feed')).text().then((t) => t.replaceAll('&#x2F;', '/')))[1];
    const xml = await (await new Client(p).get(feed)).text();
    assert.equal(XMLValidator.validate(xml), true);
    const entries = new XMLParser({ ignoreAttributes: false }).parse(xml).feed.entry;
    assert.ok(entries.length > 5);
    const rich = entries.map((e) => e.content?.['#text'] ?? e.summary?.['#text'] ?? '').join('\n');
    assert.deepEqual(await watch(browser, p, ['/feed'], false, { instead: `<main><div class="words">${rich}</div></main>`, words: '.words' }), []);
    for (const path of [talk, '/city/words', '/city/brought/comments']) {
      const html = await (await p.get(path)).text(), json = /<script type="application\/ld\+json">(.*?)<\/script>/s.exec(html)[1];
      assert.ok(JSON.parse(json)['@graph'].length > 0, path);
      assert.ok((await p.get(`${path}.json`)).headers.get('content-type').startsWith('application/json'));
    }
  });
});
