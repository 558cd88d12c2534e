"""The ways a page gets into a posted picture, by name, and how hard each makes it to read."""

from __future__ import annotations

from random import Random

from benchmarks.corpus import damage, photos, screens
from benchmarks.corpus.photos import photo
from benchmarks.synth.shots import Shot


def either(*shots: Shot) -> Shot:
    """One of these, by the seed."""
    return lambda browser, page, seed: Random(f"either/{seed}").choice(shots)(browser, page, seed)


_EASY, _HARD, _CLOSE = photo(photos.EASY), photo(photos.HARD), photo(photos.CLOSE)
_ANY = either(_EASY, damage.scan, screens.screenshot)

CAPTURES: dict[str, Shot] = {
    "scan": damage.scan,
    "fax": damage.fax,
    "photo_easy": _EASY,
    "photo_hard": _HARD,
    "close_up": _CLOSE,
    "small_in_frame": photo(photos.SMALL),
    "dark": photo(photos.DARK),
    "screen_photo": photos.screen_photo,
    **screens.CAPTURES,
    "app_post_photo": lambda browser, page, seed: screens.app_post(browser, _EASY(browser, page, seed), seed),
    "chat_photo": lambda browser, page, seed: screens.chat(browser, _EASY(browser, page, seed), seed),
    "story_photo": lambda browser, page, seed: screens.story(browser, _HARD(browser, page, seed), seed),
    "scribbled": damage.scribbled(_ANY),
    "low_res": damage.low_res(_ANY),
    "turned": damage.turned(_EASY),
    "cropped_through": damage.cropped_through(_ANY),
}
"""Name -> the page's picture in, the posted picture out. The same page and seed give the same pixels."""

PAPER = ("scan", "photo_easy", "photo_easy", "photo_hard", "close_up", "small_in_frame", "dark", "turned", "low_res",
         "cropped_through", "scribbled", "story_photo", "chat_photo", "app_post_photo", "collage", "fax")  # fmt: skip
"""What paper goes through; a name twice is drawn twice as often."""
SCREEN = ("screen_photo", "screen_photo", "screenshot", "low_res", "cropped_through", "scribbled", "chat", "app_post",
          "collage")  # fmt: skip
"""What a computer's screen goes through."""
PHONE = ("screenshot", "screenshot", "phone_screenshot", "app_post", "chat", "story", "screen_photo", "scribbled",
         "low_res")  # fmt: skip
"""What a phone's screen goes through."""
FILE = ("pdf_viewer", "screenshot", "scan", "phone_screenshot", "app_post", "chat", "story", "screen_photo", "low_res",
        "cropped_through", "scribbled")  # fmt: skip
"""What a document that came as a file goes through."""
OBJECT = ("photo_easy", "photo_easy", "photo_hard", "close_up", "small_in_frame", "dark", "turned", "story_photo",
          "app_post_photo", "low_res")  # fmt: skip
"""What a thing (a band, a box, a board) goes through."""

_EASY_NAMES = ("scan", "photo_easy", "screenshot", "pdf_viewer", "phone_screenshot")
_HARD_NAMES = ("photo_hard", "small_in_frame", "dark", "low_res", "scribbled", "story_photo", "fax")


def difficulty(capture: str) -> str:
    """How hard a capture makes reading: easy, medium or hard."""
    if capture in _EASY_NAMES:
        return "easy"
    return "hard" if capture in _HARD_NAMES else "medium"
