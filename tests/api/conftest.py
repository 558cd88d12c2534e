"""The running leakwatch that the API's tests ask."""

from tests.api.served import client, server, world

__all__ = ["client", "server", "world"]
