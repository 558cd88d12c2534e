"""Office documents written for the tests, as office programs lay them out."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

Rows = Sequence[Sequence[str]]

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
S = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
A = "http://schemas.openxmlformats.org/drawingml/2006/main"
P = "http://schemas.openxmlformats.org/presentationml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
CORE = (
    f'<cp:coreProperties xmlns:cp="{PACKAGE}/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/">'
    "<dc:creator>Sam Clerk</dc:creator><dc:title>Handover</dc:title></cp:coreProperties>"
)


def packed(parts: Mapping[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip container of these parts, in order."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in parts.items():
            stored = zipfile.ZIP_STORED if name == "mimetype" else method
            archive.writestr(name, content, stored)
    return buffer.getvalue()


def _package(main: str, kind: str, parts: Mapping[str, str | bytes], types: Mapping[str, str]) -> bytes:
    overrides = "".join(
        f'<Override PartName="/{n}" ContentType="{t}"/>' for n, t in {main: kind, **types}.items()
    )
    first = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Default Extension="png" ContentType="image/png"/>{overrides}</Types>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="r1" Type="{R}/officeDocument" Target="{main}"/></Relationships>',
        "docProps/core.xml": CORE,
    }
    return packed(first | dict(parts))


def _paragraph(text: str) -> str:
    return f'<w:p><w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:p>'


def docx(lines: Sequence[str], rows: Rows = (), extra: str = "", **parts: str | bytes) -> bytes:
    """A Word document: paragraphs, a table, more body XML; `parts` are pictures."""
    table = "".join(
        "<w:tr>" + "".join(f"<w:tc>{_paragraph(cell)}</w:tc>" for cell in row) + "</w:tr>" for row in rows
    )
    body = "".join(map(_paragraph, lines)) + (f"<w:tbl>{table}</w:tbl>" if rows else "") + extra
    media = {f"word/media/{name}.png": content for name, content in parts.items()}
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    document = f'<w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>'
    return _package("word/document.xml", kind, {"word/document.xml": document, **media}, {})


def xlsx(cells: str, shared: Sequence[str] = (), styles: str = "") -> bytes:
    """An Excel workbook of one sheet; `cells` are its rows as XML."""
    base = "application/vnd.openxmlformats-officedocument.spreadsheetml."
    relations = "".join(
        f'<Relationship Id="r{number}" Type="{R}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(
            [
                ("worksheet", "worksheets/sheet1.xml"),
                ("sharedStrings", "sharedStrings.xml"),
                ("styles", "styles.xml"),
            ],
            1,
        )
    )
    parts = {
        "xl/workbook.xml": f'<workbook xmlns="{S}" xmlns:r="{R}"><sheets>'
        '<sheet name="Ward 4" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">{relations}'
        "</Relationships>",
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{S}"><sheetData>{cells}</sheetData></worksheet>',
        "xl/sharedStrings.xml": f'<sst xmlns="{S}">'
        + "".join(f"<si><t>{escape(text)}</t></si>" for text in shared)
        + "</sst>",
        "xl/styles.xml": f'<styleSheet xmlns="{S}">{styles}</styleSheet>',
    }
    types = {
        "xl/worksheets/sheet1.xml": f"{base}worksheet+xml",
        "xl/sharedStrings.xml": f"{base}sharedStrings+xml",
        "xl/styles.xml": f"{base}styles+xml",
    }
    return _package("xl/workbook.xml", f"{base}sheet.main+xml", parts, types)


def pptx(slides: Sequence[str]) -> bytes:
    """A presentation of one text box a slide, as far as its words go: no program would show it."""
    parts: dict[str, str | bytes] = {"ppt/presentation.xml": f'<p:presentation xmlns:p="{P}"/>'}
    for number, text in enumerate(slides, 1):
        box = f"<p:sp><p:txBody><a:p><a:r><a:t>{escape(text)}</a:t></a:r></a:p></p:txBody></p:sp>"
        parts[f"ppt/slides/slide{number}.xml"] = f'<p:sld xmlns:p="{P}" xmlns:a="{A}">{box}</p:sld>'
    kind = "application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"
    return _package("ppt/presentation.xml", kind, parts, {})


def open_document(kind: str, body: str) -> bytes:
    """An OpenDocument file: `kind` is "text", "spreadsheet" or "presentation", `body` is XML."""
    spaces = {name: name for name in ("office", "text", "table")} | {
        "draw": "drawing",
        "svg": "svg-compatible",
    }
    names = "".join(
        f' xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for short, name in spaces.items()
    )
    media_type = f"application/vnd.oasis.opendocument.{kind}"
    content = (
        f'<office:document-content{names} office:version="1.3"><office:body><office:{kind}>{body}'
        f"</office:{kind}></office:body></office:document-content>"
    )
    manifest = (
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{media_type}"/>'
        '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>'
        "</manifest:manifest>"
    )
    return packed({"mimetype": media_type, "content.xml": content, "META-INF/manifest.xml": manifest})


def odp(lines: Sequence[str]) -> bytes:
    """A presentation of one slide with one text box, as programs show it."""
    text = "".join(f"<text:p>{escape(line)}</text:p>" for line in lines)
    frame = '<draw:frame svg:x="2cm" svg:y="2cm" svg:width="22cm" svg:height="14cm">'
    page = f'<draw:page draw:name="one">{frame}<draw:text-box>{text}</draw:text-box></draw:frame></draw:page>'
    return open_document("presentation", page)


def table_cells(rows: Rows) -> str:
    """The rows of a sheet as XML for `xlsx`, each cell a text."""
    told = ("".join(f'<c t="inlineStr"><is><t>{escape(cell)}</t></is></c>' for cell in row) for row in rows)
    return "".join(f"<row>{cells}</row>" for cells in told)
