// tabs-firefox.test.mjs: tabs keep step in Firefox, too: another engine's cookies, channels and dialogs.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Client, letterTo, readersPublication } from './readers.mjs';

const firefox = process.env.FIREFOX || '/usr/bin/firefox-esr';

describe('in Firefox', { skip: !existsSync(firefox) && 'no Firefox here' }, () => {
  let p, browser;
  before(async () => {
    p = await readersPublication();
    const { default: puppeteer } = await import('puppeteer-core');
    browser = await puppeteer.launch({ browser: 'firefox', executablePath: firefox, headless: true, protocol: 'webDriverBiDi',
      userDataDir: join(p.base, 'firefox'), timeout: 180_000, protocolTimeout: 180_000,
      env: { ...process.env, HOME: p.base } }); // it refuses a home that is another user's
  });
  after(async () => {
    await browser?.close();
    await p?.end();
  });

  const open = async (path) => {
    const page = await browser.newPage();
    page.setDefaultTimeout(180_000);
    await page.goto(p.url + path, { waitUntil: 'load' });
    return page;
  };
  const shows = (page, words) => page.waitForFunction((w) => document.querySelector('[data-account-bar]')?.textContent.includes(w), {}, words);
  const type = (page, where, words) => page.evaluate((selector, value) => { document.querySelector(selector).value = value; }, where, words);
  const press = async (page, where) => { await page.waitForSelector(where); await page.evaluate((selector) => document.querySelector(selector).click(), where); };

  test('registering in one signs the others in, with nothing to refresh and nothing lost', async () => {
    const tabs = [await open('/'), await open('/search'), await open('/corrections')];
    await type(tabs[1], 'input[name="q"]', 'half a thought');
    for (const tab of tabs) await tab.evaluate(() => { globalThis.kept = 'the very same page'; });
    await press(tabs[0], '[data-account-bar] a[href^="/register"]');
    await tabs[0].waitForSelector('dialog #name');
    await type(tabs[0], 'dialog #name', 'Fay Tern');
    await type(tabs[0], 'dialog #address', 'fay@example.org');
    await press(tabs[0], 'dialog input[value="mail"]');
    await press(tabs[0], 'dialog form[action="/register"] button.primary');
    await tabs[0].waitForSelector('dialog #code');
    await type(tabs[0], 'dialog #code', (await letterTo(p, 'fay@example.org')).code);
    await press(tabs[0], 'dialog button.primary');
    for (const tab of tabs) await shows(tab, 'Fay Tern');
    for (const tab of tabs) assert.equal(await tab.evaluate(() => globalThis.kept), 'the very same page');
    assert.equal(await tabs[1].evaluate(() => document.querySelector('input[name="q"]').value), 'half a thought');

    // Out again, everywhere.
    await tabs[2].goto(`${p.url}/account`, { waitUntil: 'load' });
    await press(tabs[2], 'form[data-sign-out] button');
    for (const tab of tabs.slice(0, 2)) await tab.waitForSelector('[data-account-bar] a[href^="/register"]');
    for (const tab of tabs) await tab.close();
  });

  test('signing in by a password in one does, too', async () => {
    await new Client(p).register('Gus Rail', 'gus@example.org', { way: 'password', password: 'seven grey umbrellas marching' });
    const tabs = [await open('/'), await open('/search')];
    await press(tabs[0], '[data-account-bar] a[href^="/sign-in"]');
    await tabs[0].waitForSelector('dialog #password');
    await type(tabs[0], 'dialog #address', 'gus@example.org');
    await type(tabs[0], 'dialog #password', 'seven grey umbrellas marching');
    await press(tabs[0], 'dialog details button:not([type="button"])');
    for (const tab of tabs) await shows(tab, 'Gus Rail');
  });
});
