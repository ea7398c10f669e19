// media.test.mjs: recordings and files as a browser gets them, captions, pictures cut about their
// subject, and what copies say of their makers. ffmpeg, exiftool and the WebVTT parser of the
// specification's editor are the judges.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Publication, chromium, root, withSections } from './lib.mjs';

const { WebVTTParser } = createRequire(import.meta.url)('webvtt-parser');
const ffmpeg = (...args) => execFileSync('ffmpeg', ['-loglevel', 'error', '-y', ...args]);
const exif = (file, ...args) => JSON.parse(execFileSync('exiftool', ['-j', '-G1', '-struct', ...args, file]))[0];

const captions = `WEBVTT

00:00.000 --> 00:02.000
<v Ann>The light is on.

00:02.000 --> 00:06.000
<v Bo>And it turns &amp; turns.
`;

let p, browser;
const media = {};

before(async () => {
  p = await Publication.make();
  const f = (name) => join(p.base, name);
  ffmpeg('-f', 'lavfi', '-i', 'testsrc=size=320x180:rate=10:duration=6', '-f', 'lavfi', '-i', 'sine=duration=6',
    '-c:v', 'libvpx', '-b:v', '200k', '-g', '5', '-c:a', 'libvorbis', f('lamp.webm'));
  ffmpeg('-i', f('lamp.webm'), '-c:v', 'libx264', '-pix_fmt', 'yuv420p', '-c:a', 'aac', f('lamp.mp4'));
  ffmpeg('-i', f('lamp.webm'), '-vn', f('lamp.mp3'));
  ffmpeg('-i', f('lamp.webm'), '-vn', '-c:a', 'copy', f('lamp.ogg'));
  ffmpeg('-i', f('lamp.webm'), '-vn', f('lamp.flac'));
  ffmpeg('-i', f('lamp.webm'), '-vn', f('lamp.wav'));
  ffmpeg('-i', f('lamp.webm'), '-vn', '-c:a', 'aac', f('lamp.m4a'));
  await writeFile(f('minutes.pdf'), '%PDF-1.4\n<html><script>document.title="ran"</script>\n%%EOF');
  await writeFile(f('map.svg'), '<svg xmlns="http://www.w3.org/2000/svg"><script>document.title="ran"</script></svg>');
  await writeFile(f('page.html'), '<!doctype html><title>x</title><script>document.title="ran"</script>');
  await writeFile(f('film.mp4'), Buffer.concat([await readFile(f('lamp.mp4')),
    Buffer.from('<html><script>document.title="ran"</script>')]));
  for (const name of ['lamp.webm', 'lamp.mp4', 'lamp.mp3', 'lamp.ogg', 'lamp.flac', 'lamp.wav', 'lamp.m4a',
    'minutes.pdf', 'map.svg', 'page.html', 'film.mp4'])
    [media[name]] = await p.json('media', 'add', f(name));
  await p.serve();
  browser = await chromium();
});

after(async () => {
  await browser?.close();
  await p?.end();
});

describe('recordings', () => {
  test('are recognised by their bytes, with their length and size', () => {
    const kinds = { 'lamp.webm': 'video', 'lamp.mp4': 'video', 'lamp.mp3': 'audio', 'lamp.ogg': 'audio',
      'lamp.flac': 'audio', 'lamp.wav': 'audio', 'lamp.m4a': 'audio' };
    for (const [name, kind] of Object.entries(kinds)) {
      assert.equal(media[name].kind, kind, name);
      assert.ok(Math.abs(media[name].duration - 6) < 0.2, `${name}: ${media[name].duration}`);
      assert.equal(media[name].width, kind === 'video' ? 320 : 0, name);
    }
  });

  test('are served whole and in parts, for ever', async () => {
    const bytes = await readFile(join(p.base, 'lamp.mp4'));
    const whole = await p.get(media['lamp.mp4'].url);
    assert.equal(whole.headers.get('content-type'), 'video/mp4');
    assert.match(whole.headers.get('cache-control'), /immutable/);
    assert.equal(whole.headers.get('accept-ranges'), 'bytes');
    assert.match(whole.headers.get('content-security-policy'), /sandbox/);
    assert.deepEqual(Buffer.from(await whole.arrayBuffer()), bytes);
    const part = await p.get(media['lamp.mp4'].url, { headers: { range: 'bytes=100-199' } });
    assert.equal(part.status, 206);
    assert.equal(part.headers.get('content-range'), `bytes 100-199/${bytes.length}`);
    assert.deepEqual(Buffer.from(await part.arrayBuffer()), bytes.subarray(100, 200));
    const again = await p.get(media['lamp.mp4'].url, { headers: { 'if-none-match': whole.headers.get('etag') } });
    assert.equal(again.status, 304);
  });

  test('play, seek and show their captions in a browser', async () => {
    await p.run('media', 'track', media['lamp.webm'].hash, await p.file('lamp.vtt', captions), '--language', 'en', '--label', 'English');
    const page = await browser.newPage();
    await page.goto(p.url);
    const seen = await page.evaluate(async ([src, vtt]) => {
      const v = document.createElement('video'), t = document.createElement('track');
      Object.assign(t, { src: vtt, kind: 'captions', srclang: 'en', default: true });
      v.muted = true;
      v.append(t);
      v.src = src;
      document.body.append(v);
      const once = (what, on) => new Promise((yes, no) => { on.addEventListener(what, yes, { once: true }); v.addEventListener('error', () => no(v.error?.message), { once: true }); });
      t.track.mode = 'showing';
      const cues = once('load', t);
      await once('loadedmetadata', v);
      await cues;
      const playing = once('playing', v);
      v.play();
      await playing;
      v.pause();
      const sought = once('seeked', v);
      v.currentTime = 4.5;
      await sought;
      const now = () => [...t.track.activeCues].filter((c) => c.startTime <= v.currentTime && v.currentTime < c.endTime).length;
      while (!now() || now() < t.track.activeCues.length) await once('cuechange', t.track); // they follow the seek
      return { duration: v.duration, at: v.currentTime, width: v.videoWidth,
        said: [...t.track.activeCues].map((c) => c.getCueAsHTML().textContent) };
    }, [media['lamp.webm'].url, `/media/${media['lamp.webm'].hash}/captions.en.vtt`]);
    assert.equal(seen.width, 320);
    assert.ok(seen.duration > 5.5 && seen.at > 4);
    assert.deepEqual(seen.said, ['And it turns & turns.']);
    await page.close();
  });

  test('have a transcript', async () => {
    const r = await p.get(`/media/${media['lamp.webm'].hash}/transcript.en.txt`);
    assert.equal(r.headers.get('content-type'), 'text/plain; charset=utf-8');
    assert.equal(await r.text(), 'Ann: The light is on.\n\nBo: And it turns & turns.\n');
  });
});

describe('files of strangers', () => {
  test('are saved, never run', async () => {
    for (const name of ['minutes.pdf', 'map.svg', 'page.html']) {
      const r = await p.get(media[name].url);
      assert.equal(r.status, 200, name);
      assert.match(r.headers.get('content-disposition'), /^attachment; filename\*=UTF-8''/, name);
      assert.doesNotMatch(r.headers.get('content-type'), /html|svg|xml/, name);
      assert.equal(r.headers.get('x-content-type-options'), 'nosniff', name);
      assert.match(r.headers.get('content-security-policy'), /sandbox/, name);
    }
    const page = await browser.newPage();
    await page.goto(p.url);
    for (const name of ['minutes.pdf', 'map.svg', 'page.html', 'film.mp4']) {
      const opened = page.goto(p.url + media[name].url).catch((e) => e);
      if (name !== 'film.mp4') assert.ok((await Promise.all([page.waitForEvent('download'), opened]))[0], `${name} is a download`);
      await opened;
      assert.notEqual(await page.title(), 'ran', name);
    }
    await page.close();
  });

  test('have no other addresses', async () => {
    const { hash } = media['lamp.mp4'];
    for (const file of ['original', 'other.mp4', 'lamp.webm', '960.jpg', 'captions.de.vtt', 'captions.en.vtt', 'transcript.en.txt', '..%2f..%2fstet.conf'])
      assert.ok((await p.get(`/media/${hash}/${file}`)).status >= 400, file);
  });
});

describe('captions', () => {
  const cue = '00:01.000 --> 00:02.000';
  const sources = [
    captions,
    `WEBVTT\n\n${cue}\nplain\n`, `WEBVTT title\n\nNOTE x\n\nid\n${cue} align:start line:10%\ntext\n`,
    `WEBVTT\n\n${cue}\n<i>a</i><b>b</b><u>c</u><c.x>d</c><v Ann>e</v><lang en>f</lang>\n`,
    `WEBVTT\n\n${cue}\n<ruby>a<rt>b</rt></ruby>\n`, `WEBVTT\n\n01:02:03.004 --> 01:02:04.000\n&amp;&lt;&gt;&nbsp;\n`,
    `WEBVTT\n\n${cue} vertical:rl size:50% position:10%\nx\n\n00:01.500 --> 00:03.000\ny\n`,
    `WEBVTT\n\n${cue}\nx <00:01.500>y\n`,
    `WEBVT\n\n${cue}\nx\n`, `WEBVTT\n\n00:02.000 --> 00:01.000\nx\n`, `WEBVTT\n\n0:01.000 --> 00:02.000\nx\n`,
    `WEBVTT\n\n00:01.000-->00:02.000\nx\n`, `WEBVTT\n\n00:01.00 --> 00:02.000\nx\n`, `WEBVTT\n\n${cue} align:middle\nx\n`,
    `WEBVTT\n\n${cue} size:200%\nx\n`, `WEBVTT\n\n${cue} nothing:1\nx\n`, `WEBVTT\n\n${cue}\n<i>x\n`, `WEBVTT\n\n${cue}\n<x>y</x>\n`,
    `WEBVTT\n\n00:03.000 --> 00:04.000\nx\n\n${cue}\ny\n`, `WEBVTT\n\n00:61.000 --> 01:02.000\nx\n`,
    `WEBVTT\n\n${cue}\nx <00:09.000>y\n`, `WEBVTT\n${cue}\nx\n`,
  ];

  test('are taken and refused as the parser of the specification says', async () => {
    for (const [i, source] of sources.entries()) {
      const judged = new WebVTTParser().parse(source);
      const done = await p.cli(['media', 'track', media['lamp.mp3'].hash, '-', '--language', 'en'], { input: source });
      assert.equal(done.code, judged.errors.length ? 2 : 0, `${i}: ${source}\n${JSON.stringify(judged.errors)}\n${done.stderr}`);
      if (done.code) {
        assert.match(done.stderr, /line \d+/);
        continue;
      }
      const r = await p.get(`/media/${media['lamp.mp3'].hash}/captions.en.vtt`);
      assert.equal(r.headers.get('content-type'), 'text/vtt; charset=utf-8');
      const ours = new WebVTTParser().parse(await r.text());
      assert.deepEqual(ours.cues.map((c) => [c.startTime, c.endTime, c.text]), judged.cues.map((c) => [c.startTime, c.endTime, c.text]));
    }
  });

  test('come from SRT too', async () => {
    const srt = '1\r\n00:00:01,500 --> 00:00:02,750\r\nTea & <i>bread</i>\r\n\r\n2\r\n00:00:03,000 --> 00:00:04,000\r\n1 < 2\r\n';
    await p.run('media', 'track', media['lamp.flac'].hash, await p.file('x.srt', srt), '--language', 'fr-CA');
    const judged = new WebVTTParser().parse(await p.text(`/media/${media['lamp.flac'].hash}/captions.fr-CA.vtt`));
    assert.deepEqual(judged.errors, []);
    assert.deepEqual(judged.cues.map((c) => [c.startTime, c.endTime]), [[1.5, 2.75], [3, 4]]);
    await p.run('media', 'track', media['lamp.flac'].hash, '--language', 'fr-CA', '--remove');
    assert.equal((await p.get(`/media/${media['lamp.flac'].hash}/captions.fr-CA.vtt`)).status, 404);
  });

  test('are for recordings', async () => {
    const done = await p.cli(['media', 'track', media['minutes.pdf'].hash, '-'], { input: captions });
    assert.equal(done.code, 2);
    assert.match(done.stderr, /only recordings/);
  });
});

describe('pictures', () => {
  let rich;

  before(async () => {
    const file = join(p.base, 'rich.jpg');
    await writeFile(file, await readFile(join(root, 'examples', 'courier', 'pictures', 'ferry.jpg')));
    execFileSync('exiftool', ['-q', '-overwrite_original', '-Artist=Cam Era', '-EXIF:Copyright=Exif rights', '-GPSLatitude=45.1', '-GPSLatitudeRef=N',
      '-GPSLongitude=79.2', '-GPSLongitudeRef=W', '-SerialNumber=SECRET-1', '-OwnerName=SECRET-2', '-UserComment=SECRET-3',
      '-ImageDescription=Exif words', '-IPTC:CodedCharacterSet=UTF8', '-IPTC:By-line=Iptc Maker', '-IPTC:Credit=Iptc Credit', '-IPTC:City=SECRET-4',
      '-XMP-dc:Creator=Zoë <Li>', '-XMP-dc:Creator=Bo & Co', '-XMP-xmpRights:WebStatement=https://example.org/licence',
      '-XMP-dc:Rights=© Zoë', '-XMP-dc:Description=The ferry & its "wake"', '-XMP-photoshop:City=SECRET-5', '-XMP-exif:GPSLatitude=45.1', file]);
    ffmpeg('-i', file, '-vf', 'scale=160:-1', join(p.base, 'thumb.jpg'));
    execFileSync('exiftool', ['-q', '-m', '-overwrite_original', `-ThumbnailImage<=${join(p.base, 'thumb.jpg')}`, file]);
    [rich] = await p.json('media', 'add', file, '--credit', 'The Desk');
  });

  test('tell who made them, unless the editor does', () => {
    assert.deepEqual([rich.creator, rich.credit, rich.copyright, rich.licence, rich.caption],
      ['Zoë <Li>, Bo & Co', 'The Desk', '© Zoë', 'https://example.org/licence', 'The ferry &amp; its &quot;wake&quot;']);
  });

  test('are served with that and nothing else', async () => {
    for (const name of ['640.jpg', '640.webp', '320.avif', '320x320-50-50.jpg', '320x180-50-50.webp']) {
      const r = await p.get(`/media/${rich.hash}/${name}`);
      assert.equal(r.status, 200, name);
      const file = await p.file(`copy-${name}`, Buffer.from(await r.arrayBuffer()));
      const all = exif(file, '-a', '-u'), text = JSON.stringify(all);
      assert.doesNotMatch(text, /SECRET|GPS|Thumbnail|Iptc Maker|Cam Era|ferry/i, name);
      assert.equal(all['XMP-photoshop:Credit'], 'The Desk', name);
      assert.deepEqual(all['XMP-dc:Creator'], ['Zoë <Li>, Bo & Co'], name);
      assert.equal(all['XMP-xmpRights:WebStatement'], 'https://example.org/licence', name);
      if (!name.endsWith('.jpg')) continue;
      assert.equal(all['IPTC:Credit'], 'The Desk');
      assert.equal(all['IPTC:By-line'], 'Zoë <Li>, Bo & Co');
      assert.equal(all['IPTC:CopyrightNotice'], '© Zoë');
      assert.deepEqual(Object.keys(all).filter((k) => /^(ExifIFD|IFD0|GPS)/.test(k)), []);
    }
  });

  test('are never served as they came', async () => {
    for (const file of ['original', 'rich.jpg', '1600.png'])
      assert.equal((await p.get(`/media/${rich.hash}/${file}`)).status, 404, file);
  });

  test('are cut about their subject, at a new address when it moves', async () => {
    // Four quarters of one colour each tell what was cut out.
    const file = join(p.base, 'quarters.png');
    ffmpeg('-f', 'lavfi', '-i', 'color=red:s=400x200', '-f', 'lavfi', '-i', 'color=blue:s=400x200', '-filter_complex', 'hstack', '-frames:v', '1', file);
    const [q] = await p.json('media', 'add', file);
    const colour = async (path) => {
      const r = await p.get(path);
      assert.equal(r.status, 200, path);
      const cut = await p.file('cut.jpg', Buffer.from(await r.arrayBuffer()));
      const size = execFileSync('ffprobe', ['-v', 'error', '-show_entries', 'stream=width,height', '-of', 'csv=p=0', cut]).toString().trim();
      const [red, , blue] = execFileSync('ffmpeg', ['-loglevel', 'error', '-i', cut, '-vf', 'scale=1:1', '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-']);
      return [size, red > 200 ? 'red' : blue > 200 ? 'blue' : 'both'];
    };
    await p.run('media', 'focus', q.hash, '10', '50');
    assert.deepEqual(await colour(`/media/${q.hash}/200x200-10-50.jpg`), ['200,200', 'red']);
    await p.run('media', 'focus', q.hash, '95%', '50%');
    assert.deepEqual(await colour(`/media/${q.hash}/200x200-95-50.jpg`), ['200,200', 'blue']);
    const old = await p.get(`/media/${q.hash}/200x200-10-50.jpg`);
    assert.equal(old.status, 302);
    assert.equal(old.headers.get('location'), `/media/${q.hash}/200x200-95-50.jpg`);
    assert.equal((await p.get(`/media/${q.hash}/201x201-95-50.jpg`)).status, 404);
    assert.equal((await p.cli(['media', 'focus', q.hash, '101', '0'])).code, 2);
  });

  test('say another name once it is another', async () => {
    await p.run('media', 'edit', rich.hash, '--credit', 'Another Desk');
    const r = await p.get(`/media/${rich.hash}/640.jpg`);
    const file = await p.file('again.jpg', Buffer.from(await r.arrayBuffer()));
    assert.equal(exif(file)['XMP-photoshop:Credit'], 'Another Desk');
  });
});

describe('keeping', () => {
  test('check finds one changed byte', async () => {
    assert.equal((await p.cli(['media', 'check'])).code, 0);
    const path = join(p.folder, 'media', media['lamp.wav'].hash, 'original');
    const bytes = await readFile(path);
    bytes[bytes.length - 1] ^= 1;
    await writeFile(path, bytes);
    const done = await p.cli(['media', 'check']);
    assert.equal(done.code, 8);
    assert.match(done.stdout, /lamp\.wav.*bytes have changed/);
    bytes[bytes.length - 1] ^= 1;
    await writeFile(path, bytes);
  });

  test('an export takes every medium along, and an import brings it back', async () => {
    await p.run('media', 'edit', media['lamp.webm'].hash, '--licence', 'CC BY 4.0', '--alt', 'A lamp', '--caption', 'It <em>turns</em>.');
    await withSections(p, 'city');
    const before = (await p.json('media', 'list')).map((m) => ({ ...m })).sort((a, b) => a.hash.localeCompare(b.hash));
    const folder = join(p.base, 'out');
    await p.run('export', folder);
    const q = await Publication.make();
    try {
      await q.run('import', 'markdown', folder, '--quiet');
      const back = (await q.json('media', 'list')).sort((a, b) => a.hash.localeCompare(b.hash));
      assert.deepEqual(back, before);
      const [one, other] = await Promise.all([p, q].map((x) => x.json('media', 'show', media['lamp.webm'].hash)));
      assert.deepEqual(other, one);
      assert.equal(other.tracks.length, 1);
    } finally {
      await q.end();
    }
  });
});

describe('a recording in a story of the demonstration', () => {
  const path = '/harbour/fog-signal';
  let demo, html, video;
  before(async () => {
    demo = await Publication.demo();
    await demo.serve();
    html = await demo.html(path);
    video = /<figure class="video">.*?<\/figure>/s.exec(html)[0];
  });
  after(() => demo.end());

  test('has a poster, captions in their language, its length, its words and who made it', () => {
    assert.match(video, /<video controls playsinline preload="none" width="640" height="360" poster="\/media\/[0-9a-f]{32,}\/\d+\.jpg">/);
    assert.match(video, /<source src="\/media\/[0-9a-f]+\/[^"]*fog-signal\.webm" type="video\/webm">/);
    assert.match(video, /<track kind="captions" src="\/media\/[0-9a-f]+\/captions\.en\.vtt" srclang="en" label="English">/);
    assert.equal(video.match(/<track /g).length, 1);
    assert.match(video, /<p class="length">Length 0:18 <a class="transcript" href="\/media\/[0-9a-f]+\/transcript\.en\.txt">Transcript<\/a><\/p>/);
    assert.match(video, /<figcaption><strong>One blast of the horn.*<span class="credit">Drawn and sounded by the Courier<\/span><\/figcaption>/s);
  });

  test('its captions belong to it: the text of the story names them no more, however often it is brought', async () => {
    await demo.run('import', 'markdown', join(root, 'examples', 'courier'), '--quiet');
    assert.doesNotMatch(await demo.run('story', 'show', 'fog-signal'), /captions/);
    const [, hash] = /<source src="\/media\/([0-9a-f]+)\//.exec(video);
    const { tracks } = await demo.json('media', 'show', hash);
    assert.deepEqual(tracks.map((t) => [t.kind, t.language, t.label]), [['captions', 'en', 'English']]);
  });

  test('its address answers in ranges, its captions and words are text', async () => {
    const at = (name) => new RegExp(`${name}="(/media/[^"]+)"`).exec(video)[1];
    const part = await demo.get(at('<source src'), { headers: { range: 'bytes=0-99' } });
    assert.equal(part.status, 206);
    assert.match(part.headers.get('content-range'), /^bytes 0-99\/\d+$/);
    assert.equal((await part.arrayBuffer()).byteLength, 100);
    assert.match((await demo.get(at('captions" src'))).headers.get('content-type'), /^text\/vtt/);
    assert.match(await demo.text(at('class="transcript" href')), /Its echo comes back from Calder/);
  });

  test('is there without JavaScript, and a browser shows its captions', async () => {
    const plain = await browser.newPage({ javaScriptEnabled: false });
    await plain.goto(demo.url + path);
    assert.ok(await plain.locator('video[controls]').isVisible());
    await plain.close();
    const page = await browser.newPage();
    await page.goto(demo.url + path);
    const said = await page.evaluate(async () => {
      const v = document.querySelector('video'), t = v.querySelector('track');
      const once = (what, on) => new Promise((yes) => { on.addEventListener(what, yes, { once: true }); });
      const cues = once('load', t);
      v.muted = true;
      t.track.mode = 'showing';
      v.preload = 'auto';
      await cues;
      const sought = once('seeked', v);
      v.load();
      await once('loadedmetadata', v);
      v.currentTime = 5;
      await sought;
      if (!t.track.activeCues.length) await once('cuechange', t.track);
      return [...t.track.activeCues].map((c) => c.text);
    });
    assert.deepEqual(said, ['[The fog signal: one low blast, four seconds long]']);
    await page.close();
  });
});
