"""Draws synthetic social media posts: pages, scenes, posts, and the truth about each of them.

The chain, one module per step:

1. `people`, `organisations`, `content`: who and what, from a seeded `random.Random`.
2. `documents`, `everyday`: pages (HTML from `html/`), with the personal data on them marked.
3. `browser`: pages drawn by headless Chromium, and the places of the marks.
4. `scenes` (with `optics`, `sheet`, `surfaces`, `light`, `lens`): photographs, screens, scans.
5. `posts`: the table of the feed: caption, author, page, scene, label.
6. `output`: the number rule is audited, then images, `posts.jsonl` and `expected.json` are written.
"""
