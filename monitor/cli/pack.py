"""`leakwatch pack`: what is looked for, apart from where."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from monitor.cli.context import settings_with
from monitor.cli.output import AsJson, out, print_json, print_table

app = typer.Typer(help="Query packs: what is looked for.", no_args_is_help=True)


@app.command("list")
def list_packs(as_json: AsJson = False) -> None:
    """List the query packs, the shipped ones and your own.

    Example: leakwatch pack list
    """
    from monitor.packs import SHIPPED, pack_files, read_pack, terms_of

    documents: list[dict[str, Any]] = []
    for name, path in sorted(pack_files(settings_with()).items()):
        pack = read_pack(path)
        terms = terms_of([pack])
        documents.append(
            {
                "name": name,
                "origin": "shipped" if path.parent == SHIPPED else "your own",
                "terms": sum(map(len, (terms.phrases, terms.names, terms.slang, terms.hashtags))),
                "about": pack.about,
            }
        )
    if as_json:
        print_json(documents)
    else:
        print_table(["name", "origin", "terms", "about"], [list(entry.values()) for entry in documents])


@app.command("show")
def show(
    name: Annotated[str, typer.Argument(help="The pack's name.")],
    platform: Annotated[
        str | None, typer.Option("--for", help="A connector: show the queries it would be asked.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show a pack's terms, or the queries that they become on a platform.

    Example: leakwatch pack show uk-leaks --for reddit
    """
    from connectors.base import ConfigurationInvalid
    from monitor.errors import InvalidInput
    from monitor.packs import find_pack
    from monitor.queries import queries_of

    settings = settings_with()
    pack = find_pack(settings, name)
    document: dict[str, Any] = pack.model_dump(mode="json", exclude_defaults=True)
    if platform:
        try:
            expansion = queries_of(settings, platform, [name])
        except ConfigurationInvalid as error:
            raise InvalidInput(str(error)) from None
        document = {"queries": list(expansion.queries), "left_out": list(expansion.left_out)}
    if as_json:
        print_json(document)
    else:
        _print_lists(document)


def _print_lists(document: dict[str, Any]) -> None:
    for part, entries in document.items():
        out.print(f"{part}: {entries}" if isinstance(entries, str) else f"{part}:", highlight=False)
        for entry in entries if isinstance(entries, list) else ():
            if isinstance(entry, dict):
                entry = "; ".join(f"{key}: {_text(value)}" for key, value in entry.items())  # noqa: PLW2901
            out.print(f"  {entry}", highlight=False, soft_wrap=True)


def _text(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value)


@app.command("check")
def check(
    files: Annotated[list[Path], typer.Argument(help="Packs that you wrote.")],
) -> None:
    """Read packs and say what is wrong with them, with the line. Exit code 2 at the first mistake.

    Example: leakwatch pack check our-trust.yaml
    """
    from monitor.packs import read_pack, terms_of

    for file in files:
        terms = terms_of([read_pack(file)])
        counts = [
            f"{len(terms.phrases)} phrases",
            f"{len(terms.names)} names",
            f"{len(terms.slang)} words of slang",
            f"{len(terms.context)} of context",
            f"{len(terms.hashtags)} hashtags",
        ]
        out.print(f"{file.stem}: {', '.join(counts)}.", highlight=False)
