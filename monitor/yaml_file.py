"""YAML files that people write: read into a model, each mistake told in one sentence with its line.

Only plain data is read: no tags, no anchors (a few lines of them can stand for gigabytes), no key twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar, get_args

import yaml
from pydantic import BaseModel, ValidationError

from monitor.errors import InvalidInput

MAX_BYTES = 2**20

Model = TypeVar("Model", bound=BaseModel)
Place = Sequence[str | int]


class YamlFile:
    """A file that was read, and the line of each thing in it."""

    def __init__(self, path: Path) -> None:
        """Read it. Raises InvalidInput."""
        self.path = path
        try:
            with path.open("rb") as stream:
                data = stream.read(MAX_BYTES + 1)
        except OSError as error:
            raise InvalidInput(f"{path} cannot be read: {error.strerror}.") from None
        if len(data) > MAX_BYTES:
            raise InvalidInput(f"{path} is larger than {MAX_BYTES} bytes; divide it.")
        try:
            self._root = yaml.compose(data, _PlainLoader)
            self.content = _PlainLoader("").construct_document(self._root) if self._root else None
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            raise self.wrong(line, f"this is not plain YAML ({error.problem})") from None
        except (yaml.YAMLError, ValueError, RecursionError):
            raise InvalidInput(f"{path} is not YAML text.") from None

    def wrong(self, where: int | Place, what: str) -> InvalidInput:
        """The error of what is wrong on a line, or at a place in the content."""
        line = where if isinstance(where, int) else self.line_of(where)
        return InvalidInput(f"{self.path} line {line}: {what}.")

    def line_of(self, place: Place) -> int:
        """The line where `place` begins, or the nearest thing around it that there is."""
        node, line = self._root, 1
        for part in place:
            found = _inner(node, part)
            if found is None:
                break
            line, node = found
        return line

    def parse(self, model: type[Model]) -> Model:
        """The content as `model`. Raises InvalidInput about the first mistake."""
        try:
            return model.model_validate({} if self.content is None else self.content)
        except ValidationError as error:
            first = error.errors(include_url=False, include_context=False, include_input=False)[0]
            raise self.wrong(
                first["loc"], _sentence(model, first["loc"], first["type"], first["msg"])
            ) from None


class _PlainLoader(yaml.SafeLoader):
    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            event = self.peek_event()  # type: ignore[no-untyped-call]
            raise yaml.MarkedYAMLError(problem="anchors are not read", problem_mark=event.start_mark)
        return super().compose_node(parent, index)

    def compose_mapping_node(self, anchor: Any) -> yaml.MappingNode:
        node: yaml.MappingNode = super().compose_mapping_node(anchor)
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.MarkedYAMLError(problem="a key stands here twice", problem_mark=key.start_mark)
            seen.add(str(key.value))
        return node


def _inner(node: yaml.Node | None, part: str | int) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == str(part):
                return key.start_mark.line + 1, value
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part].start_mark.line + 1, node.value[part]
    return None


def _sentence(model: type[BaseModel], place: Place, kind: str, message: str) -> str:
    path = ".".join(str(part + 1 if isinstance(part, int) else part) for part in place)
    if kind == "extra_forbidden":
        fields = list(_model_at(model, place[:-1]).model_fields)
        near = get_close_matches(str(place[-1]), fields, n=1)
        hint = f" (did you mean {near[0]!r}?)" if near else ""
        return f"{path} is not known here{hint}; known: {', '.join(fields)}"
    if kind == "missing":
        return f"{path} is missing"
    said = message.removeprefix("Value error, ")
    return f"{path}: " * bool(path) + said[:1].lower() + said[1:]


def _model_at(model: type[BaseModel], place: Place) -> type[BaseModel]:
    for part in place:
        if isinstance(part, str) and part in model.model_fields:
            model = _model_in(model.model_fields[part].annotation) or model
    return model


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for arg in get_args(annotation) if (found := _model_in(arg))), None)
