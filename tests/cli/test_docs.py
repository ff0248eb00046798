"""The docs against the program: commands, options, links, paths, benchmarks, settings, counts, pages."""

import re
import shlex
import tomllib
from itertools import takewhile
from pathlib import Path

import pytest
from design.commands import page
from tests.cli.commanded import COMMANDS

from watchfloor.api import SUBJECTS
from watchfloor.casework.tasking import assets, units
from watchfloor.casework.watch import orders
from watchfloor.cli.common import EXIT_CODES
from watchfloor.console import settings as console
from watchfloor.desks.finance.typologies import typology
from watchfloor.exchange.fintrac import entity
from watchfloor.exchange.partnership import code
from watchfloor.feeds import config
from watchfloor.formats.tabular import mapping
from watchfloor.planning.inspections import means
from watchfloor.policy import gateway_table
from watchfloor.scorecard import claims
from watchfloor.store.floor import Floor
from watchfloor.store.writer import Writer

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    [
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / f"{name}.md" for name in ("README", "CONTRIBUTING", "SECURITY")),
    ]
)
TEXTS = {page.relative_to(ROOT).as_posix(): page.read_text("utf-8") for page in PAGES}
SOURCE = "\n".join(path.read_text("utf-8") for path in (ROOT / "src").rglob("*.py"))
GROUPS = {words[:size] for words in COMMANDS for size in range(1, len(words))}
GLOBAL = {"--help", "--install-completion", "--show-completion", "--version"}
CALL = re.compile(r"(?:^ {4,}|[`;&(] ?)(?:\.dev/venv/bin/)?watchfloor +([a-z][^`\n]*)", re.MULTILINE)
LINK = re.compile(r"(?<!!)\[[^\]]+\]\(([^)\s]+)\)")
PLACED = re.compile(r"[A-Z{<…]|\.\.\.")


def calls(text):
    """What stands behind `watchfloor` in code, as words; without comments and what other programs do."""
    for found in CALL.finditer(text):
        line = re.sub(r"[\[\]]", " ", re.split(r" #|\|| > |;|&& ", found[1])[0])
        try:
            yield shlex.split(line)
        except ValueError:
            yield line.split()


def command_of(words):
    """The command that words call and what they give it; None for the name of a group alone."""
    for size in range(min(4, len(words)), 0, -1):
        if tuple(words[:size]) in COMMANDS:
            return tuple(words[:size]), words[size:]
    return None


def options(words):
    return {name for one in COMMANDS[words].params for name in (*one.opts, *one.secondary_opts)} | GLOBAL


@pytest.mark.parametrize("page", TEXTS)
def test_commands_and_options_that_are_named_are_there(page):
    wrong = []
    for words in calls(TEXTS[page]):
        found = command_of(words)
        if found is None:
            names = tuple(takewhile(lambda word: not PLACED.search(word), words))
            wrong += [] if names in GROUPS else [words]
            continue
        name, given = found
        stated = (re.split(r"[=/,]", word)[0].rstrip(".:)") for word in given if word.startswith("--"))
        wrong += [(name, one) for one in stated if one not in ("--", *options(name))]
    assert not wrong


NAMED = (
    r"\bwatchfloor ([a-z][a-z -]*)(?=[ `{])(?! ?[a-z]*/v\d)",  # that of a signed text is no command
    r'"-m", "watchfloor", ((?:"[\w-]+", )+)',
    r'listing: ClassVar = \("[\w-]+", "([^"]+)"\)',
    r'pick\(.*, "[\w-]+", "([^"]+)"\)',
    r'\bcommand="([^"]+)"',
)
"""How the program names commands: in sentences, to start one, and where an id that nobody knows is listed."""


def test_commands_that_the_program_names_are_there():
    """A sentence that begins with the name of a command, or of one in a group, names one that there is."""
    tables = [
        path for path in (ROOT / "src").rglob("*.toml") if path.name != "weights.toml"
    ]  # leads name its bytes
    messages = [path.read_text("utf-8") for path in tables]
    text = re.sub(r'"\n\s+f?"', "", "\n".join([SOURCE, *messages]))
    heads = {word for words in COMMANDS for word in words}
    for pattern in NAMED:
        found = [tuple(re.findall(r"[\w-]+", one)) for one in re.findall(pattern, text)]
        named = [words for words in found if words and (pattern != NAMED[0] or words[0] in heads)]
        assert named, pattern
        assert {words for words in named if command_of(words) is None and words not in GROUPS} == set()


def heading(text):
    """The anchor of a heading, as the docs' program makes it."""
    plain = re.sub(r"[^\w\s-]", "", re.sub(r"`|\*", "", text).strip().lower())
    return re.sub(r"[\s]+", "-", plain)


@pytest.mark.parametrize("page", TEXTS)
def test_links_lead_somewhere(page):
    missing = []
    for link in LINK.findall(TEXTS[page]):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = ((ROOT / page).parent / path).resolve() if path else ROOT / page
        if not target.exists():
            missing.append(link)
        elif anchor and target.suffix == ".md":
            heads = re.findall(r"^#+ (.+)$", target.read_text("utf-8"), re.MULTILINE)
            missing += [] if anchor in map(heading, heads) else [link]
    assert not missing


def test_environment_variables_are_those_that_are_read():
    said = "\n".join(TEXTS.values())
    named = set(re.findall(r"\bWATCHFLOOR_[A-Z_]+\b", said)) - set(re.findall(r'_env = "(\w+)"', said))
    elsewhere = "\n".join(path.read_text("utf-8") for path in (ROOT / "tests").rglob("*.py"))
    assert named
    assert {name for name in named if name not in SOURCE + elsewhere} == set()
    assert set(re.findall(r"\bWATCHFLOOR_[A-Z_]+\b", SOURCE)) - named == set()


def test_the_page_of_commands_has_them_all():
    """Where it does not: `python -m design.commands`."""
    assert (ROOT / "docs" / "commands.md").read_text("utf-8") == page()


def test_each_page_is_in_the_menu():
    menu = (ROOT / "mkdocs.yml").read_text("utf-8")
    pages = {page.relative_to(ROOT / "docs").as_posix() for page in (ROOT / "docs").rglob("*.md")}
    assert {page for page in pages if f": {page}" not in menu} == set()


FILE = re.compile(r"`((?:[\w-]+/)*[\w-]+\.py|(?:src|tests|benchmarks|deploy|design)/[\w./-]+)`")
ELSEWHERE = {"verify.py", "verify_rows.py", "src/survey-enfr.json", "src/store.ts"}
"""What `floor log export` writes, and files of the official assessment."""


def test_files_of_the_project_that_are_named_are_there():
    folders = [ROOT / name for name in ("src", "tests", "benchmarks", "deploy", "design")]
    there = {f"/{path.relative_to(ROOT).as_posix()}" for one in folders for path in (one, *one.rglob("*"))}
    tails = {name[at:] for name in there for at, sign in enumerate(name) if sign == "/"}
    named = {(page, name.rstrip("/")) for page, text in TEXTS.items() for name in FILE.findall(text)}
    missing = {(page, name) for page, name in named if f"/{name}" not in tails and name not in ELSEWHERE}
    assert {
        (page, name) for page, name in missing if "bursts/" not in name and "lab_gauge/" not in name
    } == set()


BENCH = re.compile(r"(?:\./dev bench|python -m benchmarks\.) ?([\w.]+)([^`\n]*)")


def modules(name: str) -> list[Path]:
    """Return the files of a benchmark: a module, or a package's."""
    base = ROOT / "benchmarks" / name.replace(".", "/")
    return [base.with_suffix(".py")] if base.with_suffix(".py").is_file() else sorted(base.glob("*.py"))


def test_benchmarks_that_are_named_are_there_with_their_options():
    wrong = []
    for where, text in TEXTS.items():
        for name, rest in BENCH.findall(text):
            found = modules(name)
            if not any(one.name in ("__main__.py", f"{name.split('.')[-1]}.py") for one in found):
                wrong.append((where, name))
                continue
            source = "\n".join(one.read_text("utf-8") for one in found)
            stated = re.findall(r"(?<![\w-])--[a-z-]+", rest.split(";")[0])
            wrong += [(where, name, one) for one in stated if f'"{one}"' not in source]
    assert wrong == []


IMPORT = re.compile(r"^ *from ((?:watchfloor|benchmarks)[\w.]*) import (\([^)]*\)|.*)", re.MULTILINE)


def has(module: str, name: str) -> bool:
    """Return whether a module defines or imports a name, or is a package with a module of that name."""
    base = (ROOT if module.startswith("benchmarks") else ROOT / "src") / module.replace(".", "/")
    if (base / name).is_dir() or (base / f"{name}.py").is_file():
        return True
    file = base / "__init__.py" if base.is_dir() else base.with_suffix(".py")
    there = (
        rf"^(?:(?:async )?def |class |type )?(?:\w+, )*{name}\b|^from .* import .*\b{name}\b|^    {name},$"
    )
    return file.is_file() and re.search(there, file.read_text("utf-8"), re.MULTILINE) is not None


def test_benchmarks_import_what_there_is():
    """No test runs them, and mypy does not read them."""
    asked = {
        (module, name)
        for path in (ROOT / "benchmarks").rglob("*.py")
        for module, names in IMPORT.findall(path.read_text("utf-8"))
        for name in re.findall(r"(\w+)(?: as \w+)?", names.split("#")[0])
    }
    assert asked
    assert {(module, name) for module, name in asked if not has(module, name)} == set()


def test_what_dev_is_asked_to_do_it_does():
    script = (ROOT / "dev").read_text("utf-8")
    asked = set(re.findall(r"\./dev ([a-z]+)", "\n".join(TEXTS.values())))
    assert {
        word for word in asked if not re.search(rf"^\W*(?:\w+ \| )*{word}\b.*\)", script, re.MULTILINE)
    } == set()


def test_extras_that_are_named_are_there():
    there = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    named = set(
        re.findall(r"watchfloor\[([a-z,]+)\]|\(extra `(\w+)`|[Tt]he extra `(\w+)`", "\n".join(TEXTS.values()))
    )
    assert {one for each in named for one in ",".join(each).split(",") if one} - set(there) == set()


def test_exit_codes_that_are_named_are_ours():
    said = re.findall(
        r"(?:exit code|exits with|ends with|exit) (\d+)\b", "\n".join(TEXTS.values()), re.IGNORECASE
    )
    assert {int(code) for code in said} <= {*EXIT_CODES, 130}


COUNTED = (
    ("docs/finance.md", r"\| (\d+) indicators", "desks/finance/typologies/*.toml", "indicator"),
    ("docs/substances-desk.md", r"(\d+) substances: structure", "reference/law/trade.toml", "substance"),
    ("docs/substances-desk.md", r"(\d+) measures of the UN", "reference/law/elsewhere.toml", "measure"),
)


@pytest.mark.parametrize(("page", "said", "files", "table"), COUNTED)
def test_counts_that_are_named_are_those_of_the_tables(page, said, files, table):
    rows = [
        tomllib.loads(one.read_text("utf-8")).get(table, []) for one in (ROOT / "src/watchfloor").glob(files)
    ]
    assert [int(count) for count in re.findall(said, TEXTS[page])] == [sum(map(len, rows))]


def test_methods_of_a_floor_that_are_named_are_there():
    text = "\n".join(TEXTS.values())
    methods = {"floor": {*dir(Floor), *SUBJECTS}, "Floor": {*dir(Floor)}, "writer": {*dir(Writer)}}
    for word, known in methods.items():
        assert set(re.findall(rf"(?<![\w/]){word}\.(\w+)\(", text)) <= known


SETTINGS = {
    "feeds.toml": (r"\[feeds\.", config.read),
    "gateways.toml": (r"\[gateway\.", gateway_table.load),
    "inspection.toml": (r"\[means\.", means.load),
    "units.toml": (r"status = ", lambda path: units.read(path.read_text("utf-8"), path.name)),
    "watch.toml": (r"roles = \[", lambda path: orders.read(path.read_text("utf-8"), path.name)),
    "assets.toml": (r"\[assets\.", lambda path: assets.read(path.read_text("utf-8"), path.name)),
    "a code of practice": (r'id = "partners"', lambda path: code.read(path.read_text("utf-8"))),
    "a mapping": (r'kind = "', mapping.load),
    "a claim": (r"title = \{", lambda path: claims.load(path.name, path.read_bytes())),
    "console.toml": (r"(?:\[diagnostics\]|\[map\]|passwords = )", lambda path: console.load(path.parent)),
    "fintrac.toml": (r"number = ", entity.load),
    "an indicator": (
        r"\[\[indicator\]\]",
        lambda path: typology.read(
            path.read_text("utf-8"), path.name, "placement", frozenset({"FINTRAC-2018"})
        ),
    ),
}
"""How an example of a setting begins, and what reads it."""


BLOCK = re.compile(r"(?:^    .*\n(?:\n(?=    ))?)+|(?<=^```toml\n)(?:[^`].*\n|\n)+", re.MULTILINE)
BLOCKS = [
    (where, re.sub("^    ", "", block, flags=re.MULTILINE))
    for where, text in TEXTS.items()
    for one in BLOCK.findall(text)
    for block in (one, *re.findall(r"<<'TOML'\n((?:.*\n)+?)    TOML", one))
]
"""Every example that is no sentence, by its page; of what a shell is given, the file too."""


@pytest.mark.parametrize("name", SETTINGS)
def test_examples_of_settings_are_read(name, tmp_path):
    begins, read = SETTINGS[name]
    found = [(where, text) for where, text in BLOCKS if re.match(rf"(?:#.*\n)*{begins}", text)]
    assert found
    for where, text in found:
        path = tmp_path / name
        path.write_text(text, "utf-8")
        try:
            read(path)
        except Exception as error:
            raise AssertionError(f"{where}: {error}") from error
