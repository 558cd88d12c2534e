"""The program's names in the words of the people who read them. An unknown name is shown as it is."""

from __future__ import annotations

from typing import Literal

Group = Literal["person", "care", "other"]

SEVERITIES = {"critical": "Critical", "high": "High", "medium": "Medium", "low": "Low", "none": "None"}
STATUSES = {
    "new": "New",
    "reviewing": "In review",
    "confirmed": "Confirmed leak",
    "dismissed": "Dismissed",
    "resolved": "Resolved",
    "merged": "Merged",
}
LEAK_CLASSES = {
    "patient_record": "A patient's record",
    "staff_or_list": "A list of people",
    "own_record": "The author's own record",
    "training_or_specimen": "Training material or specimen",
    "news_or_public": "News or public material",
    "unknown": "Unclear",
}
DOCUMENTS = {
    "discharge_summary": "Discharge summary",
    "clinic_letter": "Clinic letter",
    "gp_referral": "GP referral",
    "gp_record": "GP record",
    "pathology_report": "Pathology report",
    "radiology_report": "Radiology report",
    "prescription": "Prescription",
    "fit_note": "Fit note",
    "drug_chart": "Drug chart",
    "ward_list": "Ward list",
    "emergency_card": "Emergency care card",
    "epr_screen": "Screen of a patient record system",
    "patient_app": "Patient's app",
    "e_referral": "e-Referral letter",
    "appointment_letter": "Appointment letter",
    "maternity": "Maternity record",
    "vaccination_record": "Vaccination record",
    "identity_label": "Identity label or wristband",
    "mental_health": "Mental health record",
    "consent_or_form": "Consent or other form",
}
PERSON = {
    "nhs_number": "NHS number",
    "chi_number": "CHI number (Scotland)",
    "hc_number": "H&C number (Northern Ireland)",
    "hospital_number": "Hospital number",
    "nino": "National Insurance number",
    "eps_id": "Prescription ID",
    "gsrn": "Number of a wristband (GSRN)",
    "ihi_number": "Individual health identifier (Ireland)",
    "lab_number": "Laboratory number",
    "access_code": "Access code",
    "ubrn": "Booking reference (UBRN)",
    "person_name": "Person's name",
    "date_of_birth": "Date of birth",
    "age": "Age",
    "address": "Address",
    "postcode": "Postcode",
    "phone": "Phone number",
    "email": "E-mail address",
    "patient_list": "List of patients",
    "register_match": "Somebody of a register",
}
CARE = {
    "clinical_heading": "Heading of a record",
    "clinical_term": "Clinical term",
    "document_type": "Type of document",
    "letterhead": "Health organisation named",
    "marking": "Confidentiality marking",
    "template": "Registered template",
    "barcode": "Barcode",
    "nhs_blue": "NHS blue",
    "ods_code": "Organisation's code (ODS)",
    "snomed_code": "SNOMED CT code",
    "icd10_code": "ICD-10 code",
    "opcs4_code": "OPCS-4 code",
}
OTHER = {
    "claim": "What the author says",
    "staff_name": "Staff name",
    "staff_registration": "Staff registration",
    "filter": "Speaks against a leak",
}
EVIDENCE = {
    "original": "Original file",
    "text": "Post as published",
    "preview": "Redacted preview",
    "clear_findings": "Clear identifiers (sealed)",
}
EVENTS = {
    "raised": "Raised",
    "sighted": "Seen in another post",
    "escalated": "Severity raised",
    "new": "Reopened",
    "reviewing": "Review started",
    "confirmed": "Confirmed as a leak",
    "dismissed": "Dismissed",
    "resolved": "Resolved",
    "reopened": "Out again",
    "possible_repost": "May be a copy of",
    "said_same": "Said to be the same as",
    "said_different": "Said to be different from",
    "harmless_picture": "Dismissed as a harmless picture",
    "reported": "Reported by a person",
    "telling_platform": "Reporting to the platform",
    "platform_told": "Reported to the platform",
    "platform_not_told": "The platform did not take the report",
    "post_gone": "A post is gone",
    "post_back": "A post is shown again",
}
AVAILABILITY = {"present": "Yes", "gone": "No", "unknown": "Not known"}
LINKS = {
    "same_image": "the same picture",
    "same_person": "the same patient number",
    "same_template_and_people": "the same form and people",
    "same_author": "the same author",
    "same_text": "the same wording",
    "repost_question": "may be a copy",
}
STANDINGS = {
    "received": "We have it, and will look in a moment.",
    "examining": "It is being looked at now.",
    "alert_raised": "A record was found. The security team has it.",
    "examined": "No record was seen in what we could look at. If you can see one, send a screenshot.",
    "unreadable": "We could not open it. The security team will look; a screenshot helps.",
}
THRESHOLDS = {
    "pdq": "At most so many of 256 PDQ bits differ",
    "phash": "At most so many of 256 phash bits differ",
    "inliers": "Features that agree, at least",
    "tiles": "Printed places that agree, at least",
    "words": "Letterhead words, at least",
}
BECAUSE = {
    "first": "First post seen",
    "same_image": "Same picture",
    "near_copy": "A copy of its picture",
    "same_identifiers": "Same patient numbers",
    "merged": "A person said it is the same",
    "edited": "Edited post",
}


def severity(name: str) -> str:
    """Such as "Critical"."""
    return SEVERITIES.get(name, _plain(name))


def status(name: str) -> str:
    """Such as "In review"."""
    return STATUSES.get(name, _plain(name))


def leak_class(name: str) -> str:
    """Such as "A patient's record"."""
    return LEAK_CLASSES.get(name, _plain(name))


def document(name: str | None) -> str:
    """Such as "Discharge summary"."""
    return DOCUMENTS.get(name, _plain(name)) if name else "Unknown document"


def finding_kind(name: str) -> str:
    """Such as "NHS number"."""
    return {**PERSON, **CARE, **OTHER}.get(name, _plain(name))


def finding_group(name: str) -> Group:
    """Whether a finding is about a person, about care, or neither."""
    if name in PERSON:
        return "person"
    return "care" if name in CARE else "other"


def masked(value: str, kind: str) -> str:
    """A finding's masked value; a filter's is its name."""
    return _plain(value) if kind == "filter" else value


def evidence_kind(name: str) -> str:
    """Such as "Original file"."""
    return EVIDENCE.get(name, _plain(name))


def event(name: str) -> str:
    """Such as "Dismissed"."""
    return EVENTS.get(name, _plain(name))


def because(name: str | None) -> str:
    """Why a post belongs to an alert."""
    return BECAUSE.get(name, _plain(name)) if name else ""


def availability(name: str) -> str:
    """Whether something is still shown."""
    return AVAILABILITY.get(name, _plain(name))


def link_reason(name: str) -> str:
    """Why two alerts are linked."""
    return LINKS.get(name, _plain(name))


def standing(name: str) -> str:
    """How a report stands, for whoever made it."""
    return STANDINGS.get(name, _plain(name))


def threshold(name: str) -> str:
    """What a match with a template needs, for people."""
    return THRESHOLDS[name]


def platform(name: str) -> str:
    """Such as "Reddit"."""
    return _plain(name)


def _plain(name: str) -> str:
    return name.replace("_", " ").capitalize()
