"""Whether a post is worded like somebody telling what ails another person.

1. `tokens`: a text's words, with people, numbers and unknown capitalised words replaced by signs, so that
   nothing personal can be learnt, and nothing personal is shown.
2. `sentences`: what the words say together, as a public encoder of sentences sees it.
3. `model`: phrases and that in one linear model; its phrases are told to the reviewer.
"""
