"""The index of known pictures' PDQ hashes: in memory, or in PostgreSQL."""
