// xss.test.mjs: published ways to smuggle a script, through every door that text comes in by, in a
// real browser: nothing runs, with the page's policy and without it.
import assert from 'node:assert/strict';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Publication, chromium, root, withSections } from './lib.mjs';
import { folder } from './newsroom.mjs';

// Our own, beside those that clean() is tested with: what matters in the places a page puts text.
const own = [
  '<script>window.__xss=1</script>', '<img src=x onerror="window.__xss=1">', '<svg onload="window.__xss=1">', '<svg><script>window.__xss=1</script></svg>',
  '<iframe srcdoc="<script>parent.__xss=1</script>"></iframe>', '<iframe src="javascript:parent.__xss=1"></iframe>', '<a href="javascript:window.__xss=1">x</a>',
  '<a href=" java\nscript:window.__xss=1">x</a>', '<a href="&#1;javascript:window.__xss=1">x</a>', '<details open ontoggle="window.__xss=1">x</details>',
  '<video src=x onerror="window.__xss=1"></video>', '<audio src=x onerror="window.__xss=1"></audio>', '<body onload="window.__xss=1">', '<input autofocus onfocus="window.__xss=1">',
  '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=window.__xss=1&gt;">', '<noscript><p title="</noscript><img src=x onerror=window.__xss=1>">',
  '<form action="javascript:window.__xss=1"><button>x</button></form>', '<meta http-equiv="refresh" content="0;url=javascript:window.__xss=1">', '<base href="https://evil.example/">',
  '<link rel="stylesheet" href="https://evil.example/x.css">', '<object data="https://evil.example/x.swf"></object>', '<embed src="https://evil.example/x.swf">',
  '<style>@import "https://evil.example/x.css";</style>', '<p style="background:url(https://evil.example/x.png)">x</p>', '<template><script>window.__xss=1</script></template>',
  '</div></article><script>window.__xss=1</script>', '{{{site.url}}}<script>window.__xss=1</script>', '<img src="x` `<script>window.__xss=1</script>"` `>', '<xmp><script>window.__xss=1</script></xmp>',
  '<textarea></textarea><script>window.__xss=1</script>', '<title></title><script>window.__xss=1</script>', '<!--><img src=x onerror=window.__xss=1>-->', '<div tabindex=1 onfocus="window.__xss=1" id=x>x</div>',
  '<a href="data:text/html,<script>opener.__xss=1</script>">x</a>', '<q cite="javascript:window.__xss=1">x</q>', '<blockquote cite="vbscript:x">x</blockquote>',
  '<svg><a xlink:href="javascript:window.__xss=1"><text y=9>x</text></a></svg>', '<math href="javascript:window.__xss=1">x</math>', '<marquee onstart="window.__xss=1">x</marquee>',
];
// In what a body may hold beside words.
const richer = [
  '<aside class="facts" onmouseover="window.__xss=1"><h2 onfocus="window.__xss=1" tabindex=0>x</h2></aside>', '<figure class="pull" id=x onclick="window.__xss=1"><blockquote>x</blockquote></figure>',
  '<figure class="video"><video src="/media/x" poster="javascript:window.__xss=1" onerror="window.__xss=1" autoplay><source src="https://evil.example/x.mp4" onerror="window.__xss=1"><track src="https://evil.example/x.vtt" default onerror="window.__xss=1"></video></figure>',
  '<video><source src="https://evil.example/v.mp4"></video><audio src="https://evil.example/a.mp3" autoplay></audio>', '<audio src="/media/x"><track src="javascript:window.__xss=1" label="&quot; onload=&quot;window.__xss=1"></audio>',
  '<figure class="file"><a href="javascript:window.__xss=1" download>x</a></figure>', '<figure class="embed wide" data-frame="javascript:window.__xss=1" data-title="x"><div class="offer"><button>x</button></div></figure>',
  '<figure class="embed"><a href="https://youtu.be/x&quot; onfocus=&quot;window.__xss=1">"><script>window.__xss=1</script></a></figure>', '<figure class="embed"><a href="https://youtu.be/abc">&quot;&gt;&lt;img src=x onerror=window.__xss=1&gt;</a></figure>',
  '<figure class="embed"><iframe src="https://evil.example/youtube.com/embed/x"></iframe></figure>', '<section class="footnotes" onclick="window.__xss=1"><ol><li id="fn-1&quot; onfocus=&quot;window.__xss=1">x</ol></section>',
  '<sup><a id="fnref-1" href="javascript:window.__xss=1">1</a></sup><a id="fnref-1" href="#fn-&quot;&gt;&lt;script&gt;window.__xss=1&lt;/script&gt;">2</a>', '<a class="transcript" href="javascript:window.__xss=1">x</a>',
  '<figure class="gallery"><figure class="picture"><img src="/media/x" alt="&quot; onerror=&quot;window.__xss=1"></figure></figure>', '<div class="offer"><button type="button" onclick="window.__xss=1" autofocus>x</button></div>',
];
// The same in our notation; each is a story of its own.
const harm = '<script>window.__xss=1</script>"><img src=x onerror=window.__xss=1>';
const notations = [
  ...['facts', 'box', 'note', 'details', 'gallery'].map((k) => `:::${k} ${harm}\n${k === 'gallery' ? `![${harm}](x:y "${harm.replaceAll('"', "'")} | ${harm.replaceAll('"', "'")}")` : harm}\n:::`),
  `:::pull\n${harm}\n-- ${harm}\n:::`, `:::table ${harm}\n| ${harm} |\n|-----|\n| ${harm} |\n\n${harm}\n:::`, `${harm}[^${'x<script>'}]\n\n[^x<script>]: ${harm}`,
  ...['video', 'audio', 'file'].map((k) => `:::${k} /media/x"onerror="window.__xss=1"\ntitle: ${harm}\ncaption: ${harm} [x](javascript:window.__xss=1)\ncredit: ${harm}\n:::`),
  `:::video /media/x\nposter: /media/"onload="window.__xss=1\ntranscript: https://evil.example/"onclick="window.__xss=1\n:::`,
  `:::embed https://youtu.be/abc"onload="window.__xss=1\ntitle: ${harm}\ncaption: ${harm}\n:::`, `:::embed https://youtu.be/abc\ntitle: ${harm}\n:::`, `:::embed https://evil.example/<script>window.__xss=1</script>\ntitle: x\n:::`,
];
const theirs = JSON.parse(await readFile(join(root, 'tests', 'page', 'xss', 'vectors.json'), 'utf8').catch(() => '[]'));
// A NUL is refused at every door, aloud; in its place what a parser makes of it.
const vectors = [...own, ...richer, ...theirs.map((v) => v.html.replaceAll('\0', '\ufffd'))];
const PAGE = 12; // vectors on one page: each also by itself would take minutes

const groups = [];
for (let i = 0; i < vectors.length; i += PAGE) groups.push(vectors.slice(i, i + PAGE));
// One that swallows its neighbours must not hide them: every group comes backwards as well.
const bodies = groups.flatMap((g) => [g, [...g].reverse()]).map((g) => g.join('\n<p>.</p>\n'));

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

// Opens each path; what ran, asked elsewhere or spoke up.
async function watch(browser, p, paths, policy, instead) {
  const context = await browser.newContext(), page = await context.newPage(), found = [];
  let path;
  page.on('dialog', (d) => { found.push(`${path}: dialog ${d.message()}`); d.dismiss(); });
  page.on('request', (r) => {
    if (!r.url().startsWith(`${p.url}/`) && !/^data:|^about:/.test(r.url())) found.push(`${path}: asks ${r.url().slice(0, 120)}`);
  });
  context.on('page', () => found.push(`${path}: opened a window`));
  if (!policy)
    await page.route('**/*', async (route) => {
      if (route.request().resourceType() !== 'document') return route.continue();
      if (instead) return route.fulfill({ contentType: 'text/html', body: instead });
      const answer = await route.fetch(), headers = answer.headers();
      delete headers['content-security-policy'];
      return route.fulfill({ response: answer, headers });
    });
  for (path of paths) {
    // What no reader clicks cannot wait for one: links are followed, focus is given.
    const answer = await page.goto(p.url + path, { waitUntil: 'load' });
    assert.equal(answer.status(), 200, path);
    const ran = await page.evaluate(async () => {
      const bad = [];
      for (const e of document.querySelectorAll('*')) {
        for (const a of e.attributes) {
          if (/^on/i.test(a.name)) bad.push(`${e.tagName} ${a.name}`);
          if (/^(href|src|action|formaction|cite|xlink:href|data|poster|srcdoc)$/i.test(a.name) && /^[\s\0-\x1f]*(java|vb|live)script:|^[\s\0-\x1f]*data:/i.test(a.value)) bad.push(`${e.tagName} ${a.name}=${a.value}`);
        }
        // The one form of our own on these pages: to follow its author.
        const own = (e.src ?? '').includes('/assets/') || e.closest('main form[data-follow]')?.getAttribute('action') === `${location.pathname}/follow`;
        if (/^(script|iframe|object|embed|base|meta|link|style|form|input|textarea|svg|math|template|noscript)$/i.test(e.tagName) && e.closest('main') && !own) bad.push(`<${e.tagName}>`);
      }
      for (const e of document.querySelectorAll('main *')) {
        e.dispatchEvent(new MouseEvent('mouseover', { bubbles: true }));
        e.focus?.();
      }
      await new Promise((r) => setTimeout(r, 5));
      const codes = ['__xss', 'xss'].filter((k) => k in window && typeof window[k] !== 'undefined' && !(window[k] instanceof Element));
      return [...bad, ...codes];
    });
    found.push(...ran.map((r) => `${path}: ${r}`));
  }
  await context.close();
  return found;
}

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
      assert.notDeepEqual(await watch(browser, p, ['/'], false, `<main>${html}</main>`), [], html);
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
