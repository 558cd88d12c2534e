"""The running leakwatch that the console's tests look at."""

from tests.api.served import applications, client, server, world

__all__ = ["applications", "client", "server", "world"]
