"""Machine-readable zones with one or two errors, beside PyPI's `mrz` (GPL, so beside only).

    python -m benchmarks.travel.mrz [--zones N] [--seed N]

Zones of five layouts of made-up holders get one or two substitutions each, anywhere but in the names. An
oracle, the sum of Doc 9303 part 3 written out, says which of them leave every check digit right. Times
are of processor time and of the same strings: ours from a list of texts to columns of verdicts, theirs of a
sample, one object a zone. `in words` finds zones in text and verifies one by one, as `watchfloor travel mrz`.
"""

import argparse
import random
import time
from datetime import date

from tests.formats.travel.specimens import zone

from watchfloor.formats.travel import columnar, mrz
from watchfloor.formats.travel.finding import zones as zones_in
from watchfloor.formats.travel.layouts import ALPHABET, LAYOUTS

ON = date(2026, 12, 1)
SAMPLE = 2_000
"""Zones of each layout that the peer and the verdicts in words are timed on."""
CODES = {"TD1": "I<", "TD2": "I<", "TD3": "P<", "MRV-A": "V<", "MRV-B": "V<"}
DIGITS = ("number", "birth", "expiry", "optional", "composite")


def made(draw, layout):
    """Return the text of a sound zone of a holder who does not exist."""
    number = draw.choice(ALPHABET[10:36]) + "".join(draw.choices(ALPHABET[:36], k=8))
    names = "".join(draw.choices(ALPHABET[10:36], k=8)) + "<<" + "".join(draw.choices(ALPHABET[10:36], k=6))
    birth, expiry = (
        f"{draw.randint(*years):02d}{draw.randint(1, 12):02d}{draw.randint(1, 28):02d}"
        for years in ((40, 99), (27, 36))
    )
    name = layout.name
    lines = zone(name, code=CODES[name], number=number, names=names, birth=birth, expiry=expiry)
    return "".join(lines)


def damaged(draw, layout, text, errors):
    """Return a text with so many signs replaced by others."""
    start, end = layout.fields["names"]
    places = [at for at in range(layout.size) if not start <= at < end]
    signs = list(text)
    for at in draw.sample(places, errors):
        signs[at] = draw.choice([sign for sign in ALPHABET if sign != signs[at]])
    return "".join(signs)


def passes(layout, text):
    """Return whether every check digit is right, by the sum of the standard; None for a long number."""
    for check in layout.checks:
        if layout.overflows and check.name == "number" and text[check.at] == "<":
            return None
        over = "".join(text[start:end] for start, end in check.spans)
        if check.may_be_blank and text[check.at] == "<" and not over.strip("<"):
            continue
        total = sum((0 if sign == "<" else int(sign, 36)) * (7, 3, 1)[at % 3] for at, sign in enumerate(over))
        if text[check.at] != str(total % 10):
            return False
    return True


def peer_of(name):
    """Return the peer's checker of a layout; None where it is not installed."""
    try:
        from mrz.checker import mrva, mrvb, td1, td2, td3
    except ImportError:
        return None
    return {
        "TD1": td1.TD1CodeChecker,
        "TD2": td2.TD2CodeChecker,
        "TD3": td3.TD3CodeChecker,
        "MRV-A": mrva.MRVACodeChecker,
        "MRV-B": mrvb.MRVBCodeChecker,
    }[name]


def lines_of(layout, text):
    """Return a zone's text in lines."""
    return "\n".join(text[at : at + layout.width] for at in range(0, layout.size, layout.width))


def rate(run, count):
    """Return how many a second of processor time, and what the run returns."""
    begin = time.process_time()
    found = run()
    return count / max(time.process_time() - begin, 1e-9), found


def measure(name, count, seed):
    """Print a layout's row; return whether every error that digits can find was found, and the ratio."""
    layout, draw = LAYOUTS[name], random.Random(f"{seed} {name}")
    errors = [1 + at % 2 for at in range(count)]
    texts = [damaged(draw, layout, made(draw, layout), many) for many in errors]
    columnar.verify(columnar.stacked(texts[:200], layout), layout, ON)  # compiled before it is timed
    ours, verdicts = rate(lambda: columnar.verify(columnar.stacked(texts, layout), layout, ON), count)
    wrong = sum(verdicts.wrong(one) for one in DIGITS) > 0
    truth = [passes(layout, text) for text in texts]
    known = [at for at, one in enumerate(truth) if one is not None]
    missed = sum(not truth[at] and not wrong[at] for at in known)
    false = sum(bool(truth[at] and wrong[at]) for at in known)
    single = [at for at in known if errors[at] == 1]
    findable = sum(not truth[at] for at in single)
    caught = sum(bool(not truth[at] and wrong[at]) for at in single)
    some = texts[:SAMPLE]
    numbered = list(enumerate("\n".join(lines_of(layout, one) for one in some).split("\n"), 1))
    worded, _ = rate(lambda: [mrz.verify(one, ON) for one in zones_in(numbered)], len(some))
    peer, ratio, theirs = peer_of(name), float("nan"), float("nan")
    agree = "-"
    if peer:
        pasted = [lines_of(layout, one) for one in some]
        theirs, found = rate(lambda: [said(peer, one) for one in pasted], len(some))
        ratio = ours / theirs
        peer_missed = sum(bool(good) and truth[at] is False for at, good in enumerate(found))
        agree = f"{peer_missed}"
    print(
        f"{name:6} {count:7,} {findable:8,} {caught:8,} {missed:6} {false:6} {ours:12,.0f} {worded:9,.0f}"
        f" {theirs:9,.0f} {ratio:7,.0f} {agree:>8}"
    )
    return missed == 0 and false == 0, ratio


def said(peer, text):
    """Return whether the peer takes a zone for right; a zone that it fails on is none."""
    try:
        return bool(peer(text))
    except Exception:
        return False


def main():
    """Print one row a layout, then what no check digit finds."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--zones", type=int, default=100_000, help="zones of each layout")
    parser.add_argument("--seed", type=int, default=7)
    chosen = parser.parse_args()
    print("layout   zones findable   caught missed  false     zones/s  in words    peer/s   ratio  it missed")
    results = [measure(name, chosen.zones, chosen.seed) for name in LAYOUTS]
    print("\nkind of error under a check digit: how many signs and weights, how many are missed")
    for kind, of, missed in columnar.blind_spots():
        print(f"{kind:28} {of:6,} {missed:5,} {missed / of:7.2%}")
    if not all(good for good, _ in results):
        raise SystemExit("an error that check digits can find was missed, or a right digit called wrong")


if __name__ == "__main__":
    main()
