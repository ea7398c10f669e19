#!/usr/bin/env python3
"""Draw and sound the clip of the fog signal: a light over a dark sea, and one blast of the horn.

Everything in it is made here: the picture is drawn, the sound is added up from sines and noise.

    apt-get install ffmpeg python3-pil
    source/fog-signal.py     writes fog-signal.webm here and its poster, fog-signal.jpg, beside the pictures
"""
import math
import pathlib
import random
import struct
import subprocess
import tempfile
import wave

from PIL import Image, ImageChops, ImageDraw, ImageFilter

WIDTH, HEIGHT, RATE, SECONDS = 640, 360, 12, 18
SOUND = 24000
HORN = (4.0, 8.0)  # one blast of four seconds
HORIZON, LAMP = 232, (452, 118)


def sky():
    strip = Image.new("RGB", (1, HEIGHT))
    for y in range(HEIGHT):
        t = min(1, y / HORIZON)
        strip.putpixel((0, y), (int(12 + 34 * t), int(20 + 44 * t), int(34 + 48 * t)))
    return strip.resize((WIDTH, HEIGHT))


def land(image):
    """The point, the engine house with its horn, the tower."""
    d = ImageDraw.Draw(image)
    shade = (7, 11, 17)
    d.polygon([(300, HORIZON + 6), (352, 214), (404, 206), (520, 202), (590, 208), (640, 214), (640, HORIZON + 6)], fill=shade)
    d.polygon([(443, 206), (447, 128), (457, 128), (461, 206)], fill=shade)
    d.rectangle((441, 124, 463, 128), fill=shade)
    d.polygon([(444, 112), (452, 104), (460, 112)], fill=shade)
    d.line((446, 112, 446, 124), fill=shade, width=1)
    d.line((458, 112, 458, 124), fill=shade, width=1)
    d.rectangle((476, 186, 522, 206), fill=shade)
    d.polygon([(472, 187), (482, 176), (516, 176), (526, 187)], fill=shade)
    d.polygon([(476, 194), (462, 189), (462, 201), (476, 197)], fill=shade)
    d.rectangle((488, 192, 493, 198), fill=(236, 186, 96))
    d.rectangle((501, 192, 506, 198), fill=(236, 186, 96))


def beam(angle):
    """Light through fog, as wide as it is near to pointing at us."""
    glow = Image.new("L", (WIDTH, HEIGHT), 0)
    d = ImageDraw.Draw(glow)
    x, y = LAMP
    side, toward = math.cos(angle), math.sin(angle)
    reach, spread = 760 * side, 26 + 60 * max(0, toward)
    d.polygon([(x, y - 2), (x, y + 2), (x + reach, y + spread), (x + reach, y - spread)],
              fill=int(70 + 60 * max(0, toward)))
    glow = glow.filter(ImageFilter.GaussianBlur(9))
    flash = max(0, toward) ** 6
    near = Image.new("L", (WIDTH, HEIGHT), 0)
    r = 7 + 46 * flash
    ImageDraw.Draw(near).ellipse((x - r, y - r, x + r, y + r), fill=int(150 + 105 * flash))
    return ImageChops.lighter(glow, near.filter(ImageFilter.GaussianBlur(3 + 12 * flash)))


def sea(image, t, angle):
    d = ImageDraw.Draw(image)
    d.rectangle((0, HORIZON, WIDTH, HEIGHT), fill=(17, 30, 42))
    lit = 0.25 + 0.75 * max(0, math.sin(angle)) ** 4
    for row in range(26):
        depth = row / 25
        y = HORIZON + 3 + depth ** 1.6 * (HEIGHT - HORIZON)
        step = 14 + 60 * depth
        for k in range(-1, int(WIDTH / step) + 2):
            x = (k + 0.5 * (row % 2)) * step + 7 * math.sin(t * 1.1 + row * 1.7 + k)
            path = math.exp(-(((x - LAMP[0]) / (26 + 90 * depth)) ** 2)) * lit
            base = 26 + 10 * math.sin(t * 1.6 + row * 2.3 + k * 1.3)
            c = (int(base + 190 * path), int(base + 14 + 150 * path), int(base + 26 + 70 * path))
            d.line((x, y, x + step * 0.55, y + 0.6 * math.sin(t + k)), fill=c, width=1 + int(2 * depth))


def frame(number):
    t = number / RATE
    angle = 2 * math.pi * t / 6 + 2.2  # a turn in six seconds
    image = sky()
    sea(image, t, angle)
    light = beam(angle)
    land(image)
    warm = Image.new("RGB", image.size, (255, 226, 166))
    image.paste(warm, mask=light.point(lambda v: int(v * 0.86)))
    fog = Image.new("L", image.size, 0)
    d = ImageDraw.Draw(fog)
    for k in range(5):
        x = (k * 190 + t * (7 + 3 * k)) % (WIDTH + 360) - 180
        d.ellipse((x - 190, 196 + 9 * k, x + 190, 226 + 12 * k), fill=44 + 6 * k)
    image.paste(Image.new("RGB", image.size, (86, 104, 118)), mask=fog.filter(ImageFilter.GaussianBlur(17)))
    return image


def sound(path):
    """Waves are slow noise; the horn is a reed's odd harmonics with an echo from across the water."""
    rnd = random.Random(91)
    n = SOUND * SECONDS
    slow = fast = 0.0
    out = []
    horn = []
    for i in range(n):
        t = i / SOUND
        into = t - HORN[0]
        level = 0.0
        if 0 < into < HORN[1] - HORN[0] + 0.35:
            level = min(1, into / 0.12) * min(1, max(0, (HORN[1] - t + 0.35) / 0.35))
        pitch = 176 * (1 - 0.05 * math.exp(-into * 5)) if level else 176
        phase = 2 * math.pi * pitch * t
        tone = sum(math.sin(phase * h + h) / h ** 1.15 for h in (1, 2, 3, 4, 5, 7, 9)) if level else 0.0
        horn.append(0.2 * level * tone * (1 + 0.06 * math.sin(2 * math.pi * 23 * t)))
    echoes = ((int(SOUND * 1.9), 0.22), (int(SOUND * 3.4), 0.1))
    for i in range(n):
        t = i / SOUND
        white = rnd.uniform(-1, 1)
        fast += 0.16 * (white - fast)
        slow += 0.02 * (white - slow)
        swell = 0.5 + 0.5 * math.sin(2 * math.pi * t / 5.2 - 1)
        sea_now = 0.34 * fast * swell ** 2 + 1.1 * slow * (0.35 + 0.3 * swell)
        v = sea_now + horn[i] + sum(horn[i - d] * g for d, g in echoes if i >= d)
        v *= min(1, t / 0.6) * min(1, (SECONDS - t) / 1.2)
        out.append(max(-32767, min(32767, int(v * 21000))))
    with wave.open(str(path), "wb") as w:
        w.setnchannels(1)
        w.setsampwidth(2)
        w.setframerate(SOUND)
        w.writeframes(struct.pack(f"<{n}h", *out))


def main(here):
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        sound(work / "sound.wav")
        for i in range(RATE * SECONDS):
            frame(i).save(work / f"{i:04d}.png")
        subprocess.run([
            "ffmpeg", "-y", "-loglevel", "error", "-framerate", str(RATE), "-i", work / "%04d.png",
            "-i", work / "sound.wav", "-c:v", "libvpx-vp9", "-b:v", "0", "-crf", "38", "-pix_fmt", "yuv420p",
            "-row-mt", "1", "-g", "72", "-c:a", "libopus", "-b:a", "40k", "-map_metadata", "-1", "-fflags", "+bitexact",
            "-flags", "+bitexact", "-metadata", "title=The fog signal at Brackwater Point",
            "-metadata", "artist=The Averil Courier",
            "-metadata", "comment=Drawn and synthesised by examples/courier/recordings/source/fog-signal.py; nobody was filmed.",
            here / "fog-signal.webm"], check=True)
        # As seen when the lamp turns towards us.
        poster = frame(int(RATE * 4.6)).resize((1280, 720), Image.LANCZOS)
        poster.save(here.parent / "pictures" / "fog-signal.jpg", quality=86, comment=b"Drawn by recordings/source/fog-signal.py")


if __name__ == "__main__":
    main(pathlib.Path(__file__).resolve().parent.parent)
