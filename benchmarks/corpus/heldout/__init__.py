"""The held-out layouts: by another author than the train ones, never looked at while leakwatch is built."""
