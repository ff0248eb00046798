"""The French that people read: nothing left in English, and set as Canada sets it, in the whole package."""

import ast
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import watchfloor
from watchfloor.messages import figures, typeset
from watchfloor.messages.catalogue import Catalogue

ROOT = Path(watchfloor.__file__).parent
WORDS = Catalogue()

ALIKE = frozenset(
    """air analogue bit bits bootstrap cas code common contact danger dangers date dates document drone drones
    animal format incident instrument ircc iso latitude law lb longitude minutes mode moment note
    original page pages pause points position rail record score session sessions signal signature source
    substance substances table trace traces typologies verdict version watchfloor""".split()
)
"""Words that are the same in both languages; names and numbers need not be here."""

QUOTED = re.compile(
    r"\{[^}]*\}|`[^`]*`|--?[a-z][\w-]*|\w+=[^ ;]+|[\w.-]+\.(?:toml|json|csv|py)\b|Authorization: Bearer"
)
"""What is written alike in every language: parameters, commands, options, values, files and headers."""


def pairs(table: dict, above: str = "") -> Iterator[tuple[str, str, str]]:
    """Yield the key, the English and the French of each text of a file."""
    for name, value in table.items():
        key = f"{above}.{name}" if above else name
        match value:
            case [str(english), str(french)] if above:
                yield key, english, french
            case {"en": str(english), "fr": str(french)}:
                yield key, english, french
            case dict():
                yield from pairs(value, key)
            case [dict(), *_]:
                for number, each in enumerate(value):
                    yield from (
                        pairs(each, f"{key}.{number}")
                        if not {"en", "fr"} <= each.keys()
                        else [(f"{key}.{number}", each["en"], each["fr"])]
                    )


def texts() -> Iterator[tuple[str, str, str]]:
    """Yield every text of the catalogue, of other tables, and of code that has both languages beside it."""
    for file in sorted(ROOT.rglob("*.toml")):
        name = str(file.relative_to(ROOT))
        if name not in NO_TEXTS:
            for key, english, french in pairs(tomllib.loads(file.read_text("utf-8"))):
                yield f"{name} {key}", english, french
    for file in sorted(ROOT.rglob("*.py")):
        source = file.read_text("utf-8")
        if '"fr": ' in source or " fr=" in source or "\nfr=" in source:
            for node in ast.walk(ast.parse(source)):
                yield from coded(node, f"{file.relative_to(ROOT)}")


NO_TEXTS = ("formats/tabular/columns.toml", "formats/payments/vocabulary.toml")
"""Tables of what files that are read may call a column."""


def coded(node: ast.AST, file: str) -> Iterator[tuple[str, str, str]]:
    """Yield the texts of a dict with a value for "en" and "fr", or of a call that has both by name."""
    match node:
        case ast.Dict():
            found = {
                key.value: value
                for key, value in zip(node.keys, node.values, strict=True)
                if isinstance(key, ast.Constant)
            }
        case ast.Call():
            found = {each.arg: each.value for each in node.keywords}
        case _:
            return
    if {"en", "fr"} <= found.keys():
        english, french = (list(strings(found[language])) for language in ("en", "fr"))
        if len(english) == len(french):
            yield from ((f"{file}:{node.lineno}", *both) for both in zip(english, french, strict=True))


def strings(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr(values=values):
            yield "".join(each.value if isinstance(each, ast.Constant) else "{}" for each in values)
        case ast.Call() | ast.Compare():
            return  # what a text is changed by
        case ast.Subscript(value=value):
            yield from strings(value)
        case ast.Dict(values=values):
            for each in values:
                yield from strings(each)
        case _:
            for each in ast.iter_child_nodes(node):
                yield from strings(each)


@cache
def every():
    """Return all texts: reading them takes a second, and each worker would do so while it collects."""
    return list(texts())


def test_no_text_is_left_in_english():
    left = [(key, french) for key, english, french in every() if english == french and not alike(french)]
    assert left == []


def alike(text: str) -> bool:
    """Whether a text may be the same in both languages: it is all signs, names or words of the list."""
    words = re.findall(r"[^\W\d_]{2,}", QUOTED.sub(" ", text))
    return all(word.lower() in ALIKE for word in words)


def test_the_colon_has_a_space_that_does_not_break_and_the_semicolon_none():
    wrong = [
        (key, french)
        for key, _, french in every()
        if re.search(r"[\s\u202f];|[^\s\d`/]:(?=\s|$)|“", shown(french))
    ]
    assert wrong == []


def shown(french: str) -> str:
    """A text as it is shown, without what is written alike in every language."""
    return QUOTED.sub("x", typeset(french))


def test_a_catalogue_is_typeset():
    spaced = [key for key in WORDS.every() if re.search(r" [:;»]|« |[\d}] [%$](?!\w)", WORDS.both(key)[1])]
    assert spaced == []


def test_decimals_have_commas():
    wrong = [
        (key, french)
        for key, _, french in every()
        if re.search(r"(?<![\w.,-])\d+\.\d+(?![\w.]*\d*[.)(-])", shown(french))
        and not re.search(r"\b(?:art|pact|LRPCFAT|latitude)|Sprint|null", french)
    ]
    assert (
        wrong == []
    )  # sections of statutes, coordinates, a name and what a file must hold keep their points


@pytest.mark.parametrize(
    ("written", "set_"),
    [
        ("a : b ; c", "a\u00a0: b; c"),
        ("« x » {n} % et 5 $", "«\u00a0x\u00a0» {n}\u00a0% et 5\u00a0$"),
        ("à 03:04, `a : b`", "à 03:04, `a\u00a0: b`"),
    ],
)
def test_a_text_is_typeset(written, set_):
    assert typeset(written) == set_ == typeset(set_)


def test_figures_of_a_language():
    assert (figures("93.5% (−0.25)", "fr"), figures("93.5%", "en")) == ("93,5\u00a0% (−0,25)", "93.5%")


@pytest.mark.parametrize("word", ["piste", "fin visée", "plateau", "veille", "pouvoir"])
def test_words_that_operations_do_not_use(word):
    """A lead is a signalement; piste is a track only. Purpose is finalité, and a floor an installation."""
    uses = {
        "piste": ("track", "trail"),
        "veille": ("assure", "day before"),
        "pouvoir": ("power", "able", "can", "may", "could"),
    }
    wrong = [
        (key, french)
        for key, english, french in every()
        if key.startswith("messages/")
        and re.search(rf"\b{word}s?\b", french, re.IGNORECASE)
        and not any(each in english.lower() for each in uses.get(word, ()))
    ]
    assert wrong == []
