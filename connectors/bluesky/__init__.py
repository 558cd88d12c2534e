"""Bluesky: accounts, searches and feeds through the AppView, and the whole network through Jetstream."""
