"""The register: an organisation's own patients, staff or canary records, known by keyed digests alone.

`fields` makes what was written comparable and digests it, `table` holds digests and finds one, `candidates`
reads from a page's findings what to look for (`alternates`: as it may have been misread), and `match` is
the rule that says when a page shows somebody of a register.
"""
