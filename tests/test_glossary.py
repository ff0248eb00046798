"""What `./dev lint` says of names that the glossary forbids."""

from design.glossary import forbidden


def test_forbidden_names_of_modules_classes_and_functions_are_found(tmp_path):
    (tmp_path / "cell").mkdir()
    (tmp_path / "cell" / "words.py").write_text(
        "class Told:\n    def take(self): ...\n\nasync def of(): ...\n"
    )
    (tmp_path / "cell" / "log_odds.py").write_text("class Telling: ...\n\ndef taken(): ...\n\ntold = 1\n")
    assert sorted(forbidden(tmp_path)) == [
        f"cell/words.py {name}" for name in ("Told", "module", "of", "take")
    ]
