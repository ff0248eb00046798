"""What `watchfloor identify` and `watchfloor lab library` are called with: spectra of made-up substances."""

FULL = {
    ("identify",): ["{query}", "--library", "{spectra}"],
    ("lab", "library", "build"): ["{spectra}", "-o", "{new}.lib"],
    ("lab", "library", "show"): ["{spectra}"],
    ("lab", "library", "check"): ["{spectra}"],
}
"""What each is called with where there is something to print."""

EMPTY = {
    ("identify",): (["{foreign}", "--library", "{spectra}"], "components", []),
    ("lab", "library", "check"): (["{spectra}"], "findings", 0),
}

LEAVES = tuple(" ".join(words) for words in FULL)
"""They read no floor, and leave no act."""

PEAKS = {
    "Arctine": ((91.0542, 40), (119.0855, 30), (136.1121, 100), (137.1155, 9)),
    "Borealine": ((58.0651, 100), (91.0542, 20), (119.0855, 12), (150.1277, 55)),
    "Cirquine": ((105.0699, 60), (146.0964, 12), (188.1434, 100), (281.2012, 70)),
}


def msp(name, peaks):
    """One record of an MSP file."""
    rows = "".join(f"{x} {y}\n" for x, y in peaks)
    return f"Name: {name}\nNum Peaks: {len(peaks)}\n{rows}\n"


def measured(home):
    """Files of spectra, by the names that `FULL` and `EMPTY` use."""
    spectra, query, foreign = home / "spectra.msp", home / "query.msp", home / "foreign.msp"
    spectra.write_text("".join(msp(name, peaks) for name, peaks in PEAKS.items()), encoding="utf-8")
    both = sorted([(x, 3 * y) for x, y in PEAKS["Cirquine"]] + [(x, y) for x, y in PEAKS["Borealine"]])
    query.write_text(msp("exhibit 7", both), encoding="utf-8")
    foreign.write_text(
        msp("exhibit 8", ((70.1, 30), (201.3, 100), (240.2, 12), (301.9, 8))), encoding="utf-8"
    )
    return {"spectra": spectra, "query": query, "foreign": foreign}
