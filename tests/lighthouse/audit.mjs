// audit.mjs: Lighthouse on pages of a running publication, in Debian's Chromium.
import { launch } from 'chrome-launcher';
import lighthouse, { desktopConfig } from 'lighthouse';

// Asks `check` for the report of each page; every page in a browser of its own, as a new reader has it.
export async function audit(urls, { categories, desktop = false }, check) {
  for (const url of urls) {
    const chrome = await launch({
      chromePath: process.env.CHROMIUM || '/usr/bin/chromium',
      chromeFlags: ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync',
        '--disable-background-networking', '--disable-component-update'],
      logLevel: 'silent',
    });
    try {
      const result = await lighthouse(url, { port: chrome.port, logLevel: 'silent', output: 'json', onlyCategories: categories, maxWaitForLoad: 120_000 },
        desktop ? desktopConfig : undefined);
      await check(url, result.lhr);
    } finally {
      chrome.kill();
    }
  }
}

// What a category found wanting, in words.
export function wanting(report, category) {
  return report.categories[category].auditRefs.filter(({ id, weight }) => weight > 0 && report.audits[id].score !== null && report.audits[id].score < 1)
    .map(({ id }) => `${id}: ${report.audits[id].title} ${JSON.stringify(report.audits[id].details?.items ?? '').slice(0, 400)}`);
}
