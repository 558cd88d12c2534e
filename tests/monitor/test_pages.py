"""Files of several pages: each page's findings and preview stand by that page."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from monitor.core import Core
from monitor.details import AlertDetail, alert_detail
from monitor.storage.alert import find_alerts
from tests.monitor.pictures import LETTER, decoded, draw, encode

Publish = Callable[..., None]
Process = Callable[[], None]


def _alert(core: Core) -> AlertDetail:
    with core.database.read() as session:
        (alert,) = find_alerts(session)
        found = alert_detail(session, alert)
        _ = found.findings
        return found


def test_a_leak_on_a_later_page_is_previewed_there(core: Core, post: Publish, process: Process) -> None:
    """The second page's number is blacked out on the second page's preview, in that page's own size."""
    menu = draw("Menu of the day: soup, fish, apple pie", size=(700, 900))
    record = draw(LETTER.format(number="999 012 3454", name="Mrs Amelia Tregarth"))
    post("scan", "found this", pages=encode(menu, "TIFF", save_all=True, append_images=[record]))
    process()
    detail = _alert(core)
    first, second = detail.posts[0].pictures
    assert (first.page, first.size, second.page, second.size) == (0, (700, 900), 1, (1100, 700))
    assert {f.page for f in first.findings} <= {0}
    [number] = [f for f in second.findings if f.kind == "nhs_number"]
    assert number.box is not None
    with core.database.read() as session:
        assert first.preview_sha256 is not None
        assert second.preview_sha256 is not None
        shown = np.asarray(decoded(core.blobs.read(session, second.preview_sha256)))
        plain = np.asarray(decoded(core.blobs.read(session, first.preview_sha256)))
    x, y, width, height = number.box
    assert shown.shape == (700, 1100, 3)
    assert shown[y : y + height, x + 5 : x + width - 5].mean() < 40
    assert plain.shape == (900, 700, 3)
    assert plain[y : y + height, x : x + min(width, 50)].mean() > 100
    facts = [item.facts["page"] for item in detail.evidence if item.kind == "preview"]
    assert facts == [0, 1]


def test_findings_of_every_page_are_shown_once(core: Core, post: Publish, process: Process) -> None:
    """What a page without a preview of its own shows stands with the first page, and nothing stands twice."""
    pages = [draw(LETTER.format(number="999 012 3454", name="Mrs Amelia Tregarth"))]
    pages += [draw("Castle Vale University Hospitals NHS Trust\nDepartment of Cardiology") for _ in range(2)]
    post("scan", "found this", pages=encode(pages[0], "TIFF", save_all=True, append_images=pages[1:]))
    process()
    detail = _alert(core)
    (picture,) = detail.posts[0].pictures
    assert picture.examination is not None
    assert {f.page for f in picture.findings} == {0, 1, 2}
    shown = [f.id for each in detail.posts[0].pictures for f in each.findings]
    assert sorted(shown) == sorted(f.id for f in picture.examination.findings)
