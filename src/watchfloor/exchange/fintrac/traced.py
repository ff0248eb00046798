"""A document that is written with its traces: of each field, where its value comes from.

A trace is a tuple of sources, as text:

    record:HEX#column      a column of a record of evidence
    signal:HEX#reason      the sentence of a desk's signal
    stated:WHO             a person, of that name in the log; `stated:entity#key`: the entity's own file
    codes:LIST@VERSION     a code table, which turned a word into a code
    rule:NAME              one of `RULES`, where nothing is to be known

The traces of a document lie beside it, by JSON pointer (RFC 6901): whoever gets the report gets it without
them.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from watchfloor.core.messages import Message, declare

Source = tuple[str, ...]
Traces = dict[str, Source]

RULES: Final[Mapping[str, Message]] = {
    name: declare(f"fintrac.rule-{name}", en=en, fr=fr)
    for name, en, fr in (
        (
            "none",
            "nothing of it is known, and the field is a list",
            "rien n’en est connu, et le champ est une liste",
        ),
        (
            "completed",
            "a record of a payment says that it was made",
            "un enregistrement de paiement dit que l’opération a été effectuée",
        ),
        (
            "direction",
            "in, where the payer's account is not kept here; else out",
            "entrée, si le compte du payeur n’est pas tenu ici; sinon sortie",
        ),
        (
            "known",
            "whether a record names who it was",
            "si un enregistrement nomme de qui il s’agit",
        ),
        (
            "party",
            "numbers and types of parties follow their place in the report",
            "les numéros et les types des parties suivent leur place dans la déclaration",
        ),
        (
            "name",
            "a name with one comma is surname, comma, given name, as it was delivered",
            "un nom avec une virgule est nom, virgule, prénom, tel que livré",
        ),
        (
            "facts",
            "the sentence of facts counts and adds up the chosen payments",
            "la phrase des faits compte et additionne les paiements choisis",
        ),
        (
            "report",
            "which report it is, and its number here",
            "de quelle déclaration il s’agit, et son numéro ici",
        ),
        (
            "local",
            "an amount in the local currency is its own value",
            "un montant en monnaie locale est sa valeur",
        ),
        (
            "law",
            "which provision the list's instrument leads to",
            "la disposition à laquelle mène l’instrument",
        ),
        ("clock", "the clock starts when a person decides", "l’horloge part quand une personne décide"),
    )
}
"""What a trace `rule:NAME` means."""


def rule(name: str) -> str:
    """The source of a rule. Raises `KeyError` for one that is not in `RULES`."""
    _ = RULES[name]
    return f"rule:{name}"


NONE: Final = rule("none")
_NOTHING: Final = (NONE,)


class Traced:
    """An object of the document that is being written, and its place."""

    __slots__ = ("_inside", "path", "traces", "value")

    def __init__(self, value: dict[str, Any], traces: Traces, path: str = "") -> None:
        self.value, self.traces, self.path, self._inside = value, traces, path, f"{path}/"

    def put(self, name: str, value: Any, *sources: str) -> None:
        """Write a plain value with its sources; nothing for None."""
        if value is not None:
            self.value[name] = value
            self.traces[self._inside + name] = sources

    def part(self, name: str) -> "Traced":
        """A new object under a name."""
        inner: dict[str, Any] = {}
        self.value[name] = inner
        return Traced(inner, self.traces, self._inside + name)

    def many(self, name: str) -> "TracedList":
        """A new list under a name; as long as it is empty, that nothing is known is its trace."""
        inner: list[Any] = []
        self.value[name] = inner
        path = self._inside + name
        self.traces[path] = _NOTHING
        return TracedList(inner, self.traces, path)

    def none(self, *names: str) -> None:
        """Lists of which nothing is known."""
        for name in names:
            self.value[name] = []
            self.traces[self._inside + name] = _NOTHING


class TracedList:
    """A list of the document that is being written."""

    __slots__ = ("path", "traces", "value")

    def __init__(self, value: list[Any], traces: Traces, path: str) -> None:
        self.value, self.traces, self.path = value, traces, path

    def add(self) -> Traced:
        """A new object at its end."""
        self.traces.pop(self.path, None)
        inner: dict[str, Any] = {}
        self.value.append(inner)
        return Traced(inner, self.traces, f"{self.path}/{len(self.value) - 1}")


def leaves(value: Any, path: str = "") -> Iterator[str]:
    """Pointers of all fields: plain values, and lists and objects that are empty."""
    if isinstance(value, dict) and value:
        for name, inner in value.items():
            yield from leaves(inner, f"{path}/{escaped(name)}")
    elif isinstance(value, list) and value:
        for at, inner in enumerate(value):
            yield from leaves(inner, f"{path}/{at}")
    else:
        yield path


def escaped(name: str) -> str:
    """A name as a step of a pointer."""
    return name.replace("~", "~0").replace("/", "~1")


def steps(pointer: str) -> list[str]:
    """The names and numbers of a pointer. Raises `ValueError` for a text that is none."""
    if not pointer.startswith("/"):
        raise ValueError(f"{pointer!r} is no pointer to a field; one looks like /actionTaken/description")
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer[1:].split("/")]


def has(document: Any, pointer: str) -> bool:
    """Whether there is a field at a pointer."""
    try:
        at(document, pointer)
    except (KeyError, IndexError, ValueError):
        return False
    return True


def at(document: Any, pointer: str) -> Any:
    """The value at a pointer. Raises `KeyError`, `IndexError` or `ValueError` where there is none."""
    for step in steps(pointer):
        if isinstance(document, dict):
            document = document[step]
        elif isinstance(document, list):
            document = document[int(step)]
        else:
            raise KeyError(step)
    return document


def replace(document: dict[str, Any], traces: Traces, pointer: str, value: Any, source: str) -> None:
    """Put a value at a pointer of a written document, in the place of what was there; None takes it away.

    Objects on the way are made; of a list the place must be there, or be the one after its last.

    Raises:
        ValueError: the pointer leads nowhere.
    """
    *way, last = steps(pointer)
    inside: Any = document
    for step in way:
        inside = _inside(inside, step, pointer)
    for known in [one for one in traces if one == pointer or one.startswith(f"{pointer}/")]:
        del traces[known]
    traces.pop("/" + "/".join(map(escaped, way)), None)
    _set(inside, last, value, pointer)
    if value is not None:
        traces.update(dict.fromkeys(leaves(value, pointer), (source,)))
    elif not inside and way:
        traces["/" + "/".join(map(escaped, way))] = (source,)


def _inside(value: Any, step: str, pointer: str) -> Any:
    try:
        return value.setdefault(step, {}) if isinstance(value, dict) else value[int(step)]
    except (IndexError, ValueError, TypeError, AttributeError) as error:
        raise ValueError(f"{pointer} leads nowhere in this report: there is no {step}") from error


def _set(inside: Any, last: str, value: Any, pointer: str) -> None:
    if isinstance(inside, dict):
        if value is None:
            inside.pop(last, None)
        else:
            inside[last] = value
        return
    if not isinstance(inside, list) or not last.isdigit() or int(last) > len(inside) or value is None:
        raise ValueError(f"{pointer} leads nowhere in this report: there is no {last}")
    inside[int(last) : int(last) + 1] = [value]
