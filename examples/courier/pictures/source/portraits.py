"""Draw the six authors' heads as flat SVG, in the palette of the illustrations."""

INK, PAPER = "#1d2b3a", "#f1e9da"

# name: ground, skin, hair, coat, shirt, hair style, glasses, beard
HEADS = {
    "mara-voss": ("#8fb0b8", "#e7b998", "#a8472f", "#1f3f56", "#f1e9da", "bob", False, False),
    "tomas-lind": ("#d9a441", "#f0cdb0", "#c9a36b", "#44524f", "#f1e9da", "short", True, True),
    "ines-okoro": ("#e2c9a6", "#7a4a33", "#1d1a22", "#b5533c", "#f1e9da", "crown", False, False),
    "rowan-achter": ("#a9b79a", "#d9a17c", "#2b2a33", "#5b3a4d", "#e2c9a6", "quiff", True, False),
    "delphine-casta": ("#c8705a", "#b97f5c", "#2a2028", "#27566b", "#f1e9da", "tail", False, False),
    "samuel-tarrant": ("#9aa7b5", "#e9c2a5", "#d8d6cf", "#22303f", "#f1e9da", "bald", True, True),
}

BACK = {
    "bob": "M178 300C160 150 232 96 302 98C380 98 442 160 424 306C430 372 424 402 404 418H196C174 398 172 366 178 300Z",
    "tail": "M392 180C470 190 508 260 486 352C478 392 458 410 440 414C452 352 440 296 396 252Z",
    "crown": "M150 236C132 142 202 66 300 66C398 66 468 142 450 236C444 300 414 322 390 318H210C186 322 156 300 150 236Z",
}
FRONT = {
    "bob": "M192 262C190 168 240 122 300 122C366 122 412 168 408 262C398 222 372 196 338 184C296 214 232 210 208 208C200 226 194 240 192 262Z",
    "short": "M194 256C176 160 236 112 304 114C372 112 424 158 406 256C400 226 392 210 380 198C328 206 262 200 226 190C208 208 198 228 194 256Z",
    "crown": "M192 250C186 168 240 120 300 120C360 120 414 168 408 250C374 196 340 178 300 178C260 178 226 196 200 240Z",
    "quiff": "M196 262C176 180 216 110 284 104C320 84 380 92 398 126C424 150 420 216 404 262C402 230 396 210 386 196C340 200 300 190 268 164C250 190 216 206 206 214C200 230 198 246 196 262Z",
    "tail": "M194 258C184 164 240 116 300 116C366 116 416 160 406 258C396 200 356 172 318 166C276 176 220 196 194 258Z",
    "bald": "M190 296C178 262 180 226 194 200C206 220 204 260 200 296ZM410 296C422 262 420 226 406 200C394 220 396 260 400 296Z",
}


def shade(colour, by):
    """The colour, darker (by < 1)."""
    return "#" + "".join(f"{min(255, int(int(colour[i:i + 2], 16) * by)):02x}" for i in (1, 3, 5))


def head(ground, skin, hair, coat, shirt, style, glasses, beard):
    dark = shade(skin, 0.84)
    parts = [f'<rect width="600" height="600" fill="{ground}"/>',
             f'<circle cx="300" cy="300" r="248" fill="{shade(ground, 0.9)}"/>']
    if style in BACK:
        parts.append(f'<path d="{BACK[style]}" fill="{shade(hair, 0.82)}"/>')
    parts += [
        f'<path d="M70 600C78 500 160 462 246 446L300 500L354 446C440 462 522 500 530 600Z" fill="{coat}"/>',
        f'<path d="M244 440L300 540L356 440L300 470Z" fill="{shirt}"/>',
        f'<path d="M246 380V446C262 482 338 482 354 446V380Z" fill="{dark}"/>',
        f'<path d="M236 444L222 478L292 566L300 530ZM364 444L378 478L308 566L300 530Z" fill="{shade(coat, 0.78)}"/>',
        f'<ellipse cx="192" cy="292" rx="18" ry="30" fill="{dark}"/><ellipse cx="408" cy="292" rx="18" ry="30" fill="{dark}"/>',
        f'<path d="M196 250C196 172 240 132 300 132C360 132 404 172 404 250C404 352 366 424 300 424C234 424 196 352 196 250Z" fill="{skin}"/>',
        f'<path d="M300 132C360 132 404 172 404 250C404 352 366 424 300 424C350 392 366 330 362 262C360 204 340 160 300 132Z" fill="{dark}" opacity=".55"/>',
    ]
    if beard:
        parts.append(f'<path d="M198 284C204 378 246 440 300 440C354 440 396 378 402 284C388 330 368 346 344 344C318 336 282 336 256 344C232 346 212 330 198 284Z" fill="{shade(hair, 0.95)}"/>')
    parts.append(f'<path d="{FRONT[style]}" fill="{hair}"/>')
    parts += [
        f'<path d="M226 244Q250 228 274 242M326 242Q350 228 374 244" fill="none" stroke="{shade(hair, 0.7)}" stroke-width="8" stroke-linecap="round"/>',
        f'<circle cx="251" cy="274" r="8" fill="{INK}"/><circle cx="349" cy="274" r="8" fill="{INK}"/>',
        f'<path d="M302 272C300 300 292 316 286 326Q298 336 314 330" fill="none" stroke="{shade(skin, 0.66)}" stroke-width="6" stroke-linecap="round" stroke-linejoin="round"/>',
        f'<path d="M264 370Q300 392 336 370" fill="none" stroke="{shade(skin, 0.5)}" stroke-width="7" stroke-linecap="round"/>',
    ]
    if glasses:
        parts.append(f'<g fill="{PAPER}" fill-opacity=".18" stroke="{INK}" stroke-width="6"><circle cx="251" cy="276" r="37"/><circle cx="349" cy="276" r="37"/><path d="M288 272Q300 262 312 272M214 270L194 262M386 270L406 262" fill="none"/></g>')
    return ('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 600 600" width="600" height="600">\n'
            + "\n".join(parts) + "\n</svg>\n")


for name, traits in HEADS.items():
    with open(f"{name}.svg", "w", encoding="utf-8") as file:
        file.write(head(*traits))
