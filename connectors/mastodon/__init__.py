"""Servers that speak the Mastodon API: Mastodon, GoToSocial, Pixelfed, Pleroma, Takahe and others."""
