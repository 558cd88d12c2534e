"""Registered document templates: learning them, keeping them, and recognising them in pictures."""

from detectors.templates.bank import BankFile, TemplateBank, bank_digest
from detectors.templates.base import (
    LEVELS,
    Kind,
    Level,
    Template,
    TemplateFacts,
    TemplateSaid,
    TemplateUnsuitable,
    Thresholds,
)
from detectors.templates.detector import TemplateDetector
from detectors.templates.evidence import TemplateMatch
from detectors.templates.matching import match
from detectors.templates.packing import pack, unpack
from detectors.templates.registration import Learned, learn

__all__ = [
    "LEVELS",
    "BankFile",
    "Kind",
    "Learned",
    "Level",
    "Template",
    "TemplateBank",
    "TemplateDetector",
    "TemplateFacts",
    "TemplateMatch",
    "TemplateSaid",
    "TemplateUnsuitable",
    "Thresholds",
    "bank_digest",
    "learn",
    "match",
    "pack",
    "unpack",
]
