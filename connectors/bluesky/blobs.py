"""The bytes of blobs, from the author's own server, checked against the digest that the post names.

A DID leads to its document, the document to the server (PDS). Both come from strangers, so everything goes
through the guarded fetcher. Formats: the DID methods plc and web; CID version 1 (multiformats), which is a
base32 text of: version 1, codec "raw" (0x55), sha2-256 (0x12), length 32, digest.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from urllib.parse import quote, unquote, urlencode

from connectors.base import AttachmentRefused, PayloadChanged, SourceUnavailable
from connectors.bluesky.parse import BLOB_SCHEME
from connectors.fetch import Fetched, GuardedFetcher
from connectors.payload import Json

_RAW_SHA256 = bytes((1, 0x55, 0x12, 32))


class Repositories:
    """Finds the server of an account, and asks it."""

    def __init__(self, fetcher: GuardedFetcher, plc_url: str, cdn_url: str) -> None:
        self._fetcher = fetcher
        self._plc_url = plc_url.rstrip("/")
        self._cdn_url = cdn_url.rstrip("/")
        self._servers: dict[str, str] = {}

    def read(self, url: str) -> bytes:
        """The blob's bytes: the upload itself from its author's server, else the CDN's copy of a picture.

        Raises AttachmentRefused or SourceUnavailable.
        """
        did, cid = blob_name(url)
        try:
            data = self._fetcher.fetch(self.blob_url(did, cid)).data
        except AttachmentRefused:
            return self._fetcher.fetch(self.cdn_url(did, cid)).data
        if not is_content_of(cid, data):
            raise AttachmentRefused("The author's server sent other bytes than the post names.")
        return data

    def ask(self, did: str, method: str, params: Mapping[str, str]) -> Fetched:
        """What the account's own server answers, whatever its status."""
        query = urlencode(params)
        return self._fetcher.probe(f"{self.server_of(did)}/xrpc/{method}?{query}")

    def probe(self, url: str) -> Fetched:
        """What any address answers."""
        return self._fetcher.probe(url)

    def blob_url(self, did: str, cid: str) -> str:
        """Where the author's server has the blob."""
        query = urlencode({"did": did, "cid": cid})
        return f"{self.server_of(did)}/xrpc/com.atproto.sync.getBlob?{query}"

    def cdn_url(self, did: str, cid: str) -> str:
        """Where the CDN has a copy, as JPEG."""
        return f"{self._cdn_url}/img/feed_fullsize/plain/{did}/{cid}@jpeg"

    def server_of(self, did: str) -> str:
        """The address of the account's server. Raises AttachmentRefused or SourceUnavailable."""
        if did not in self._servers:
            document = _document(self._fetcher.fetch(self._document_url(did)))
            self._servers[did] = server_in(document)
        return self._servers[did]

    def _document_url(self, did: str) -> str:
        method, _, name = did.removeprefix("did:").partition(":")
        if method == "plc":
            return f"{self._plc_url}/{quote(did, safe=':')}"
        if method == "web" and ":" not in name:
            return f"https://{unquote(name)}/.well-known/did.json"
        raise AttachmentRefused("The author's DID is of a kind that is not known.")


def blob_name(url: str) -> tuple[str, str]:
    """(DID, CID) of an attachment's address. Raises AttachmentRefused."""
    did, separator, cid = url.removeprefix(BLOB_SCHEME).rpartition("/")
    if not url.startswith(BLOB_SCHEME) or not separator or not did.startswith("did:"):
        raise AttachmentRefused("The attachment's address names no blob.")
    return did, cid


def server_in(document: Json) -> str:
    """The PDS of a DID document. Raises AttachmentRefused."""
    for service in document.get("service").items_or_none():
        if service.get("id").text_or().endswith("#atproto_pds"):
            return service.get("serviceEndpoint").text_or().rstrip("/")
    raise AttachmentRefused("The author's DID names no server.")


def is_content_of(cid: str, data: bytes) -> bool:
    """Whether a CID is that of these bytes."""
    text = cid.removeprefix("b").upper()
    try:
        decoded = base64.b32decode(text + "=" * (-len(text) % 8))
    except (binascii.Error, ValueError):
        return False
    return cid.startswith("b") and decoded == _RAW_SHA256 + hashlib.sha256(data).digest()


def _document(fetched: Fetched) -> Json:
    try:
        return Json(json.loads(fetched.data), "DID document")
    except (ValueError, RecursionError, PayloadChanged) as error:
        raise SourceUnavailable("The author's DID document is no JSON.") from error
