// newsroom.mjs: a small publication with one of everything a page can show, written by the tests
// themselves, so that no test leans on what the demonstration says today.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { crc32, deflateSync } from './png.mjs';
import { Publication } from './lib.mjs';

// A picture: a PNG of soft stripes, large enough for several widths.
export function png(width, height, { seed = 1, declared } = {}) {
  const rows = Buffer.alloc((width * 3 + 1) * height);
  for (let y = 0, at = 0; y < height; y++) {
    rows[at++] = 0;
    for (let x = 0; x < width; x++) {
      rows[at++] = (x * seed) >> 2 & 255;
      rows[at++] = (y + seed * 40) >> 1 & 255;
      rows[at++] = (x + y) >> 3 & 255;
    }
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(declared?.[0] ?? width, 0);
  head.writeUInt32BE(declared?.[1] ?? height, 4);
  head.set([8, 2, 0, 0, 0], 8);
  const chunk = (type, data) => {
    const body = Buffer.concat([Buffer.from(type), data]), size = Buffer.alloc(4), sum = Buffer.alloc(4);
    size.writeUInt32BE(data.length);
    sum.writeUInt32BE(crc32(body));
    return Buffer.concat([size, body, sum]);
  };
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', head),
    chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]);
}

// A folder of files, for `stet import markdown`.
export async function folder(files) {
  const dir = await mkdtemp(join(tmpdir(), 'stet-folder-'));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(dir, name)), { recursive: true });
    await writeFile(join(dir, name), content);
  }
  return dir;
}

export async function importFolder(p, files) {
  const dir = await folder(files);
  const report = await p.json('import', 'markdown', dir);
  await rm(dir, { recursive: true });
  return report;
}

const long = `She had kept the light for thirty-one winters. “It was never dark,” she said – “not once.”

## The lamp

A paragraph with *emphasis*, **strength**, ~~a slip~~, \`code\` and [a link](https://example.org/light?a=1&b=2 "The lens").

### How it turns

1. It floats on mercury.
2. It is wound by hand:
   - at dusk,
   - at midnight.

> Nobody thanks a lamp.

| Year | Ships | Wrecks |
|------|------:|-------:|
| 1901 |   212 |      3 |
| 1931 | 1,044 |      0 |

![The lens from below](pictures/two.png "Turning since 1889. | Test Desk")

---

    wind --lamp
`;

export const files = () => ({
  'publication.yaml': `name: The Test Herald
tagline: Nothing but what is tested
language: en
zone: America/Toronto
sections:
  - slug: world
    name: World
    description: Everything <further> than the bridge & back.
  - slug: harbour
    name: Harbour
    description: Boats.
  - slug: quiet
    name: Quiet
    description: A section without a story.
`,
  'authors/ann-lee.md': '---\nname: Ann Lee\nrole: Harbour reporter\npicture: pictures/two.png\n---\nAnn has been on every boat.\n',
  'authors/bo-chan.md': '---\nname: Bo Chan & Daughters\n---\nWrites about weather.\n',
  'pages/about.md': '---\nheadline: About us\nkind: page\npublished: 2020-01-02 09:00\n---\nWe print what stands.\n\n## How\n\nSlowly.\n',
  'stories/lamp.md': `---
headline: The “lamp” that <never> sleeps & its keeper
standfirst: A life *beside* the light.
slug: lamp
section: world
authors: [ann-lee, bo-chan]
tags: [Lighthouses, "R&D <lab>"]
dateline: NORTH POINT
published: 2022-02-10 13:37
updated: 2022-07-01 08:05
picture: pictures/one.png
alt: A lamp behind "glass" & fog
caption: The lamp, *lit*.
credit: Test Desk
long: true
corrections:
  - date: 2022-02-11 09:00
    text: The lamp was lit in 1889, **not** 1898.
  - date: 2022-03-20 23:30
    text: It floats on mercury.
---
${long}`,
  'stories/plain.md': '---\nheadline: A story of one line\nslug: plain\nsection: harbour\npublished: 2023-03-12 03:30\n---\nOne line.\n',
  'stories/draft.md': '---\nheadline: Not yet\nslug: not-yet\nsection: harbour\nstate: draft\n---\nSoon.\n',
  'stories/gone.md': '---\nheadline: A false report\nslug: false-report\nsection: harbour\npublished: 2023-01-05 10:00\n---\nIt was false.\n',
  'pictures/one.png': png(1400, 900),
  'pictures/two.png': png(700, 1000, { seed: 3 }),
});

// Many stories of one section, author and tag; several of them at the very same moment.
export function many(n) {
  const out = {};
  for (let i = 0; i < n; i++) {
    const minute = String(Math.floor(i / 3) % 60).padStart(2, '0');
    out[`stories/many-${i}.md`] = `---\nheadline: Number ${i}\nslug: number-${i}\nsection: harbour\nauthors: [ann-lee]\n` +
      `tags: [Lighthouses]\npublished: 2021-05-0${1 + (i % 3)} 10:${minute}\n---\nStory ${i}.\n`;
  }
  return out;
}

// The publication above, with a story withdrawn.
export async function newsroom({ extra = {}, conf = '' } = {}) {
  const p = await Publication.make({ name: 'The Test Herald', conf });
  await importFolder(p, { ...files(), ...extra });
  await p.run('story', 'withdraw', 'false-report', '--reason', 'It rested on <one> forged letter.');
  return p;
}

// Every kind of page of the publication above.
export const kinds = {
  front: '/', section: '/world', 'section without a story': '/quiet', tag: '/tag/lighthouses', author: '/author/ann-lee',
  story: '/world/lamp', 'story without anything': '/harbour/plain', page: '/about', withdrawn: '/harbour/false-report',
  missing: '/harbour/never-was',
};
