"""What commands of travel are called with: zones of specimens, persons in a table, and files without any."""

from tests.formats.travel.specimens import SPECIMENS, TD3, changed

FULL = {
    ("travel", "mrz"): ["{zones}", "--on", "2026-12-01"],
    ("travel", "link"): ["{persons}", "-o", "{new}.parquet"],
}
"""What each is called with where there is something to print."""

EMPTY = {
    ("travel", "mrz"): (["{nozones}"], "zones", 0),
    ("travel", "link"): (["{nobody}", "-o", "{new}.csv"], "pairs", 0),
}
"""The same where there is nothing, and the field that counts it."""

LEAVES = tuple(map(" ".join, FULL))
"""They read no floor, and leave no act."""


def documented(home):
    """Zones of which one is misread, and none at all, below a folder."""
    lines = [*(line for lines in SPECIMENS.values() for line in lines), *changed(TD3, 2, 24, "O")]
    texts = {"zones": "\n".join(lines), "nozones": "Dear Sir or Madam,\n"}
    for name, text in texts.items():
        (home / f"{name}.txt").write_text(text, encoding="utf-8")
    return {name: home / f"{name}.txt" for name in texts} | _persons(home)


def _persons(home):
    """Tables of made-up persons, each twice, and of nobody."""
    persons, nobody = home / "persons.csv", home / "nobody.csv"
    header = "id,first_name,last_name,date_of_birth,street_number,street_name\n"
    given, family = ("Ann", "Bo", "Cyril", "Dora", "Emil"), ("Roy", "Lund", "Okoro", "Tamm", "Vidal")
    rows = [
        f"{copy}{a}{b},{one},{other},19{10 + 9 * a}-0{1 + b}-1{a},{a}{b},{other} Street\n"
        for copy in "pq"
        for a, one in enumerate(given)
        for b, other in enumerate(family)
    ]
    persons.write_text(header + "".join(rows))
    nobody.write_text(header)
    return {"persons": persons, "nobody": nobody}
