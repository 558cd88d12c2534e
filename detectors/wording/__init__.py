"""Whether a post is worded like somebody telling what ails another person.

1. `tokens`: a text's words, with people, numbers and unknown capitalised words replaced by signs, so that
   nothing personal can be learnt, and nothing personal is shown.
2. `meanings`: what the words mean, pooled over the text, from public word vectors.
3. `model`: phrases and meanings in one linear model; its phrases are told to the reviewer.
"""
