"""What identifies a patient: numbers, names, births, addresses; and what only looks like it.

`IDENTIFIERS` names the kinds of finding that each stand for one patient. A `gsrn` is not among them: the
patient number in it is a finding of its own. Names, births and addresses are shared by many.
"""

IDENTIFIERS = frozenset(
    {"nhs_number", "chi_number", "hc_number", "ihi_number", "nino", "hospital_number", "lab_number"}
    | {"ubrn", "eps_id"}
)
