"""Is this leak known already? Traits, known pictures, comparisons, questions, links."""
