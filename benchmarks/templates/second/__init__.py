"""A second set, by somebody who had not seen how templates are recognised: other makes, other paper, harder pictures."""

from __future__ import annotations

from benchmarks.templates.drawing import FormSet
from benchmarks.templates.second.captures import CAPTURES, SISTER_CAPTURES, TIMES
from benchmarks.templates.second.forms import forms
from benchmarks.templates.second.others import others

SECOND = FormSet(forms, CAPTURES, TIMES, SISTER_CAPTURES, others)
