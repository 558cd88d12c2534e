"""Draws a labelled corpus of posts from many layouts, for training and for judging what decides on alerts.

A layout is one organisation's way of setting out one kind of page (or one way of writing a post). The
layouts under `train/` and those under `heldout/` had different authors and share none, so figures on
`heldout` tell how a decision does on documents it has never seen. A third set by further authors, `unseen/`,
is dealt into `validation` and `test`: choices are made on the one, and the other is scored once they are made.
`fresh/` is another exam, by two more authors.

1. `base`: what a layout is, and the layouts of a split.
2. `people`: who is on the pages.
3. `captures` (with `photos`, `screens`, `damage`): how the page gets into the posted picture.
4. `legible`: which of the printed numbers a careful person can still read in it.
5. `output`: the number rule is audited, then `images/` and `manifest.jsonl` are written.
"""
