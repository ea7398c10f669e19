"""Finish one picture: finish.py IN.png OUT.jpg [film]. With "film", a photograph's grain and vignette are added."""
import sys

import numpy
from PIL import Image

source, target = sys.argv[1:3]
image = Image.open(source).convert("RGB")

if "film" in sys.argv[3:]:
    light = numpy.asarray(image, dtype=numpy.float32) / 255
    height, width, _ = light.shape
    y, x = numpy.mgrid[-1:1:height * 1j, -1:1:width * 1j]
    light *= (1 - 0.26 * numpy.clip((x * x + y * y) / 2, 0, 1) ** 1.4)[..., None]
    # A little toe and shoulder, then grain that is strongest in the middle tones and the same at every run.
    light = numpy.clip(light, 0, 1)
    light = light * 0.7 + 0.3 * light * light * (3 - 2 * light)
    grain = numpy.random.default_rng(1887).normal(0, 0.016, (height, width))
    grain = (grain + numpy.roll(grain, 1, 0) + numpy.roll(grain, 1, 1)) / 1.6
    middle = 1 - numpy.abs(light.mean(axis=2) * 2 - 1) * 0.7
    light = numpy.clip(light + (grain * middle)[..., None], 0, 1)
    image = Image.fromarray((light * 255 + 0.5).astype(numpy.uint8))

image.save(target, quality=80, optimize=True, progressive=True)
