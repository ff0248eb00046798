"""The catalogue as a translator gets it and gives it back."""

import polib
import pytest
from design import translations

from watchfloor.messages import catalogue

TEXTS = """# Of a letter.
[post]
none = ["No letter", "Aucune lettre"]  # short
"sent.late" = [
  "sent {days} too late",
  "envoyée {days} trop tard",
]

[post.state]
open = ["open", "ouverte"]
"""


@pytest.fixture
def toml(tmp_path, monkeypatch):
    path = tmp_path / "post.toml"
    path.write_text(TEXTS, "utf-8")
    monkeypatch.setattr(catalogue, "subjects", lambda: {"post": path})
    catalogue.texts.cache_clear()
    yield path
    catalogue.texts.cache_clear()


@pytest.fixture
def po(toml, tmp_path):
    path = tmp_path / "french.po"
    assert translations.export(path) == 3
    return path


def changed(po, **french):
    file = polib.pofile(str(po))
    for entry in file:
        entry.msgstr = french.get(entry.msgctxt.rpartition(".")[2], entry.msgstr)
    file.save()
    return translations.take(po)


def test_what_was_not_changed_changes_nothing(toml, po):
    assert translations.take(po) == (0, [])
    assert toml.read_text("utf-8") == TEXTS


def test_the_french_is_put_in_its_place_and_all_else_stays(toml, po):
    said = 'une "lettre" \\ de trop'
    assert changed(po, none=said, late="{days} de retard", open="à lire") == (3, [])
    catalogue.texts.cache_clear()
    assert catalogue.texts("post") == {
        "post.none": ("No letter", said),
        "post.sent.late": ("sent {days} too late", "{days} de retard"),
        "post.state.open": ("open", "à lire"),
    }
    kept = [
        line
        for line in TEXTS.splitlines()
        if "lettre" not in line and "tard" not in line and "ouv" not in line
    ]
    assert [line for line in kept if line not in toml.read_text("utf-8").splitlines()] == []
    assert "# short" in toml.read_text("utf-8")


@pytest.mark.parametrize("french", ["sans nombre", "{jours} trop tard", "{days trop tard", "{days} }"])
def test_other_parameters_are_refused(toml, po, french):
    number, refused = changed(po, late=french)
    assert (number, [line.partition(":")[0] for line in refused]) == (0, ["post.sent.late"])
    assert toml.read_text("utf-8") == TEXTS


def test_english_that_changed_since_and_keys_that_are_gone_are_refused(toml, po):
    changed_since = TEXTS.replace("No letter", "No letters").replace("open =", "opened =")
    toml.write_text(changed_since, "utf-8")
    catalogue.texts.cache_clear()
    number, refused = changed(po, none="Rien", open="à lire", late="{days} de retard")
    assert (number, [line.partition(":")[0] for line in refused]) == (1, ["post.none", "post.state.open"])


def test_what_is_fuzzy_or_empty_is_not_taken(toml, po):
    file = polib.pofile(str(po))
    file[0].msgstr, file[0].fuzzy = "Rien", True
    file[1].msgstr = ""
    file.save()
    assert translations.take(po) == (0, [])
    assert toml.read_text("utf-8") == TEXTS
