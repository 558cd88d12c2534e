"""A source's query packs, as settings of its connector."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.query import Expansion, expand
from connectors.registry import find_kind
from monitor.errors import InvalidInput
from monitor.packs import find_pack, terms_of
from monitor.settings import Settings


def queries_of(settings: Settings, connector: str, packs: Sequence[str]) -> Expansion:
    """The queries by which a connector is asked for packs. Raises InvalidInput or ConnectorError."""
    if not packs:
        return Expansion(())
    kind = find_kind(connector)
    if kind.grammar is None:
        raise InvalidInput(f"A {connector} source cannot be asked for words, so it takes no query packs.")
    expansion = expand(terms_of([find_pack(settings, name) for name in packs]), kind.grammar)
    if not expansion.queries:
        raise InvalidInput(f"Nothing in {', '.join(packs)} can be asked of {connector}; choose other packs.")
    return expansion


def with_packs(
    settings: Settings, connector: str, config: Mapping[str, Any], packs: Sequence[str]
) -> dict[str, Any]:
    """A source's settings with the queries of its packs after its own."""
    grammar = find_kind(connector).grammar
    if not packs or grammar is None:
        queries_of(settings, connector, packs)
        return dict(config)
    own = list(config.get(grammar.field) or ())
    new = [grammar.entry(query) for query in queries_of(settings, connector, packs).queries]
    return {**config, grammar.field: [*own, *(entry for entry in new if entry not in own)]}
