"""The README.txt inside a bundle: for somebody who has never heard of leakwatch and has only plain tools."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from datetime import datetime

WIDTH = 78


@dataclass(frozen=True, slots=True)
class ReadmeFacts:
    """What the text tells about its own bundle. `items` are (name, file name, SHA-256)."""

    reference: str
    kind: str
    organisation: str
    created_by: str
    created_at: datetime
    items: tuple[tuple[str, str, str], ...]
    has_custody: bool


def readme_text(facts: ReadmeFacts) -> str:
    """The whole text, in lines of at most 78 characters where its words allow."""
    sections = [
        _title(facts),
        SEALED_CARE if facts.kind == "sealed" else SHAREABLE_CARE,
        CHECK.replace("<reference>", facts.reference),
        CHECK_CUSTODY if facts.has_custody else "",
        _files(facts),
        _proves(facts),
        PROVES_NOT,
        _index(facts),
    ]
    return "\n".join(section.strip("\n") + "\n" for section in sections if section)


def _title(facts: ReadmeFacts) -> str:
    local = facts.created_at.strftime("%d/%m/%Y %H:%M:%S UTC")
    lines = [
        f"EVIDENCE BUNDLE {facts.reference} ({facts.kind.upper()})",
        f"Made {local} by {facts.created_by}" + (f" for {facts.organisation}" if facts.organisation else ""),
    ]
    return "\n".join(textwrap.fill(line, WIDTH) for line in lines)


def _files(facts: ReadmeFacts) -> str:
    stem = "original" if facts.kind == "sealed" else "redacted"
    meaning = (
        "the file exactly as it was acquired, byte for byte"
        if facts.kind == "sealed"
        else "a re-encoded preview with identifying details boxed out"
    )
    custody = CUSTODY_FILE if facts.has_custody else ""
    return FILES.format(stem=stem, meaning=meaning, custody=custody)


def _proves(facts: ReadmeFacts) -> str:
    custody = PROVES_CUSTODY if facts.has_custody else ""
    return PROVES + custody + (PROVES_ITEMS if facts.kind == "sealed" else "")


def _index(facts: ReadmeFacts) -> str:
    if not facts.items:
        return "6. ITEMS\n\nThis bundle holds no pictures or other items, only data about the matter.\n"
    rows = [f"{name}  {file_name}\n  SHA-256 {sha256}" for name, file_name, sha256 in sorted(facts.items)]
    return "6. ITEMS\n\n" + "\n".join(rows) + "\n"


SEALED_CARE = """
1. HANDLE WITH CARE

This SEALED bundle holds UNREDACTED medical records of identifiable patients:
special-category personal data (UK GDPR Article 9) that is also confidential
(common law; for NHS bodies the Caldicott Principles).

- Give it only to people who need it for this matter and may lawfully have it.
- Keep it on an encrypted disk. Send it only encrypted, never by open e-mail,
  chat, or a public file-sharing, scanning or translation service.
- Write down to whom you pass it, when, and why.
- Do not look up, contact or try to identify the patients from it, unless
  finding them is your task.
- Delete every copy when the matter is closed or you are told to, and say so.
- Do not attach it to a platform's report form or to the ICO's breach form:
  for those there is the SHAREABLE bundle.
- Keep the zip file as you received it and work on a copy.
"""

SHAREABLE_CARE = """
1. HANDLE WITH CARE

This SHAREABLE bundle concerns a leak of medical records of patients, which are
special-category personal data (UK GDPR Article 9). It holds no originals:
pictures, if any, are previews with identifying details boxed out, and
identifiers are masked. Masking is not anonymity, and automatic redaction can
miss something. So:

- Use it only to deal with this leak, and pass it on only for that.
- Do not publish it, and do not try to identify the people concerned.
- If you can read a person's details in it, stop, tell the sender, and delete
  it: a corrected one will be made.
- The addresses in it may still lead to the leaked material. Do not spread them.
- Delete it when it is no longer needed.
"""

CHECK = """
2. CHECK THAT NOTHING WAS CHANGED

You need no special software and no network.

First compare the SHA-512 of the zip file with the one the sender gave you by
another way (telephone, letter). If they agree, every byte is as it was made;
over the telephone the first and last 16 characters will do.

Linux:    sha512sum FILE.zip
macOS:    shasum -a 512 FILE.zip
Windows:  certutil -hashfile FILE.zip SHA512

Then check each file. Unpack it (unzip FILE.zip), go into the folder
<reference>, and:

Linux:    sha512sum -c tagmanifest-sha512.txt
          sha512sum -c manifest-sha512.txt
macOS:    shasum -a 512 -c tagmanifest-sha512.txt
          shasum -a 512 -c manifest-sha512.txt
Windows (PowerShell, in the folder):

  foreach ($m in 'tagmanifest-sha512.txt', 'manifest-sha512.txt') {
    Get-Content $m | ForEach-Object {
      $digest, $file = $_ -split '  ', 2
      $same = (Get-FileHash -Algorithm SHA512 $file).Hash -eq $digest
      if ($same) { "OK $file" } else { "CHANGED $file" }
    }
  }

or one file at a time: certutil -hashfile FILE SHA512, and compare by eye with
the line in manifest-sha512.txt.

Each line must say OK. A file under data/ that no line names does not
belong here. Do not unpack over another folder, and do not tidy up the files:
a change of one character shows as a failure.

This folder is a BagIt 1.0 bag (RFC 8493); any BagIt tool can check it too.
With leakwatch itself: leakwatch bundle verify FILE.zip
"""

CHECK_CUSTODY = """
The custody log is a chain: each line ends with "hash", the SHA-256 of the
line without that end, and carries the previous line's hash as "prev_hash"
(the first: 64 zeros). To recompute the hashes with plain tools:

  while IFS= read -r line; do
    printf '%s' "$line" | sed -E 's/,"hash":"[0-9a-f]{64}"\\}$/}/' |
      tr -d '\\n' | sha256sum
  done < custody.jsonl

Line by line they must equal the "hash" at each line's end. The last one
stands in bag-info.txt as Leakwatch-Custody-Head.
"""

FILES = """
3. WHAT EACH FILE IS

data/items/<item>/{stem}.*
                        {meaning}
data/items/<item>/metadata.json
                        its size, type and SHA-256, and how it was acquired;
                        what is not written there was not recorded
data/alert.json         the matter: where it was seen, when, how judged
data/findings.json      what the software found and why, masked
{custody}bag-info.txt            who made this bundle, when, for whom
manifest-sha256.txt, manifest-sha512.txt
                        digests of everything under data/
tagmanifest-sha512.txt  digests of the files beside data/
bagit.txt               says that this is a BagIt bag

Times are UTC. Open items with care: they come from strangers on the internet.
Unredacted files may be anything their sender made them; use a viewer
without macros and scripts, on a machine kept for such work.
"""

CUSTODY_FILE = """custody.jsonl           who handled each item, when and why, a line each
"""

PROVES = """
4. WHAT THIS SHOWS

- That the files are those that were packed at the time of making, unchanged
  (section 2), provided that the zip's digest reached you by a safe way.
- What the software that watched recorded: address, account, times, type.
"""

PROVES_CUSTODY = """- That no line of the custody log was changed, taken out or put in between.
"""

PROVES_ITEMS = """- That each item has the digest that the custody log recorded for it.
"""

PROVES_NOT = """
5. WHAT THIS DOES NOT SHOW

- Who made it: digests are not a signature. Whoever can replace the whole file
  can replace its digests too; hence the digest sent by another way.
- That the times are true: they come from the clock of the machine that made
  it. No independent timestamp is inside.
- That the platform really served these bytes: that rests on the word of the
  organisation that ran the software, and on its custody log.
- Who leaked the record, that the record is genuine, or that a finding is
  right: findings and scores are the output of software and need a person.
- That nothing else was posted elsewhere.

A statement of truth must be a person's own words; nothing here replaces it.
"""
