"""What `claims` and `statistics` are called with, on the demo's floor and without one."""

FLOOR = ("--floor", "{floor}")
FULL = {
    ("claims", "check"): ["crossings-share", *FLOOR],
    ("claims", "list"): [],
    ("claims", "rows"): ["fentanyl-north", "weight-fy2024", *FLOOR],
    ("scorecard", "statistics", "list"): [*FLOOR],
    ("scorecard", "statistics", "revisions"): ["cbp-drug-seizures", *FLOOR],
}
"""What each is called with where there is something to print."""

EMPTY = {
    ("claims", "rows"): (["crossings-fall", "patrol"], "rows", 0),
    ("scorecard", "statistics", "list"): (["--on", "1999-12-31"], "vintages", 0),
    ("scorecard", "statistics", "revisions"): (["cbp-encounters"], "revisions", 0),
}
"""The same where there is nothing, and the field that counts it."""

LEAVES = {" ".join(words): {"query"} for words in FULL if words != ("claims", "list")}
"""The acts that each leaves on that floor."""
