"""Decoders of pictures, documents and videos; `detectors.image.decode` is the one door to them."""
