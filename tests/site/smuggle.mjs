// smuggle.mjs: published ways to smuggle a script, and a look at pages in a browser that sees whether one came through.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from './lib.mjs';

// Our own, beside those that clean() is tested with: what matters in the places a page puts text.
export const own = [
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
export const harm = '<script>window.__xss=1</script>"><img src=x onerror=window.__xss=1>';
export const notations = [
  ...['facts', 'box', 'note', 'details', 'gallery'].map((k) => `:::${k} ${harm}\n${k === 'gallery' ? `![${harm}](x:y "${harm.replaceAll('"', "'")} | ${harm.replaceAll('"', "'")}")` : harm}\n:::`),
  `:::pull\n${harm}\n-- ${harm}\n:::`, `:::table ${harm}\n| ${harm} |\n|-----|\n| ${harm} |\n\n${harm}\n:::`, `${harm}[^${'x<script>'}]\n\n[^x<script>]: ${harm}`,
  ...['video', 'audio', 'file'].map((k) => `:::${k} /media/x"onerror="window.__xss=1"\ntitle: ${harm}\ncaption: ${harm} [x](javascript:window.__xss=1)\ncredit: ${harm}\n:::`),
  `:::video /media/x\nposter: /media/"onload="window.__xss=1\ntranscript: https://evil.example/"onclick="window.__xss=1\n:::`,
  `:::embed https://youtu.be/abc"onload="window.__xss=1\ntitle: ${harm}\ncaption: ${harm}\n:::`, `:::embed https://youtu.be/abc\ntitle: ${harm}\n:::`, `:::embed https://evil.example/<script>window.__xss=1</script>\ntitle: x\n:::`,
];
export const theirs = JSON.parse(await readFile(join(root, 'tests', 'page', 'xss', 'vectors.json'), 'utf8').catch(() => '[]'));
// A NUL is refused at every door, aloud; in its place what a parser makes of it.
export const vectors = [...own, ...richer, ...theirs.map((v) => v.html.replaceAll('\0', '\ufffd'))];
const PAGE = 12; // vectors on one page: each also by itself would take minutes

const groups = [];
for (let i = 0; i < vectors.length; i += PAGE) groups.push(vectors.slice(i, i + PAGE));
// One that swallows its neighbours must not hide them: every group comes backwards as well.
export const bodies = groups.flatMap((g) => [g, [...g].reverse()]).map((g) => g.join('\n<p>.</p>\n'));

// Opens each path; what ran, asked elsewhere or spoke up.
// `words`: where text from outside stands and nothing but text may; `cookies`: of whoever looks; `instead`: a page of our own.
export async function watch(browser, p, paths, policy, { instead, words = 'main', cookies = [], status = 200 } = {}) {
  const context = await browser.newContext({ bypassCSP: !policy }), found = [];
  await context.addCookies(cookies.map(([name, value]) => ({ name, value, url: p.url.replace('http:', 'https:'), secure: true })));
  const page = await context.newPage();
  let path;
  page.on('dialog', (d) => { found.push(`${path}: dialog ${d.message()}`); d.dismiss(); });
  page.on('request', (r) => {
    if (!r.url().startsWith(`${p.url}/`) && !/^data:|^about:/.test(r.url())) found.push(`${path}: asks ${r.url().slice(0, 120)}`);
  });
  context.on('page', () => found.push(`${path}: opened a window`));
  if (instead)
    await page.route('**/*', (route) => (route.request().resourceType() === 'document' ? route.fulfill({ contentType: 'text/html', body: instead }) : route.continue()));
  for (path of paths) {
    // What no reader clicks cannot wait for one: links are followed, focus is given.
    const answer = await page.goto(p.url + path, { waitUntil: 'load' });
    assert.equal(answer.status(), status, path);
    const ran = await page.evaluate(async (words) => {
      const bad = [];
      for (const e of document.querySelectorAll('*')) {
        for (const a of e.attributes) {
          if (/^on/i.test(a.name)) bad.push(`${e.tagName} ${a.name}`);
          if (/^(href|src|action|formaction|cite|xlink:href|data|poster|srcdoc)$/i.test(a.name) && /^[\s\0-\x1f]*(java|vb|live)script:|^[\s\0-\x1f]*data:/i.test(a.value)) bad.push(`${e.tagName} ${a.name}=${a.value}`);
        }
        // The one form of our own on these pages: to follow its author.
        const own = (e.src ?? '').includes('/assets/') || e.closest('main form[data-follow]')?.getAttribute('action') === `${location.pathname}/follow`;
        if (/^(script|iframe|object|embed|base|meta|link|style|form|input|textarea|svg|math|template|noscript)$/i.test(e.tagName) && e.closest(words) && !own) bad.push(`<${e.tagName}>`);
      }
      for (const e of document.querySelectorAll('main *')) {
        e.dispatchEvent(new MouseEvent('mouseover', { bubbles: true }));
        e.focus?.();
      }
      await new Promise((r) => setTimeout(r, 5));
      const codes = ['__xss', 'xss'].filter((k) => k in window && typeof window[k] !== 'undefined' && !(window[k] instanceof Element));
      return [...bad, ...codes];
    }, words);
    found.push(...ran.map((r) => `${path}: ${r}`));
  }
  await context.close();
  return found;
}
