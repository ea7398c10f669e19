// permissions.test.mjs: who may do what in the forum, cell by cell: who × what, × state of the story, × state of the comment. Each cell
// is a request to the program with accounts and comments of its own, put there beforehand; what changed in the database is compared
// afterwards, so a refusal that leaves a row behind fails, and so does a "yes" that does nothing.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { root } from './lib.mjs';
import { importFolder } from './newsroom.mjs';
import { Client, forged, readersPublication } from './readers.mjs';

// The wanted results; docs/forum.md has the same tables. yes: done; held: done, and waits for a moderator; no: refused, with words; in: to
// sign in first; none: as if there were no such page; stone: the place without the words; idle: nothing is left to do.
const WHO_MAY = `
| what | nobody | reader | blocked | muted here | held | stopped | leaving | gone | reporter | staff | stopped staff |
|---|---|---|---|---|---|---|---|---|---|---|---|
| read the conversation | yes | yes | yes | yes | yes | yes | yes | yes | yes | yes | yes |
| read the comment | yes | yes | yes | yes | yes | yes | yes | yes | yes | yes | yes |
| write | in | yes | yes | no | held | no | no | in | yes | yes | no |
| answer | in | yes | no | no | held | no | no | in | yes | yes | no |
| edit one's own | in | yes | yes | no | held | no | no | in | yes | yes | no |
| edit one's own too late | in | no | no | no | no | no | no | in | no | no | no |
| edit another's | in | no | no | no | no | no | no | in | no | no | no |
| take back one's own | in | yes | yes | yes | yes | yes | yes | in | yes | yes | yes |
| take back another's | in | no | no | no | no | no | no | in | no | no | no |
| recommend | in | yes | yes | no | yes | no | no | in | yes | yes | no |
| recommend no more | in | yes | yes | no | yes | no | no | in | yes | yes | no |
| recommend one's own | in | no | no | no | no | no | no | in | no | no | no |
| disagree where that is off | in | no | no | no | no | no | no | in | no | no | no |
| report | in | yes | yes | no | yes | no | no | in | yes | yes | no |
| follow its writer | in | yes | no | yes | yes | no | no | in | yes | yes | no |
| follow the story | in | yes | yes | yes | yes | yes | yes | in | yes | yes | yes |
| follow the branch | in | yes | yes | yes | yes | yes | yes | in | yes | yes | yes |
| mute its writer | in | yes | yes | yes | yes | yes | yes | in | yes | yes | yes |
| block its writer | in | yes | yes | yes | yes | yes | yes | in | yes | yes | yes |
| say something else of oneself | in | yes | yes | yes | yes | no | no | in | yes | yes | no |
| give notice | yes | yes | yes | yes | yes | yes | yes | yes | yes | yes | yes |
| read the statement of reasons | in | yes | yes | yes | yes | yes | yes | in | yes | yes | yes |
| read another's statement | in | none | none | none | none | none | none | in | none | yes | none |
| appeal | in | yes | yes | yes | yes | yes | yes | in | yes | yes | yes |
| appeal for another | in | none | none | none | none | none | none | in | none | no | none |
| read the log | yes | yes | yes | yes | yes | yes | yes | yes | yes | yes | yes |
| see the queue | in | no | no | no | no | no | no | in | no | yes | no |
| see another's history | in | no | no | no | no | no | no | in | no | yes | no |
| claim | in | no | no | no | no | no | no | in | no | yes | no |
| approve | in | no | no | no | no | no | no | in | no | yes | no |
| remove | in | no | no | no | no | no | no | in | no | yes | no |
| pick | in | no | no | no | no | no | no | in | no | yes | no |
| close the branch | in | no | no | no | no | no | no | in | no | yes | no |
| slow the branch | in | no | no | no | no | no | no | in | no | yes | no |
| approve one's own | in | no | no | no | no | no | no | in | no | no | no |
| undo one's own decision | in | no | no | no | no | no | no | in | no | yes | no |
| undo another's decision | in | no | no | no | no | no | no | in | no | no | no |
| warn | in | no | no | no | no | no | no | in | no | yes | no |
| suspend | in | no | no | no | no | no | no | in | no | yes | no |
| ban | in | no | no | no | no | no | no | in | no | yes | no |
| mute on the story | in | no | no | no | no | no | no | in | no | yes | no |
| hold all they write | in | no | no | no | no | no | no | in | no | yes | no |
| lift | in | no | no | no | no | no | no | in | no | yes | no |
| note about a reader | in | no | no | no | no | no | no | in | no | yes | no |
| answer an appeal | in | none | none | none | none | none | none | in | none | yes | none |
| answer an appeal against oneself | in | none | none | none | none | none | none | in | none | no | none |
| answer a notice | in | no | no | no | no | no | no | in | no | yes | no |
`;
const BY_STORY = `
| what | by | open | closed | over | before | slow | off | withdrawn | draft | scheduled | embargoed |
|---|---|---|---|---|---|---|---|---|---|---|---|
| read the conversation | reader | yes | yes | yes | yes | yes | none | none | none | none | none |
| read the comment | reader | yes | yes | yes | yes | yes | none | none | none | none | none |
| read the comment | staff | yes | yes | yes | yes | yes | none | none | none | none | none |
| go to its short address | nobody | yes | yes | yes | yes | yes | yes | yes | none | none | none |
| write | reader | yes | no | no | held | no | none | none | none | none | none |
| write | staff | yes | no | no | yes | yes | none | none | none | none | none |
| answer | reader | yes | no | no | held | no | none | none | none | none | none |
| answer | staff | yes | no | no | yes | yes | none | none | none | none | none |
| edit one's own | reader | yes | no | no | held | yes | none | none | none | none | none |
| take back one's own | reader | yes | yes | yes | yes | yes | yes | yes | yes | yes | yes |
| recommend | reader | yes | no | no | yes | yes | none | none | none | none | none |
| recommend no more | reader | yes | no | no | yes | yes | none | none | none | none | none |
| report | reader | yes | yes | yes | yes | yes | none | none | none | none | none |
| follow the story | reader | yes | yes | yes | yes | yes | none | none | none | none | none |
| follow the branch | reader | yes | yes | yes | yes | yes | none | none | none | none | none |
| give notice | nobody | yes | yes | yes | yes | yes | yes | yes | yes | yes | yes |
| approve | staff | yes | yes | yes | yes | yes | yes | yes | yes | yes | yes |
| remove | staff | yes | yes | yes | yes | yes | yes | yes | yes | yes | yes |
| pick | staff | yes | yes | yes | yes | yes | yes | yes | yes | yes | yes |
| close the branch | staff | yes | yes | yes | yes | yes | yes | yes | yes | yes | yes |
| undo one's own decision | staff | yes | yes | yes | yes | yes | yes | yes | yes | yes | yes |
`;
// Questions to guests.
const BY_QUESTIONS = `
| what | by | asked | asked and waits | to begin | has ended | among |
|---|---|---|---|---|---|---|
| read the comment | reader | yes | yes | yes | yes | yes |
| write | reader | yes | held | no | no | yes |
| write | guest | yes | yes | no | no | yes |
| write | guest of another | yes | held | no | no | yes |
| write | staff | yes | yes | no | no | yes |
| write | held guest | held | held | no | no | held |
| write | stopped guest | no | no | no | no | no |
| answer | reader | no | no | no | no | yes |
| answer | guest | yes | yes | no | no | yes |
| answer | guest of another | no | no | no | no | yes |
| answer | staff | yes | yes | no | no | yes |
| answer | stopped guest | no | no | no | no | no |
| go on below one's own | reader | yes | held | no | no | yes |
| edit one's own | reader | yes | held | no | no | yes |
| edit one's own | guest | yes | yes | no | no | yes |
| recommend | reader | yes | yes | no | no | yes |
| recommend | guest | yes | yes | no | no | yes |
| recommend | stopped guest | no | no | no | no | no |
| report | guest | yes | yes | yes | yes | yes |
| see the queue | guest | no | no | no | no | no |
| approve | guest | no | no | no | no | no |
| pick | guest | no | no | no | no | no |
| pick | staff | yes | yes | yes | yes | yes |
| see the questions | guest | yes | yes | yes | yes | yes |
`;
const BY_COMMENT = `
| what | by | shown | held | removed | stone | closed branch | in a closed branch |
|---|---|---|---|---|---|---|---|
| read the comment | nobody | yes | none | stone | stone | yes | yes |
| read the comment | reader | yes | none | stone | stone | yes | yes |
| read one's own | reader | yes | yes | stone | stone | yes | yes |
| read the comment | staff | yes | yes | stone | stone | yes | yes |
| read the comment | stopped staff | yes | none | stone | stone | yes | yes |
| answer | reader | yes | no | no | no | no | no |
| answer | staff | yes | no | no | no | yes | yes |
| edit one's own | reader | yes | yes | no | no | yes | yes |
| take back one's own | reader | yes | yes | no | idle | yes | yes |
| recommend | reader | yes | no | no | no | yes | yes |
| recommend no more | reader | yes | no | no | no | yes | yes |
| report | reader | yes | no | no | no | yes | yes |
| follow the branch | reader | yes | none | yes | yes | yes | yes |
| give notice | nobody | yes | yes | yes | yes | yes | yes |
| approve | staff | yes | yes | yes | no | yes | yes |
| remove | staff | yes | yes | no | no | yes | yes |
| pick | staff | yes | no | no | no | yes | yes |
| close the branch | staff | yes | yes | yes | yes | no | yes |
| claim | staff | yes | yes | yes | yes | yes | yes |
`;

// The rules are not for every role.
const BY_ROLE = `
| what | nobody | reader | reporter | moderator | editor | owner | stopped |
|---|---|---|---|---|---|---|---|
| see the rules | in | no | no | yes | yes | yes | no |
| change the rules | in | no | no | yes | yes | yes | no |
| try a text | in | no | no | yes | yes | yes | no |
| read a list of words | in | no | no | yes | yes | yes | no |
| add to a list of words | in | no | no | yes | yes | yes | no |
| forget what was learned | in | no | no | yes | yes | yes | no |
`;

// Who a column is: an account as it is put into the database.
const WHO = {
  nobody: [null], reader: [{}], blocked: [{ blocked: true }], 'muted here': [{ sanction: 'muted' }], held: [{ sanction: 'held' }],
  stopped: [{ sanction: 'suspended' }, { sanction: 'banned' }], leaving: [{ state: 'leaving' }], gone: [{ state: 'gone' }, { state: 'disabled' }],
  reporter: [{ role: 'reporter' }], staff: ['moderator', 'editor', 'owner'].map((role) => ({ role })),
  'stopped staff': [{ role: 'moderator', sanction: 'suspended' }, { role: 'owner', sanction: 'banned' }],
  guest: [{ guest: 'here' }], 'guest of another': [{ guest: 'elsewhere' }], 'held guest': [{ guest: 'here', sanction: 'held' }],
  'stopped guest': [{ guest: 'here', sanction: 'suspended' }, { guest: 'here', sanction: 'banned' }],
};
const STORIES = ['open', 'closed', 'over', 'before', 'slow', 'off', 'withdrawn', 'draft', 'scheduled', 'embargoed'];
const QUESTIONS = { asked: 'asked', 'asked and waits': 'waits', 'to begin': 'early', 'has ended': 'ended', among: 'among' };

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const text = (id) => Array.from({ length: 13 }, (_, i) => ALPHABET[Number((BigInt(id) >> BigInt(5 * (12 - i))) & 31n)]).join('');
const talk = (c) => `/city/${c.story}/comments`;
const of = (c, verb) => `/comment/${text(c.comment)}/${verb}`;
const decide = (what) => (c) => ['POST', `/moderation/comment/${text(c.comment)}`, { do: what, reason: 'spam' }];
const about = (what, more = {}) => (c) => ['POST', `/moderation/reader/${text(c.writer)}`, { do: what, reason: 'spam', ...(typeof more === 'function' ? more(c) : more) }];
const decision = (c, verb) => `/decision/${text(c.decision)}${verb}`;
const own = true;
const changed = 'comment~', decided = ['decision+'];
// How it is asked for, and what is other in the database when it is done.
const ACTS = {
  'read the conversation': { ask: (c) => ['GET', talk(c)] },
  'read the comment': { ask: (c) => ['GET', `${talk(c)}/${text(c.comment)}`], words: true },
  'go to its short address': { ask: (c) => ['GET', `/comment/${text(c.comment)}`] },
  'read one\'s own': { own, ask: (c) => ['GET', `${talk(c)}/${text(c.comment)}`], words: true },
  write: { ask: (c) => ['POST', talk(c), { text: `New ${c.comment}.` }], does: ['comment+'] },
  answer: { ask: (c) => ['POST', talk(c), { text: `Answer ${c.comment}.`, answers: text(c.comment) }], does: (c) => (c.want === 'held' ? ['comment+'] : ['comment+', changed]) },
  'go on below one\'s own': { own, ask: (c) => ['POST', talk(c), { text: `More ${c.comment}.`, answers: text(c.comment) }], does: (c) => (c.want === 'held' ? ['comment+'] : ['comment+', changed]) },
  'see the questions': { ask: () => ['GET', '/questions'] },
  'edit one\'s own': { own, ask: (c) => ['POST', of(c, 'edit'), { text: `Edited ${c.comment}.` }], does: [changed, 'comment_text+'] },
  'edit one\'s own too late': { own, age: 16, ask: (c) => ['POST', of(c, 'edit'), { text: `Edited ${c.comment}.` }] },
  'edit another\'s': { ask: (c) => ['POST', of(c, 'edit'), { text: 'Mine now.' }] },
  'take back one\'s own': { own, ask: (c) => ['POST', of(c, 'delete')], does: [changed] },
  'take back another\'s': { ask: (c) => ['POST', of(c, 'delete')] },
  recommend: { ask: (c) => ['POST', of(c, 'recommend')], does: [changed, 'comment_vote+'] },
  'recommend no more': { voted: true, ask: (c) => ['POST', of(c, 'recommend'), { not: '1' }], does: [changed, 'comment_vote-'] },
  'recommend one\'s own': { own, ask: (c) => ['POST', of(c, 'recommend')] },
  'disagree where that is off': { ask: (c) => ['POST', of(c, 'oppose')] },
  report: { ask: (c) => ['POST', of(c, 'report'), { reason: 'spam' }], does: [changed, 'comment_report+'] },
  'follow its writer': { ask: (c) => ['POST', `/reader/${text(c.writer)}/follow`], does: ['reader_follow+'] },
  'follow the story': { ask: (c) => ['POST', `${talk(c)}/follow`], does: ['follow+'] },
  'follow the branch': { ask: (c) => ['POST', of(c, 'follow')], does: ['follow+'] },
  'mute its writer': { ask: (c) => ['POST', `/reader/${text(c.writer)}/mute`], does: ['reader_mute+'] },
  'block its writer': { ask: (c) => ['POST', `/reader/${text(c.writer)}/block`], does: ['reader_mute+'] },
  'say something else of oneself': { ask: (c) => ['POST', '/account/profile', { name: c.name ?? 'x', about: 'Buy this.', language: '', comments: '1', followers: '1', following: '1' }], does: ['reader~'] },
  'give notice': { ask: (c) => ['POST', '/notice', { comment: `/comment/${text(c.comment)}`, why: 'Unlawful.', name: 'Nora', address: 'nora@example.org', faith: '1' }], does: ['notice+'] },
  'read the statement of reasons': { decision: { reader: 'actor' }, ask: (c) => ['GET', decision(c, '')] },
  'read another\'s statement': { decision: { reader: 'writer' }, ask: (c) => ['GET', decision(c, '')] },
  appeal: { decision: { reader: 'actor' }, ask: (c) => ['POST', decision(c, '/appeal'), { words: 'No.' }], does: ['appeal+'] },
  'appeal for another': { decision: { reader: 'writer' }, ask: (c) => ['POST', decision(c, '/appeal'), { words: 'No.' }] },
  'read the log': { ask: () => ['GET', '/moderation/log'] },
  'see the queue': { ask: () => ['GET', '/moderation'] },
  'see another\'s history': { ask: (c) => ['GET', `/moderation/reader/${text(c.writer)}`] },
  claim: { ask: (c) => ['POST', `/moderation/comment/${text(c.comment)}/claim`, {}], json: true, does: ['comment_claim+'] },
  approve: { ask: decide('approve'), does: (c) => (['held', 'removed'].includes(c.state) ? [changed, 'decision+'] : decided) },
  remove: { ask: decide('remove'), does: [changed, 'decision+'] },
  pick: { ask: decide('pick'), does: [changed, 'decision+'] },
  'close the branch': { ask: decide('close'), does: [changed, 'decision+'] },
  'slow the branch': { ask: decide('slow'), does: [changed, 'decision+'] },
  'approve one\'s own': { own, ask: decide('approve') },
  'undo one\'s own decision': { decision: { kind: 'close', moderator: 'actor' }, ask: (c) => ['POST', '/moderation/undo', { decision: text(c.decision) }], does: [changed, 'decision~'] },
  'undo another\'s decision': { decision: { kind: 'close' }, ask: (c) => ['POST', '/moderation/undo', { decision: text(c.decision) }] },
  warn: { ask: about('warn'), does: decided },
  suspend: { ask: about('suspend', { hours: '24' }), does: ['decision+', 'sanction+'] },
  ban: { ask: about('ban'), does: ['decision+', 'sanction+'] },
  'mute on the story': { ask: about('mute', () => ({ story: text(storyIds.open) })), does: ['decision+', 'sanction+'] },
  'hold all they write': { ask: about('hold'), does: ['decision+', 'sanction+'] },
  lift: { banned: true, ask: about('lift'), does: ['decision+', 'sanction~'] },
  'note about a reader': { ask: about('note', { words: 'Known.' }), does: ['reader_note+'] },
  'answer an appeal': { decision: { reader: 'writer', appeal: true }, ask: (c) => ['POST', decision(c, '/answer'), { do: 'upheld', words: 'It stands.' }], does: ['appeal~'] },
  'answer an appeal against oneself': { decision: { reader: 'writer', moderator: 'actor', appeal: true }, ask: (c) => ['POST', decision(c, '/answer'), { do: 'upheld', words: 'It stands.' }] },
  'answer a notice': { notice: true, ask: (c) => ['POST', `/moderation/notice/${text(c.notice)}`, { do: 'kept', words: 'It may.' }], does: ['notice~'] },
};

const table = (markdown) => {
  const [head, , ...lines] = markdown.trim().split('\n').map((l) => l.split('|').slice(1, -1).map((c) => c.trim()));
  return { head, lines };
};

const cells = [];
const whos = (name) => WHO[name] ?? assert.fail(name);
for (const [what, ...wants] of table(WHO_MAY).lines)
  for (const [i, want] of wants.entries())
    for (const who of whos(table(WHO_MAY).head[i + 1])) cells.push({ what, who, by: table(WHO_MAY).head[i + 1], story: 'open', state: 'shown', want });
for (const [what, by, ...wants] of table(BY_STORY).lines)
  for (const [i, want] of wants.entries())
    for (const who of whos(by).slice(0, 2)) cells.push({ what, who, by, story: table(BY_STORY).head[i + 2], state: 'shown', want });
for (const [what, by, ...wants] of table(BY_COMMENT).lines)
  for (const [i, want] of wants.entries())
    for (const who of whos(by).slice(0, 2)) cells.push({ what, who, by, story: 'open', state: table(BY_COMMENT).head[i + 2], want });
for (const [what, by, ...wants] of table(BY_QUESTIONS).lines)
  for (const [i, want] of wants.entries())
    for (const who of whos(by).slice(0, 2)) cells.push({ what, who, by, story: QUESTIONS[table(BY_QUESTIONS).head[i + 2]], state: 'shown', question: true, want });
// Whoever may not take part may not anywhere: in no state of story and comment does something that they write come through.
for (const by of ['nobody', 'stopped', 'leaving', 'gone', 'stopped staff'])
  for (const who of WHO[by])
    for (const what of ['write', 'answer', 'edit one\'s own', 'edit another\'s', 'take back another\'s', 'recommend', 'recommend no more', 'report', 'approve', 'remove', 'pick', 'ban'])
      for (const story of STORIES)
        for (const state of table(BY_COMMENT).head.slice(2)) cells.push({ what, who, by, story, state, want: 'not' });

let p, storyIds, given;
let next = 2 ** 50;
const id = () => next++;
let now; // when they were put there
const MINUTE = 60e6;
const quoted = (v) => (v === null ? 'NULL' : typeof v === 'number' ? String(v) : `'${v.replaceAll('\'', '\'\'')}'`);
const insert = (into, row) => `INSERT INTO ${into} (${Object.keys(row).join(', ')}) VALUES (${Object.values(row).map((v) => (v?.raw ?? quoted(v))).join(', ')});`;
const owner = new Map(); // whose a number is: each belongs to one cell

function prepare() {
  const out = [];
  now = Date.now() * 1000;
  const add = (into, row) => out.push(insert(into, row));
  const reader = (cell, { role = 'reader', state = 'active' } = {}) => {
    const me = id(), name = `Reader ${me}`;
    owner.set(me, cell);
    add('reader', { id: me, address: `r${me}@example.org`, address_key: `r${me}@example.org`, confirmed: now, name, name_key: name, name_look: name, role, state, handle: { raw: 'randomblob(16)' }, made: now - 1e6 * MINUTE, seen: now });
    return me;
  };
  const comment = (cell, row) => {
    const k = id(), made = row.made ?? now - 2 * MINUTE;
    owner.set(k, cell);
    add('comment', { id: k, story: storyIds[cell.story], parent: 0, root: k, depth: 0, source: `Words ${k}.`, body: `<p>Words ${k}.</p>`, state: 'shown', stands: 1, change: 1, ...row, made });
    return k;
  };
  const moderator = reader(null, { role: 'owner' });
  for (const c of cells) {
    const act = ACTS[c.what] ?? assert.fail(c.what);
    c.actor = c.who ? reader(c, c.who) : null;
    c.name = c.actor ? `Reader ${c.actor}` : null;
    c.writer = act.own && c.actor ? c.actor : reader(c);
    if (c.actor) {
      c.secret = `secret-${c.actor}`;
      add('session', { id: id(), reader: c.actor, hash: { raw: `X'${createHash('sha256').update(c.secret).digest('hex')}'` }, turned: now, made: now, used: now, ends: now + 600 * MINUTE, proven: now, way: 'mail', strong: 0, device: 'test' });
      if (c.who.sanction) add('sanction', { id: id(), reader: c.actor, kind: c.who.sanction, story: c.who.sanction === 'muted' ? storyIds[c.story] : null, why: 'spam', made: now, until: c.who.sanction === 'suspended' ? now + 600 * MINUTE : 0 });
      if (c.who.guest) add('question_guest', { story: storyIds[c.who.guest === 'here' ? c.story : 'open'], reader: c.actor, title: '', since: now });
      if (c.who.blocked && c.writer !== c.actor) add('reader_mute', { reader: c.writer, muted: c.actor, blocks: 1, since: now });
    }
    const state = { held: 'held', removed: 'removed', stone: 'deleted' }[c.state] ?? 'shown', answered = ['removed', 'stone'].includes(c.state);
    const above = c.state === 'in a closed branch' ? comment(c, { reader: c.writer, closed: 1, replies: 1, talk: 1 }) : 0;
    const undoes = act.decision?.kind === 'close';
    c.comment = comment(c, { reader: c.writer, state, stands: state === 'held' ? 0 : 1, closed: c.state === 'closed branch' || undoes ? 1 : 0, replies: answered ? 1 : 0, talk: answered ? 1 : 0,
      ups: act.voted ? 1 : 0, rank: act.voted ? 378448 : 0, ...(above ? { parent: above, root: above, depth: 1, answers: c.writer } : {}), ...(state === 'deleted' ? { source: '', body: '' } : {}), ...(c.question && !c.who?.guest ? { question: 0 } : {}), made: now - (act.age ?? 2) * MINUTE });
    c.words = `Words ${c.comment}.`;
    if (answered) comment(c, { reader: c.writer, parent: c.comment, root: c.comment, depth: 1, answers: c.writer });
    if (act.voted && c.actor) add('comment_vote', { reader: c.actor, story: storyIds[c.story], comment: c.comment, way: 1, made: now });
    if (c.story === 'slow' && c.actor && c.writer !== c.actor) comment(c, { reader: c.actor });
    if (act.banned) add('sanction', { id: id(), reader: c.writer, kind: 'banned', why: 'spam', made: now, until: 0 });
    if (act.decision) {
      const { kind = 'warn', reader: whose = 'writer', moderator: by } = act.decision;
      c.decision = id();
      owner.set(c.decision, c);
      add('decision', { id: c.decision, kind, comment: c.comment, reader: whose === 'actor' && c.actor ? c.actor : c.writer, story: storyIds[c.story], moderator: by === 'actor' && c.actor ? c.actor : moderator, automated: 0,
        reason: kind === 'warn' ? 'spam' : '', words: '', facts: '', until: 0, was: 'shown', picked: 0, made: now });
      if (act.decision.appeal) add('appeal', { decision: c.decision, words: 'No.', made: now });
    }
    if (act.notice) {
      c.notice = id();
      owner.set(c.notice, c);
      add('notice', { id: c.notice, comment: c.comment, why: 'Unlawful.', name: 'Nora', address: 'nora@example.org', made: now });
    }
  }
  out.push('INSERT INTO conversation (story, comments, change, latest) SELECT story, sum(state = \'shown\'), 1, max(made) FROM comment WHERE true GROUP BY story;');
  return out;
}

// What a row of each is known by; all that is compared of it.
const TABLES = { comment: 'id, reader, state, source, body, ups, downs, reports, picked, closed, replies, stands, slow', comment_text: 'comment, number, source', comment_vote: 'reader, comment, way', comment_report: 'comment, reader, settled',
  comment_claim: 'comment, moderator', comment_mention: 'comment, reader', decision: 'id, comment, reader, kind, undone', appeal: 'decision, outcome', sanction: 'id, reader, kind, lifted', reader_mute: 'reader, muted, blocks',
  reader_follow: 'reader, followed', follow: 'reader, kind, subject', reader_note: 'reader, words', notice: 'id, comment, outcome', reader: 'id, name, about, role, state' };
const KEYS = { comment: 1, comment_text: 2, comment_vote: 2, comment_report: 2, comment_claim: 1, comment_mention: 2, decision: 1, appeal: 1, sanction: 1, reader_mute: 2, reader_follow: 2, follow: 3, reader_note: 1, notice: 1, reader: 1 };

function sql(lines) {
  const done = spawnSync('sqlite3', ['-cmd', '.timeout 20000', join(p.folder, 'stet.db')], { input: lines.join('\n'), encoding: 'utf8', maxBuffer: 1 << 28 });
  assert.equal(done.status, 0, done.stderr.slice(0, 2000));
  assert.equal(done.stderr, '');
  return done.stdout;
}

function look() {
  const out = sql(['.mode json', ...Object.entries(TABLES).map(([t, columns]) => `SELECT '${t}' AS t, json_group_array(json_array(${columns})) AS v FROM ${t};`)]);
  return Object.fromEntries(out.trim().split(/\n(?=\[)/).map((l) => JSON.parse(l)[0]).map(({ t, v }) => [t, new Map(JSON.parse(v.replace(/\b\d{17,}\b/g, '"$&"')).map((row) => [row.slice(0, KEYS[t]).join(), row]))]));
}

// The changes of each cell: "comment+", "comment~" ...
function compare(was, is) {
  const found = new Map(cells.map((c) => [c, { kinds: new Set(), states: new Set() }]));
  const note = (t, sign, row) => {
    const cell = row.map((v) => owner.get(v)).find(Boolean);
    assert.ok(cell, `${t} ${sign} ${row}: nobody's`);
    found.get(cell).kinds.add(t + sign);
    if (t === 'comment') found.get(cell).states.add(row[2]);
  };
  for (const t of Object.keys(TABLES)) {
    for (const [key, row] of is[t]) if (!was[t].has(key)) note(t, '+', row); else if (was[t].get(key).join('\0') !== row.join('\0')) note(t, '~', row);
    for (const [key, row] of was[t]) if (!is[t].has(key)) note(t, '-', row);
  }
  return found;
}

const outcome = (c, r, body) => {
  const { status } = r, to = r.headers.get('location');
  if (status === 401 || (status === 303 && new URL(to, p.url).pathname === '/sign-in')) return 'in';
  if ([403, 409, 422, 429].includes(status)) return 'no';
  if ([404, 410].includes(status)) return 'none';
  if (status === 200 && ACTS[c.what].words) return body.includes(c.words) ? 'yes' : 'stone';
  return status === 200 || status === 303 ? 'yes' : String(status);
};

async function ask(c, n) {
  const act = ACTS[c.what], [method, path, form] = act.ask(c);
  const r = await fetch(p.url + path, { method, redirect: 'manual', body: method === 'POST' ? new URLSearchParams(form ?? {}) : undefined, headers: {
    'x-forwarded-for': `198.${18 + (n >> 16)}.${n >> 8 & 255}.${n & 255}`, ...(c.secret ? { cookie: `__Host-stet=${c.secret}` } : {}), ...(method === 'POST' ? { 'sec-fetch-site': 'same-origin' } : {}), ...(act.json ? { accept: 'application/json' } : {}) } });
  c.got = outcome(c, r, await r.text());
  c.status = r.status;
}

before(async () => {
  p = await readersPublication({ serve: false });
  await importFolder(p, {
    'publication.yaml': 'name: The Test\nsections:\n  - slug: city\n    name: City\n    description: ""\n',
    ...Object.fromEntries([...STORIES, ...Object.values(QUESTIONS)].map((s) => [`${s}.md`, `---\nheadline: The ${s} one\nslug: ${s}\nsection: city\npublished: ${new Date(Date.now() - (s === 'over' ? 15 : 1) * 86400e3).toISOString()}\n---\nWords.\n`])),
  });
  await p.run('forum', 'rules', 'heat_warm', '0', 'heat_hot', '0', 'repeat_hours', '0', 'near_hours', '0');
  for (const [place, name, value] of [['closed', 'open', 'closed'], ['closed', 'why', 'Enough was said.'], ['before', 'mode', 'before'], ['slow', 'slow', '3600'], ['off', 'open', 'off'],
    ...Object.values(QUESTIONS).map((q) => [q, 'answers', 'yes']), ['waits', 'mode', 'before'], ['early', 'from', new Date(Date.now() + 86400e3).toISOString()],
    ['ended', 'until', new Date(Date.now() + 86400e3).toISOString()], ['among', 'among', 'yes']]) await p.run('forum', 'settings', place, name, value);
  await p.run('story', 'withdraw', 'withdrawn', '--reason', 'It was wrong.');
  storyIds = Object.fromEntries(JSON.parse(sql(['.mode json', 'SELECT slug, id FROM story;']).replace(/"id":(\d+)/g, '"id":"$1"')).map((s) => [s.slug, s.id]));
  // Numbers made by the program are longer than those of JavaScript: ours are put in their place.
  const lines = ['PRAGMA foreign_keys = OFF;', 'BEGIN;'];
  for (const [slug, old] of Object.entries(storyIds)) storyIds[slug] = { raw: old, toString: () => old };
  lines.push(...prepare(), 'UPDATE story SET state = \'draft\' WHERE slug IN (\'draft\', \'scheduled\', \'embargoed\');',
    `UPDATE story SET scheduled = ${now + 1e4 * MINUTE} WHERE slug IN ('scheduled', 'embargoed');`, `UPDATE story SET embargo = ${now + 1e4 * MINUTE} WHERE slug = 'embargoed';`,
    `UPDATE forum_setting SET value = json_set(value, '$.until', ${now - MINUTE}) WHERE place LIKE 'story:%' AND json_extract(value, '$.until') IS NOT NULL;`, 'COMMIT;');
  sql(lines);
  await p.run('search', 'rebuild');
  await p.serve();
});
after(() => p?.end());

test('the tables are those of the documentation', async () => {
  const docs = await readFile(join(root, 'docs', 'forum.md'), 'utf8');
  for (const t of [WHO_MAY, BY_STORY, BY_QUESTIONS, BY_COMMENT, BY_ROLE]) assert.ok(docs.includes(t.trim()), t.slice(0, 80));
});

describe('each cell', () => {
  before(async () => {
    const was = look();
    // There is a quarter of an hour for an edit: those come first, however slow the machine.
    const edits = (c) => Number(c.what.startsWith('edit') && c.want !== 'not'), order = [...cells].sort((a, b) => edits(b) - edits(a));
    let n = 0;
    await Promise.all(Array.from({ length: 6 }, async () => { while (n < order.length) { const i = n++; await ask(order[i], i); } }));
    given = compare(was, look());
  });

  const says = (c) => `${c.what}, by ${c.by} ${JSON.stringify(c.who)}, story ${c.story}, comment ${c.state}: wanted ${c.want}, got ${c.got} (${c.status}) ${[...given.get(c).kinds]} ${[...given.get(c).states]}`;
  const wrong = (c) => {
    const { kinds, states } = given.get(c), act = ACTS[c.what];
    if (c.want === 'not') return kinds.size || !['in', 'no', 'none'].includes(c.got);
    if (!['yes', 'held'].includes(c.want)) return kinds.size || c.got !== (c.want === 'idle' ? 'yes' : c.want);
    const does = (typeof act.does === 'function' ? act.does(c) : act.does ?? []).slice().sort();
    return c.got !== 'yes' || [...kinds].sort().join() !== does.join() || (c.want === 'held' && !states.has('held')) || (c.want === 'yes' && c.state !== 'held' && states.has('held'));
  };

  for (const what of Object.keys(ACTS))
    test(what, () => {
      const these = cells.filter((c) => c.what === what);
      assert.ok(these.length >= 5, `${these.length} cells`);
      assert.deepEqual(these.filter(wrong).map(says), []);
    });

  test('and the counts are right after all of it', async () => {
    const { code, stdout } = await p.cli(['doctor']);
    assert.equal(code, 0, stdout);
  });
});

test('the rules, by role', async () => {
  const people = { nobody: new Client(p) };
  for (const name of ['reader', 'reporter', 'moderator', 'editor', 'owner', 'stopped']) [people[name]] = forged(p, [{ name: `The ${name}`, role: name === 'stopped' ? 'owner' : name }]);
  sql([insert('sanction', { id: id(), reader: people.stopped.id, kind: 'banned', why: 'spam', made: now, until: 0 })]);
  const kept = () => sql(['SELECT place, value FROM forum_setting ORDER BY place;', 'SELECT count(*) FROM entry WHERE kind LIKE \'forum.%\' OR kind LIKE \'judge.%\' OR kind LIKE \'%learn%\' OR kind LIKE \'%word%\';']);
  let n = 0;
  const acts = {
    'see the rules': (c) => c.get('/moderation/rules'),
    'change the rules': (c) => c.post('/moderation/rules', { place: '', links_most: String(10 + n++) }),
    'try a text': (c) => c.post('/moderation/rules/try', { place: '', text: 'A word.', as: 'newcomer' }),
    'read a list of words': (c) => c.get('/moderation/rules/words/banned.txt'),
    'add to a list of words': (c) => c.post('/moderation/rules/words/banned', { do: 'add', lines: `turnip${n++}` }),
    'forget what was learned': (c) => c.post('/moderation/rules/forget', { place: '' }),
  };
  const { head, lines } = table(BY_ROLE), bad = [];
  for (const [what, ...wants] of lines)
    for (const [i, want] of wants.entries()) {
      const was = kept(), r = await acts[what](people[head[i + 1]]), got = outcome({ what: 'write' }, r, ''), other = was !== kept();
      if (got !== want || other !== (want === 'yes' && /change|add|forget/.test(what))) bad.push(`${what}, ${head[i + 1]}: wanted ${want}, got ${got} (${r.status})${other ? ', something changed' : ''}`);
    }
  assert.deepEqual(bad, []);
});

test('whoever has registered and not confirmed is nobody', async () => {
  const c = new Client(p);
  assert.equal((await c.post('/register', { name: 'Una Firmed', address: 'una@example.org', way: 'mail' })).status, 303);
  const r = await c.post('/city/open/comments', { text: 'Unconfirmed.' });
  assert.equal(new URL(r.headers.get('location')).pathname, '/sign-in');
  assert.equal(sql(['SELECT count(*) FROM comment WHERE source = \'Unconfirmed.\';']).trim(), '0');
});
