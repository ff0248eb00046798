"""What `./dev lint` says of names that the glossary forbids."""

from collections import Counter

from design.glossary import forbidden, read, words, written


def test_forbidden_names_of_modules_classes_and_functions_are_found(tmp_path):
    (tmp_path / "cell").mkdir()
    (tmp_path / "cell" / "words.py").write_text(
        '"""What is."""\nclass Told:\n    def take(self):\n        """What x."""\n\nasync def of(): ...\n'
    )
    (tmp_path / "cell" / "log_odds.py").write_text("class Telling: ...\n\ndef taken(): ...\n\ntold = 1\n")
    assert sorted(forbidden(tmp_path)) == [
        f"cell/words.py {name}" for name in ("Told", "What", "What", "module", "of", "take")
    ]


def test_the_list_follows_modules_that_move_and_gets_no_longer():
    listed = Counter({"cell/a.py What": 2, "cell/a.py Told": 1})
    assert read(written(listed)) == listed
    assert words(Counter({"casework/a.py What": 2})) <= words(listed)
    assert not words(Counter({"cell/a.py What": 3})) <= words(listed)
