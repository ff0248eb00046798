"""What commands of travel documents are called with: zones of specimens, and a text without any."""

from tests.formats.travel.specimens import SPECIMENS, TD3, changed

FULL = {("travel", "mrz"): ["{zones}", "--on", "2026-12-01"]}
"""What each is called with where there is something to print."""

EMPTY = {("travel", "mrz"): (["{nozones}"], "zones", 0)}
"""The same where there is nothing, and the field that counts it."""

LEAVES = tuple(map(" ".join, FULL))
"""They read no floor, and leave no act."""


def documented(home):
    """Zones of which one is misread, and none at all, below a folder."""
    lines = [*(line for lines in SPECIMENS.values() for line in lines), *changed(TD3, 2, 24, "O")]
    texts = {"zones": "\n".join(lines), "nozones": "Dear Sir or Madam,\n"}
    for name, text in texts.items():
        (home / f"{name}.txt").write_text(text, encoding="utf-8")
    return {name: home / f"{name}.txt" for name in texts}
