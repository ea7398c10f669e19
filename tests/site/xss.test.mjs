// xss.test.mjs: published ways to smuggle a script, through every door that text comes in by, in a
// real browser: nothing runs, with the page's policy and without it.
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { Publication, chromium, withSections } from './lib.mjs';
import { folder } from './newsroom.mjs';
import { bodies, notations, own, theirs, watch } from './smuggle.mjs';

const cdata = (s) => `<![CDATA[${s.replaceAll(']]>', ']]]]><![CDATA[>')}]]>`;
// XML cannot carry control characters, nor half a pair.
const xmlSafe = (s) => s.toWellFormed?.() ?? s;
const wxr = (items) => `<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:wp="http://wordpress.org/export/1.2/">
<channel><title>X</title><link>https://old.example</link><wp:wxr_version>1.2</wp:wxr_version><wp:base_site_url>https://old.example</wp:base_site_url><wp:base_blog_url>https://old.example</wp:base_blog_url>
<wp:author><wp:author_id>1</wp:author_id><wp:author_login>eve</wp:author_login><wp:author_display_name>${cdata(own[0])}</wp:author_display_name></wp:author>
<wp:category><wp:term_id>2</wp:term_id><wp:category_nicename>news</wp:category_nicename><wp:cat_name>${cdata(`News${own[1]}`)}</wp:cat_name></wp:category>
${items.map((html, i) => `<item><title>${cdata(`Wp ${i} ${own[i % own.length]}`)}</title><link>https://old.example/wp-${i}/</link><dc:creator>eve</dc:creator>
<content:encoded>${cdata(xmlSafe(html).replace(/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, ''))}</content:encoded><excerpt:encoded>${cdata(own[i % own.length])}</excerpt:encoded>
<wp:post_id>${i + 10}</wp:post_id><wp:post_date>2021-01-01 10:00:00</wp:post_date><wp:post_date_gmt>2021-01-01 10:00:00</wp:post_date_gmt><wp:post_name>wp-${i}</wp:post_name>
<wp:status>publish</wp:status><wp:post_type>post</wp:post_type><category domain="category" nicename="news">${cdata(`News${own[1]}`)}</category><category domain="post_tag" nicename="t${i}">${cdata(own[i % own.length])}</category></item>`).join('\n')}
</channel></rss>`;

const ghost = (items) => JSON.stringify({ db: [{ meta: { version: '5.0.0', exported_on: 1700000000000 }, data: {
  posts: items.map((html, i) => ({ id: `p${i}`, title: `Gh ${i} ${own[i % own.length]}`, slug: `gh-${i}`, html: xmlSafe(html), type: 'post', status: 'published', visibility: 'public',
    custom_excerpt: own[i % own.length].slice(0, 290), published_at: '2021-01-01T10:00:00.000Z', created_at: '2021-01-01T10:00:00.000Z', updated_at: '2021-01-01T10:00:00.000Z' })),
  users: [{ id: 'u1', name: own[0], slug: 'eve', email: 'eve@example.org', bio: own[1] }], tags: [{ id: 't1', name: `News${own[1]}`, slug: 'news', visibility: 'public' }],
  posts_tags: items.map((_, i) => ({ id: `pt${i}`, post_id: `p${i}`, tag_id: 't1', sort_order: 0 })),
  posts_authors: items.map((_, i) => ({ id: `pa${i}`, post_id: `p${i}`, author_id: 'u1', sort_order: 0 })), posts_meta: [], settings: [],
} }] });

describe('nothing that was written runs', () => {
  let p, browser;
  before(async () => {
    p = await Publication.make();
    await withSections(p, 'world');
    browser = await chromium();
  });
  after(async () => {
    await browser?.close();
    await p.end();
  });

  test('there are at least 150 published ways, and ours', () => {
    assert.ok(theirs.length >= 150 && own.length >= 20);
  });

  test('through the newsroom: bodies in HTML and Markdown, headlines, standfirsts, captions, names, corrections', async () => {
    const file = (front, html) => `---\n${front}\nsection: world\npublished: 2022-02-02 02:02\n---\n${html}`;
    const files = {};
    bodies.forEach((html, i) => {
      const bad = JSON.stringify(own[i % own.length]);
      files[`stories/h${i}.md`] = file(`headline: ${JSON.stringify(`H ${i} ${own[i % own.length]}`)}\nslug: h-${i}\nstandfirst: ${bad}\ndateline: ${bad.length < 80 ? bad : '"<b>"'}\nformat: html\nauthors: [${bad}]\ntags: [${bad}]`, html);
      files[`stories/m${i}.md`] = file(`headline: M ${i}\nslug: m-${i}`, html);
    });
    notations.forEach((text, i) => { files[`stories/n${i}.md`] = file(`headline: N ${i}\nslug: n-${i}`, text); });
    const dir = await folder(files);
    const report = await p.json('import', 'markdown', dir);
    await rm(dir, { recursive: true });
    const lost = report.items.filter((i) => i.outcome === 'left out');
    assert.deepEqual(lost.map((i) => `${i.name} ${i.notes}`), []);
    // Captions go to the recording, not into the body: for one that is not there the file is refused.
    const tracks = await p.cli(['story', 'new', '-'], { input: file('headline: Tracks', ':::video /media/x\ncaptions: /media/x" en x\n:::') });
    assert.ok(tracks.code === 0 || tracks.code === 4, tracks.stderr);
    const nul = await p.cli(['story', 'new', '-'], { input: file('headline: Nul\nformat: html', '<scr\0ipt>window.__xss=1</script>') });
    assert.equal(nul.code, 2, nul.stderr);
    const dumped = await p.file('one.md', file('headline: Edited\nslug: edited\nformat: html', bodies[0]));
    await p.run('story', 'new', dumped, '--publish');
    await p.run('story', 'edit', 'edited', '--headline', own[0], '--standfirst', own[1], '--authors', own[1], '--tags', own[2]);
    await p.run('story', 'correct', 'edited', '--text', own[1]);
  });

  test('through WordPress and Ghost', async () => {
    for (const [verb, text] of [['wordpress', wxr(bodies)], ['ghost', ghost(bodies)]]) {
      const report = await p.json('import', verb, await p.file(`${verb}.export`, text));
      assert.equal(report.items.filter((i) => i.kind === 'story' && i.outcome === 'added').length, bodies.length, verb);
    }
  });

  test('this test sees what runs: the same, uncleaned', async () => {
    if (!p.process) await p.serve();
    for (const html of ['<script>window.__xss=1</script>', '<img src=x onerror="window.__xss=1">', '<svg onload="alert(1)">', '<img src="https://evil.example/x.png">'])
      assert.notDeepEqual(await watch(browser, p, ['/'], false, { instead: `<main>${html}</main>` }), [], html);
  });

  for (const policy of [true, false])
    test(policy ? 'as the pages are served' : 'with the policy taken off: cleaning alone holds', async () => {
      if (!p.process) await p.serve();
      const list = (await p.json('story', 'list', '--state', 'published', '--limit', '10000')).map((s) => s.path);
      assert.ok(list.length > bodies.length * 4);
      // With the policy on, the cleaned markup is the same: a part of the pages is enough.
      const stories = policy ? list.filter((_, i) => i % 5 === 0) : list;
      const view = await p.view('/index.json');
      const others = ['/', '/author/eve', ...view.site.sections.map((s) => s.url), ...(await p.view(`${list[0]}.json`)).tags.map((t) => t.url)];
      assert.deepEqual(await watch(browser, p, [...stories, ...others], policy), []);
    });
});
