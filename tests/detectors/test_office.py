"""Office documents: their words in both modes, what a program would hide, and bombs."""

from __future__ import annotations

import io
import struct
import zipfile
from contextlib import suppress
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.base import ImageUnreadable, by_kind
from detectors.examine import Examiner
from detectors.image import ImageLimits, decode, media_type_of
from detectors.media import libreoffice
from detectors.media.kinds import OFFICE, OLD_OFFICE
from detectors.media.rtf import read_rtf
from detectors.table import ExaminerConfig
from tests.detectors.letters import clinic_letter, encoded
from tests.detectors.office_files import docx, odp, open_document, packed, pptx, table_cells, xlsx

NUMBER = "999 012 3454"
LINES = (
    "Castlebourne Hospitals NHS Trust",
    "Dear Mrs Oakenfold",
    f"NHS Number {NUMBER}, date of birth 14/03/1951",
)
PICTURE = encoded(clinic_letter(size=(500, 700)).picture)
INSIDE = ImageLimits(use_libreoffice=False)
EXAMINER = Examiner(ExaminerConfig(accept_unissued=True, limits=INSIDE))
needs_libreoffice = pytest.mark.skipif(libreoffice.program() is None, reason="LibreOffice is not installed")


def words(data: bytes, limits: ImageLimits = INSIDE) -> str:
    """The words of all pages."""
    return "\n".join(page.text.text for page in decode(data, limits).pages if page.text)


ODF_TABLE = (
    "<table:table><table:table-row><table:table-cell><text:p>NHS Number</text:p></table:table-cell>"
    f"<table:table-cell><text:p>{NUMBER}</text:p></table:table-cell></table:table-row></table:table>"
)
RTF = rb"{\rtf1\ansi{\fonttbl{\f0 Arial;}}{\*\generator X;}NHS Num\'62er\cell 999 012 3454\row}"
DOCUMENTS = {
    "docx": docx([], [("NHS Number", NUMBER)]),
    "xlsx": xlsx('<row><c t="s"><v>0</v></c><c><v>9990123454</v></c></row>', ["NHS Number"]),
    "pptx": pptx(["first", f"NHS Number {NUMBER}"]),
    "odt": open_document(
        "text", f"<text:p>NHS<text:s/>Number<text:tab/><text:span>{NUMBER}</text:span></text:p>"
    ),
    "ods": open_document("spreadsheet", ODF_TABLE),
    "rtf": RTF,
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_s_words_are_read_in_their_order(name: str) -> None:
    """Whatever wrote it, label and number stand on one line, and the number is found with its place."""
    data = DOCUMENTS[name]
    assert media_type_of(data) in OFFICE
    examined = EXAMINER.examine_image(data)
    (found,) = by_kind(examined.findings, "nhs_number")
    assert (found.value, found.explanation.facts["label"]) == ("9990123454", "beside")
    page = decode(data, INSIDE).pages[0]
    assert found.box is not None
    x, y, width, height = found.box
    assert page.pixels[y : y + height, x : x + width].min() < 100
    assert examined.engine is None


@needs_libreoffice
@pytest.mark.parametrize("name", ["docx", "ods"])
def test_libreoffice_draws_the_pages(name: str) -> None:
    """Where LibreOffice is installed, the pages look as people see them, and say the same."""
    drawn = decode(DOCUMENTS[name])
    assert drawn.format == name.upper()
    assert drawn.notes == ()
    assert drawn.pages[0].text is not None
    assert "".join(drawn.pages[0].text.text.split()) == "NHSNumber9990123454"


@needs_libreoffice
def test_a_cell_too_narrow_for_its_number_hides_nothing() -> None:
    """A sheet's page may show 9.99E+09; the number itself is set on a page after it."""
    drawn = decode(DOCUMENTS["xlsx"])
    assert drawn.pages[0].text is not None
    assert "E+09" in drawn.pages[0].text.text
    assert "NHS Number 9990123454" in words(DOCUMENTS["xlsx"], ImageLimits())


@needs_libreoffice
def test_a_cell_that_its_neighbour_cuts_off_hides_nothing() -> None:
    """A column too narrow for its texts: the whole table is set again, headings and numbers together."""
    rows = [
        ("Name", "NHS Number", "Seen"),
        ("Amelia Oakenfold", NUMBER, "today"),
        ("Edwin Pellow", "", "today"),
    ]
    cut, whole = decode(xlsx(table_cells(rows))).pages
    assert cut.text is not None
    assert whole.text is not None
    assert "3454" not in cut.text.text
    assert whole.text.text.split("\n")[-3:] == [" ".join(filter(None, row)) for row in rows]


@needs_libreoffice
def test_an_old_presentation_is_a_picture_with_its_number_in_place() -> None:
    """A PPT is read as the slide people see, and what is found stands where its letters are."""
    data = libreoffice.convert(odp([*LINES[:2], f"NHS Number: {NUMBER}"]), ".odp", ".ppt")
    assert media_type_of(data) == OLD_OFFICE
    (page,) = (document := decode(data)).pages
    assert (document.format, document.notes) == ("PPT", ())
    assert page.text is not None
    numbers = [word for word in page.text.words if word.text in NUMBER.split()]
    assert [word.text for word in numbers] == NUMBER.split()
    for x, y, width, height in (word.box for word in numbers):
        assert page.pixels[y : y + height, x : x + width].min() < 100


@needs_libreoffice
def test_the_old_formats_need_libreoffice() -> None:
    """Without LibreOffice an old document is refused in one sentence, and so is one it cannot open."""
    with pytest.raises(ImageUnreadable, match="only an installed LibreOffice"):
        decode(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000), INSIDE)
    with pytest.raises(ImageUnreadable, match="cannot be read"):
        decode(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000))


@needs_libreoffice
def test_a_damaged_document_falls_back_to_its_words() -> None:
    """What LibreOffice cannot draw is still read, with a note."""
    data = packed({"word/document.xml": f"<d><p><t>NHS Number {NUMBER}</t></p></d>"})
    assert any("not drawn as its program would" in note for note in decode(data).notes)
    assert NUMBER in words(data, ImageLimits())


@needs_libreoffice
def test_a_conversion_runs_nothing_and_fetches_nothing(tmp_path: Path) -> None:
    """A document that links to a file beside it and to the network gets neither."""
    secret = tmp_path / "secret.txt"
    secret.write_text("NOT FOR THE DOCUMENT")
    field = (
        '<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> INCLUDETEXT "'
        f'{secret}" </w:instrText></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>'
    )
    data = docx([*LINES, "and more words so that the page's own text counts " * 3], extra=field)
    assert "NOT FOR" not in words(data, ImageLimits())
    assert "999 012" in words(data, ImageLimits())


@needs_libreoffice
def test_what_the_pages_do_not_show_is_added() -> None:
    """A comment's words are set on a page after those that are drawn."""
    with zipfile.ZipFile(io.BytesIO(docx(LINES))) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    comment = "<w:p><w:r><w:t>Bed 4 is Amelia Oakenfold</w:t></w:r></w:p>"
    parts["word/comments.xml"] = f'<w:comments xmlns:w="urn:w">{comment}</w:comments>'.encode()
    document = decode(packed(parts))
    assert [page.text.text for page in document.pages[1:] if page.text] == ["Bed 4 is Amelia Oakenfold"]
    assert len(document.pages) == 2


def test_what_a_program_would_hide_is_read() -> None:
    """Tracked deletions, headers, comments and notes count; a text box counts once, a field's code never."""
    deleted = "<w:p><w:del><w:r><w:delText>Ramipril 5 mg</w:delText></w:r></w:del></w:p>"
    boxed = (
        '<w:p><mc:AlternateContent xmlns:mc="urn:mc"><mc:Choice><w:txbxContent><w:p><w:r><w:t>Box</w:t>'
        "</w:r></w:p></w:txbxContent></mc:Choice><mc:Fallback><w:p><w:r><w:t>Box</w:t></w:r></w:p></mc:Fallback>"
        "</mc:AlternateContent><w:r><w:instrText>MERGEFIELD x</w:instrText></w:r></w:p>"
    )
    document = docx(["Body"], extra=deleted + boxed)
    with zipfile.ZipFile(io.BytesIO(document)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for part in ("header1", "comments"):
        parts[f"word/{part}.xml"] = (
            f'<w:x xmlns:w="urn:w"><w:p><w:r><w:t>In {part}</w:t></w:r></w:p></w:x>'.encode()
        )
    said = words(packed(parts)).split("\n")
    assert said == ["In header1", "Body", "Ramipril 5 mg", "Box", "In comments"]


def test_a_spreadsheet_s_numbers_look_as_they_do_on_the_screen() -> None:
    """Dates are dates, padded numbers keep their zeros, and no number has an exponent."""
    styles = (
        '<numFmts><numFmt numFmtId="164" formatCode="0000000000"/>'
        '<numFmt numFmtId="165" formatCode="dd\\/mm\\/yyyy"/></numFmts><cellXfs>'
        + "".join(f'<xf numFmtId="{number}"/>' for number in (0, 164, 165, 14))
        + "</cellXfs>"
    )
    cells = (
        '<row><c><v>9.990123454E9</v></c><c s="1"><v>101010000</v></c><c s="2"><v>18701</v></c>'
        '<c s="3"><v>18701</v></c><c t="inlineStr"><is><t>Bed 4</t></is></c><c s="99"><v>1.5</v></c></row>'
        '<row><c t="s"><v>0</v></c><c t="s"><v>7</v></c><c t="str"><v>sum</v></c></row>'
    )
    assert words(xlsx(cells, ["Pellow"], styles)).split("\n") == [
        "Ward 4",
        "9990123454 0101010000 14/03/1951 14/03/1951 Bed 4 1.5",
        "Pellow sum",
    ]


def test_a_heading_stands_over_its_column() -> None:
    """In a table a number has its column's heading as its label, as in a picture of it."""
    rows = [("Bed", "NHS Number", "Name"), ("1", NUMBER, "Oakenfold"), ("2", "999 888 7771", "Pellow")]
    numbers = by_kind(EXAMINER.examine_image(docx([], rows)).findings, "nhs_number")
    assert {number.value: number.explanation.facts["label"] in {"beside", "above"} for number in numbers} == {
        "9990123454": True,
        "9998887771": True,
    }
    over, value = (
        next(word.box for word in decode(docx([], rows), INSIDE).pages[0].text.words if word.text == said)
        for said in ("Name", "Pellow")
    )
    assert (over.x, over.y < value.y) == (value.x, True)


def test_embedded_pictures_are_pages() -> None:
    """A picture in a document is a page of its own after the words; bullets and broken ones are not."""
    document = decode(docx(["See below"], letter=PICTURE, bad=b"\x89PNG\r\n\x1a\n broken"), INSIDE)
    assert [page.kind for page in document.pages] == ["page", "picture"]
    assert "an embedded picture is damaged" in document.notes
    only = decode(docx([], letter=PICTURE), INSIDE)
    assert [page.kind for page in only.pages] == ["picture"]
    assert only.pages[0].text is None


def test_rtf_words_and_pictures() -> None:
    """Code points, breaks and pictures are read; tables of fonts and hidden destinations are no words."""
    picture = PICTURE
    data = (
        rb"{\rtf1\uc1{\colortbl;\red0;}Si\u226?n \{x\}\par two\~words\line\tab z {\*\shppict{\pict\pngblip "
        + picture.hex().encode()
        + rb"}}{\*\unknown gone}{\*\shpinst{\sp{\sn a}{\sv b}}{\shptxt in a shape}}\u-3913?}"
    )
    content = read_rtf(data)
    assert content.text.split("\n") == ["Si\u00e2n {x}", "two words", " z in a shape\uf0b7"]
    assert content.pictures == [picture]
    assert [page.kind for page in decode(data, INSIDE).pages] == ["page", "picture"]


def test_what_a_document_says_of_itself() -> None:
    """Its author and title are told as present, never shown."""
    facts = {each.name: each for each in decode(DOCUMENTS["docx"], INSIDE).facts}
    assert (facts["owner"].shown, facts["owner"].value) == ("present", "Sam Clerk")
    assert facts["title"].shown == "present"


def test_a_long_document_is_read_up_to_its_limit() -> None:
    """Pages beyond the limit are named in a note, and cost nothing."""
    document = decode(docx([f"line {number}" for number in range(5_000)]), INSIDE)
    assert len(document.pages) == INSIDE.max_pages
    assert any("pages of text examined" in note for note in document.notes)


@cache
def bombs() -> dict[str, bytes]:
    """Containers that would cost more than any document may."""
    spaces = docx(["x"], extra="<w:p>" + " " * 50_000_000 + "</w:p>")
    many = packed({f"word/{number}.xml": b"" for number in range(5_000)} | {"word/document.xml": b""})
    deep = docx([], extra="<w:x>" * 200_000 + "</w:x>" * 200_000)
    entities = packed({"word/document.xml": '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'})
    claims = bytearray(DOCUMENTS["docx"])
    end = claims.rfind(b"PK\x05\x06")
    struct.pack_into("<HHI", claims, end + 8, 65_000, 65_000, 2**31)
    locked = bytearray(packed({"word/document.xml": b"<a/>"}))
    locked[locked.find(b"PK\x01\x02") + 8] |= 1
    return {
        "spaces": spaces,
        "many": many,
        "deep": deep,
        "entities": entities,
        "claims": bytes(claims),
        "encrypted": bytes(locked),
        "lzma": packed({"word/document.xml": b"<a/>"}, zipfile.ZIP_LZMA),
        "empty": docx([]),
        "old and encrypted": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
        "cut": DOCUMENTS["docx"][:-40],
    }


@pytest.mark.parametrize(
    "name",
    [
        "spaces",
        "many",
        "deep",
        "entities",
        "claims",
        "encrypted",
        "lzma",
        "empty",
        "old and encrypted",
        "cut",
    ],
)
def test_a_hostile_document_is_refused_with_one_sentence(name: str) -> None:
    """Bombs, locks and damage are told apart, before LibreOffice would see them."""
    with pytest.raises(ImageUnreadable) as refused:
        decode(bombs()[name], INSIDE)
    assert str(refused.value).endswith(".")
    assert ("password" in str(refused.value)) == ("encrypted" in name)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(DOCUMENTS)), st.integers(0, 4_000), st.binary(max_size=40))
def test_any_damage_is_read_or_refused(name: str, at: int, noise: bytes) -> None:
    """Whatever is overwritten in a document, it is read or refused in one sentence, and nothing else."""
    data = bytearray(DOCUMENTS[name])
    where = at % len(data)
    data[where : where + len(noise)] = noise
    with suppress(ImageUnreadable):
        assert decode(bytes(data), INSIDE).pages


def test_an_old_document_is_known_by_its_content() -> None:
    """DOC, XLS and PPT are one kind of container."""
    assert media_type_of(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") == OLD_OFFICE
