// front.test.mjs: what editors plan stands on the front page and the sections' fronts, at its time, and
// nothing that is not public; readers' counts make the list of what is read most.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { soon, until } from './lib.mjs';
import { many, newsroom } from './newsroom.mjs';

let p;
before(async () => {
  p = await newsroom({ extra: many(9) });
  await p.serve();
});
after(() => p.end());

const slug = (card) => card.url.split('/').pop();

test('without a plan the newest stories stand there', async () => {
  const front = await p.view('/index.json');
  assert.deepEqual([front.large, front.small], [[], []]);
  assert.equal(slug(front.lead), 'lamp'); // the newest with a picture
});

test('a plan puts stories in its order and sizes, once each, and the newest fill the rest', async () => {
  await p.run('front', 'set', 'number-3:lead', 'number-1:large', 'lamp:medium', 'number-2:small');
  const front = await p.view('/index.json');
  assert.equal(slug(front.lead), 'number-3');
  assert.deepEqual(front.large.map(slug), ['number-1']);
  assert.equal(slug(front.seconds[0]), 'lamp');
  assert.deepEqual(front.small.map(slug), ['number-2']);
  assert.equal(front.seconds.length, 4);
  const all = [front.lead, ...front.large, ...front.seconds, ...front.small, ...front.latest,
    ...front.sections.flatMap((s) => [s.first, ...s.cards])].map(slug);
  assert.equal(new Set(all).size, all.length, all.join(' '));
});

test('a planned story that is withdrawn leaves its place to the newest', async () => {
  await p.run('front', 'set', 'number-4:lead');
  assert.equal(slug((await p.view('/index.json')).lead), 'number-4');
  await p.run('story', 'withdraw', 'number-4', '--reason', 'A test.');
  assert.equal(slug((await p.view('/index.json')).lead), 'lamp');
});

test('a plan for later takes over at its moment, without anybody doing anything', async () => {
  await p.run('front', 'set', 'number-5:lead');
  const put = (at) => ['front', 'put', 'number-6', '--size', 'lead', '--at', at];
  const far = await p.json(...put(new Date(Date.now() + 3_600_000).toISOString()));
  assert.equal(slug((await p.view('/index.json')).lead), 'number-5');
  await p.run('front', 'cancel', far.id);
  const at = await soon(p, put);
  let front;
  await until(async () => slug((front = await p.view('/index.json')).lead) === 'number-6', 'number-6 leads');
  assert.ok(Date.now() >= Date.parse(at));
  assert.deepEqual(front.large.map(slug), ['number-5']); // who led made room
});

test('a plan to come can be taken back, one that began cannot', async () => {
  const plan = await p.json('front', 'set', 'number-7', '--at', '2099-01-01 06:00');
  assert.equal(plan.begins, '2099-01-01T06:00:00-05:00'); // the publication's zone
  await p.run('front', 'cancel', plan.id);
  assert.equal((await p.cli(['front', 'cancel', plan.id])).code, 5);
  await p.run('front', 'clear');
});

test('a section has a front of its own', async () => {
  await p.run('front', 'set', 'number-2:lead', 'number-1:medium', '--section', 'harbour');
  const section = await p.view('/harbour.json');
  assert.equal(slug(section.lead), 'number-2');
  assert.deepEqual(section.seconds.map(slug), ['number-1']);
  const cards = section.cards.map(slug);
  assert.ok(!cards.includes('number-1') && !cards.includes('number-2'));
  const refused = await p.cli(['front', 'set', 'lamp', '--section', 'harbour']);
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /not in the section/);
});

test('what is read most is counted by readers, not by programs or reloading', async () => {
  const browser = (n) => ({ headers: { 'user-agent': `Mozilla/5.0 (X11; rv:${n}.0) Gecko/20100101 Firefox/${n}.0`,
    accept: 'text/html' } });
  const read = async (path, n) => (await p.get(path, browser(n))).arrayBuffer();
  for (let n = 100; n < 103; n++) await read('/harbour/plain', n);
  for (let n = 100; n < 102; n++) await read('/world/lamp', n);
  for (let i = 0; i < 9; i++) await read('/world/lamp', 100);
  for (let i = 0; i < 9; i++) await p.get('/world/lamp', { headers: { 'user-agent': 'ExampleBot/1.0', accept: 'text/html' } });
  await p.stop();
  await p.serve();
  const most = await p.view('/most-read.json');
  assert.deepEqual(most.day.map(slug), ['plain', 'lamp']);
  assert.deepEqual(most.day.map((c) => c.rank), [1, 2]);
  const front = await p.html('/');
  assert.match(front, /class="most-read"/);
  const answer = await p.get('/world/lamp', browser(110));
  assert.equal(answer.headers.get('set-cookie'), null);
});
