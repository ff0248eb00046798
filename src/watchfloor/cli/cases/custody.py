"""`cases custody`: rows of `actions.custody`, their keys, and the papers, which are commands alone."""

from typing import Final

from watchfloor.cli import face
from watchfloor.cli.cases import custody_papers

app: Final = face.group(
    "custody",
    "cases",
    "Exhibits from the seizure to the end: seals, analysts, transfers, clocks, mass balance, papers.",
    "custody",
)
custody_papers.add(app)
app.add_typer(
    face.group("custody key", "cases", "Keys that people sign transfers with.", "custody_keys"), name="key"
)
