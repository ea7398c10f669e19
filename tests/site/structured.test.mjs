// structured.test.mjs: what pages say to programs. The vocabulary's own types (schema-dts) judge every
// node by the TypeScript compiler: an unknown term, a value of the wrong type, is an error of it.
import assert from 'node:assert/strict';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { newsroom, importFolder } from './newsroom.mjs';

const here = dirname(fileURLToPath(import.meta.url));

// What the compiler has against nodes, each named.
function complaints(nodes) {
  const types = [...new Set(nodes.map(([, n]) => n['@type']))];
  const source = `import type { ${types.join(', ')} } from 'schema-dts';\n` +
    nodes.map(([name, n], i) => `export const node${i}: Exclude<${n['@type']}, string> = /* ${name} */ ${JSON.stringify(n)};`).join('\n');
  const file = join(here, 'structured.generated.ts');
  const options = { strict: true, noEmit: true, skipLibCheck: true, types: [], target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists, readFile } = host;
  host.getSourceFile = (f, ...rest) => f === file ? ts.createSourceFile(f, source, ts.ScriptTarget.ES2022) : getSourceFile(f, ...rest);
  host.fileExists = (f) => f === file || fileExists(f);
  host.readFile = (f) => f === file ? source : readFile(f);
  const lines = source.split('\n');
  return ts.getPreEmitDiagnostics(ts.createProgram([file], options, host)).map((d) => {
    const text = ts.flattenDiagnosticMessageText(d.messageText, '\n');
    const line = d.file && d.start !== undefined ? d.file.getLineAndCharacterOfPosition(d.start).line : 0;
    return `${lines[line].slice(0, 160)}: ${text.slice(0, 600)}`;
  });
}

// The data block of a page, as a browser finds it.
function block(html) {
  const all = [...html.matchAll(/<script type="application\/ld\+json">(.*?)<\/script>/gs)];
  assert.equal(all.length, 1, 'one block');
  return JSON.parse(all[0][1]);
}

const story = (name, more, body = 'Text.') => [`stories/${name}.md`,
  `---\nheadline: ${name}\nslug: ${name}\nsection: world\nauthors: [ann-lee]\npublished: 2024-05-06 07:08\n${more}---\n${body}\n`];
const hostile = 'A </script><script>window.__xss=1</script> <!-- & ]]> \\u2028 end';

describe('structured data', () => {
  let p;
  before(async () => {
    p = await newsroom({
      conf: `\nlicence = /about\npolicy_corrections = /about\npolicy_ethics = https://ethics.example/code\npolicy_principles = /about
policy_masthead = /about\npolicy_ownership = /about\npolicy_feedback = /about\nsame_as = https://social.example/@herald, https://video.example/herald\n`,
      extra: Object.fromEntries([
        story('analysis', 'genre: analysis\n'), story('opinion', 'genre: opinion\n'), story('review', 'genre: review\n'),
        story('background', 'genre: background\n'), story('sponsored', 'genre: sponsored\n'),
        story('sensitive', 'sensitive: true\npicture: pictures/one.png\nalt: Not for everybody\n'),
        story('hostile', '').map((s) => s.replace('headline: hostile', `headline: ${JSON.stringify(hostile)}`)),
        story('chapter', 'series: The Long Road\n'),
      ]),
    });
    await p.serve();
  });
  after(() => p.end());

  const pages = { front: '/', section: '/world', empty: '/quiet', tag: '/tag/lighthouses', author: '/author/ann-lee', story: '/world/lamp',
    plain: '/harbour/plain', page: '/about', analysis: '/world/analysis', opinion: '/world/opinion', review: '/world/review',
    background: '/world/background', sponsored: '/world/sponsored', sensitive: '/world/sensitive', hostile: '/world/hostile', chapter: '/world/chapter',
    series: '/series/the-long-road' };
  const graphs = {};
  const node = (page, ...types) => graphs[page].find((n) => types.includes(n['@type']));

  test('every kind of page carries one block, the same as its JSON has', async () => {
    for (const [kind, path] of Object.entries(pages)) {
      const html = await p.text(path), data = block(html);
      assert.equal(data['@context'], 'https://schema.org', kind);
      assert.deepEqual(data, (await p.view(path === '/' ? '/index.json' : `${path}.json`)).structured, kind);
      graphs[kind] = data['@graph'];
    }
    for (const path of ['/harbour/false-report', '/harbour/never-was']) assert.ok(!(await p.text(path)).includes('ld+json'), path);
  });

  test('every node is of the vocabulary, by its own types', () => {
    const nodes = Object.entries(graphs).flatMap(([kind, graph]) => graph.map((n) => [`${kind} ${n['@type']}`, structuredClone(n)]));
    // Google's addition to an action, which the types keep apart.
    for (const [, n] of nodes) delete n.potentialAction?.['query-input'];
    assert.deepEqual(complaints(nodes), []);
  });

  test('the judge finds fault where there is one', () => {
    const good = node('story', 'NewsArticle');
    const wrong = complaints([['unknown term', { ...good, standfirst: 'x' }], ['wrong type', { ...good, wordCount: ['many'] }]]);
    assert.equal(new Set(wrong.map((w) => w.match(/\/\* (.*?) \*\//)?.[1])).size, 2, wrong.join('\n'));
  });

  test('a story says what it is, whose, when, where from, and what was wrong in it', () => {
    const n = node('story', 'NewsArticle');
    assert.equal(n.headline, 'The “lamp” that <never> sleeps & its keeper');
    assert.equal(n.description, 'A life beside the light.');
    assert.equal(n.mainEntityOfPage['@id'], `${p.url}/world/lamp`);
    assert.equal(n.datePublished, '2022-02-10T13:37:00-05:00');
    assert.equal(n.dateModified, '2022-07-01T08:05:00-04:00');
    assert.equal(n.dateline, 'NORTH POINT');
    assert.equal(n.articleSection, 'World');
    assert.deepEqual(n.keywords, ['Lighthouses', 'R&D <lab>']);
    assert.deepEqual(n.author.map((a) => [a['@type'], a.name, a.url]), [['Person', 'Ann Lee', `${p.url}/author/ann-lee`],
      ['Person', 'Bo Chan & Daughters', `${p.url}/author/bo-chan`]]);
    assert.equal(n.author[0].jobTitle, 'Harbour reporter');
    assert.deepEqual(n.correction.map((c) => [c['@type'], c.datePublished, c.text]), [
      ['CorrectionComment', '2022-03-20T23:30:00-04:00', 'It floats on mercury.'],
      ['CorrectionComment', '2022-02-11T09:00:00-05:00', 'The lamp was lit in 1889, not 1898.']]);
    assert.ok(n.wordCount > 30 && n.isAccessibleForFree === true && n.copyrightYear === 2022);
    assert.equal(n.license, `${p.url}/about`);
    const [image] = n.image;
    assert.equal(image.creditText, 'Test Desk');
    assert.equal(image.caption, 'The lamp, lit.');
    assert.ok(parseInt(image.width) >= 1200 && parseInt(image.height) > 600, 'large enough to be shown large');
  });

  test('the pictures it names have the sizes it says: the whole, and cut to 16:9 and 4:3', async () => {
    const images = node('story', 'NewsArticle').image;
    for (const image of images) {
      const r = await p.get(new URL(image.url).pathname);
      assert.equal(r.status, 200);
      const b = Buffer.from(await r.arrayBuffer());
      let at = 2; // JPEG: segments up to the frame's
      while (!(b[at + 1] >= 0xc0 && b[at + 1] <= 0xc2)) at += 2 + b.readUInt16BE(at + 2);
      assert.deepEqual([`${b.readUInt16BE(at + 7)} px`, `${b.readUInt16BE(at + 5)} px`], [image.width, image.height]);
      assert.equal(image.creditText, 'Test Desk');
    }
    const shapes = images.slice(1).map((i) => parseInt(i.width) / parseInt(i.height));
    // Cuts come in steps of width; one narrower than 696 px, too small for a large preview, is not offered. This
    // picture is too low for a square of that size.
    assert.ok(images.slice(1).every((i) => parseInt(i.width) >= 696));
    assert.equal(shapes.length, 2);
    for (const [n, shape] of [16 / 9, 4 / 3].entries()) assert.ok(Math.abs(shapes[n] - shape) < 0.01, `${shapes[n]}`);
  });

  test('each genre has its type', () => {
    for (const [kind, type] of Object.entries({ analysis: 'AnalysisNewsArticle', opinion: 'OpinionNewsArticle', review: 'ReviewNewsArticle',
      background: 'BackgroundNewsArticle', sponsored: 'AdvertiserContentArticle' })) assert.ok(node(kind, type), `${kind}: ${type}`);
  });

  test('the publisher names its policies and its other addresses', () => {
    for (const n of [node('front', 'NewsMediaOrganization'), node('story', 'NewsArticle').publisher]) {
      assert.equal(n['@type'], 'NewsMediaOrganization');
      assert.equal(n.name, 'The Test Herald');
      assert.equal(n.ethicsPolicy, 'https://ethics.example/code');
      for (const key of ['correctionsPolicy', 'publishingPrinciples', 'masthead', 'ownershipFundingInfo', 'actionableFeedbackPolicy'])
        assert.equal(n[key], `${p.url}/about`, key);
      assert.deepEqual(n.sameAs, ['https://social.example/@herald', 'https://video.example/herald']);
    }
    assert.equal(node('front', 'WebSite').potentialAction.target.urlTemplate, `${p.url}/search?q={search_term_string}`);
  });

  test('breadcrumbs lead from the front to the page', () => {
    const names = (kind) => node(kind, 'BreadcrumbList').itemListElement.map((i) => [i.position, i.name, new URL(i.item).pathname]);
    assert.deepEqual(names('plain'), [[1, 'The Test Herald', '/'], [2, 'Harbour', '/harbour'], [3, 'A story of one line', '/harbour/plain']]);
    assert.deepEqual(names('section'), [[1, 'The Test Herald', '/'], [2, 'World', '/world']]);
    for (const kind of ['tag', 'author', 'page', 'series']) assert.equal(names(kind).length, 2, kind);
    assert.equal(node('front', 'BreadcrumbList'), undefined);
  });

  test('lists, people and series are told as such', () => {
    const list = node('section', 'CollectionPage').mainEntity.itemListElement;
    assert.ok(list.length > 5);
    assert.deepEqual(list.map((i) => i.position), list.map((_, i) => i + 1));
    assert.equal(new Set(list.map((i) => i.url)).size, list.length);
    const { mainEntity: person } = node('author', 'ProfilePage');
    assert.equal(person.name, 'Ann Lee');
    assert.equal(person.jobTitle, 'Harbour reporter');
    assert.equal(node('chapter', 'NewsArticle').isPartOf.name, 'The Long Road');
    assert.ok(node('page', 'WebPage') && node('empty', 'WebPage'));
  });

  test('no text breaks out of the block', async () => {
    const html = await p.text('/world/hostile');
    assert.equal(node('hostile', 'NewsArticle').headline, hostile.replaceAll('\\u2028', '\\u2028'));
    const [, text] = html.match(/<script type="application\/ld\+json">(.*?)<\/script>/s);
    assert.doesNotMatch(text, /[<>&]/);
  });

  test('what readers are warned of is shared without its picture, everywhere', async () => {
    const [image] = node('sensitive', 'NewsArticle').image, html = await p.html('/world/sensitive');
    const [, og] = html.match(/property="og:image" content="([^"]+)"/);
    assert.match(og, /\/share\/[0-9a-z]+-\d+\.png$/);
    assert.equal(image.url, og);
    assert.match((await p.html('/world/lamp')).match(/property="og:image" content="([^"]+)"/)[1], /\/media\//);
  });

  test('the head says to networks and search engines what they ask for', async () => {
    const html = await p.html('/world/lamp');
    const meta = (name) => [...html.matchAll(new RegExp(`<meta (?:property|name)="${name}" content="([^"]*)"`, 'g'))].map((m) => m[1]);
    assert.deepEqual(meta('og:type'), ['article']);
    assert.deepEqual(meta('og:locale'), ['en']);
    assert.deepEqual(meta('article:section'), ['World']);
    assert.deepEqual(meta('article:tag'), ['Lighthouses', 'R&amp;D &lt;lab&gt;']);
    assert.deepEqual(meta('article:author'), [`${p.url}/author/ann-lee`, `${p.url}/author/bo-chan`]);
    assert.deepEqual(meta('article:published_time'), ['2022-02-10T13:37:00-05:00']);
    assert.deepEqual(meta('article:modified_time'), ['2022-07-01T08:05:00-04:00']);
    assert.deepEqual(meta('author'), ['Ann Lee and Bo Chan &amp; Daughters']);
    assert.deepEqual(meta('robots'), ['max-image-preview:large, max-snippet:-1, max-video-preview:-1']);
    assert.deepEqual(meta('twitter:card'), ['summary_large_image']);
    assert.equal(meta('og:image:alt').length, 1);
    assert.ok(Number(meta('og:image:width')[0]) >= 1200);
    assert.ok(html.includes(`<link rel="license" href="${p.url}/about">`));
    assert.deepEqual([...(await p.html('/about')).matchAll(/property="article:/g)], []);
  });

  test('a live blog is told with its entries', async () => {
    await importFolder(p, Object.fromEntries([story('blog', '')]));
    await p.run('live', 'start', 'blog');
    await p.run('live', 'post', 'blog', '--headline', 'First', '--body', 'It *begins*.');
    const n = block(await p.text('/world/blog'))['@graph'].find((x) => x['@type'] === 'LiveBlogPosting');
    assert.ok(n.coverageStartTime);
    const [entry] = n.liveBlogUpdate;
    assert.equal(entry['@type'], 'BlogPosting');
    assert.match(entry.articleBody, /It begins\./);
    assert.ok(entry.datePublished && entry.url.startsWith(`${p.url}/world/blog#entry-`));
    assert.deepEqual(complaints([['live', n]]), []);
  });
});
