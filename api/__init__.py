"""A door into the program: the HTTP API under `/api/v1` and the web console."""
