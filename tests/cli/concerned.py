"""What the commands of `lists concern` are called with: two nodes, one of which lists exporters."""

from datetime import UTC, datetime, timedelta

from tests.exchange.nodes import floor, trusting

TODAY = datetime.now(UTC).date()
ROWS = (
    "id,name,source,asserted,expires,why\n"
    f"X-1,Lindenrot Fine Chemicals,notice 12/2026,{TODAY},{TODAY + timedelta(days=300)},"
    "shipped NPP as a dye\n"
    f"X-2,Old Trading,file 7,{TODAY - timedelta(days=400)},{TODAY - timedelta(days=40)},"
    "was named in two seizures\n"
)
LAWFUL = ("--gateway", "customs-107-5-a", "--test", "the parcels named are under examination")

FULL = {
    ("lists", "concern", "list"): ["--all", "--floor", "{lister}"],
    ("lists", "concern", "export"): ["--to", "listed", *LAWFUL, "-o", "{new}", "--floor", "{lister}"],
    ("lists", "concern", "receive"): ["{concernlist}", "--floor", "{listed}"],
}
"""What each is called with where there is something to print."""

EMPTY = {("lists", "concern", "list"): (["--floor", "{bare}"], "assertions", 0)}
"""The same where there is nothing, and the field that counts it."""

LEAVES = tuple(" ".join(words) for words in FULL)


def concerned(home, call):
    """Two nodes that know each other, a list on one, and that list signed for the other."""
    lister, listed = floor(home, "lister", institution="border-agency"), floor(home, "listed")
    trusting(lister, listed)
    (home / "concern.csv").write_text(ROWS, encoding="utf-8")
    here = ["--floor", home / "lister"]
    call(["ingest", home / "concern.csv", *here])
    call(["lists", "concern", "export", "--to", "listed", *LAWFUL, "-o", home / "exporters.list", *here])
    return {"lister": home / "lister", "listed": home / "listed", "concernlist": home / "exporters.list"}
