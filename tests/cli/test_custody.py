"""Custody at the command line: what each command leaves, refusals that leave nothing, papers, tampering."""

import json
import shutil
from contextlib import closing
from io import BytesIO

import pyarrow as pa
import pytest
from pypdf import PdfReader
from tests.cli import custodians
from tests.cli.commanded import RUNNER, call, lines
from tests.store.tamper import forge

from watchfloor.casework.custody import repository, signing
from watchfloor.cli import app
from watchfloor.core.kinds import EXHIBIT
from watchfloor.store import Floor, catalogue, segments
from watchfloor.store.log.notes import Verifier


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    home = tmp_path_factory.mktemp("vault")
    return home, custodians.kept(home, call)


@pytest.fixture
def places(made, tmp_path):
    home, known = made
    shutil.copytree(home / "vault", tmp_path / "vault")
    return known | {"vault": tmp_path / "vault", "new": tmp_path / "new"}


def floor(places):
    return ["--floor", places["vault"]]


def refused(words, code=3):
    result = RUNNER.invoke(app, [str(word) for word in words], catch_exceptions=False)
    assert result.exit_code == code, result.output
    return " ".join(result.output.split())


def held(places):
    return Floor.open(places["vault"])


@pytest.mark.parametrize("command", sorted(custodians.LEAVES))
def test_each_command_leaves_its_act(command, places, monkeypatch):
    monkeypatch.setenv("WATCHFLOOR_PURPOSE", "a purpose")
    monkeypatch.setenv("WATCHFLOOR_AUTHORITY", "an Act")
    before = held(places).position
    words = command.split()
    call([*words, *(argument.format(**places) for argument in custodians.FULL[tuple(words)])])
    acts = held(places).acts(before + 1)
    assert {act.act for act in acts} == custodians.LEAVES[command]
    assert all((act.actor.purpose, act.actor.authority) == ("a purpose", "an Act") for act in acts)


SOMETHING = ["--law", "CDSA s. 11", "--place", "Mirabel", "--name", "powder"]
REFUSED = [
    (
        ["certificate", "P-1", "--document", "D", "--analyst", "A", "--result", "r"],
        "not submitted to an analyst",
        3,
    ),
    (["weigh", "P-1", "--mass", "10.5", "--mass-error", "0.01"], "weighs more than it did", 3),
    (["weigh", "P-1", "--mass", "9", "--mass-error", "0"], "its standard uncertainty above 0", 3),
    (
        ["weigh", "P-1", "--mass", "10", "--mass-error", "0.01", "--edition", "7"],
        "no longer as you saw it",
        3,
    ),
    (
        ["weigh", "P-1", "--mass", "10", "--mass-error", "0.01", "--at", "2099-01-01T00:00Z"],
        "still to come",
        3,
    ),
    (["weigh", "P-1", "--mass", "10", "--mass-error", "0.01", "--at", "2020-01-01T00:00Z"], "before that", 3),
    (["seal", "P-1", "S1", "--why", "torn"], "a number is used once", 3),
    (["seal", "P-1", "P2"], "needs a reason", 3),
    (
        ["weigh", "P-1", "--mass", "10", "--mass-error", "0.01", "--at", "0001-01-01T00:00+14:00"],
        "the year",
        3,
    ),
    (["seize", *SOMETHING, "--at", "0001-01-01T00:00+14:00"], "check the year", 3),
    (["seize", *SOMETHING, "--number", "P-1"], "has the number P-1 already", 3),
    (
        ["split", "P-1", "--part", "mass=1,error=0.01,number=S-1", "--seal", "X"],
        "has the number S-1 already",
        3,
    ),
    (["seal", "O-1", "O2", "--why", "torn"], "is held by another", 3),
    (["split", "P-1", "--part", "mass=1,error=0.01"], "give the number of the new seal", 3),
    (["split", "P-1", "--part", "mass=99,error=0.01", "--seal", "X"], "99.000 g", 3),
    (["split", "P-1", "--part", "mass=one", "--seal", "X"], "--part mass=one", 2),
    (
        ["consume", "P-1", "--mass", "11", "--mass-error", "0.01", "--why", "x", "--seal", "X"],
        "weigh it first",
        3,
    ),
    (["court", "P-1", "forfeited", "--section", "25"], "no sooner than the day after", 3),
    (["court", "P-1", "forfeited", "--section", "24(4)", "--document", "x"], "nobody has applied", 3),
    (["court", "P-1", "released", "--document", "x"], "the proceedings that require it: –", 3),
    (
        ["dispose", "P-1", "destroyed", "--section", "25", "--why", "x", "--witness", "y", "--place", "z"],
        "forfeiture",
        3,
    ),
    (
        ["dispose", "P-1", "destroyed", "--section", "9", "--why", "x", "--witness", "y", "--place", "z"],
        "provision",
        3,
    ),
    (["reported", "P-1", "--section", "29"], "no disposition to report", 3),
    (["receive", "O-1", "--seal", "O2", "--key", "{mine}"], "do not sign for it", 3),
    (["receive", "P-1", "--seal", "P1", "--key", "{mine}"], "is offered to nobody", 3),
    (["receive", "O-1", "--seal", "O1", "--signed", "{statement}"], "no signed note", 3),
    (["transfer", "P-1", "--to", "stranger", "--key", "{mine}"], "stranger has no key", 3),
    (["transfer", "W-1", "--to", "another", "--key", "{mine}"], "until another has signed", 3),
    (["show", "Z-9"], "no exhibit", 4),
]


@pytest.mark.parametrize(
    ("words", "says", "code"), REFUSED, ids=[" ".join(words[:3]) for words, *_ in REFUSED]
)
def test_what_may_not_be_done_is_refused_with_a_sentence_and_leaves_no_trace(words, says, places, code):
    before = held(places).position
    typed = ["cases", "custody", *(word.format(**places) for word in words), *floor(places)]
    assert says in refused(typed, code=code)
    assert "custody" not in refused([*typed, "--lang", "fr"], code=code).partition("watchfloor:")[0]
    assert held(places).position == before


def test_a_balance_names_the_weighing_of_which_nobody_said_why(places):
    weigh = ["cases", "custody", "weigh", "P-1", "--mass", "9.5", "--mass-error", "0.01", *floor(places)]
    assert lines(weigh)[0]["doubts"] == ["lighter"]
    assert "nobody said" in call(["cases", "custody", "balance", "P-1", *floor(places)]).stdout


def test_an_exhibit_that_gains_weight_is_kept_with_a_reason_and_flagged(places):
    weigh = ["cases", "custody", "weigh", "P-1", "--mass", "10.5", "--mass-error", "0.01"]
    (one,) = lines([*weigh, "--why", "the vial was weighed with it", *floor(places)])
    assert one["doubts"] == ["heavier"]
    (balance,) = lines(["cases", "custody", "balance", "P-1", *floor(places)])
    assert balance["unexplained"] == 0
    assert balance["differences"][0]["sigmas"] == pytest.approx(35.36, abs=0.01)


def test_a_transfer_is_signed_elsewhere_and_taken_in(places, tmp_path):
    signed = tmp_path / "signed.txt"
    assert "was not written" in refused(
        ["cases", "custody", "show", "O-1", "--out", places["new"], *floor(places)], 2
    )
    call(["cases", "custody", "show", "O-1", "--statement", "--out", places["new"], *floor(places)])
    assert places["new"].read_bytes() == places["statement"].read_bytes()
    call(["cases", "custody", "key", "sign", places["statement"], "--key", places["mine"], "-o", signed])
    (one,) = lines(["cases", "custody", "receive", "O-1", "--seal", "O1", "--signed", signed, *floor(places)])
    assert one["offered_to"] is None
    assert one["last_act"] == "received"
    assert lines(["cases", "custody", "verify", *floor(places)]) == [{"found": 0}]


def test_who_gives_enters_no_signature_of_who_receives_unseen(places, tmp_path, monkeypatch):
    """With the receiver's key file at hand: the record, the screen and the court are told."""
    monkeypatch.setenv("WATCHFLOOR_USER", "another")
    words = ["cases", "custody", "receive", "O-1", "--seal", "O1", "--key", places["mine"], *floor(places)]
    assert "have them confirm that they signed" in " ".join(call(words).output.split())
    (one,) = lines(["cases", "custody", "show", "O-1", *floor(places)])
    assert "entered-for-receiver" in one["doubts"]
    assert lines(["cases", "custody", "verify", *floor(places)]) == [{"found": 0}]


def test_one_document_requires_an_exhibit_once(places):
    court = ["cases", "custody", "court", "P-1"]
    call([*court, "required", "--document", "R. v. Doe", *floor(places)])
    before = held(places).position
    assert "is recorded already for r. v. DOE" in refused(
        [*court, "required", "--document", "r. v. DOE", *floor(places)]
    )
    assert held(places).position == before
    call([*court, "released", "--document", "R. v. Doe", *floor(places)])
    call([*court, "required", "--document", "R. v. Doe", *floor(places)])
    call([*court, "applied", "--applicant", "the owner", *floor(places)])
    assert "is recorded already" in refused([*court, "applied", "--applicant", "The  owner", *floor(places)])
    certify = [
        "cases",
        "custody",
        "certificate",
        "S-1",
        "--document",
        "D-1",
        "--analyst",
        "A",
        "--result",
        "r",
    ]
    call([*certify, *floor(places)])
    assert "is recorded already for D-1" in refused([*certify, *floor(places)])


def test_a_forgotten_moment_is_corrected_and_the_court_is_told(places, tmp_path):
    weigh = ["cases", "custody", "weigh", "P-1", "--mass", "10", "--mass-error", "0.01", "--at"]
    redate = ["cases", "custody", "redate", "P-1", "--why", "--at was forgotten", *floor(places), "--at"]
    assert "cases custody redate" in refused([*weigh, "2026-01-10T10:00-05:00", *floor(places)])
    call([*redate, "2026-01-09T22:30-05:00"])
    call([*weigh, "2026-01-10T10:00-05:00", *floor(places)])
    (one,) = lines(["cases", "custody", "show", "P-1", *floor(places)])
    assert (one["seized"], one["last_act"]) == ("2026-01-09", "weighed")
    assert lines(["cases", "custody", "verify", *floor(places)]) == [{"found": 0}]
    call(["cases", "custody", "continuity", "P-1", "-o", tmp_path / "c.pdf", *floor(places)])
    text = " ".join(page.extract_text() for page in PdfReader(tmp_path / "c.pdf").pages)
    assert "corrected the moment of act 1" in " ".join(text.split())


def test_a_key_entered_by_who_gives_signs_for_nobody(places, tmp_path):
    """Else the one who gives could make both signatures."""
    theirs = tmp_path / "roy.key"
    (key,) = lines(["cases", "custody", "key", "make", "-o", theirs, "--name", "roy"])
    call(["cases", "custody", "key", "register", key["key"], "--checked", "I say so", *floor(places)])
    call(["cases", "custody", "transfer", "P-1", "--to", "roy", "--key", places["mine"], *floor(places)])
    said = refused(["cases", "custody", "receive", "P-1", "--seal", "P1", "--key", theirs, *floor(places)])
    assert "have another person compare and enter it" in said


@pytest.mark.parametrize(
    ("words", "says", "code"),
    [
        (["  ", "--at", "2025-02-20"], "drug is empty", 2),
        (["heroin", "--at", "2099-02-20"], "still to come", 2),
        (["heroin", "--at", "0001-01-01T00:00+14:00"], "no such day or moment", 2),
        (["heroin", "--at", "2025-02-20", "--mass", "1g", "--mass-error", "0"], "above 0", 2),
        (["heroin", "--at", "2025-02-20", "--mass", "nan"], "finite number", 2),
        (["heroin", "--at", "2025-02-20", "--part-of", "nothing"], "no seizure 'nothing' that", 4),
        (["heroin", "--at", "2025-02-20", "--part-of", "nothing", "--lang", "fr"], "'nothing' (saisie)", 4),
        (["heroin", "--at", "2025-02-30"], "at '2025-02-30': there is no such day", 2),
    ],
)
def test_a_seizure_that_cannot_be_is_refused_and_leaves_no_trace(words, says, places, code):
    before = held(places).position
    assert says in refused(["cases", "seizure", "add", *words, *floor(places)], code=code)
    assert held(places).position == before


def test_one_hand_does_not_make_both_signatures(places, tmp_path, monkeypatch):
    public = json.loads(
        call(["cases", "custody", "key", "list", "--json", *floor(places)]).stdout.splitlines()[0]
    )["key"]
    raw = Verifier.parse(public).public
    said = refused(
        ["cases", "custody", "key", "register", Verifier("roy", raw).text, "--checked", "x", *floor(places)]
    )
    assert "roy needs one of their own" in said
    monkeypatch.setenv("WATCHFLOOR_USER", "another")
    call(["cases", "custody", "key", "remove", "another", "--why", "new one", *floor(places)])
    made = call(["cases", "custody", "key", "make", "-o", tmp_path / "k", "--json"]).stdout
    monkeypatch.setenv("WATCHFLOOR_USER", "mallory")
    call(["cases", "custody", "key", "make", "-o", tmp_path / "m"])
    call(["cases", "custody", "key", "register", json.loads(made)["key"], "--checked", "x", *floor(places)])
    made = call(["cases", "custody", "key", "make", "-o", tmp_path / "m2", "--json"]).stdout
    call(["cases", "custody", "key", "register", json.loads(made)["key"], "--checked", "own", *floor(places)])
    monkeypatch.setenv("WATCHFLOOR_USER", "another")
    call(["cases", "custody", "withdraw", "O-1", "--why", "new key", *floor(places)])
    said = refused(
        ["cases", "custody", "transfer", "O-1", "--to", "mallory", "--key", tmp_path / "k", *floor(places)]
    )
    assert "was entered by mallory, who receives" in said


def test_a_secret_key_is_its_owner_s_alone_and_a_damaged_one_signs_nothing(places, tmp_path):
    call(["cases", "custody", "key", "make", "-o", tmp_path / "k", "--name", "roy"])
    assert (tmp_path / "k").stat().st_mode & 0o077 == 0
    said = refused(["cases", "custody", "key", "make", "-o", tmp_path / "k", "--lang", "fr"])
    assert "existe déjà" in said
    (tmp_path / "k").write_text((tmp_path / "k").read_text().replace("roy", "ray"))
    said = refused(
        ["cases", "custody", "transfer", "P-1", "--to", "another", "--key", tmp_path / "k", *floor(places)],
        code=2,
    )
    assert "no secret key" in said


def test_the_continuity_report_names_every_act_and_its_proofs_hold_alone(places, tmp_path):
    call(
        [
            "cases",
            "custody",
            "split",
            "P-1",
            "--part",
            "mass=1,error=0.01,seal=B1",
            "--seal",
            "P2",
            *floor(places),
        ]
    )
    files = ["--proofs", tmp_path / "proofs", "--case-uco", tmp_path / "graph"]
    for language, says in (("en", "Continuity of exhibit P-1.1"), ("fr", "Continuité de la pièce P-1.1")):
        out = tmp_path / f"{language}.pdf"
        extra = files if language == "en" else []
        call(
            ["cases", "custody", "continuity", "P-1.1", "-o", out, "--lang", language, *extra, *floor(places)]
        )
        read = PdfReader(BytesIO(out.read_bytes()))
        text = " ".join(" ".join(page.extract_text().split()) for page in read.pages)
        assert says in text
        assert read.trailer["/Root"]["/MarkInfo"]["/Marked"]
        assert all("PB//TLP:AMBER" in page.extract_text() for page in read.pages)
    rows = held(places).read(EXHIBIT.name, held(places).reader("keeper", "x")).to_pylist()
    mine = [row for row in rows if row["number"] in ("P-1", "P-1.1") or row["act"] == "split"]
    told = lines(["cases", "custody", "proven", tmp_path / "proofs", "--key", places["vaultkey"]])
    assert [(one["exhibit"], one["act"]) for one in told] == [(row["exhibit"], row["act"]) for row in mine]
    said = json.loads((tmp_path / "proofs").read_text())
    said["acts"][0]["proof"]["row"] = said["acts"][1]["proof"]["row"]
    (tmp_path / "changed").write_text(json.dumps(said))
    assert "row is not in its segment" in refused(
        ["cases", "custody", "proven", tmp_path / "changed", "--key", places["vaultkey"]], code=2
    )


def test_a_forged_log_entry_and_a_forged_act_are_located(places):
    opened = held(places)
    assert lines(["cases", "custody", "verify", *floor(places)]) == [{"found": 0}]
    assert forge(opened, "UPDATE log SET salt = zeroblob(16) WHERE act = 'ingest' AND position = 2") == 1
    found = lines(["cases", "custody", "verify", *floor(places)], code=(1,))
    (one,) = (each for each in found if each["exhibit"])
    assert (one["edition"], one["position"]) == (1, 2)
    assert "not proven to be in the log" in one["says"]


def test_a_floor_whose_small_segments_were_joined_is_still_whole(places):
    call(["floor", "compact", *floor(places)])
    assert lines(["cases", "custody", "verify", *floor(places)]) == [{"found": 0}]


def act_of(places, edition, act):
    """Number and bytes of the small segment that holds an act."""
    with closing(catalogue.for_writing(places["vault"])) as database:
        query = (
            "SELECT segment, small.payload FROM small JOIN segments ON id = segment WHERE kind = 'exhibit'"
        )
        for number, data in database.execute(query).fetchall():
            for row in segments.from_stream(data).to_pylist():
                if (row["edition"], row["act"]) == (edition, act):
                    return number, data
    raise AssertionError


def put(places, number, data):
    assert forge(held(places), "UPDATE small SET payload = ? WHERE segment = ?", data, number) == 1


def changed(data, column, value):
    """A well-formed segment with a fitting check, in which every row has another value."""
    table = segments.from_stream(data)
    at = table.column_names.index(column)
    field = table.schema.field(at)
    return segments.to_stream(table.set_column(at, field, pa.array([value] * table.num_rows, field.type)))


@pytest.mark.parametrize(
    ("column", "value"), [("by", "mallory"), ("mass", 9.5), ("seal", None), ("analyst", "X")]
)
def test_a_forger_who_mends_the_checks_is_located_by_exhibit_and_act(places, column, value):
    number, data = act_of(places, 2, "submitted")
    put(places, number, changed(data, column, value))
    found = lines(["cases", "custody", "verify", "--quick", *floor(places)], code=(1,))
    (exhibit,) = lines(["cases", "custody", "show", "S-1", *floor(places)])
    assert {(one["exhibit"], one["edition"]) for one in found} == {(exhibit["exhibit"], 2)}
    assert any("the row is not in its segment" in one["says"] for one in found)


def test_a_flipped_bit_in_an_act_is_located_and_the_other_acts_are_still_checked(places):
    number, data = act_of(places, 1, "seized")
    flipped = data[:900] + bytes([data[900] ^ 1]) + data[901:]
    put(places, number, flipped)
    found = lines(["cases", "custody", "verify", "--quick", *floor(places)], code=(1,))
    assert "cannot be read" in found[0]["says"]
    assert "byte 900" in found[0]["says"]
    assert found[0]["position"] == 2
    assert len(found) == 1
    whole = lines(["cases", "custody", "verify", *floor(places)], code=(1,))
    assert any(f"byte 900 of small segment {number}" in one["says"] for one in whole)


def test_an_act_that_was_taken_out_is_located(places):
    number, _ = act_of(places, 1, "seized")
    for table, column in (("small", "segment"), ("segments", "id")):
        forge(held(places), f"DELETE FROM {table} WHERE {column} = ?", number)
    assert lines(["cases", "custody", "show", "S-1", *floor(places)])
    found = lines(["cases", "custody", "verify", *floor(places)], code=(1,))
    assert any("is missing" in one["says"] for one in found)


def test_labels_and_hazard_sheets_say_what_is_dangerous(places, tmp_path):
    call(["cases", "custody", "label", "P-1", "S-1", "-o", tmp_path / "l.pdf", *floor(places)])
    call(["cases", "custody", "hazard", "P-1", "-o", tmp_path / "h.pdf", "--lang", "fr", *floor(places)])
    label, sheet = (PdfReader(tmp_path / name).pages[0].extract_text() for name in ("l.pdf", "h.pdf"))
    assert "FENTANYL-HAZARD" in label
    assert "naloxone" in sheet
    assert "is there already" in refused(
        ["cases", "custody", "label", "P-1", "-o", tmp_path / "l.pdf", *floor(places)]
    )


def test_a_report_lists_what_is_missing_and_nothing_is_put_in_its_place(places):
    (draft,) = lines(["cases", "custody", "report", "P-1", *floor(places)])
    assert list(draft["particulars"]) == [f"12.1(a)({n})" for n in ("i", "ii", "iii", "iv", "v", "vi")]
    assert draft["missing"] == ["12.1(a)(vi)"]
    assert draft["particulars"]["12.1(a)(ii)"] == "10.000 g ± 0.020 g (k = 2)"
    dispose = [
        "cases",
        "custody",
        "dispose",
        "P-1",
        "destroyed",
        "--section",
        "26",
        "--why",
        "burnt",
        "--witness",
        "roy",
    ]
    call([*dispose, "--place", "plant", "--file", "26-7", *floor(places)])
    (draft,) = lines(["cases", "custody", "report", "P-1", "--section", "29", *floor(places)])
    assert draft["missing"] == []
    assert draft["particulars"]["29(1)(c)"] == "destroyed: burnt (CDSA s. 26)"


def test_an_alert_is_drafted_for_what_is_new_alone(places):
    (one,) = lines(["cases", "custody", "alert", "P-1", *floor(places)])
    assert one["new"]
    assert "DRAFT" in one["draft"]
    seize = [
        "cases",
        "custody",
        "seize",
        "--law",
        "CDSA s. 11",
        "--place",
        "x",
        "--name",
        "y",
        "--number",
        "N-1",
    ]
    call([*seize, "--substance", "substance:cas:437-38-7", *floor(places)])
    (again,) = lines(["cases", "custody", "alert", "N-1", *floor(places)])
    assert not again["new"]
    assert again["draft"] is None


READING = "report_key,observed_at,subject,instrument,method,exhibit,substance,level\n"


def test_readings_of_an_exhibit_stand_beside_it_and_warn_before_an_analyst_does(places, tmp_path):
    """S-1 has no flag; a reading by its number takes it for acetylfentanyl, which item 16 names."""
    row = "1,2026-11-24T05:00:00Z,parcel:post:1,TruNarc,raman,S-1,substance:cas:3258-84-2,presumptive\n"
    (tmp_path / "r.csv").write_text(READING + row)
    call(["ingest", tmp_path / "r.csv", "--source", "field", *floor(places)])
    (one,) = lines(["cases", "custody", "show", "S-1", *floor(places)])
    assert one["flags"] == []
    assert one["readings"] == ["2026-11-24 05:00Z raman TruNarc: substance:cas:3258-84-2 (presumptive)"]
    call(["cases", "custody", "hazard", "S-1", "-o", tmp_path / "h.pdf", *floor(places)])
    text = " ".join(PdfReader(tmp_path / "h.pdf").pages[0].extract_text().split())
    assert "fentanyl or one of its kind" in text
    call(["cases", "custody", "continuity", "S-1", "-o", tmp_path / "c.pdf", *floor(places)])
    assert "presumptive until an analyst says" in _text(tmp_path / "c.pdf")
    said = ["--document", "D-1", "--analyst", "A. Roy", "--result", "acetylfentanyl"]
    certify = ["cases", "custody", "certificate", "S-1", *said, "--substance", "substance:cas:3258-84-2"]
    assert lines([*certify, *floor(places)])[0]["flags"] == ["fentanyl-hazard"]


def test_a_key_that_was_removed_signs_no_more_and_what_it_signed_stays(places):
    receive = ["cases", "custody", "receive", "O-1", "--seal", "O1", "--key", places["mine"], *floor(places)]
    call(receive)
    call(["cases", "custody", "key", "remove", custodians.common.who(), "--why", "lost", *floor(places)])
    assert lines(["cases", "custody", "verify", *floor(places)]) == [{"found": 0}]
    transfer = [
        "cases",
        "custody",
        "transfer",
        "P-1",
        "--to",
        "another",
        "--key",
        places["mine"],
        *floor(places),
    ]
    assert "has no key here" in refused(transfer)


def test_acts_that_were_written_past_the_rules_are_located(places, monkeypatch):
    """What no rule let through the rules find: a signature under another text, an act of a stranger."""
    sign = signing.sign
    with monkeypatch.context() as patch:
        patch.setattr(repository, "check", lambda *_: None)
        patch.setattr(signing, "sign", lambda text, signer: sign(f"{text}place: elsewhere\n", signer))
        call(["cases", "custody", "receive", "O-1", "--seal", "O1", "--key", places["mine"], *floor(places)])
        patch.setenv("WATCHFLOOR_USER", "mallory")
        call(["cases", "custody", "weigh", "P-1", "--mass", "9", "--mass-error", "0.01", *floor(places)])
    unsigned, stranger = lines(["cases", "custody", "verify", "--quick", *floor(places)], code=(1,))
    assert "could not have been done" in unsigned["says"]
    assert "does not fit the text" in unsigned["says"]
    assert unsigned["edition"] == 3
    assert "is held by" in stranger["says"]
    assert stranger["edition"] == 2


def test_who_does_not_keep_the_floor_learns_no_position(places):
    me = custodians.common.who()
    (places["vault"] / "policy.toml").write_text(f'[readers."{me}"]\nprotected = "PB"\n[readers.another]\n')
    found = lines(["cases", "custody", "show", "P-1", *floor(places)])[0]
    assert all("position" not in act for act in found["history"])
    assert lines(["cases", "custody", "verify", *floor(places)]) == [{"found": 0}]
    continuity = ["cases", "custody", "continuity", "P-1", "-o", places["new"], *floor(places)]
    result = RUNNER.invoke(app, [str(word) for word in continuity])
    assert "does not keep this floor" in str(result.exception)


def _text(path):
    return " ".join(" ".join(page.extract_text() for page in PdfReader(path).pages).split())


def test_an_exhibit_is_found_by_words_of_every_act_and_by_what_it_was_in(places):
    """No act replaces another: the seizure is still found when it was weighed since."""
    seize = ["cases", "custody", "seize", "--law", "CDSA s. 11", "--place", "x", "--name", "zebra powder"]
    (one,) = lines([*seize, "--from", "parcel:post:77", *floor(places)])
    call(["cases", "custody", "note", one["exhibit"], "a torn corner", *floor(places)])
    for words, acts in (["zebra"], ["seized"]), (["torn"], ["noted"]), (["--about", "parcel:post:77"], None):
        found = lines(["search", *words, *floor(places)])
        assert {row["kind"] for row in found} == {"exhibit"}
        assert len(found) == len(acts or ("seized", "noted"))


def test_a_reading_of_a_class_nobody_has_seen_is_drafted_and_one_that_found_nothing_is_not(places, tmp_path):
    head = "report_key,observed_at,subject,instrument,method,results,matrix\n"
    found = '"[{""name"": ""nitazene class"", ""level"": ""presumptive""}]"'
    new = f"1,2026-11-24T05:00:00Z,parcel:post:1,MX908,ms,{found},\n"
    none = "2,2026-11-24T06:00:00Z,parcel:post:1,MX908,ms,,\n"
    blank = f"3,2026-11-24T04:00:00Z,parcel:post:1,MX908,ms,{found},blank\n"
    dog = found.replace("nitazene class", "target:drugs")
    sniffed = f"4,2026-11-24T04:00:00Z,parcel:post:1,dog,dog,{dog},\n"
    (tmp_path / "r.csv").write_text(head + new + none + blank + sniffed)
    call(["ingest", tmp_path / "r.csv", "--source", "field", *floor(places)])
    ids = {
        row["report_key"]: row["record_id"].hex()
        for row in held(places).read("reading", held(places).reader("keeper", "x")).to_pylist()
    }
    assert set(ids) == {"1", "2", "3", "4"}
    (one,) = lines(["cases", "custody", "alert", "--reading", ids["1"], *floor(places)])
    assert (one["name"], one["new"]) == ("nitazene class", True)
    assert "Level: presumptive" in one["draft"]
    for none in ("2", "3", "4"):  # nothing found, an instrument's own blank, a sort of thing
        assert lines(["cases", "custody", "alert", "--reading", ids[none], *floor(places)]) == [
            {"substances": 0}
        ]
    assert "0 readings" in refused(["cases", "custody", "alert", "--reading", "zz", *floor(places)], code=4)
