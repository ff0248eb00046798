"""Deliberate mutations of the source, and the tests that must notice each: `./dev thorough` runs them.

Each stands where a wrong answer would matter: to whom a row is shown, what an erasure leaves, what adds up,
what a proof proves. It is applied in a copy of the tree, where the tests named for it run as the quick suite
runs them. What these miss goes to the whole room. One that no test notices is a hole in the quick suite.

    python -m tests.mutations [WORD ...]    all, or those whose file has one of the words in its path

What was found is kept in `.dev/mutations.jsonl` until all of them are through: a run that was cut off, or
that `--minutes` ended, goes on where it stopped, as long as source and tests are the same.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from argparse import ArgumentParser
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from queue import SimpleQueue
from tempfile import TemporaryDirectory
from time import monotonic
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
SOURCE = "src/watchfloor"
RESULTS = ROOT / ".dev" / "mutations.jsonl"
LEAST = 0.95
"""Share of the mutations that the quick suite must notice."""
FAILED = re.compile(r"^(?:FAILED|ERROR) tests/(.+?)(?: - .*)?$", re.MULTILINE)
HANGS = "the time limit of a test"
LEFT_OUT = shutil.ignore_patterns(".*", "build", "dist", "demo", "*.nbi", "*.nbc")


class Mutation(NamedTuple):
    """One change of the source.

    Attributes:
        file: under `src/watchfloor`.
        old: text that stands there once.
        new: what is put in its place.
        tests: files or tests, under `tests`, that are likely to notice.
    """

    file: str
    old: str
    new: str
    tests: str


MUTATIONS = (
    # Masks and markings: to whom a row is shown.
    Mutation(
        "policy/policy.py",
        "marking.tlp <= reader.tlp",
        "marking.tlp <= reader.tlp + 1",
        "policy/test_policy.py",
    ),
    Mutation(
        "policy/policy.py",
        "marking.compartments <= reader.compartments",
        "not marking.compartments.isdisjoint(reader.compartments | {''}) or not marking.compartments",
        "policy/test_policy.py",
    ),
    Mutation(
        "policy/policy.py",
        "reader.today <= marking.retain_until",
        "reader.today < marking.retain_until",
        "policy/test_policy.py",
    ),
    Mutation(
        "policy/policy.py",
        "pc.take(pa.array(verdicts, pa.bool_()), coded.indices)",
        "pa.array([bool(verdicts and verdicts[0])] * len(coded), pa.bool_())",
        "policy/test_policy.py",
    ),
    Mutation("core/marking.py", "    return a & b", "    return a | b", "policy/test_policy.py"),
    Mutation(
        "core/marking.py",
        "min(filter(None, (self.retain_until",
        "max(filter(None, (self.retain_until",
        "policy/test_policy.py",
    ),
    Mutation(
        "store/ceiling.py",
        "marking.classified <= ceiling.classified",
        "marking.classified <= ceiling.classified + 1",
        "store/test_ceiling.py",
    ),
    Mutation(
        "core/derived.py",
        '("revision", "descending")',
        '("revision", "ascending")',
        "core/test_derived.py",
    ),
    # Masks of acts, hits and originals; who may write over what.
    Mutation(
        "exchange/log/access.py",
        "return allowed(self.reader, parse(act.marking or self.unmarked))",
        "return True",
        "exchange/test_access.py",
    ),
    Mutation(
        "exchange/log/access.py",
        "return bool(held) and all(allowed(",
        "return all(allowed(",
        "exchange/test_access.py",
    ),
    Mutation(
        "exchange/log/access.py",
        "if mine.detail is None and act.detail is not None and (asked.about or",
        "if mine.detail is None and act.detail is not None and (",
        "exchange/test_access.py",
    ),
    Mutation(
        "store/ledger.py",
        "if not allowed(reader, parse(marking_of(database, at, ceiling))):",
        "if False:",
        "store/test_originals.py",
    ),
    Mutation(
        "store/ledger.py",
        " or _hides(root, database, came, reader)",
        "",
        "store/test_originals.py",
    ),
    Mutation(
        "store/segments/replacing.py",
        "heads[:] = [*(head for head in heads if not covers(marking, marked[head])), number]",
        "heads[:] = [number]",
        "store/test_replacing.py",
    ),
    Mutation(
        "store/segments/replacing.py",
        "may = [name for name, chain in heads.items() if covers(marking, chain.marking)]",
        "may = list(heads)",
        "store/test_replacing.py",
    ),
    Mutation(
        "feeds/deliverers.py",
        "seen = source not in self.feeds.by_name or self._sees(feed)",
        "seen = True",
        "cli/test_deliverers.py",
    ),
    # Files of the floor's account alone; what reads untrusted files.
    Mutation(
        "store/files.py",
        "return os.open(path, flags, 0o600)",
        "return os.open(path, flags, 0o644)",
        "store/test_modes.py",
    ),
    Mutation(
        "store/files.py",
        "place.chmod(stat.S_IMODE(place.stat().st_mode) & ~OTHERS)",
        "place.chmod(stat.S_IMODE(place.stat().st_mode))",
        "store/test_modes.py",
    ),
    Mutation(
        "feeds/reader_process.py",
        "program += [(give, 0, 0, allowed), (give, 0, 0, refused)]",
        "program += [(give, 0, 0, allowed), (give, 0, 0, allowed)]",
        "feeds/test_isolation.py",
    ),
    Mutation(
        "feeds/isolation.py",
        "if kind.name not in kinds or {*table.column_names}",
        "if {*table.column_names}",
        "feeds/test_isolation.py",
    ),
    # Two people, and what the log knows of the policy.
    Mutation(
        "console/access/administering.py",
        'other.role in (one.role, "supervisor")\n        and ',
        "",
        "console/test_second_person.py",
    ),
    Mutation(
        "console/access/administering.py",
        "if known and known[0]:",
        "if known:",
        "console/test_second_person.py",
    ),
    Mutation(
        "console/access/administering.py",
        "AND asked_by != ? AND account != ?",
        "AND asked_by != ? AND ? != ''",
        "console/test_second_person.py",
    ),
    Mutation(
        "console/access/administering.py",
        "if may and actor.name not in (one.name, one.reset_by)]",
        "if may and actor.name != one.name]",
        "console/test_second_person.py",
    ),
    Mutation(
        "console/access/second_factor.py",
        "AND totp_step < ?",
        "AND totp_step <= ?",
        "console/test_second_factor.py",
    ),
    Mutation(
        "store/governing.py",
        "by_hand = act.act == ACT or before.get(name, known) != known",
        "by_hand = act.act == ACT",
        "cli/test_governing.py",
    ),
    Mutation(
        "store/readers.py",
        '        _refuse_unstatable(policy, root, reader.name, "purposes", reader.purpose)\n',
        "",
        "cli/test_statable.py",
    ),
    # What one client may take of a console.
    Mutation(
        "console/endpoints/bodies.py",
        "most = most if known else SMALL",
        "most = most",
        "console/test_access.py",
    ),
    Mutation(
        "console/live/connections.py",
        "if len(self._of.get(one.network, ())) >= self._per_address:",
        "if len(self) >= self._most and one.network in self._of:",
        "console/test_connections.py",
    ),
    Mutation(
        "console/live/connections.py",
        "return now - self._since > HEAD",
        "return now - self.heard > HEAD",
        "console/test_connections.py",
    ),
    # Gateways: what the law lets go.
    Mutation(
        "policy/gateways.py",
        "self.since <= on and (self.expires is None or on <= self.expires)",
        "self.since <= on and (self.expires is None or on < self.expires)",
        "policy/test_gateways.py",
    ),
    Mutation(
        "policy/gateways.py",
        "if sender.institution not in gateway.from_:",
        "if sender.institution in gateway.to:",
        "policy/test_gateways.py",
    ),
    Mutation(
        "policy/gateways.py",
        "if not check.on <= on <= until:",
        "if not check.on <= on:",
        "policy/test_gateways.py",
    ),
    Mutation(
        "policy/gateways.py",
        "if statement.purpose != gateway.purpose:",
        "if not statement.purpose:",
        "policy/test_gateways.py",
    ),
    # The log: what a proof proves.
    Mutation(
        "store/log/merkle.py",
        'sha256(b"\\x00" + content)',
        'sha256(b"\\x01" + content)',
        "store/test_merkle.py",
    ),
    Mutation(
        "store/log/merkle.py",
        "return then == old_root and now == new_root",
        "return now == new_root",
        "store/test_merkle.py",
    ),
    Mutation(
        "store/log/merkle.py",
        "if len(proof) != inner + (index >> inner).bit_count():",
        "if len(proof) < inner + (index >> inner).bit_count():",
        "store/test_merkle.py",
    ),
    Mutation("store/log/merkle.py", "    if old <= left:", "    if old < left:", "store/test_merkle.py"),
    # Erasure, holds, retention.
    Mutation(
        "store/erasure/holds.py",
        "hold.lifted is None and hold.position > since",
        "hold.position > since",
        "store/test_holds.py",
    ),
    Mutation(
        "store/erasure/retention.py",
        "bool(self.holds) or (self.floor is not None and today <= self.floor)",
        "bool(self.holds) or (self.floor is not None and today < self.floor)",
        "store/test_retention.py",
    ),
    Mutation(
        "store/erasure/retention.py",
        "if use.position >= came]",
        "if use.position > came + 1]",
        "store/test_retention.py",
    ),
    Mutation(
        "store/erasure/erasing.py",
        "cut.rows.filter(pa.array(~cut.gone))",
        "cut.rows.filter(pa.array(cut.gone))",
        "store/test_erasure.py",
    ),
    Mutation(
        "store/erasure/erasing.py",
        "    _refuse_held(database, evidence, order)\n",
        "",
        "store/test_holds.py store/test_erasure.py",
    ),
    Mutation(
        "store/erasure/overwriting.py",
        "if overwritten(database) >= erasure:",
        "if overwritten(database) >= 0:",
        "store/test_rewrite.py",
    ),
    Mutation(
        "store/index/current.py",
        "    return overwrite(index, _erased(index), waits=waits)",
        "    return last <= done or overwrite(index, _erased(index), waits=waits)",
        "store/test_rewrite.py",
    ),
    # Accounting: received = accepted + duplicate + quarantined + withheld.
    Mutation(
        "store/intake.py",
        "received = self._accepted + self._duplicate + quarantined + withheld",
        "received = self._accepted + self._duplicate + quarantined",
        "store/test_intake.py",
    ),
    Mutation(
        "store/intake.py",
        "return self._kept(rows, found == index.NOWHERE",
        "return self._kept(rows, found == found",
        "store/test_erasure.py",
    ),
    Mutation(
        "store/intake.py",
        "& index.first(high, low)",
        "& (high == high)",
        "store/test_intake.py",
    ),
    Mutation(
        "core/identity.py",
        "if not occurrence:",
        "if occurrence < 2:",
        "core/test_identity.py",
    ),
    Mutation(
        "feeds/quarantine.py",
        "if one.position > piece.position and one.digest != piece.digest",
        "if one.position > piece.position",
        "feeds/test_quarantine.py",
    ),
    # Weighing: what adds up, once.
    Mutation(
        "cell/weighing/counting.py",
        "if stamp[tokens[k]] == lead and owner[tokens[k]] != i:",
        "if stamp[tokens[k]] == lead and owner[tokens[k]] > i:",
        "cell/test_weighing.py",
    ),
    Mutation(
        "cell/weighing/counting.py",
        "side = 1 if bits[i] < 0 else 0",
        "side = 0",
        "cell/test_weighing.py",
    ),
    Mutation(
        "cell/weighing/counting.py",
        "(1 - rho[i]) / ((1 + (j - 1) * rho[i])",
        "(1 - rho[i]) / ((1 + j * rho[i])",
        "cell/test_weighing.py",
    ),
    Mutation(
        "cell/weighing/counting.py",
        "0.0 - np.log2(np.maximum(size, 1))",
        "0.0 - np.log2(np.maximum(size, 2))",
        "cell/test_weighing.py",
    ),
    Mutation("cell/wording/estimative_language.py", "(0.20, ", "(0.25, ", "cell/test_words.py"),
    Mutation(
        "cell/linking.py",
        "bits = np.log2(max(signals, world, 1) / d) - np.log2(d - 1)",
        "bits = np.log2(max(signals, world, 1) / d)",
        "cell/test_linking.py",
    ),
    Mutation(
        "cell/linking.py",
        "if size[a] + size[b] > most:",
        "if size[a] + size[b] > most + 1:",
        "cell/test_linking.py",
    ),
    Mutation(
        "cell/linking.py",
        "if _would_meet(parent, apart, following, head[shorter], longer):",
        "if _would_meet(parent, apart, following, head[longer], longer):",
        "cell/test_linking.py",
    ),
    Mutation(
        "cell/weighing/circular_reporting.py",
        "p = against / (1 + against)",
        "p = odds / (1 + odds)",
        "cell/test_circular_reporting.py",
    ),
    Mutation(
        "cell/learning/ratios.py",
        "weight[mine].sum() / np.square(weight[mine]).sum()",
        "1 / weight[mine].mean()",
        "cell/learning/test_ratios.py",
    ),
    # Casework: clocks and masses.
    Mutation(
        "casework/custody/clocks.py",
        'Law("24(1)", 60,',
        'Law("24(1)", 90,',
        "casework/custody/test_clocks.py",
    ),
    Mutation(
        "casework/custody/clocks.py",
        'state = "met" if done <= last else "late"',
        'state = "met" if done < last else "late"',
        "casework/custody/test_clocks.py",
    ),
    Mutation(
        "casework/custody/balance.py",
        "return (entered + self.difference - self.accounted).grams",
        "return (entered - self.difference - self.accounted).grams",
        "casework/custody/test_seizures.py casework/custody/test_rules.py",
    ),
    # Screening.
    Mutation(
        "desks/listings/tiers.py", '    "Latin": 0.77,', '    "Latin": 0.72,', "desks/listings/test_tiers.py"
    ),
    Mutation(
        "desks/listings/tiers.py",
        "_BIRTH_LOSS: Final = -0.25",
        "_BIRTH_LOSS: Final = 0.0",
        "desks/listings/test_tiers.py desks/listings/test_screener.py",
    ),
    Mutation(
        "desks/listings/screener.py",
        "if entity.ceased and query.day and query.day >= entity.ceased:",
        "if entity.ceased and query.day and query.day > entity.ceased:",
        "desks/listings/test_concern.py desks/listings/test_screener.py",
    ),
    Mutation(
        "desks/listings/score.py",
        "worth += pairs.tells[at] * pairs.alike[at]",
        "worth += pairs.tells[at]",
        "desks/listings/test_screener.py",
    ),
    Mutation(
        "desks/listings/score.py",
        "_heaviest(asked, gain + rest[k + 1], least)",
        "_heaviest(asked, gain, least)",
        "desks/listings/test_score.py",
    ),
    # Surveillance.
    Mutation(
        "desks/surveillance/tracking/gating.py",
        "det = s00 * s11 - s01 * s01",
        "det = s00 * s11 + s01 * s01",
        "desks/surveillance/tracking/test_gating.py",
    ),
    Mutation(
        "desks/surveillance/tracking/association.py",
        "unseen[who[k]] = 1 / total",
        "unseen[who[k]] = 1 / (total + 1)",
        "desks/surveillance/tracking",
    ),
    Mutation(
        "desks/surveillance/tracking/association.py",
        "v[j] -= delta",
        "v[j] += delta",
        "desks/surveillance/tracking",
    ),
    Mutation(
        "desks/surveillance/events/risk.py",
        "[(COLD, 600.0, 0.65)",
        "[(COLD, 900.0, 0.65)",
        "desks/surveillance/events/test_risk.py",
    ),
    Mutation(
        "desks/surveillance/events/risk.py",
        "note.chance = (ON_WATER if water[k] > 0 else PERHAPS)",
        "note.chance = (ON_WATER if water[k] != 0 else PERHAPS)",
        "desks/surveillance/events/test_risk.py",
    ),
    # Other desks.
    Mutation(
        "desks/finance/typologies/sliding.py",
        "if time[rows[middle]] < since:",
        "if time[rows[middle]] <= since:",
        "desks/finance/test_sliding.py",
    ),
    Mutation(
        "desks/lab/search/kernels.py",
        "if not used_a[left[pair]] and not used_b[right[pair]]:",
        "if not used_a[left[pair]]:",
        "desks/lab/search",
    ),
    # Formats: units, clocks, check digits.
    Mutation(
        "formats/tabular/measures.py",
        'Decimal("28.349523125")',
        'Decimal("31.1034768")',
        "formats/test_measures.py",
    ),
    Mutation(
        "formats/sensors/log_times.py",
        "hour * 3_600 + minute * 60 + second - _zone(data, at, end)",
        "hour * 3_600 + minute * 60 + second + _zone(data, at, end)",
        "formats/test_log_times.py",
    ),
    Mutation(
        "formats/payments/iso20022/keys.py",
        "good[row] = fits and rest == 1",
        "good[row] = fits",
        "formats/iso20022/test_reading.py",
    ),
    Mutation(
        "formats/sensors/klv/file.py",
        "(sum(summed[0::2]) << 8) + sum(summed[1::2])",
        "(sum(summed[1::2]) << 8) + sum(summed[0::2])",
        "formats/test_klv.py",
    ),
    Mutation(
        "core/subjects.py",
        "if int(normal[3:10]) % 7 != int(normal[10]):",
        "if int(normal[3:10]) % 9 != int(normal[10]):",
        "core/test_subjects.py",
    ),
    Mutation(
        "core/subjects.py",
        "{10: 0, 11: 5}",
        "{10: 5, 11: 0}",
        "core/test_subjects.py",
    ),
    Mutation(
        "core/earth.py",
        "6_378_137.0",
        "6_371_008.8",
        "formats/test_utm.py reference/test_border.py",
    ),
    # Planning, exchange, exercise, scorecard.
    Mutation(
        "planning/information_gain.py",
        "hit = looks.exists * (seen + (1 - seen) * looks.alarms) +",
        "hit = looks.exists * seen +",
        "planning/test_information_gain.py",
    ),
    Mutation("planning/cueing.py", "(280.460 + ", "(281.460 + ", "planning/test_daylight.py"),
    Mutation(
        "exchange/bundles/receipts.py",
        "return found if found >= {*received.leaves[kind]} else _leaves(",
        "return found if found else _leaves(",
        "exchange/test_receipts.py exchange/test_fleet.py",
    ),
    Mutation(
        "exchange/bundles/receipts.py",
        '"stored": compared.stored,',
        '"stored": compared.rows,',
        "exchange/test_fleet.py",
    ),
    Mutation(
        "exchange/partnership/psi.py",
        "return sorted(made) if shuffled else made",
        "return made",
        "exchange/partnership/test_psi.py",
    ),
    Mutation(
        "exchange/partnership/leakage.py",
        "_log2(one.size + 1)",
        "_log2(one.size)",
        "exchange/partnership/test_sessions.py",
    ),
    Mutation(
        "exercise/score.py",
        "np.quantile(found, (0.025, 0.975))",
        "np.quantile(found, (0.05, 0.95))",
        "exercise/test_intervals.py",
    ),
    Mutation(
        "scorecard/methods/intervals.py",
        "betainccinv(ours + 1, rest, tail)",
        "betainccinv(ours, rest, tail)",
        "scorecard/methods/test_intervals.py",
    ),
    Mutation(
        "scorecard/agreement/standing.py",
        '"corrected": ("withdrawn", "approved"),',
        '"corrected": ("withdrawn",),',
        "scorecard/agreement/test_standing.py",
    ),
    Mutation(
        "scorecard/agreement/standing.py",
        'embargo["until"] > clock else None',
        'embargo["until"] >= clock else None',
        "scorecard/agreement/test_standing.py",
    ),
    # Faces.
    Mutation(
        "messages/__init__.py",
        'return bool(_plurals().select(float(count)) == "one")',
        "return count == 1",
        "messages/test_messages.py",
    ),
    Mutation(
        "console/guard.py",
        "if acts and from_elsewhere(headers):",
        'if scope["type"] != "websocket" and acts and from_elsewhere(headers):',
        "console/test_guard.py::test_a_socket_that_another_sites_page_opens_is_closed",
    ),
)


def main(arguments: list[str]) -> int:
    """Run the mutations and print what became of each; return 1 if too few are noticed, 2 if some wait."""
    parser = ArgumentParser("python -m tests.mutations")
    parser.add_argument("words", nargs="*", metavar="WORD", help="parts of the paths of files; all without")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="begin no more after these")
    asked = parser.parse_args(arguments)
    chosen = [one for one in MUTATIONS if not asked.words or any(word in one.file for word in asked.words)]
    results = kept(RESULTS, state := digest(ROOT))
    waiting = [one for one in chosen if one not in results]
    workers = min(len(waiting), os.cpu_count() or 1)
    until = monotonic() + 60 * asked.minutes
    with TemporaryDirectory(prefix="watchfloor-mutations-") as folder:
        trees: SimpleQueue[Path] = SimpleQueue()
        for number in range(workers):
            trees.put(copied(Path(folder, str(number))))
        with ThreadPoolExecutor(max(workers, 1)) as threads:
            list(threads.map(lambda one: told(one, trees, state) if monotonic() < until else None, waiting))
    results = kept(RESULTS, state)
    noticed = sum(results[one] is not None for one in chosen if one in results)
    for one in chosen:
        if one in results and results[one] is None:
            print(f"UNNOTICED  {one.file}: {one.old}")
    if left := sum(one not in results for one in chosen):
        print(f"{noticed} of {len(chosen) - left} mutations noticed, {left} wait: run this again")
        return 2
    print(f"{noticed} of {len(chosen)} mutations noticed by the quick suite")
    if len(chosen) == len(MUTATIONS):
        RESULTS.unlink()
    return int(noticed < LEAST * len(chosen))


def digest(root: Path) -> str:
    """Return a digest of the interpreter, the source and the tests, for which results hold."""
    seen = sha256(sys.version.encode())
    for place in sorted(path for room in ("src", "tests") for path in (root / room).rglob("*.py")):
        seen.update(f"{place.relative_to(root)} {sha256(place.read_bytes()).hexdigest()}\n".encode())
    return seen.hexdigest()


def kept(results: Path, state: str) -> dict[Mutation, str | None]:
    """Return the test that noticed each mutation so far, or None, in a tree of this digest."""
    lines = results.read_text("utf-8").splitlines() if results.exists() else []
    found = map(json.loads, lines)
    return {Mutation(*one["mutation"]): one["by"] for one in found if one["state"] == state}


def copied(folder: Path) -> Path:
    """Copy the tree into a folder, with its data beside it."""
    tree = folder / "tree"
    shutil.copytree(ROOT, tree, ignore=LEFT_OUT)
    if (ROOT.parent / "shared").exists():
        (folder / "shared").symlink_to((ROOT.parent / "shared").resolve())
    return tree


def told(one: Mutation, trees: SimpleQueue[Path], state: str) -> None:
    """Try a mutation in a free tree, keep what was found and print a line of it."""
    tree, began = trees.get(), monotonic()
    try:
        by = noticed_by(one, tree)
    finally:
        trees.put(tree)
    with RESULTS.open("a", encoding="utf-8") as results:
        results.write(json.dumps({"state": state, "mutation": one, "by": by}) + "\n")
    change = " ".join(one.old.split())[:50]
    print(f"{monotonic() - began:4.0f} s  {one.file}: {change}  |  {by or 'UNNOTICED'}", flush=True)


def noticed_by(one: Mutation, tree: Path) -> str | None:
    """Apply a mutation and return a test that fails by it, of those named for it or its room, or None."""
    path = tree / SOURCE / one.file
    source = path.read_text("utf-8")
    assert source.count(one.old) == 1, f"{one.file} no longer holds once: {one.old}"
    path.write_text(source.replace(one.old, one.new), "utf-8")
    try:
        found = failing(tree, one.tests.split()) or failing(tree, [one.file.partition("/")[0]])
    finally:
        path.write_text(source, "utf-8")
    if found and found != HANGS and failing(tree, [found.partition("[")[0]]):
        raise SystemExit(f"{found} fails without a mutation too")
    return found


def failing(tree: Path, tests: list[str]) -> str | None:
    """Run tests in a tree until the first that fails, and return it; None where all pass."""
    environment = {**os.environ, "PYTHONPATH": str(tree / "src"), "WATCHFLOOR_THOROUGH": ""}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-n", "0", "-p", "no:cacheprovider"]
    command += ["-o", "timeout_method=thread"]  # no signal reaches a compiled kernel that does not end
    run = subprocess.run(
        [*command, *(f"tests/{one}" for one in tests)],
        cwd=tree,
        env=environment,
        capture_output=True,
        text=True,
    )
    if run.returncode == 0:
        return None
    if "+ Timeout +" in run.stdout + run.stderr:
        return HANGS
    if not (found := FAILED.search(run.stdout)):
        raise SystemExit(f"pytest {' '.join(tests)} ended with {run.returncode}:\n{run.stdout}{run.stderr}")
    return found[1]


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
