"""The running leakwatch that the console's tests look at."""

from tests.api.served import client, server, world

__all__ = ["client", "server", "world"]
