// desk.test.mjs: when stories come out, how they are corrected, how they hang together, in the real
// program.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Publication, plainly, soon, until } from './lib.mjs';
import { importFolder } from './newsroom.mjs';

const sections = `name: The Desk
language: en
zone: America/Toronto
sections:
  - slug: city
    name: City
    description: ""
  - slug: sport
    name: Sport
    description: ""
`;

const schedule = (slug) => (at) => ['story', 'schedule', slug, '--at', at];

let p;
before(async () => {
  p = await Publication.make({ name: 'The Desk' });
  await importFolder(p, {
    'publication.yaml': sections,
    'stories/part-one.md': '---\nheadline: The first part\nslug: part-one\nsection: city\nseries: The Long Quay\npublished: 2024-03-01 09:00\n---\nOne.\n',
    'stories/part-two.md': '---\nheadline: The second part\nslug: part-two\nsection: city\nseries: The Long Quay\npublished: 2024-03-08 09:00\n---\nTwo.\n',
    'stories/part-four.md': '---\nheadline: The part to come\nslug: part-four\nsection: city\nseries: The Long Quay\ntags: [Quays]\nstate: draft\n---\nFour.\n',
  });
  await p.serve();
});
after(() => p.end());

// Wherever a reader or a program might meet a story.
const everywhere = ['/', '/index.json', '/city', '/city.json', '/rss.xml', '/atom.xml', '/feed.json', '/city/rss.xml',
  '/sitemap.xml', '/sitemap/1.xml', '/tag/quays', '/series/the-long-quay', '/series/the-long-quay.json', '/city/part-two',
  '/city/part-two.json', '/search?q=come', '/date', '/date/2026.json'];

async function seen(words) {
  const found = [];
  for (const path of everywhere) if ((await p.html(path)).includes(words)) found.push(path);
  return found;
}

test('a scheduled story is nowhere before its moment and everywhere after it', async () => {
  const far = new Date(Date.now() + 3_600_000).toISOString();
  assert.match(await p.run('story', 'schedule', 'part-four', '--at', far), /comes out/);
  assert.deepEqual(await seen('The part to come'), []);
  assert.equal((await p.get('/city/part-four')).status, 404);
  assert.equal((await p.get('/city/part-four.json')).status, 404);
  const [planned] = await p.json('story', 'plan');
  assert.equal(Date.parse(planned.scheduled), Math.floor(Date.parse(far) / 1000) * 1000);
  const at = await soon(p, schedule('part-four'));
  await until(async () => (await p.get('/city/part-four')).status === 200);
  assert.ok(Date.now() >= Date.parse(at));
  for (const path of ['/', '/city', '/rss.xml', '/series/the-long-quay', '/city/part-two', '/tag/quays'])
    assert.ok((await p.html(path)).includes('The part to come'), path);
  const [story] = await p.json('story', 'list', '--state', 'published', '--limit', '1');
  assert.ok(Date.parse(story.published) >= Math.floor(Date.parse(at) / 1000) * 1000);
  assert.deepEqual(await p.json('story', 'plan'), []);
});

test('a server that was killed before the moment brings the story out when it starts, with the true time', async () => {
  await p.run('story', 'new', '--headline', 'Killed before', '--section', 'sport', '--body', await p.file('body.md', 'Text.'));
  // The server knows of a moment to come; that it comes so soon is said once it is dead, however long that takes.
  await p.run(...schedule('killed-before')(new Date(Date.now() + 3_600_000).toISOString()));
  assert.equal((await p.get('/sport/killed-before')).status, 404);
  await p.stop('SIGKILL');
  const at = await soon(p, schedule('killed-before'), 2);
  await until(() => Date.now() > Date.parse(at) + 1500);
  const start = Math.floor(Date.now() / 1000) * 1000;
  await p.serve();
  await until(async () => (await p.get('/sport/killed-before')).status === 200);
  const story = await p.json('story', 'show', 'killed-before');
  assert.ok(Date.parse(story.published) >= start, `${story.published} is before the server started`);
  assert.deepEqual((await p.json('doctor')).findings, []);
});

test('a time that does not exist is refused with the next; an embargo is not gone round', async () => {
  await p.run('story', 'new', '--headline', 'Sealed', '--section', 'sport', '--body', await p.file('body.md', 'Text.'));
  const skipped = await p.cli(['story', 'schedule', 'sealed', '--at', '2031-03-09 02:30']);
  assert.equal(skipped.code, 2);
  assert.match(skipped.stderr, /the next is 2031-03-09 03:00/);
  await p.run('story', 'embargo', 'sealed', '--until', '2031-03-09 03:30');
  const publish = await p.cli(['story', 'publish', 'sealed']);
  assert.equal(publish.code, 3);
  assert.match(publish.stderr, /until Sunday 9 March 2031 03:30 EDT/);
  assert.equal((await p.get('/sport/sealed')).status, 404);
  await p.run('story', 'embargo', 'sealed', '--lift');
  await p.run('story', 'publish', 'sealed');
  assert.equal((await p.get('/sport/sealed')).status, 200);
});

test('a date to come in a story file is a schedule', async () => {
  const file = await p.file('later.md', '---\nheadline: Later\nsection: sport\npublished: 2031-01-01 06:00\n---\nText.\n');
  assert.match(await p.run('story', 'new', file, '--publish'), /comes out Wednesday 1 January 2031 06:00 EST/);
  assert.equal((await p.get('/sport/later')).status, 404);
  await p.run('story', 'unschedule', 'later');
});

test('a series is read from its beginning, and each part says where it stands', async () => {
  const page = await p.html('/series/the-long-quay');
  assert.ok(page.indexOf('The first part') < page.indexOf('The second part'));
  assert.match(page, /Part 1<[\s\S]*The first part[\s\S]*Part 2<[\s\S]*The second part[\s\S]*Part 3</);
  const view = await p.view('/city/part-two.json');
  assert.equal(view.series.place, 'Part 2 of 3');
  assert.equal(view.series.previous.url, '/city/part-one');
  assert.equal(view.series.next.url, '/city/part-four');
  assert.equal(view.next_story.url, '/city/part-four');
  await p.run('story', 'withdraw', 'part-one', '--reason', 'Not so.');
  const now = await p.view('/city/part-two.json');
  assert.equal(now.series.place, 'Part 1 of 2');
  assert.equal(now.series.previous, null);
  await p.run('series', 'save', 'the-long-quay', '--description', 'A <em>year</em> on the docks.');
  assert.match(plainly(await p.text('/series/the-long-quay')), /A <em>year<\/em> on the docks\./);
  assert.equal((await p.get('/series/the-long-quay?after=nonsense')).status, 404);
});

// --- corrections, related stories, languages, the archive ---

async function sheet() {
  const q = await Publication.make({ name: 'The Sheet' });
  const story = (slug, day, more = '', text = 'Text.') => [`stories/${slug}.md`,
    `---\nheadline: About ${slug}\nslug: ${slug}\nsection: city\npublished: ${day}\n${more}---\n${text}\n`];
  await importFolder(q, {
    'publication.yaml': sections,
    ...Object.fromEntries([
      story('alpha', '2024-03-09 23:30', 'related: [omega, beta]\ntags: [Rare, Common]\n'),
      story('beta', '2024-03-10 01:30', 'tags: [Common]\n'),
      story('gamma', '2024-03-10 23:59', 'tags: [Rare]\n'),
      story('delta', '2024-03-11 00:00', 'tags: [Common]\n'),
      story('omega', '2024-05-01 12:00', 'sensitive: true\n'),
      story('anglais', '2023-12-31 23:59'),
      story('francais', '2024-01-01 00:00', 'language: fr\ntranslates: anglais\n'),
      story('arabi', '2024-01-02 00:00', 'language: ar\ntranslates: anglais\n'),
    ]),
  });
  return q.serve();
}

test('corrections: serious ones at the head, all on a page and in feeds, a clarification is none', async () => {
  const q = await sheet();
  try {
    assert.match(await q.html('/corrections'), /Nothing has been corrected yet/);
    await q.run('story', 'correct', 'alpha', '--wrong', 'It is *red*.', '--right', 'It is blue.', '--serious');
    await q.run('story', 'correct', 'alpha', '--text', 'And <b>small</b>.');
    await q.run('story', 'correct', 'beta', '--clarification', '--text', 'It was a Sunday.');
    await q.run('story', 'withdraw', 'gamma', '--reason', 'A <forged> letter.');
    const whole = await q.html('/city/alpha');
    const alpha = whole.slice(whole.indexOf('<article'));
    const sentence = 'This story said: “It is <em>red</em>”. It should have said: “It is blue”.';
    assert.ok(alpha.indexOf(sentence) > 0 && alpha.indexOf(sentence) < alpha.indexOf('class="prose"'));
    assert.ok(alpha.indexOf('And ') > alpha.indexOf('class="prose"'));
    assert.match(alpha, /<a href="#corrections">This story has been corrected/);
    assert.match(await q.html('/city/beta'), /<a href="#corrections">This story has been clarified/);
    const { cards } = await q.view('/date/2024/03/10.json');
    assert.deepEqual(cards.map((c) => [c.headline, c.corrected]), [['About beta', false]]);
    assert.equal((await q.view('/date/2024/03/09.json')).cards[0].corrected, true);
    // Made of what was wrong and is right, it is told wherever corrections are.
    const told = 'This story said: “It is red”. It should have said: “It is blue”.';
    const { items } = JSON.parse(await q.text('/city/feed.json'));
    assert.ok(items.find((i) => i.url.endsWith('/city/alpha')).content_html.includes(sentence));
    assert.ok(whole.match(/<script type="application\/ld\+json">[^]*?<\/script>/g).join().includes(told));
    const view = await q.view('/corrections.json');
    assert.deepEqual(view.days.flatMap((d) => d.items).map((i) => [i.story.headline, i.withdrawal, i.clarification, i.serious]), [
      ['About gamma', true, false, false], ['About beta', false, true, false], ['About alpha', false, false, false],
      ['About alpha', false, false, true]]);
    assert.match(await q.html('/corrections'), /A &lt;forged&gt; letter\./);
    for (const [file, mark] of [['rss.xml', '<item>'], ['atom.xml', '<entry>'], ['feed.json', '"id"']]) {
      const feed = await q.text(`/corrections/${file}`);
      assert.equal(feed.split(mark).length - 1, 4, file);
      assert.match(feed, /It should have said/);
    }
    const gone = await q.get('/city/gamma');
    assert.equal(gone.status, 410);
    const page = plainly(await gone.text());
    for (const words of ['About gamma', 'A &lt;forged&gt; letter.', 'Sunday 10 March 2024', 'href="/corrections"']) assert.ok(page.includes(words), words);
    await q.run('story', 'publish', 'gamma');
    assert.match(await q.html('/corrections'), /Published again/);
    assert.equal((await q.get('/city/gamma')).status, 200);
    assert.equal((await q.get('/corrections?before=nonsense')).status, 404);
  } finally { await q.end(); }
});

test('related stories: the chosen first, then the rarest tag; what becomes of one shows at once', async () => {
  const q = await sheet();
  try {
    const related = async () => (await q.view('/city/alpha.json')).related.map((c) => c.headline);
    const first = await related();
    assert.deepEqual(first.slice(0, 3), ['About omega', 'About beta', 'About gamma']); // rare before common
    assert.equal(first.length, 4);
    await q.run('story', 'edit', 'omega', '--headline', 'Renamed');
    assert.equal((await related())[0], 'Renamed');
    await q.run('story', 'withdraw', 'omega', '--reason', 'Not so.');
    assert.equal((await related())[0], 'About beta');
    await q.run('story', 'publish', 'omega');
    assert.equal((await related())[0], 'Renamed');
    assert.equal((await q.view('/city/delta.json')).next_story.headline, 'About gamma');
    // No story is shown twice, whether chosen or found.
    await q.run('story', 'edit', 'beta', '--related', 'alpha');
    for (const slug of ['alpha', 'beta', 'gamma', 'delta', 'omega']) {
      const v = await q.view(`/city/${slug}.json`), all = [v, v.next_story, ...v.related].map((one) => one.url);
      assert.equal(new Set(all).size, all.length, `${slug}: ${all}`);
    }
    assert.equal((await q.view('/city/beta.json')).next_story.headline, 'About arabi');
    const omega = await q.view('/city/omega.json');
    assert.equal(omega.sensitive, true);
    assert.match(await q.html('/city/omega'), /class="warning"/);
    assert.ok(!omega.page.picture?.url.includes('/media/')); // a drawn one at most
  } finally { await q.end(); }
});

test('languages lead to each other, original and siblings', async () => {
  const q = await sheet();
  try {
    const langs = async (slug) => (await q.view(`/city/${slug}.json`)).translations.map((t) => [t.lang, t.read]);
    assert.deepEqual(await langs('anglais'), [['ar', 'اقرأ بالعربية'], ['fr', 'Lire en français']]);
    assert.deepEqual(await langs('francais'), [['en', 'Read in English'], ['ar', 'اقرأ بالعربية']]);
    await q.run('story', 'withdraw', 'arabi', '--reason', 'Not so.');
    assert.deepEqual(await langs('francais'), [['en', 'Read in English']]);
    await q.run('story', 'publish', 'arabi');
    assert.equal((await langs('francais')).length, 2);
    assert.match(await q.html('/city/anglais'), /<a href="\/city\/francais" hreflang="fr" lang="fr" dir="ltr">Lire en français/);
  } finally { await q.end(); }
});

test('the archive: days of the zone, across a change of clocks; months, years, and nothing that is no date', async () => {
  const q = await sheet();
  try {
    const day = async (path) => (await q.view(`/date/${path}.json`)).cards.map((c) => c.headline);
    assert.deepEqual(await day('2024/03/09'), ['About alpha']);
    assert.deepEqual(await day('2024/03/10'), ['About gamma', 'About beta']); // a day of 23 hours
    assert.deepEqual(await day('2024/03/11'), ['About delta']);
    assert.deepEqual(await day('2023/12/31'), ['About anglais']);
    const view = await q.view('/date/2024/03/11.json');
    assert.equal(view.previous.url, '/date/2024/03/10');
    assert.equal(view.following.url, '/date/2024/05/01');
    const month = await q.view('/date/2024/03.json');
    const days = month.weeks.flatMap((w) => w.days).filter((d) => d.day);
    assert.equal(days.length, 31);
    assert.deepEqual(days.filter((d) => d.count).map((d) => [d.day, d.count]), [[9, 1], [10, 2], [11, 1]]);
    assert.equal(month.weeks[0].days.findIndex((d) => d.day === 1), 4); // a Friday; weeks begin on Monday
    const years = (await q.view('/date.json')).years;
    assert.deepEqual(years.map((y) => [y.name, y.count]), [['2024', 7], ['2023', 1]]);
    assert.equal((await q.get('/date/2024')).status, 200);
    for (const path of ['2024/02/30', '2023/02/29', '2024/13', '2024/00', '24', '2024/3/9', '0000', '9999', 'x', '2024/03/09/1', '2024/+3'])
      assert.equal((await q.get(`/date/${path}`)).status, 404, path);
    assert.match(await q.html('/city/alpha'), /<a href="\/date\/2024\/03\/09">/);
    await q.run('story', 'withdraw', 'beta', '--reason', 'Not so.');
    assert.deepEqual(await day('2024/03/10'), ['About gamma']);
    assert.match(await q.html('/'), /<a href="\/date">/);
  } finally { await q.end(); }
});
