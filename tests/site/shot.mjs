// shot.mjs: pictures of a page at phone and desktop width, light and dark: ./dev shot PATH [FOLDER]
// The demonstration must be running (./dev run), or STET_URL name another site.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium, root } from './lib.mjs';

const [path = '/', folder = join(root, 'build', 'shots')] = process.argv.slice(2);
const url = new URL(path, process.env.STET_URL || 'http://127.0.0.1:8080');
await mkdir(folder, { recursive: true });
const browser = await chromium();
for (const width of [390, 1280]) {
  for (const colorScheme of ['light', 'dark']) {
    const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
    await page.goto(url.href, { waitUntil: 'networkidle' });
    // Pictures further down are fetched when they come near.
    await page.evaluate(async () => {
      for (let y = 0; y < document.body.scrollHeight; y += 600) {
        scrollTo(0, y);
        await new Promise((r) => setTimeout(r, 60));
      }
      scrollTo(0, 0);
    });
    await page.waitForLoadState('networkidle');
    const name = `${url.pathname.replace(/\W+/g, '-').replace(/^-|-$/g, '') || 'front'}-${width}-${colorScheme}.png`;
    await page.screenshot({ path: join(folder, name), fullPage: true });
    console.log(join(folder, name));
    await page.close();
  }
}
await browser.close();
