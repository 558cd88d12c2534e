"""Whether a page deserves a second, slower reading."""

from __future__ import annotations

from collections.abc import Sequence

from detectors.assess import assess
from detectors.base import Finding
from detectors.features import PATIENT_NUMBERS, count_people, is_patient_number


def worth_a_closer_look(findings: Sequence[Finding]) -> bool:
    """A page that alerts by itself and on which somebody may have been missed.

    That is one with several people, with a patient's number that fails its check digit, or with no number
    read at all. A letter about one person whose number was read shows nothing more to a closer look.
    """
    if not assess(findings).alert:
        return False
    misread = any(finding.kind in PATIENT_NUMBERS and finding.valid is False for finding in findings)
    return misread or count_people(findings) > 1 or not any(map(is_patient_number, findings))
