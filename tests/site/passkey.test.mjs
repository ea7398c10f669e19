// Passkeys in a browser: Chromium with an authenticator that its DevTools make, on a publication at "localhost".
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { after, before, describe, it } from 'node:test';
import { arrives, chromium } from './lib.mjs';
import { letterThat, letterTo, letters, readersPublication } from './readers.mjs';

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
let p, browser;

before(async () => {
  p = await readersPublication();
  browser = await chromium();
});

after(async () => {
  await browser?.close();
  await p?.end();
});

// A browser window with an authenticator, as a phone has one: it finds passkeys, verifies its owner and says yes.
// It answers the suggestions of the address field too, at once; without them (`suggests`) only buttons are left.
async function device({ suggests = false, prepare } = {}) {
  const context = await browser.newContext();
  const page = await context.newPage();
  const problems = [];
  if (!suggests) await context.addInitScript(() => { delete globalThis.PublicKeyCredential?.isConditionalMediationAvailable; });
  if (prepare) await context.addInitScript(prepare);
  page.on('pageerror', (e) => problems.push(String(e)));
  const devtools = await context.newCDPSession(page);
  await devtools.send('WebAuthn.enable', { enableUI: false });
  const { authenticatorId } = await devtools.send('WebAuthn.addVirtualAuthenticator', { options: {
    protocol: 'ctap2', ctap2Version: 'ctap2_1', transport: 'internal', hasResidentKey: true, hasUserVerification: true,
    isUserVerified: true, automaticPresenceSimulation: true, defaultBackupEligibility: true, defaultBackupState: true,
  } });
  return {
    context, page, problems, devtools, authenticatorId,
    credentials: async () => (await devtools.send('WebAuthn.getCredentials', { authenticatorId })).credentials,
    webauthn: (verb, more) => devtools.send(`WebAuthn.${verb}`, { authenticatorId, ...more }),
  };
}

const me = (page) => page.evaluate(async () => (await fetch('/me.json')).json());
const count = async (address) => (await letters(p)).filter((l) => l.to === address).length;

// On the pages themselves, without the dialog.
async function register({ page }, name, address) {
  await page.goto(`${p.url}/register?next=/search`);
  await page.fill('#name', name);
  await page.fill('#address', address);
  await page.check('input[name=way][value=passkey]');
  await page.click('form[action="/register"] button.primary');
  await arrives(page, /\/mail-sent/);
  await page.goto((await letterTo(p, address)).link);
  await page.click('form[action^="/mail/"] button');
  await arrives(page, /\/account\/passkeys/);
}

// Registers, makes a passkey, goes on to where the reader came from; the letter about it is there.
async function withPasskey(name, address, options) {
  const d = await device(options);
  await register(d, name, address);
  await d.page.click('[data-passkey-new]');
  await arrives(d.page, `${p.url}/search`);
  await letterThat(p, address, (l) => /passkey was added/.test(l.subject));
  return d;
}

async function signInByMail({ page }, address) {
  const before = new Set((await letters(p)).map((l) => l.id));
  await page.goto(`${p.url}/sign-in?next=/account`);
  await page.fill('#address', address);
  await page.click('button[formaction="/sign-in/mail"]');
  await arrives(page, /\/mail-sent/);
  await page.goto((await letterThat(p, address, (l) => l.link && !before.has(l.id))).link);
  await page.click('form[action^="/mail/"] button');
  await arrives(page, `${p.url}/account`);
}

async function signOut({ context }) {
  await context.clearCookies();
}

async function end(d) {
  assert.deepEqual(d.problems, []);
  await d.context.close();
}

describe('a reader with a passkey', () => {
  it('registers with one, is told by mail, signs in by the button, and proves by it', async () => {
    const d = await withPasskey('Ida Key', 'ida@example.org');
    const [made] = await d.credentials();
    assert.equal(made.isResidentCredential, true);
    assert.equal(made.rpId, 'localhost');
    assert.equal(Buffer.from(made.userHandle, 'base64').length, 32, 'a random handle, nothing about the person');
    assert.match((await letterTo(p, 'ida@example.org', 2)).subject, /passkey was added/);
    await signOut(d);
    await d.page.goto(`${p.url}/sign-in?next=/search`);
    await d.page.click('[data-passkey-sign-in]');
    await arrives(d.page, `${p.url}/search`);
    assert.equal((await me(d.page)).name, 'Ida Key');
    await d.page.goto(`${p.url}/account/prove?next=/search`);
    await d.page.click('[data-passkey-prove]');
    await arrives(d.page, `${p.url}/search`);
    await end(d);
  });

  it('signs in by the suggestion of the address field, which another ceremony stops', async () => {
    const d = await withPasskey('Otto Fill', 'otto@example.org', { suggests: true, prepare: () => {
      const { get } = CredentialsContainer.prototype;
      CredentialsContainer.prototype.get = function noted(options) {
        const asked = get.call(this, options);
        if (options.mediation === 'conditional') setTimeout(() => { globalThis.suggested = true; }, 0);
        return asked;
      };
    } });
    await signOut(d);
    await d.page.goto(`${p.url}/sign-in?next=/search`, { waitUntil: 'commit' }); // it is led on before all of it is there
    await arrives(d.page, `${p.url}/search`);
    assert.equal((await me(d.page)).name, 'Otto Fill');
    await signOut(d);
    await d.webauthn('setAutomaticPresenceSimulation', { enabled: false });
    await d.page.goto(`${p.url}/sign-in?next=/search`);
    await d.page.waitForFunction(() => globalThis.suggested);
    await d.webauthn('setAutomaticPresenceSimulation', { enabled: true });
    await d.page.click('[data-passkey-sign-in]');
    await arrives(d.page, `${p.url}/search`);
    await end(d);
  });

  it('registers in the dialog, makes the passkey there, and stays where they were', async () => {
    const d = await device();
    const { page } = d;
    await page.goto(`${p.url}/search`);
    await page.fill('input[type=search]', 'half a thought');
    await page.click('[data-account-bar] a[href^="/register"]');
    await page.fill('dialog #name', 'Dia Log');
    await page.fill('dialog #address', 'dia@example.org');
    await page.check('dialog input[name=way][value=passkey]');
    await page.click('dialog form[action="/register"] button.primary');
    await page.fill('dialog #code', (await letterTo(p, 'dia@example.org')).code);
    await page.click('dialog form[action="/mail-code"] button.primary');
    await page.click('dialog [data-passkey-new]');
    await page.waitForSelector('dialog', { state: 'detached' });
    assert.equal((await d.credentials()).length, 1);
    assert.equal(await page.inputValue('input[type=search]'), 'half a thought');
    await page.click('[data-account-bar] a[href="/account"]');
    await arrives(page, `${p.url}/account`);
    assert.equal(await page.locator('.passkeys li').count(), 1);
    await end(d);
  });

  it('may say "not now"', async () => {
    const d = await device();
    await register(d, 'Nora Later', 'nora@example.org');
    await d.page.click('[data-account-done]');
    await arrives(d.page, `${p.url}/search`);
    assert.equal((await d.credentials()).length, 0);
    await end(d);
  });

  it('loses it, gets in by mail, makes another and removes the lost one', async () => {
    const d = await withPasskey('Lou Lost', 'lou@example.org'), { page } = d;
    const [lost] = await d.credentials();
    await d.webauthn('removeCredential', { credentialId: lost.credentialId });
    await signOut(d);
    await page.goto(`${p.url}/sign-in`);
    await page.click('[data-passkey-sign-in]');
    await page.waitForSelector('[data-passkey-said]:not([hidden])');
    assert.equal(await page.textContent('[data-passkey-said]'), await page.getAttribute('[data-passkey-said]', 'data-stopped'));
    await signInByMail(d, 'lou@example.org');
    await page.click('.passkeys summary');
    await page.fill('.passkeys input[name=passkey]', 'The old phone');
    await page.click('.passkeys details button');
    await page.waitForSelector('text=The old phone');
    await page.click('a[href^="/account/passkeys"]');
    // The old one is named among those that the authenticator must not have: it has it no more.
    await page.click('[data-passkey-new]');
    await arrives(page, /said=passkey/);
    assert.equal(await page.locator('.passkeys li').count(), 2);
    await page.click('.passkeys li:has-text("The old phone") form[action$="/remove"] button');
    await arrives(page, /said=no-passkey/);
    assert.equal(await page.locator('.passkeys li').count(), 1);
    assert.equal(await page.locator('.passkeys li:has-text("The old phone")').count(), 0);
    const removed = await letterThat(p, 'lou@example.org', (l) => /removed/.test(l.subject));
    assert.match(removed.text, /The old phone/);
    await signOut(d);
    await page.goto(`${p.url}/sign-in?next=/search`);
    await page.click('[data-passkey-sign-in]');
    await arrives(page, `${p.url}/search`);
    await end(d);
  });

  it('is told so when the passkey was removed here and kept there, and the browser forgets it', async () => {
    const d = await withPasskey('Una Known', 'una@example.org'), { page } = d;
    await page.goto(`${p.url}/account`);
    await page.click('form[action$="/remove"] button');
    await arrives(page, /said=no-passkey/);
    await signOut(d);
    await page.goto(`${p.url}/sign-in`);
    await page.click('[data-passkey-sign-in]');
    await page.waitForSelector('[data-passkey-said]:not([hidden])');
    assert.equal(await page.textContent('[data-passkey-said]'), await page.getAttribute('[data-passkey-said]', 'data-unknown'));
    assert.equal((await me(page)).signed_in, false);
    await end(d);
  });

  it('makes no second one on the same device', async () => {
    const d = await withPasskey('Sam Same', 'sam@example.org'), { page } = d;
    await page.goto(`${p.url}/account/passkeys`);
    await page.click('[data-passkey-new]');
    await page.waitForSelector('[data-passkey-said]:not([hidden])');
    assert.equal(await page.textContent('[data-passkey-said]'), await page.getAttribute('[data-passkey-said]', 'data-taken'));
    await end(d);
  });

  it('has nothing in a private window, and its authenticator knows no passkey of another', async () => {
    const d = await withPasskey('Pri Vate', 'pri@example.org');
    const other = await device();
    await other.page.goto(`${p.url}/search`);
    assert.equal((await me(other.page)).signed_in, false);
    assert.equal((await other.context.cookies()).length, 0);
    await other.page.goto(`${p.url}/sign-in`);
    await other.page.click('[data-passkey-sign-in]');
    await other.page.waitForSelector('[data-passkey-said]:not([hidden])');
    assert.equal((await me(other.page)).signed_in, false);
    await end(other);
    await end(d);
  });

  it('warns of a copy by a letter and a line in the log, and lets in', async () => {
    const d = await withPasskey('Cleo Copy', 'cleo@example.org'), { page } = d;
    const [made] = await d.credentials();
    const sign = async () => {
      await signOut(d);
      await page.goto(`${p.url}/sign-in?next=/search`);
      await page.click('[data-passkey-sign-in]');
      await arrives(page, `${p.url}/search`);
    };
    const before = await count('cleo@example.org');
    await sign();
    await sign();
    assert.equal(await count('cleo@example.org'), before, 'no letter about one that counts on');
    await d.webauthn('removeCredential', { credentialId: made.credentialId });
    await d.webauthn('addCredential', { credential: { ...made, signCount: 0 } });
    await sign();
    assert.equal((await me(page)).name, 'Cleo Copy');
    assert.match((await letterTo(p, 'cleo@example.org', before + 1)).subject, /copied/);
    for (const end = Date.now() + 60_000; !/passkeys: a passkey of reader:\S+ counted less than before/.test(p.log);) {
      assert.ok(Date.now() < end, p.log);
      await new Promise((r) => setTimeout(r, 50));
    }
    await end(d);
  });

  it('does so in a browser that cannot read options from JSON', async () => {
    const d = await withPasskey('Old Browser', 'old@example.org', { prepare: () => {
      delete PublicKeyCredential.parseCreationOptionsFromJSON;
      delete PublicKeyCredential.parseRequestOptionsFromJSON;
      delete PublicKeyCredential.prototype.toJSON;
    } });
    await signOut(d);
    await d.page.goto(`${p.url}/sign-in?next=/search`);
    await d.page.click('[data-passkey-sign-in]');
    await arrives(d.page, `${p.url}/search`);
    assert.equal((await me(d.page)).name, 'Old Browser');
    await end(d);
  });

  it('is asked again who it is when the proof is over while the page stands open', async () => {
    const d = await withPasskey('Slow Hand', 'slow@example.org'), { page } = d;
    await page.goto(`${p.url}/account/passkeys?next=/search`);
    // What the server says then is in tests/readers/test_passkey.c.
    await page.route('**/account/passkeys/options', (route) => route.fulfill({ status: 403, json: { reason: 'prove', error: '', go: '/account/prove' } }));
    await page.click('[data-passkey-new]');
    await arrives(page, /\/account\/prove\?next=%2Faccount%2Fpasskeys%3Fnext%3D%2Fsearch/);
    await page.unroute('**/account/passkeys/options');
    await page.click('[data-passkey-prove]');
    await arrives(page, /\/account\/passkeys/);
    await end(d);
  });

  it('finds pages that axe finds nothing wrong with', async () => {
    const d = await withPasskey('Ax Clean', 'ax@example.org'), { page } = d;
    const found = async (path) => {
      await page.goto(p.url + path);
      await page.evaluate(axe);
      const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
      return violations.flatMap((v) => v.nodes.map((n) => `${path} ${v.id}: ${n.target.join(' ')}`));
    };
    for (const path of ['/account', '/account/passkeys?new=1&next=/', '/account/prove']) assert.deepEqual(await found(path), []);
    await signOut(d);
    for (const path of ['/sign-in', '/register']) assert.deepEqual(await found(path), []);
    await page.setViewportSize({ width: 320, height: 700 });
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= 320));
    await end(d);
  });

  it('without passkeys a browser is told how else', async () => {
    const d = await device({ prepare: () => { delete globalThis.PublicKeyCredential; } }), { page } = d;
    await page.goto(`${p.url}/sign-in`);
    assert.equal(await page.isVisible('[data-passkey-sign-in]'), false);
    await page.goto(`${p.url}/register`);
    assert.equal(await page.isVisible('input[value=passkey]'), false);
    await end(d);
  });
});
