"""The detectors there are, by name, and what an examination by them depends on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property, lru_cache

from detectors.barcodes import BarcodeDetector
from detectors.base import Detector, DetectorError
from detectors.claims import find_claims
from detectors.clinical import find_headings, find_terms
from detectors.filters import find_reasons
from detectors.identifiers.addresses import find_addresses
from detectors.identifiers.booking import find_access_codes, find_references
from detectors.identifiers.clinical_codes import find_icd10_codes, find_opcs4_codes, find_snomed_codes
from detectors.identifiers.contacts import find_emails, find_phones
from detectors.identifiers.dates import find_births
from detectors.identifiers.eps_id import find_prescription_ids
from detectors.identifiers.gsrn import CarriedNumbers, find_ihis
from detectors.identifiers.hospital_number import find_hospital_numbers
from detectors.identifiers.lab_number import find_lab_numbers
from detectors.identifiers.names import find_names
from detectors.identifiers.nhs_number import PatientNumbers
from detectors.identifiers.nino import find_ninos
from detectors.identifiers.ods_code import find_ods_codes
from detectors.identifiers.people import find_lists
from detectors.identifiers.staff_registration import find_registrations
from detectors.image import ImageLimits
from detectors.letterhead import NhsBlue, find_letterheads, find_markings
from detectors.media import libreoffice, office
from detectors.metadata import MetadataDetector
from detectors.normalise import Match, Reading, TextDetector
from detectors.ocr import DEFAULT_ENGINE, EngineName, engine_version
from detectors.passages import VERSION as PASSAGES_VERSION
from detectors.register import match as register
from detectors.register.match import Register
from detectors.templates.bank import BankFile
from detectors.templates.detector import TemplateDetector
from detectors.wording.model import find_wording


@dataclass(frozen=True)
class ExaminerConfig:
    """What an examination depends on: equal configurations make equal findings.

    `accept_unissued` treats never-issued NHS numbers as a patient's (for synthetic data only).
    `register_fields` is how many supporting fields make a match with one of the `registers`.
    """

    engine: EngineName = DEFAULT_ENGINE
    accept_unissued: bool = False
    limits: ImageLimits = field(default_factory=ImageLimits)
    templates: BankFile | None = None
    registers: tuple[Register, ...] = ()
    register_fields: int = 2

    @property
    def without_registers(self) -> ExaminerConfig:
        """The same without keys: for a process that decodes what strangers posted."""
        return replace(self, registers=()) if self.registers else self

    @cached_property
    def signature(self) -> str:
        """A short hash over the detectors' names and versions, the engine and every option here."""
        detectors = [(detector.name, detector.version) for detector in detectors_for(self)]
        converter = libreoffice.version() if self.limits.use_libreoffice else ""
        reading = [_engine_version(self.engine), PASSAGES_VERSION, office.VERSION, converter]
        registers = [register.VERSION, *(each.told() for each in self.registers)]
        templates = self.templates.digest if self.templates else None
        options = asdict(replace(self, registers=(), templates=None))
        content = json.dumps([detectors, reading, options, registers, templates], sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()[:16]


_engine_version = lru_cache(engine_version)
Maker = Callable[[ExaminerConfig], Detector]


def _text(name: str, version: str, find: Callable[[Reading], Iterable[Match]]) -> tuple[str, Maker]:
    return name, lambda config: TextDetector(name, version, find)


def _patient_numbers(config: ExaminerConfig) -> Detector:
    return TextDetector("patient_number", "3", PatientNumbers(accept_unissued=config.accept_unissued))


def _carried_numbers(config: ExaminerConfig) -> Detector:
    return TextDetector("gsrn", "1", CarriedNumbers(PatientNumbers(accept_unissued=config.accept_unissued)))


def detector_table(*entries: tuple[str, Maker]) -> Mapping[str, Maker]:
    """The entries by name. Raises DetectorError when two share one."""
    table: dict[str, Maker] = {}
    for name, maker in entries:
        if name in table:
            raise DetectorError(f"Two detectors are named {name!r}; give one of them another name.")
        table[name] = maker
    return table


TEXT_DETECTORS = detector_table(
    ("patient_number", _patient_numbers),
    ("gsrn", _carried_numbers),
    _text("ihi_number", "1", find_ihis),
    _text("date_of_birth", "2", find_births),
    _text("person_name", "7", find_names),
    _text("address", "2", find_addresses),
    _text("hospital_number", "2", find_hospital_numbers),
    _text("lab_number", "2", find_lab_numbers),
    _text("nino", "1", find_ninos),
    _text("eps_id", "1", find_prescription_ids),
    _text("ubrn", "1", find_references),
    _text("access_code", "1", find_access_codes),
    _text("phone", "1", find_phones),
    _text("email", "1", find_emails),
    _text("staff_registration", "1", find_registrations),
    _text("ods_code", "1", find_ods_codes),
    _text("snomed_code", "1", find_snomed_codes),
    _text("icd10_code", "1", find_icd10_codes),
    _text("opcs4_code", "1", find_opcs4_codes),
    _text("patient_list", "1", find_lists),
    _text("clinical_heading", "6", find_headings),
    _text("clinical_term", "6", find_terms),
    _text("letterhead", "2", find_letterheads),
    _text("marking", "1", find_markings),
    _text("claim", "3", find_claims),
    _text("wording", "4", find_wording),
    _text("filter", "4", find_reasons),
)
"""The detectors that read text, of a page, of a post or of a barcode."""


def _barcodes(config: ExaminerConfig) -> Detector:
    return BarcodeDetector([maker(config) for maker in TEXT_DETECTORS.values()])


DETECTORS = detector_table(
    *TEXT_DETECTORS.items(),
    ("barcode", _barcodes),
    ("nhs_blue", lambda config: NhsBlue()),
    ("template", lambda config: TemplateDetector(config.templates)),
    ("metadata", lambda config: MetadataDetector()),
)
"""Every detector by its name, in the order in which their findings appear."""


def detectors_for(config: ExaminerConfig) -> list[Detector]:
    """The detectors of `DETECTORS`, made for this configuration."""
    return [maker(config) for maker in DETECTORS.values()]
