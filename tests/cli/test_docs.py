"""The docs against the program: commands and their options, links, environment variables, pages, formats."""

import re
import shlex
from pathlib import Path

import pytest
from design.commands import page
from tests.cli.commanded import COMMANDS

ROOT = Path(__file__).parents[2]
PAGES = sorted([*(ROOT / "docs").rglob("*.md"), ROOT / "README.md"])
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
    for size in range(min(3, len(words)), 0, -1):
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
            names = tuple(word for word in words[:2] if not PLACED.search(word))
            wrong += [] if names in GROUPS else [words]
            continue
        name, given = found
        stated = (re.split(r"[=/,]", word)[0].rstrip(".:)") for word in given if word.startswith("--"))
        wrong += [(name, one) for one in stated if one not in ("--", *options(name))]
    assert not wrong


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


def test_environment_variables_that_are_named_are_read():
    said = "\n".join(TEXTS.values())
    named = set(re.findall(r"\bWATCHFLOOR_[A-Z_]+\b", said)) - set(re.findall(r'_env = "(\w+)"', said))
    elsewhere = "\n".join(path.read_text("utf-8") for path in (ROOT / "tests").rglob("*.py"))
    assert named
    assert {name for name in named if name not in SOURCE + elsewhere} == set()


def test_the_page_of_commands_has_them_all():
    """Where it does not: `python -m design.commands`."""
    assert (ROOT / "docs" / "commands.md").read_text("utf-8") == page()


def test_each_page_is_in_the_menu():
    menu = (ROOT / "mkdocs.yml").read_text("utf-8")
    pages = {page.relative_to(ROOT / "docs").as_posix() for page in (ROOT / "docs").rglob("*.md")}
    assert {page for page in pages if f": {page}" not in menu} == set()
