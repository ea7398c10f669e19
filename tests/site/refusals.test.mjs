// refusals.test.mjs: what is wrong with a form is said in the language of the page, from theme/messages.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { root } from './lib.mjs';
import { Client, forged, letterTo, readersPublication, sql } from './readers.mjs';

const messages = (language) => new Map(readFileSync(join(root, `theme/messages/${language}.txt`), 'utf8').split('\n')
  .filter((line) => /^[a-z]/.test(line)).map((line) => [line.slice(0, line.indexOf('=')).trim(), line.slice(line.indexOf('=') + 1).trim()]));
const all = { en: messages('en'), fr: messages('fr'), ar: messages('ar') };
const FORMS = { en: ['one', 'other'], fr: ['one', 'other'], ar: ['zero', 'one', 'two', 'few', 'many', 'other'] };

const plain = (html) => html.replaceAll(/&#x([0-9a-f]+);/gi, (_, hex) => String.fromCodePoint(parseInt(hex, 16)))
  .replaceAll('&#39;', "'").replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
const said = (html) => [...html.matchAll(/<p class="wrong"[^>]*>([^<]*)<\/p>/g)].map((m) => plain(m[1]));

// A message with its {names} filled by whatever.
const filled = (text, values = {}) => new RegExp(`^${text.replace(/[.*+?^$()|[\]\\]/g, '\\$&').replace(/\{(\w+)\}/g, (_, name) => values[name] ?? '.+')}$`);

for (const language of ['fr', 'ar'])
  describe(`in ${language}`, () => {
    let p;
    before(async () => { p = await readersPublication({ conf: `language = ${language}\n` }); });
    after(() => p?.end());

    const refuses = async (response, key, values) => {
      assert.ok([409, 422, 429].includes(response.status), `${key}: ${response.status}`);
      const words = said(await response.text()), wanted = all[language].get(key);
      assert.ok(wanted, key);
      assert.ok(words.some((w) => filled(wanted, values).test(w)), `${key}: ${words}`);
    };
    const asks = (more, c = new Client(p)) => c.post('/register', { name: 'Nora Vale', address: 'nora@example.org', way: 'mail', ...more });

    test('registering', async () => {
      await refuses(await asks({ name: 'x' }), `refused.name-length.${language === 'fr' ? 'other' : 'many'}`, { least: 2, n: 40 });
      await refuses(await asks({ name: 'me@example.org' }), 'refused.name-address');
      await refuses(await asks({ name: '<b>' }), 'refused.name-signs');
      await refuses(await asks({ name: '1234' }), 'refused.name-letter');
      await refuses(await asks({ name: 'Pаul Reed' }), 'refused.name-mixed');
      await refuses(await asks({ name: 'Admin' }), 'refused.name-taken', { name: 'Admin' });
      await refuses(await asks({ address: '' }), 'refused.address-none');
      await refuses(await asks({ address: 'nowhere' }), 'refused.address');
      await refuses(await asks({ way: 'password', password: 'short' }), `refused.password-short.${language === 'fr' ? 'other' : 'many'}`, { n: 15 });
      await refuses(await asks({ way: 'password', password: 'passwordpassword' }), 'refused.password-weak');
    });

    test('signing in', async () => {
      const c = new Client(p);
      await refuses(await c.post('/sign-in', { address: 'nobody@example.org', password: 'whatever it may be' }), 'refused.sign-in');
      await asks({ name: 'Cod Wrong', address: 'cod@example.org' }, c);
      await refuses(await c.post('/mail-code', { code: '00000000' }), 'refused.code');
      for (let i = 0; i < 4; i++) await c.post('/mail-code', { code: '00000000' });
      await refuses(await c.post('/mail-code', { code: '00000000' }), 'refused.code-tries');
    });

    test('too often', async () => {
      const c = new Client(p);
      let r;
      for (let i = 0; i < 40 && r?.status !== 429; i++) r = await c.post('/sign-in', { address: 'often@example.org', password: `try number ${i} of many` });
      const [words] = said(await r.text());
      assert.ok(['seconds', 'minutes'].some((unit) => FORMS[language].some((form) => filled(all[language].get(`refused.${unit}.${form}`), { n: '\\d+' }).test(words))), words);
    });

    test('one’s account', async () => {
      const c = new Client(p);
      await c.register('Ola Penn', 'ola@example.org', { way: 'password', password: 'seven grey umbrellas marching' });
      await letterTo(p, 'ola@example.org');
      await refuses(await c.post('/account/password', { password: 'short' }), `refused.password-short.${language === 'fr' ? 'other' : 'many'}`);
      await refuses(await c.post('/account/prove', { password: 'it is not this one' }), 'refused.password-wrong');
      await refuses(await c.post('/account/address', { address: 'ola@example.org' }), 'refused.address-yours');
      await refuses(await c.post('/account/factor', { code: '123456' }), 'refused.factor-late');
      await refuses(await c.post('/account/profile', { name: 'Ola Penn', about: 'y'.repeat(301) }), 'refused.about-length.other', { n: '300' });
      await c.post('/account/profile', { name: 'Ola Pencil' });
      await refuses(await c.post('/account/profile', { name: 'Ola Quill' }), `refused.name-pace.${language === 'fr' ? 'other' : 'many'}`, { pace: 14, n: 14 });
      const body = new FormData();
      body.set('picture', new Blob(['GIF89a']), 'me.gif');
      const picture = await fetch(`${p.url}/account/picture`, { method: 'POST', body, redirect: 'manual',
        headers: { ...c.headers, cookie: [...c.cookies].map((x) => x.join('=')).join('; '), 'sec-fetch-site': 'same-origin' } });
      await refuses(picture, 'refused.picture');
      // A copy is made in its own time: once it is there, and as if it were not yet.
      const [other] = forged(p, [{ name: 'Ole Penn' }]);
      for (const [who, words] of [[other, 'refused.copy-there'], [c, 'refused.copy-waits']]) {
        await who.post('/account/copy');
        for (let i = 0; sql(p, 'SELECT count(*) AS n FROM reader_copy WHERE ready = 0')[0].n || sql(p, "SELECT count(*) AS n FROM job WHERE kind = 'reader.copy'")[0].n; i++) {
          assert.ok(i < 3600, p.log);
          await new Promise((r) => setTimeout(r, 50));
        }
        if (who === c) sql(p, 'UPDATE reader_copy SET ready = 0');
        await refuses(await who.post('/account/copy'), words);
      }
    });
  });

test('the command line says the same in English', async () => {
  const p = await readersPublication({ conf: 'language = fr\n' });
  try {
    const out = await p.run('user', 'add', 'x@example.org', '--name', 'Moderator').catch((e) => e);
    assert.match(String(out.stderr ?? out.message ?? out), /The name “Moderator”, or one that looks like it, is taken\./);
  } finally {
    await p.end();
  }
});

test('no refusal bypasses the messages, and none is missing or unused', () => {
  const folder = join(root, 'src/readers'), used = new Set();
  // What a passkey's script is told is a reason, for which the page has words ("passkey.REASON").
  const reasons = new Set(['full', 'taken', 'unknown', 'json', 'sign-in', 'prove', 'passkey']);
  for (const name of readdirSync(folder).filter((n) => n.endsWith('.c'))) {
    const text = readFileSync(join(folder, name), 'utf8');
    for (const m of text.matchAll(/err_user\(\w+,\s*("[^"]*"|\w+)/g)) assert.ok(reasons.has(JSON.parse(m[1])), `${name}: ${m[0]} is said by no message`);
    for (const m of text.matchAll(/"(refused\.[^"]+)"/g)) used.add(m[1]);
  }
  assert.ok(used.size > 40);
  for (const [language, texts] of Object.entries(all)) {
    const there = new Set([...texts.keys()].filter((k) => k.startsWith('refused.')));
    for (const key of used) {
      const forms = FORMS[language].map((f) => `${key}.${f}`);
      assert.ok(there.has(key) || forms.every((f) => there.has(f)), `${language}: ${key}`);
      for (const k of [key, ...forms]) there.delete(k);
    }
    assert.deepEqual([...there], [], language);
    const names = (text) => [...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1]).filter((n) => n !== 'n').sort();
    for (const [key, text] of texts) if (key.startsWith('refused.')) assert.deepEqual(names(text), names(all.en.get(key) ?? all.en.get(key.replace(/\w+$/, 'other'))), `${language}: ${key}`);
  }
});
