// storm.test.mjs: whatever readers and moderators do, in whatever order, while comments are brought in, accounts end and the program is killed
// in the middle of it: what was acknowledged is there, what is kept agrees with what is counted anew, by SQL of our own and by `stet doctor`,
// which finds each count that is wrong. SEED=n repeats a storm.
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { importFolder } from './newsroom.mjs';
import { Client, forged, idNumber, idText, readersPublication, sql } from './readers.mjs';

const seed = Number(process.env.SEED) || randomInt(1 << 30), rounds = Number(process.env.ROUNDS) || 4, ACTS = 200;
let state = seed;
const random = () => { // mulberry32
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
};
const below = (n) => Math.floor(random() * n), pick = (list) => list[below(list.length)];

let p, readers, staff, acts = 0, imported = 0;
const posted = [], decisions = [], ups = new Map(), gone = new Set(); // ups: that no vote is kept for
const stories = ['calm', 'busy'], statuses = new Map();

before(async () => {
  p = await readersPublication({ serve: false });
  await importFolder(p, {
    'publication.yaml': 'name: The Test\nsections:\n  - slug: city\n    name: City\n    description: ""\n',
    ...Object.fromEntries(stories.map((s) => [`${s}.md`, `---\nheadline: The ${s} one\nslug: ${s}\nsection: city\npublished: ${new Date(Date.now() - 3_600_000).toISOString()}\n---\nWords of the story.\n`])),
  });
  await p.run('forum', 'rules', 'heat_warm', '0', 'heat_hot', '0', 'repeat_hours', '0', 'near_hours', '0');
  await p.run('forum', 'settings', 'busy', 'downs', 'yes');
  readers = forged(p, Array.from({ length: 90 }, (_, i) => ({ name: `Reader ${'ABCDEFGHIJ'[i % 10]}${'abcdefghij'[Math.floor(i / 10)]}` })));
  staff = forged(p, ['moderator', 'editor', 'owner'].map((role) => ({ name: `The ${role}`, role })));
  await p.serve();
  await new Client(p).register('Mira Named', 'mira@example.org');
});
after(() => p?.end());

const someone = () => { let c; do c = pick(readers); while (gone.has(c)); return c; };
const comment = () => (posted.length ? pick(posted.slice(-120)) : null);

// One thing that somebody does; its answer, or null where the program was killed meanwhile. What is seldom comes in each round, whatever the seed.
async function act() {
  const n = ++acts, k = comment(), what = n % 100 === 50 ? 99 : below(100), who = someone(), mod = pick(staff), other = someone();
  const send = (c, path, form) => c.post(path, form).catch(() => null);
  const about = (what, more = {}) => send(mod, `/moderation/reader/${idText(other.id)}`, { do: what, reason: 'spam', ...more });
  if (what < 34 || !k) {
    const above = what % 4 && k ? k : null, story = above?.story ?? pick(stories);
    const r = await send(who, `/city/${story}/comments`, { text: `Act ${n}, ${what % 3 ? 'plainly' : '@Mira Named, see'}.`, ...(above ? { answers: above.id } : {}) });
    const id = /#c-(\w+)$/.exec(r?.headers.get('location') ?? '')?.[1];
    if (r?.status === 303 && id) posted.push({ id, story, who });
    return r;
  }
  if (what < 42) return send(k.who, `/comment/${k.id}/edit`, { text: `Edited by act ${n}.` });
  if (what < 47) return send(k.who, `/comment/${k.id}/delete`);
  if (what < 63) return send(who, `/comment/${k.id}/recommend`, what % 5 ? {} : { not: '1' });
  if (what < 67) return send(who, `/comment/${k.id}/oppose`, what % 2 ? {} : { not: '1' });
  if (what < 73) return send(who, `/comment/${k.id}/report`, { reason: 'spam' });
  if (what < 85) return send(mod, `/moderation/comment/${k.id}`, { do: pick(['approve', 'remove', 'remove', 'pick', 'unpick', 'close', 'open']), reason: 'abuse' });
  if (what < 90) return send(mod, '/moderation/undo', decisions.length && what % 2 ? { decision: idText(pick(decisions)) } : {});
  if (what < 92) return about('suspend', { hours: '1' });
  if (what < 93) return about(pick(['ban', 'hold', 'warn']));
  if (what < 95) return about('lift');
  if (what < 97) return send(who, `/reader/${idText(other.id)}/${pick(['mute', 'block', 'unmute', 'follow'])}`);
  if (what < 98) return send(who, `/comment/${k.id}/follow`);
  if (what < 99) return void await p.run('forum', 'settings', pick(stories), 'mode', pick(['before', 'after']));
  const from = imported, lines = Array.from({ length: 12 }, (_, i) => ({ id: `i${from + i}`, story: pick(stories), ...(i ? { answers: `i${from + below(i)}` } : {}), name: `Guest ${i}`, written: new Date(Date.now() - 600_000 + from + i).toISOString(), text: `Brought ${from + i}.`, ups: below(3) }));
  imported += lines.length;
  for (const line of lines) ups.set(line.id, line.ups);
  return void await p.run('forum', 'import', await p.file(`in${from}.jsonl`, lines.map((l) => JSON.stringify(l)).join('\n')));
}

async function storm(kill) {
  const last = acts + ACTS, at = kill ? acts + 60 + below(ACTS - 80) : Infinity;
  await Promise.all(Array.from({ length: 8 }, async () => {
    while (acts < last) {
      if (acts >= at && p.process.exitCode === null && p.process.signalCode === null) p.process.kill('SIGKILL');
      if (p.process.signalCode !== null) return;
      const r = await act();
      if (r) statuses.set(r.status, (statuses.get(r.status) ?? 0) + 1);
    }
  }));
  if (!kill) return;
  await p.ended;
  p.process = null;
  await p.serve();
}

// The end of an account: votes go, what they counted stays.
async function end(c) {
  gone.add(c);
  const votes = sql(p, `SELECT CAST(comment AS TEXT) AS id FROM comment_vote WHERE reader = ${c.id} AND way = 1`), downs = sql(p, `SELECT CAST(comment AS TEXT) AS id FROM comment_vote WHERE reader = ${c.id} AND way = -1`);
  const r = await c.post('/account/delete', { words: random() < 0.5 ? 'keep' : 'remove' });
  assert.equal(r.status, 303, await r.text());
  sql(p, 'UPDATE reader SET leaving = 1 WHERE leaving > 0; UPDATE job SET due = 1 WHERE kind = \'reader.go\';');
  for (let i = 0; sql(p, `SELECT state FROM reader WHERE id = ${c.id}`)[0].state !== 'gone'; i++) {
    assert.ok(i < 3600, p.log);
    await new Promise((done) => setTimeout(done, 50));
  }
  for (const { id } of votes) ups.set(id, (ups.get(id) ?? 0) + 1);
  for (const { id } of downs) ups.set(`-${id}`, (ups.get(`-${id}`) ?? 0) + 1);
}

// What must be so, counted from nothing but what was said, by whom, and what was voted and reported.
const STANDING = `WITH RECURSIVE standing (id) AS (SELECT id FROM comment WHERE state = 'shown' UNION SELECT k.parent FROM comment k JOIN standing s ON s.id = k.id WHERE k.parent <> 0)`;
const TREE = 'WITH RECURSIVE tree (id, top, depth) AS (SELECT id, id, 0 FROM comment WHERE parent = 0 UNION ALL SELECT k.id, t.top, t.depth + 1 FROM comment k JOIN tree t ON k.parent = t.id)';
const wrong = {
  'shown in a conversation': `SELECT story, comments FROM conversation v WHERE comments <> (SELECT count(*) FROM comment k WHERE k.story = v.story AND k.state = 'shown')`,
  'conversations': 'SELECT DISTINCT story FROM comment WHERE story NOT IN (SELECT story FROM conversation)',
  'the newest': `SELECT story FROM conversation v WHERE latest < (SELECT max(made) FROM comment k WHERE k.story = v.story AND k.state = 'shown')`,
  'what stands': `${STANDING} SELECT id, stands FROM comment WHERE stands <> (id IN standing)`,
  answers: `${STANDING}, n AS (SELECT parent, count(*) AS n FROM comment WHERE id IN standing GROUP BY parent) SELECT k.id, k.replies, n.n FROM comment k LEFT JOIN n ON n.parent = k.id WHERE k.replies <> coalesce(n.n, 0)`,
  places: `${TREE} SELECT k.id FROM comment k LEFT JOIN tree t ON t.id = k.id WHERE t.id IS NULL OR k.root <> t.top OR k.depth <> t.depth`,
  talk: `${TREE}, n AS (SELECT t.top, count(*) AS n FROM tree t JOIN comment k ON k.id = t.id WHERE k.state = 'shown' AND t.depth > 0 GROUP BY t.top) SELECT k.id, k.talk, n.n FROM comment k LEFT JOIN n ON n.top = k.id WHERE k.parent = 0 AND k.talk <> coalesce(n.n, 0)`,
  reports: 'SELECT id, reports FROM comment k WHERE reports <> (SELECT count(*) FROM comment_report r WHERE r.comment = k.id AND r.settled = 0)',
  'whom they answer': 'SELECT k.id FROM comment k LEFT JOIN comment p ON p.id = k.parent WHERE coalesce(k.answers, 0) <> coalesce(p.reader, 0)',
  'words of what is gone': `SELECT id FROM comment WHERE state = 'deleted' AND (source <> '' OR body <> '')`,
  'votes of one story on another’s': 'SELECT v.comment FROM comment_vote v JOIN comment k ON k.id = v.comment WHERE k.story <> v.story',
  'votes for one’s own': 'SELECT v.comment FROM comment_vote v JOIN comment k ON k.id = v.comment WHERE k.reader = v.reader',
  picks: `SELECT id FROM comment WHERE picked > 0 AND state = 'removed'`,
};

function recount() {
  for (const [what, text] of Object.entries(wrong)) assert.deepEqual(sql(p, text), [], `${what} (seed ${seed})`);
  const z = 1.28155;
  for (const k of sql(p, `SELECT CAST(k.id AS TEXT) AS id, k.ups, k.downs, k.picked, k.rank, i.foreign_id AS brought, (SELECT count(*) FROM comment_vote v WHERE v.comment = k.id AND v.way = 1) AS yes,
    (SELECT count(*) FROM comment_vote v WHERE v.comment = k.id AND v.way = -1) AS no FROM comment k LEFT JOIN imported_comment i ON i.comment = k.id`)) {
    const more = (k.brought ? ups.get(k.brought) : 0) + (ups.get(String(k.id)) ?? 0), less = ups.get(`-${k.id}`) ?? 0;
    assert.deepEqual([k.ups, k.downs], [k.yes + more, k.no + less], `votes of ${k.id} (seed ${seed})`);
    const n = k.ups + k.downs, share = n ? k.ups / n : 0;
    const rank = n ? (share + z * z / (2 * n) - z * Math.sqrt((share * (1 - share) + z * z / (4 * n)) / n)) / (1 + z * z / n) : 0;
    assert.ok(Math.abs(k.rank - (rank * 1e6 + (k.picked ? 2e6 : 0))) <= 1, `rank of ${k.id}: ${k.rank} (seed ${seed})`);
  }
}

describe(`a storm with the seed ${seed}`, () => {
  for (let i = 0; i < rounds; i++)
    test(`round ${i + 1}${i < rounds - 1 ? ', killed in the middle' : ''}`, async () => {
      await storm(i < rounds - 1);
      const there = new Set(sql(p, 'SELECT CAST(id AS TEXT) AS id FROM comment').map((k) => String(k.id)));
      assert.deepEqual(posted.filter((k) => !there.has(String(idNumber(k.id)))), [], 'what was acknowledged is there');
      recount();
      await end(someone());
      decisions.splice(0, Infinity, ...sql(p, 'SELECT CAST(id AS TEXT) AS id FROM decision').map((d) => d.id));
      recount();
    });

  test('it was one: much was done, and of each kind', async (t) => {
    t.diagnostic(`${acts} acts; answers ${JSON.stringify([...statuses])}`);
    const count = (from) => sql(p, `SELECT count(*) AS n FROM ${from}`)[0].n;
    assert.ok(posted.length > rounds * 20 && imported > 0);
    for (const from of ['comment WHERE state = \'deleted\'', 'comment WHERE state = \'removed\'', 'comment_vote WHERE way = 1', 'comment_report', 'comment_text', 'decision WHERE undone > 0', 'sanction', 'comment_mention'])
      assert.ok(count(from) > 0, `${from} (seed ${seed})`);
    assert.ok([...statuses.keys()].every((s) => s < 500), `${JSON.stringify([...statuses])} ${p.log}`);
  });

  test('the doctor says the same', async () => {
    const { code, stdout } = await p.cli(['doctor']);
    assert.equal(code, 0, `${stdout} (seed ${seed})`);
  });

  // What is broken, how the doctor says it, and how it was.
  const some = '(SELECT min(id) FROM comment WHERE state = \'shown\')';
  for (const [what, column, table, where, value, says] of [
    ['the count of a conversation', 'comments', 'conversation', 'comments > 0', 'comments + 1', /counts its comments wrong/],
    ['its newest', 'latest', 'conversation', 'latest > 0', '1', /does not know its newest/],
    ['its change', 'change', 'conversation', 'change > 0', '0', /still to come/],
    ['what stands', 'stands', 'comment', `id = ${some}`, '0', /stands, or does not/],
    ['answers', 'replies', 'comment', `id = ${some}`, 'replies + 1', /counts the answers/],
    ['talk', 'talk', 'comment', `id = ${some}`, 'talk + 1', /counts the talk/],
    ['votes', 'ups', 'comment', 'ups > 0 AND id IN (SELECT comment FROM comment_vote WHERE way = 1)', '-1', /counts votes wrong/],
    ['reports', 'reports', 'comment', `id = ${some}`, 'reports + 1', /counts the reports/],
    ['rank', 'rank', 'comment', `id = ${some}`, 'rank + 7', /ranks a comment wrong/],
    ['places', 'depth', 'comment', 'depth = 1', '5', /stands elsewhere/],
    ['the root', 'root', 'comment', 'depth = 1', 'id', /stands elsewhere/],
    ['whom it answers', 'answers', 'comment', 'answers IS NOT NULL', 'NULL', /whom it answers/],
    ['mentions', 'made', 'comment_mention', 'true', '5', /a mention/],
  ])
    test(`the doctor finds ${what} wrong`, async () => {
      const key = table === 'comment_mention' ? 'comment' : 'rowid';
      sql(p, `CREATE TABLE kept AS SELECT ${key} AS r, ${column} AS v FROM ${table} WHERE ${where}; UPDATE ${table} SET ${column} = ${value} WHERE ${where};`);
      assert.ok(sql(p, 'SELECT count(*) AS n FROM kept')[0].n > 0);
      const { code, stdout } = await p.cli(['doctor']);
      sql(p, `UPDATE ${table} SET ${column} = (SELECT v FROM kept WHERE r = ${table}.${key}) WHERE ${key} IN (SELECT r FROM kept); DROP TABLE kept;`);
      assert.notEqual(code, 0);
      assert.match(stdout, says);
      assert.match(stdout, /the conversation about "(calm|busy)"/);
    });
});
