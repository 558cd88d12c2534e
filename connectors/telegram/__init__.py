"""Telegram: the web pages of public channels."""
