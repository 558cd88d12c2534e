"""Mails as people and their programs write them, read into words, files and links."""

from __future__ import annotations

import base64
import contextlib
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.base import PayloadChanged
from connectors.mailbox.parse import MailFile, parse_mail
from tests.connectors.mailbox_mails import PICTURE, written


def test_a_plain_mail() -> None:
    """Subject and body are its words; sender, time and Message-ID are told."""
    mail = parse_mail(written("look at this", "17@ward.example", subject="A leak").as_bytes())
    assert (mail.external_id, mail.sender) == ("17@ward.example", "ward.seven@trust.example")
    assert mail.text == "A leak\n\nlook at this"
    assert mail.sent_at == datetime(2026, 11, 24, 8, 12, tzinfo=UTC)


def test_forwarded_mails_and_their_files() -> None:
    """A mail in a mail in a mail gives its words and files as if they were the outer one's."""
    inner = written("the letter", "1@x", subject="innermost")
    inner.add_attachment(PICTURE, maintype="image", subtype="png", filename="Ward list.png")
    middle = written("see below", "2@x", subject="middle")
    middle.add_attachment(inner)
    outer = written("forwarding", "3@x", subject="outer")
    outer.add_attachment(middle)
    outer.add_attachment(b"%PDF-1.4 x", maintype="application", subtype="pdf", filename="scan.pdf")
    outer.add_attachment("Name,Number", subtype="csv", filename="list.csv")
    mail = parse_mail(outer.as_bytes())
    assert mail.external_id == "3@x"
    assert mail.text.split("\n\n") == [
        "outer", "forwarding", "middle", "see below", "innermost", "the letter", "list.csv\nName,Number",
    ]  # fmt: skip
    assert [(file.name, file.media_type) for file in mail.files] == [
        ("Ward list.png", "image/png"),
        ("scan.pdf", "application/pdf"),
    ]
    assert mail.files[0].data == PICTURE


def test_html_with_pictures_inside() -> None:
    """Of two wordings the plain one counts; pictures within the HTML and links of both are taken."""
    mail = written("in plain words https://x.com/a/status/1.", "4@x", subject="s")
    data = base64.b64encode(PICTURE).decode()
    safe = "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Ft.me%2Fchan%2F7&amp;data=x"
    mail.add_alternative(
        f'<p>in <b>rich</b> words</p><img src="cid:a"><img src="data:image/png;base64,{data}">'
        f'<a href="{safe}">x</a> <a href=\'https://trust.example/\'>home</a> <a href="mailto:a@b">m</a>',
        subtype="html",
    )
    mail.get_payload()[1].add_related(PICTURE, "image", "png", cid="<a>")  # type: ignore[union-attr, index]
    mail.get_payload()[1].add_related(b"tiny", "image", "gif", cid="<logo>")  # type: ignore[union-attr, index]
    read = parse_mail(mail.as_bytes())
    assert read.text == "s\n\nin plain words https://x.com/a/status/1."
    assert [file.data for file in read.files] == [PICTURE, PICTURE]
    assert read.links == ("https://x.com/a/status/1", "https://t.me/chan/7")
    only = EmailMessage()
    only.set_content("<p>only <i>rich</i></p><script>no()</script>", subtype="html")
    assert parse_mail(only.as_bytes()).text == "only rich"


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"Subject: =?utf-8?B?4pyTIGNhZsOp?=\r\n\r\nx", "\u2713 caf\u00e9\n\nx"),
        (b"Subject: =?nonsense?Q?caf=E9?=\r\n\r\nx", "caf\u00e9\n\nx"),
        (b"Subject: =?utf-8?B?!!!?= rest\r\n\r\nx", None),
        (b"Content-Type: text/plain; charset=klingon\r\n\r\ncaf\xc3\xa9", "caf\u00e9"),
        (b"Content-Type: text/plain; charset=utf-8\r\n\r\ncaf\xe9", "caf\u00e9"),
        (b"Content-Type: text/plain; charset=utf-16\r\n\r\nabc", None),
        (b"Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\nbm90=IGJhZGx5", None),
        (b"Content-Type: text/plain; charset*=bogus'x'%FF\r\n\r\nwords", "words"),
        (b"Subject: a\x00b\r\n\r\nc\x00d", "a\ufffdb\n\nc\ufffdd"),
        (b"Content-Type: multipart/mixed\r\n\r\nno boundary", None),
        (b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nnever closed", "never closed"),
        (b"Content-Type: message/rfc822\r\n\r\nSubject: bare\r\n\r\ninner", "bare\n\ninner"),
        (b"", ""),
    ],
)
def test_charset_horrors(raw: bytes, text: str | None) -> None:
    """Whatever a mail claims of its encoding, what can be read is read."""
    read = parse_mail(raw).text
    assert text is None or read == text


def test_a_mail_without_an_id_is_known_by_its_bytes() -> None:
    """Two reads give the same id, other bytes another; an endless one is bounded."""
    assert parse_mail(b"\r\nx").external_id == parse_mail(b"\r\nx").external_id
    assert parse_mail(b"\r\nx").external_id != parse_mail(b"\r\ny").external_id
    assert len(parse_mail(b"Message-ID: <" + b"a" * 5000 + b">\r\n\r\n").external_id) <= 255


def test_mails_within_mails_without_end() -> None:
    """Nesting beyond reason ends, with what was read so far or as a mail that cannot be read."""
    shallow = b"Content-Type: message/rfc822\r\n\r\n" * 60 + b"Subject: deep\r\n\r\nx"
    assert "deep" not in parse_mail(shallow).text
    with contextlib.suppress(PayloadChanged):  # as deep as Python is allowed to go
        deep = parse_mail(b"Content-Type: message/rfc822\r\n\r\n" * 3_000 + b"Subject: deep\r\n\r\nx")
        assert "deep" not in deep.text


@settings(max_examples=60)
@given(
    st.lists(
        st.one_of(
            st.binary(max_size=40),
            st.sampled_from(
                [
                    b"\r\n",
                    b"\r\n\r\n",
                    b"Content-Type: ",
                    b"multipart/mixed; boundary=b",
                    b"--b",
                    b"--b--",
                    b"message/rfc822",
                    b"text/html",
                    b"; charset=",
                    b"Content-Transfer-Encoding: base64",
                    b"Content-Disposition: attachment; filename*0*=x''%",
                    b"Subject: =?",
                    b"?B?",
                    b"?=",
                    b"Date: ",
                    b"99 Feb",
                    b"From: ",
                    b"<a@",
                    b"image/png",
                ]
            ),
        ),
        max_size=14,
    )
)
def test_any_bytes(pieces: list[bytes]) -> None:
    """Any bytes are a mail with an id, or are refused in the port's own words."""
    try:
        mail = parse_mail(b"".join(pieces))
    except PayloadChanged:
        return
    assert 0 < len(mail.external_id) <= 255
    mail.text.encode()
    assert all(isinstance(file, MailFile) for file in mail.files)
