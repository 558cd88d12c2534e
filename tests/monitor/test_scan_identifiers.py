"""The identifiers that a scan lists: a patient's only, once each, masked unless asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from detectors.assess import assess
from detectors.examine import Examiner
from detectors.table import ExaminerConfig
from monitor.scan import Located, ScanItem, ScanResult

LETTER = """Castlebourne Hospitals NHS Trust (RH8) - Discharge summary
Patient: Ann Smith  DOB 14/07/1945  NHS No 999 000 0018  NI No AB 12 34 56 C
Hosp No K1234567  Lab No 24B123456  UBRN 0001 2345 6789  Access code: Tulip 42
Prescription ID 000000-A99999-00001W  mobile 07700 900019  ann@example.com
Diagnosis: I21.9, SNOMED CT 22298006. Date of admission: 1/2/2025. Bisoprolol 2.5 mg OD
Dr K Adeyemi GMC 9535156. NHS Number 999 000 0018"""


def document(text: str, *, reveal: bool = False) -> dict[str, Any]:
    """The public form of a scanned text."""
    findings = Examiner(ExaminerConfig(accept_unissued=True)).examine_text(text).findings
    located = tuple(Located(finding, None) for finding in findings)
    item = ScanItem(None, Path("letter.txt"))
    return ScanResult(item, assess(findings), located, 0.1, None).document(reveal=reveal)


def test_a_patient_s_identifiers_are_listed_once() -> None:
    """Neither staff nor codes, contacts or credentials are a patient's identifiers; all are findings."""
    told = document(LETTER)
    kinds = [identifier["kind"] for identifier in told["identifiers"]]
    assert sorted(kinds) == ["eps_id", "hospital_number", "lab_number", "nhs_number", "nino", "ubrn"]
    found = {finding["kind"] for finding in told["findings"]}
    assert found >= {
        "access_code",
        "phone",
        "email",
        "staff_registration",
        "ods_code",
        "icd10_code",
        "snomed_code",
    }


@pytest.mark.parametrize("reveal", [True, False])
def test_values_are_told_only_when_asked_for(reveal: bool) -> None:
    """Masked in the public form; in the clear beside the mask when revealed."""
    told = document(LETTER, reveal=reveal)
    assert ("AB123456C" in str(told)) is reveal
    assert ("9990000018" in str(told)) is reveal
    assert "Tulip" not in str(told)


def test_what_the_context_makes_unlikely_is_not_listed() -> None:
    """In a post that does not alert, a bare number is no identifier."""
    assert document("my lucky number is 9990000018")["identifiers"] == []
