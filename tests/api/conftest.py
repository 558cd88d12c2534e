"""The running leakwatch that the API's tests ask."""

from tests.api.served import applications, client, server, world

__all__ = ["applications", "client", "server", "world"]
