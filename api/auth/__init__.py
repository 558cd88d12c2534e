"""Who is asking: API keys for programs, one-time links and sessions for people in a browser."""
