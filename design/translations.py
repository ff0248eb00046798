"""Hand the texts of the catalogue to a translator as a PO file, and take the French back.

    ./dev translations export french.po
    ./dev translations import french.po

Each entry has the key of its text as context, the English as its id and the French as its translation. An
entry that is marked fuzzy is not taken. One is refused if nobody knows its key, if the English has changed
since, or if the French has other parameters. Sentences that code puts together are in no catalogue, and not
in the file.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import polib
import tomlkit

from watchfloor.messages import catalogue


def export(path: Path) -> int:
    """Write all texts to a PO file; return how many."""
    file = polib.POFile(wrapwidth=100)
    file.metadata = {"Language": "fr_CA", "Content-Type": "text/plain; charset=utf-8"}
    for subject in sorted(catalogue.subjects()):
        for key, (english, french) in catalogue.texts(subject).items():
            file.append(polib.POEntry(msgctxt=key, msgid=english, msgstr=french, occurrences=[(subject, "")]))
    file.save(str(path))
    return len(file)


def take(path: Path) -> tuple[int, list[str]]:
    """Put the French of a PO file into the catalogues; return how many changed, and what was refused."""
    changed: dict[str, dict[str, str]] = {}
    refused: list[str] = []
    for entry in polib.pofile(str(path)):
        key, french = entry.msgctxt or "", entry.msgstr
        if entry.obsolete or entry.fuzzy or not french.strip():
            continue
        pair = catalogue.find(key)
        if pair is None:
            refused.append(f"{key or entry.msgid}: no text has this key")
        elif pair[0] != entry.msgid:
            refused.append(f"{key}: the English is now {pair[0]!r}; export again")
        elif _parameters(french) != _parameters(pair[0]):
            wanted = ", ".join(_parameters(pair[0]) or ["none"])
            refused.append(f"{key}: the French needs the parameters of the English: {wanted}")
        elif french != pair[1]:
            changed.setdefault(key.partition(".")[0], {})[key] = french
    for subject, texts in changed.items():
        file = Path(str(catalogue.subjects()[subject]))
        table = tomlkit.parse(file.read_text("utf-8"))
        for key, pair in _arrays(table):
            if key in texts:
                pair[1] = texts[key]
        file.write_text(tomlkit.dumps(table), "utf-8", newline="\n")
    return sum(map(len, changed.values())), refused


def _arrays(table: dict, above: str = "") -> Iterator[tuple[str, list]]:
    """Yield the pair of texts of each key, as the parsed file has it, so that it can be changed in place."""
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _arrays(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", value


def _parameters(text: str) -> list[str] | None:
    """Return the names in braces, sorted; None where a brace is left open."""
    try:
        return sorted({name for _, name, _, _ in Formatter().parse(text) if name is not None})
    except ValueError:
        return None


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["export", path]:
            print(f"{export(Path(path)):,} texts in {path}")
        case ["import", path]:
            changed, refused = take(Path(path))
            print(f"{changed:,} texts changed", *refused, sep="\n")
            sys.exit(bool(refused))
        case _:
            sys.exit(__doc__)
