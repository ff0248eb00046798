"""What the pages for contributors name is there, and the hooks fetch nothing."""

import re
from pathlib import Path

import pytest
import yaml

REPOSITORY = Path(__file__).parents[1]


@pytest.mark.parametrize("page", ["CONTRIBUTING.md", "SECURITY.md"])
def test_what_a_page_names_is_there(page):
    text = (REPOSITORY / page).read_text(encoding="utf-8")
    usage = (REPOSITORY / "dev").read_text(encoding="utf-8")
    paths = re.findall(r"\]\(([^)#]+)\)", text) + re.findall(r"`([\w.-]+/[\w./-]*|\.[\w.-]+\.yaml)`", text)
    assert paths
    for path in paths:
        assert any((REPOSITORY / at / path).exists() for at in (".", "src/watchfloor")), path
    for command in re.findall(r"\./dev (\w+)", text):
        assert re.search(rf"^\W*{command}\b.*\)|^\./dev {command} ", usage, re.MULTILINE), command


def test_hooks_run_what_is_here_and_fetch_nothing():
    hooks = yaml.safe_load((REPOSITORY / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    assert [one["repo"] for one in hooks["repos"]] == ["local"]
    (local,) = hooks["repos"]
    assert {one["id"] for one in local["hooks"]} == {"ruff-check", "ruff-format", "mypy", "glossary"}
    for one in local["hooks"]:
        assert one["language"] == "system"
        assert one["entry"].startswith(".dev/venv/bin/")


def test_fragments_have_names_that_say_their_kind():
    for path in (REPOSITORY / "changelog").iterdir():
        assert path.name == "README.md" or re.fullmatch(r"[a-z0-9-]+\.(feature|fix|change)\.md", path.name)
