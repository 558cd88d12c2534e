"""Layouts that the sample feed has too: its pages, in any picture."""

from __future__ import annotations

from benchmarks.corpus.base import Layout
from benchmarks.corpus.captures import FILE, OBJECT, PAPER, PHONE, SCREEN
from benchmarks.synth import documents, everyday

LAYOUTS = (
    Layout("feed_handover", "train", "leak", "ward_handover", "staff_or_list", documents.ward_handover, PAPER,
           ("my side tonight, send help", "found this in the lift??", "what a shift")),
    Layout("feed_wristband", "train", "leak", "wristband_label", "patient_record", documents.wristband, OBJECT,
           ("found on the bus seat", "forever keeping this", "not a festival band sadly")),
    Layout("feed_blood_app", "train", "leak", "pathology_report", "own_record", documents.blood_app, PHONE,
           ("can anyone tell me what this means", "well thats my week ruined", "told you it wasnt in my head")),
    Layout("feed_radiology", "train", "leak", "radiology_report", "patient_record", documents.radiology_screen, SCREEN,
           ("learn from this one", "quiet night in the department", "look at the state of that")),
    Layout("feed_poster", "train", "benign", "poster", "news_or_public", everyday.poster, (*OBJECT, *FILE),
           ("new one up in the waiting room", "got mine, have you?", "confidential: the biscuits are in the back office")),
    Layout("feed_job", "train", "benign", "job_advert", "news_or_public", everyday.job_advert, PHONE,
           ("come and work with us", "who fancies a change of ward", "leaked: what they pay band 5s")),
    Layout("feed_menu", "train", "benign", "menu", "unknown", everyday.menu, OBJECT,
           ("doctor's orders: two tiramisu", "date night", "the patient in me wants everything")),
    Layout("feed_training_form", "train", "benign", "training_example", "training_or_specimen", everyday.training_form,
           PAPER, ("induction day 2", "patient notes exercise done, only cried once", "look who got admitted")),
)  # fmt: skip
