"""`watchfloor custody`: rows of `actions.custody`, and the papers and keys that are commands alone."""

from typing import Final

from watchfloor.cli import custody_keys, custody_papers, face

app: Final = face.group(
    "custody",
    "Exhibits from the seizure to the end: seals, analysts, transfers, clocks, mass balance, papers.",
    "custody",
)
custody_papers.add(app)
app.add_typer(custody_keys.app, name="key")
