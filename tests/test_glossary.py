"""What `./dev lint` says of names that the glossary forbids."""

from design import glossary
from design.glossary import forbidden, main


def test_forbidden_names_of_modules_classes_and_functions_are_found(tmp_path):
    (tmp_path / "cell").mkdir()
    (tmp_path / "cell" / "words.py").write_text(
        '"""What is."""\nclass Told:\n    def take(self):\n        """What x."""\n\nasync def of(): ...\n'
    )
    (tmp_path / "cell" / "log_odds.py").write_text("class Telling: ...\n\ndef taken(): ...\n\ntold = 1\n")
    assert sorted(forbidden(tmp_path)) == [
        f"cell/words.py {name}" for name in ("Told", "What", "What", "module", "of", "take")
    ]


def test_a_forbidden_name_is_refused(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(glossary, "SOURCE", tmp_path)
    assert main() == 0
    (tmp_path / "told.py").touch()
    assert main() == 1
    assert capsys.readouterr().out.startswith("src/watchfloor/told.py module: ")
