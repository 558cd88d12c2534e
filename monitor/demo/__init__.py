"""The sample feed that `leakwatch demo` runs on; everything in it is made up."""
