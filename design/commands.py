"""Write `docs/commands.md`, the list of every command. Run it when there is another."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from watchfloor.cli import app

PAGE = Path(__file__).parents[1] / "docs" / "commands.md"
HEAD = """# Commands

What each does says its `--help`, with an example; all end with the same [exit codes](exit-codes.md). This
page is written by `python -m design.commands`.

| group | commands |
|---|---|
"""
VARIABLES = """
## Variables of the environment

| variable | says |
|---|---|
| `WATCHFLOOR_FLOOR` | the floor, as `--floor` does |
| `WATCHFLOOR_PURPOSE`, `WATCHFLOOR_AUTHORITY` | what for and by what right, as the options do |
| `WATCHFLOOR_USER` | who acts, or which of an account's [readers](console-access.md#the-first-start) |
| `WATCHFLOOR_WAIT` | seconds that a writer waits for its turn on [a server](server.md#several-writers) |
| `WATCHFLOOR_MARKS` | the folder for [marks outside of the floor](store.md#limits) |
| `WATCHFLOOR_LOG` | where [lines for operators](console-operations.md) go |
| `WATCHFLOOR_CACHE` | the folder, or a read-only one, for compiled kernels and the like |
"""


def commands(group: Any, words: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the words that call each command of a group."""
    inside = getattr(group, "commands", {})
    if words and (group.params or not inside):
        yield words
    for name, command in inside.items():
        yield from commands(command, (*words, name))


def page() -> str:
    """Return the text of the page: a row for each group, the commands without one first."""
    groups: dict[str, list[str]] = {}
    for words in commands(typer.main.get_command(app)):
        groups.setdefault(" ".join(words[:-1]), []).append(words[-1])
    rows = (
        f"| `{' '.join(['watchfloor', name]).strip()}` | {', '.join(f'`{one}`' for one in groups[name])} |"
        for name in sorted(groups)
    )
    return HEAD + "\n".join(rows) + "\n" + VARIABLES


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
