"""Draws the posts of a plan and writes the feed, its pictures, the template and what is expected.

OUT/feed/posts.jsonl      one post a line: id, text, files, author, posted_at, url
OUT/feed/images/*.jpg
OUT/templates/*.png       blank forms, with templates.yaml beside them
OUT/expected.json         id -> what is true about the post
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

from PIL import Image

from benchmarks.synth.browser import Browser, browser
from benchmarks.synth.lens import to_jpeg
from benchmarks.synth.numbers import audit
from benchmarks.synth.organisations import TRUSTS
from benchmarks.synth.posts import TEMPLATE, TEMPLATE_TRUST, Post, plan, template_page
from benchmarks.synth.scenes import Mark

LARGEST_IMAGE = 128_000
"""Bytes; a platform recompresses harder than this."""
_QUALITIES = range(82, 44, -4)


def build(out: Path, seed: int, only: Sequence[str] = ()) -> list[Post]:
    """Write the feed of a seed under `out`; with `only`, just these posts' pictures.

    Raises IssuedNumberShown before anything is written if a text breaks the number rule.
    """
    posts = plan(seed)
    blank = template_page(seed)
    audit([(post.id, post.readable) for post in posts] + [(TEMPLATE, blank.text)])
    (out / "feed" / "images").mkdir(parents=True, exist_ok=True)
    with browser() as chromium:
        truths = {p.id: _draw(p, chromium, out, seed) for p in posts if not only or p.id in only}
        if not only:
            _write_template(out / "templates", chromium, seed)
    if not only:
        (out / "feed" / "posts.jsonl").write_text("".join(f"{feed_line(p)}\n" for p in posts), "utf-8")
        expected = json.dumps(truths, indent=1, ensure_ascii=False)
        (out / "expected.json").write_text(f"{expected}\n", "utf-8")
    return posts


def feed_line(post: Post) -> str:
    """A post as the feed has it."""
    return json.dumps(
        {
            "id": post.id,
            "text": post.text,
            "files": [f"images/{post.id}.jpg"] if post.page else [],
            "author": post.author,
            "posted_at": post.posted_at.isoformat().replace("+00:00", "Z"),
            "url": post.url,
        },
        ensure_ascii=False,
    )


def truth(post: Post, marks: Sequence[Mark] = ()) -> dict[str, Any]:
    """What is true about a post; `marks` are the identifiers' places in the picture, where there is one."""
    people = post.exposure.people if post.exposure else ()
    return {
        "alert": post.exposure is not None,
        "category": post.category,
        "leak_class": post.leak_class,
        "doc_type": post.exposure.doc_type if post.exposure else None,
        "organisation": post.exposure.organisation if post.exposure else None,
        "template": post.template,
        "nhs_numbers": [p.nhs_number for p in people],
        "names": [p.name for p in people],
        "dob": [p.born.isoformat() for p in people],
        "marks": [{"kind": m.kind, "text": m.text, "quad": m.quad} for m in marks],
    }


def _draw(post: Post, chromium: Browser, out: Path, seed: int) -> dict[str, Any]:
    if post.page is None or post.shot is None:
        return truth(post)
    picture = post.shot(chromium, chromium.draw(post.page), Random(f"{seed}/{post.id}").randrange(2**31))
    for quality in _QUALITIES:
        jpeg = to_jpeg(picture.pixels, quality)
        if len(jpeg) <= LARGEST_IMAGE:
            break
    (out / "feed" / "images" / f"{post.id}.jpg").write_bytes(jpeg)
    return truth(post, picture.marks if post.exposure else ())


def _write_template(folder: Path, chromium: Browser, seed: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    drawn = chromium.draw(template_page(seed)).pixels
    Image.fromarray(drawn).quantize(64).save(folder / f"{TEMPLATE}.png", optimize=True)
    (folder / "templates.yaml").write_text(
        f"# Blank forms of the sample feed: one entry per picture beside this file.\n{TEMPLATE}:\n"
        f"  organisation: {TRUSTS[TEMPLATE_TRUST].name}\n  blank: true\n",
        "utf-8",
    )
