from datetime import date

import pytest
from tests.exchange.nodes import NOW, WHO, floor, trusting
from tests.refusals import refused

from watchfloor.exchange.bundles import peers
from watchfloor.exchange.partnership import packs
from watchfloor.exchange.partnership.lawful import statement
from watchfloor.exchange.partnership.packs import problems

GOOD = """
# deposits just under the threshold
id = "placement.smurfing"
version = "1.0"
source = "FINTRAC, Laundering the Proceeds of Fentanyl Trafficking, 2018, https://x.example/a?b=1"
[sentence]
en = "Many senders pay cash just under CA$10,000 within 24 hours into one account in British Columbia."
fr = "De nombreux expéditeurs versent un peu moins de 10 000 $ en 24 heures."
[parameters]
threshold = 10000
share = 0.95
window = "24 h"
since = 2018-01-31
substances = ["437-38-7", "16648-44-5"]
corridors = ["CA-CN", "CA-HK"]
euphemisms = ["research chemical", "研究化学品"]
strict = true
"""
UNTIL = date(2027, 6, 30)


def found(**changes):
    text = GOOD
    for before, after in changes.items():
        text = text.replace(*after) if isinstance(after, tuple) else text + f"{before} = {after}\n"
    return list(problems(text, "x.toml"))


def test_a_definition_passes():
    assert found() == []


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ('"003-12345-6789012"', "as long as an account"),
        ('"12345 6789012"', "as long as an account"),
        ('"FI2112345600000785"', "letters and digits"),
        ('"bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"', "letters and digits"),
        ('"6f1c2a9e-0000-4000-8000-1234567890ab"', "as long as an account"),
        ('"call 604-555-0134 x"', "number"),
        ('"+49 30 901820"', "number"),
        ('"j.roy@bank.example"', "e-mail"),
        ('"10.0.0.17"', "network address"),
        ('"2001:db8::1"', "network address"),
        ('"account:test:17"', "key of a subject"),
        ('"https://x.example/?q=1"', "address of the web"),
        ('"as paid by John Zarbek in May"', "looks like a name"),
        ('"Mme Tolunay paid"', "looks like a name"),
        ('"437-38-8"', ""),
        ('"' + "long " * 130 + '"', "600 characters"),
        ("1234567", "more than 6 digits"),
        ("123456.75", "more than 6 digits"),
        ("[[[[[[[1]]]]]]]", ""),
        ('"the STR was filed"', "report"),
        ('"reported"', "report"),
        ("[" + "1," * 501 + "]", "500 items"),
    ],
)
def test_what_no_definition_has_is_found(value, said):
    wrong = found(extra=value)
    assert bool(wrong) == bool(said), wrong
    assert not said or any(said in one for one in wrong), wrong


@pytest.mark.parametrize(
    "key", ["account", "holder_name", "payer", "email", "phone", "subjects", "str_filed"]
)
def test_a_key_that_says_of_whom_is_found(key):
    assert found(**{key: '"x"'})


def test_a_threshold_may_be_called_after_what_it_counts():
    assert found(accounts=5) == []


@pytest.mark.parametrize(
    ("value", "passes"),
    [('["T0016", "T0016.005"]', True), ('["T00165"]', False), ('["4506-1234-5678"]', False)],
)
def test_techniques_of_amltrix_pass_and_nothing_else_of_that_key(value, passes):
    text = f"amltrix = {value}\n{GOOD}"
    assert (list(problems(text, "x.toml")) == []) is passes


@pytest.mark.parametrize(
    ("value", "passes"),
    [
        ('"SOR/2002-184, s. 126"', True),
        ('"FinCEN-2019"', True),
        ('"engine.payer_since_out >= 15552000"', True),
        ('"ACME-2018-184"', False),
        ('"since 15552000"', False),
        ('"payer.x >= 41688123"', False),
        ('"FINTRAC 4168-8123"', False),
    ],
)
def test_citations_and_thresholds_pass_and_other_numbers_do_not(value, passes):
    assert (found(extra=value) == []) is passes


@pytest.mark.parametrize("line", ["# John Zarbek paid", "# 604-555-0134", "# ask j.roy@bank.example"])
def test_a_comment_is_read_too(line):
    assert any("a comment" in one for one in problems(f"{line}\n{GOOD}", "x.toml"))


@pytest.mark.parametrize("key", ["id", "version", "source", "sentence"])
def test_what_every_definition_has_is_asked_for(key):
    text = GOOD.replace(f"[{key}]", "[other]").replace(f"{key} = ", "other = ", 1)
    assert any(f"has no {key}" in one for one in problems(text, "x.toml"))


@pytest.mark.parametrize("text", ["id =", "id = 1", "", "x" * 70_000])
def test_what_is_no_definition_is_told(text):
    assert list(problems(text, "x.toml"))


@pytest.fixture
def three(tmp_path):
    made = [floor(tmp_path, name, institution="reporting-entity") for name in ("bank-a", "bank-b")]
    return trusting(*made, floor(tmp_path, "cell"))


def make(
    here,
    version="1.0",
    name="fentanyl",
    to=("bank-b", "cell"),
    texts=None,
    until=UNTIL,
    supersedes=(),
    now=NOW,
):
    found_ = [peers.standing(here)[one] for one in to]
    stated = statement("pack", "definitions only, read through", "A. Roy", "money-laundering")
    with here.writer(WHO) as writer:
        given = {"smurfing.toml": GOOD} if texts is None else texts
        return packs.make(here, writer, found_, given, name, version, until, supersedes, stated, now)


def install(here, text, now=NOW):
    return packs.install(here, WHO, text.encode() if isinstance(text, str) else text, "x.pack", now)


def test_a_pack_goes_to_a_bank_and_to_the_cell_and_is_used_there(three):
    a, b, cell = three
    text = make(a)
    for one in (a, b, cell):
        assert install(one, text).ids() == ["placement.smurfing"]
        assert packs.standing(one, NOW.date()) == {"placement.smurfing": GOOD}
    gone = [act.detail for act in a.acts_of("disclosed")]
    assert [(one["to"], one["gateway"], one["forms"]) for one in gone] == [
        ("bank-b", "partnership-pack", {"pack": 1}),
        ("cell", "partnership-pack", {"pack": 1}),
    ]


def test_a_later_version_supersedes_and_an_earlier_one_is_refused(three):
    a, b, _ = three
    install(b, make(a, "1.9"))
    install(b, make(a, "1.10"))
    assert packs.installed(b)["fentanyl"].pack.version == "1.10"
    for version in ("1.9", "1.10"):
        refused("partnership.old-pack", install, b, make(a, version))


def test_a_pack_may_take_the_place_of_another_of_its_maker(three):
    a, b, _ = three
    install(b, make(a))
    renamed = GOOD.replace("placement.smurfing", "placement.other")
    install(b, make(a, name="opioids", texts={"s.toml": renamed}, supersedes=["fentanyl"]))
    assert list(packs.standing(b, NOW.date())) == ["placement.other"]
    assert packs.about(packs.installed(b)["fentanyl"], NOW.date())["why"] == "opioids 1.0"


def test_nobody_supersedes_the_pack_of_another(three):
    a, b, cell = three
    install(cell, make(a))
    refused("partnership.other-maker", install, cell, make(b, "2.0", to=("cell",)))
    refused(
        "partnership.other-maker", install, cell, make(b, name="x", to=("cell",), supersedes=["fentanyl"])
    )


def test_a_pack_expires(three):
    a, b, _ = three
    install(b, make(a, until=NOW.date()))
    assert packs.standing(b, NOW.date())
    assert not packs.standing(b, UNTIL)
    assert packs.about(packs.installed(b)["fentanyl"], UNTIL)["state"] == "expired"
    text = make(a, "1.1", until=NOW.date())
    refused("partnership.pack-expired", install, b, text, NOW.replace(year=2028))
    refused("partnership.pack-expired", make, a, until=date(2026, 11, 23))


def test_a_pack_is_retired(three):
    a, b, _ = three
    install(b, make(a))
    packs.retire(b, WHO, "fentanyl", "it alarms on payrolls")
    assert not packs.standing(b, NOW.date())
    refused("partnership.no-pack", packs.retire, b, WHO, "fentanyl", "again")
    refused("partnership.no-pack", packs.retire, b, WHO, "other", "again")


def test_a_pack_with_anything_else_is_neither_signed_nor_installed(three, monkeypatch):
    a, b, _ = three
    bad = GOOD + 'extra = "as paid by John Zarbek in May"\n'
    refused("partnership.bad-pack", make, a, texts={"x.toml": bad})
    refused("partnership.bad-pack", make, a, texts={})
    refused("partnership.bad-pack", make, a, texts={"../x.toml": GOOD})
    refused("partnership.bad-pack", make, a, texts={"x.toml": GOOD, "y.toml": GOOD})
    refused("partnership.bad-pack", make, a, "1.0", "John Zarbek")
    refused("partnership.bad-pack", make, a, version="one")
    with monkeypatch.context() as patched:  # a maker whose program does not check
        patched.setattr(packs, "wrong", lambda _: [])
        text = make(a, texts={"x.toml": bad})
    assert "John Zarbek" in refused("partnership.bad-pack", install, b, text)["problem"]


def test_a_forged_changed_or_oversized_pack_is_refused(three, tmp_path):
    a, b, _ = three
    text = make(a)
    refused("partnership.forged", install, b, text.replace("10000", "90000"))
    refused("partnership.forged", install, b, text[:-9])
    refused("partnership.forged", install, floor(tmp_path, "bank-d"), text)
    refused("partnership.message-oversized", install, b, b"x" * (1 << 21))
    refused("partnership.damaged", install, b, b"\xff\xfe")
    from watchfloor.exchange.partnership import papers

    refused("partnership.damaged", install, b, papers.write(a, {"what": "typology-pack"}))


def test_a_gateway_that_does_not_lead_there_stops_a_pack(three, tmp_path):
    a, b, _ = three
    lab = floor(tmp_path, "lab", institution="laboratory")
    trusting(a, lab)
    refused("gateway.recipient", make, a, to=("lab",))
    text = make(a)
    (b.root / "gateways.toml").write_text("[gateway.partnership-pack]\nexpires = 2026-11-01\n", "utf-8")
    refused("gateway.ended", install, b, text)
