"""Telling people: masked messages, sent from the outbox through Apprise."""
