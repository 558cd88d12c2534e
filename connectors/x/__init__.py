"""X (Twitter): recent search through the paid API, within a daily cap of posts."""
