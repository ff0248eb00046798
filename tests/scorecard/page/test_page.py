"""The weekly page: everything of a scorecard is on it, nothing is fetched, nothing in it is markup."""

import itertools
import tomllib
from datetime import date
from importlib.resources import files
from string import Formatter
from typing import get_args

import msgspec
import pytest
from lxml import html as lxml_html
from tests.scorecard import samples

from watchfloor.scorecard.agreement.standing import State
from watchfloor.scorecard.bilingual import Text, plain, same
from watchfloor.scorecard.findings import CellFigure, Compared, Evidence, Figure, Interval, Line, Verdict
from watchfloor.scorecard.page.front import COMPUTED
from watchfloor.scorecard.page.html import html
from watchfloor.scorecard.page.page_words import term, words
from watchfloor.scorecard.page.text import text
from watchfloor.scorecard.page.values import held, interval, share, span
from watchfloor.scorecard.page.view import view

CARDS = {"whole": samples.scorecard(), "public": samples.public(), "empty": samples.empty()}
ATTACK = "</style><script>alert(1)</script>&\"'<b>"


def parsed(text_):
    return lxml_html.document_fromstring(text_)


def spoken(root):
    """Text of the page without its style, in one line, spaces alike."""
    for one in root.xpath("//style"):
        one.getparent().remove(one)
    return plainly(root.text_content())


def plainly(said):
    return " ".join(said.replace("\u00a0", " ").replace("\u202f", " ").split())


def texts(value, language):
    """Every text of a scorecard in a language."""
    if isinstance(value, Text):
        yield value[language]
    elif isinstance(value, tuple | list):
        for one in value:
            yield from texts(one, language)
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            yield from texts(getattr(value, name), language)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_everything_of_a_scorecard_is_on_the_page(language):
    card = samples.scorecard()
    found = spoken(parsed(html(card, (language,)))).lower()
    curves = {one for each in card.findings for plot in each.plots for one in texts(plot.curves, language)}
    hidden = {one.says[language] for one in card.lines if not one.shown}
    for one in set(texts(card, language)) - curves - hidden:
        assert plainly(one).lower() in found, one
    for finding in card.findings:
        for figure in (*finding.figures, *finding.also):
            assert figure.digest in found
            assert f"watchfloor claims rows {finding.claim} {figure.name}" in found or not figure.digest
    for line in card.lines:
        assert plainly(line.says[language]).lower() in found
    assert card.digest in found


@pytest.mark.parametrize("name", CARDS)
@pytest.mark.parametrize("languages", [("en",), ("fr",), ("en", "fr"), ("fr", "en")])
def test_the_page_is_whole_in_itself(name, languages):
    made = html(CARDS[name], languages)
    assert made == html(CARDS[name], languages)
    root = parsed(made)
    ids = root.xpath("//@id")
    assert len(ids) == len(set(ids))
    for link in root.xpath("//@href[not(starts-with(., 'https://'))]"):
        assert link.startswith("#")
        assert link[1:] in ids
    assert not root.xpath(
        "//script | //link | //img | //iframe | //@src | //@style | //*[starts-with(name(), 'on')]"
    )
    assert root.get("lang") == languages[0]
    assert root.xpath("//article/@lang") == list(languages)
    assert all(table.xpath("./caption") and table.xpath(".//th[@scope]") for table in root.xpath("//table"))
    heads = [int(one.tag[1]) for one in root.xpath("//h1 | //h2 | //h3 | //h4")]
    assert all(after - before <= 1 for before, after in itertools.pairwise(heads))
    assert len(root.xpath("//h1")) == len(languages)
    labelled = " ".join(root.xpath("//@aria-labelledby")).split()
    assert set(labelled) <= set(ids)


def test_an_address_of_evidence_can_be_followed_and_nothing_else_is_a_link():
    source = 'Paper, “T”, https://example.org/a?b=1&c="><script>'
    shown = (Evidence(same("Shows"), source, samples.ON), Evidence(same("Bad"), "javascript:x", samples.ON))
    one = Line("9", "statement", same("Says https://example.org/no."), "PS", evidence=shown)
    root = parsed(html(samples.scorecard(lines=(one,), late=())))
    links = root.xpath("//a[not(starts-with(@href, '#'))]")
    assert [(link.get("href"), link.get("rel")) for link in links] == [
        ("https://example.org/a?b=1&c=", "noreferrer")
    ]
    assert not root.xpath("//script")


def test_both_languages_have_a_link_to_the_other():
    root = parsed(html(samples.scorecard(), ("en", "fr")))
    assert root.xpath("//a[@class='other']/@href") == ["#fr-page", "#en-page"]
    assert not parsed(html(samples.scorecard())).xpath("//a[@class='other']")


def test_each_edition_says_what_it_is():
    working, public = (spoken(parsed(html(one))) for one in (samples.scorecard(), samples.public()))
    assert working.startswith("The border scorecard, 2025-03-07 Skip")
    assert "Working edition · U//TLP:AMBER" in working
    assert "before the accountable department has agreed" in working
    assert "Public edition · U//TLP:CLEAR" in public
    assert "before the accountable department has agreed" not in public
    assert "for want of agreement, or under embargo: 3." in public


def test_the_foot_of_each_printed_page_has_the_marking():
    made = html(samples.scorecard(exercise=True, marking='PB//REL TO "X" </style>'))
    rule = made[made.index("@bottom-left") : made.index("@bottom-right")]
    assert "EXERCISE" in rule
    assert "<" not in rule
    assert "\\3c " in rule


def test_an_exercise_says_so_first():
    root = parsed(html(samples.scorecard(exercise=True), ("fr",)))
    assert root.findtext(".//title").startswith("EXERCICE")
    assert "EXERCICE" in root.xpath("//p[@class='running']")[0].text_content()
    assert "inventé" in root.xpath("//p[contains(@class, 'exercise')]")[0].text_content()
    assert "EXERCI" not in html(samples.scorecard())


def test_an_empty_scorecard_says_so():
    made = spoken(parsed(html(samples.empty())))
    assert words()["page.empty"].en in made
    assert "Nothing that this page rests on changed" in made
    assert "The register has no line." in made
    assert words()["page.empty"].en in text(samples.empty()).replace("\n", " ")


def test_what_may_not_appear_does_not():
    card = samples.scorecard(
        lines=(
            Line(
                "17",
                "commitment",
                same("Says this."),
                "RCMP",
                unit=same("arrests"),
                announced=524.0,
                delivered=77.0,
                due=date(2025, 1, 1),
                state="late",
                evidence=samples.lines()[2].evidence,
                found=same("Found that."),
                agreement="embargoed",
                until=date(2025, 3, 31),
                shown=False,
            ),
        ),
        late=("17",),
    )
    for found in (spoken(parsed(html(card))), plainly(text(card))):
        assert "Says this." in found
        for secret in ("524 ", "77 arrests", "Found that.", "15 towers"):
            assert secret not in found
    assert "under embargo until 31 March 2025" in spoken(parsed(html(card)))


def test_nothing_of_a_scorecard_is_markup():
    def poisoned(value):
        if isinstance(value, Text):
            return same(ATTACK)
        if isinstance(value, tuple):
            return tuple(poisoned(one) for one in value)
        if isinstance(value, msgspec.Struct):
            return type(value)(**{name: poisoned(getattr(value, name)) for name in value.__struct_fields__})
        return value

    root = parsed(html(poisoned(samples.scorecard(marking=ATTACK, version=ATTACK))))
    assert not root.xpath("//script")
    assert not root.xpath("//main//b[not(a)]")
    assert root.text_content().count("alert(1)") > 30


def test_the_front_can_be_read_in_two_minutes():
    """At 230 words a minute, which is slower than people read prose; Brysbaert 2019 found 238."""
    findings = tuple(
        msgspec.structs.replace(samples.fentanyl(), claim=f"c{n}", plots=()) for n in range(4)
    ) + tuple(msgspec.structs.replace(samples.removals(), claim=f"r{n}") for n in range(6))
    made = text(samples.scorecard(findings=findings, changed=samples.scorecard().changed * 9))
    assert len(made.split()) <= 2 * 230 + 120  # and its foot, which nobody reads


def test_what_has_no_room_on_the_front_is_counted_and_below():
    sentences = tuple(same(f"Sentence {n}.") for n in range(9))
    made = view(samples.scorecard(changed=sentences), "en").front
    assert len(made.changed) == 5
    assert made.more_changed == "4 more below."
    assert made.all_changed == [one.en for one in sentences[5:]]
    assert all(one.en in html(samples.scorecard(changed=sentences)) for one in sentences)


def test_the_front_tells_the_span_of_all_definitions():
    (first, *_) = view(samples.scorecard(), "en").front.claims
    assert first.rests == "By weight, fiscal 2024: 43.04 of 21,889.21 lb = 0.197\u00a0%"
    assert (
        first.span
        == "3 definitions give 0.20\u00a0% to 7.35\u00a0%; holds under 2, fails under 1, open under 1"
    )


@pytest.mark.parametrize(
    ("language", "told"),
    [("en", "Agreement: CBSA, asked; Public Safety, approved"),
     ("fr", "Accord : ASFC, demandé; Sécurité publique, approuvé")],
)  # fmt: skip
def test_a_claim_says_on_the_front_and_below_how_agreement_to_it_stands(language, told):
    card = samples.scorecard()
    first = msgspec.structs.replace(card.findings[0], agreement={"CBSA": "called", "PS": "approved"})
    card = msgspec.structs.replace(card, findings=(first, *card.findings[1:]))
    assert spoken(parsed(html(card, (language,)))).count(told) == 2
    assert told in plainly(text(card, (language,)))


def test_a_fall_beside_that_of_the_control_has_its_sign():
    one = msgspec.structs.replace(
        samples.fentanyl(), compared=(Compared(same("to January"), 0.719, 0.529, 0.19),)
    )
    (made,) = view(samples.scorecard(findings=(one,)), "fr").findings
    assert made.compared == [["to January", "−71,9\u00a0%", "−52,9\u00a0%", "−19,0 points"]]


def test_a_figure_of_a_document_names_the_document_and_no_table():
    (first, *others) = samples.fentanyl().figures
    cited = msgspec.structs.replace(first, cited=Text("A paper of May", "Un journal de mai"))
    one = msgspec.structs.replace(samples.fentanyl(), figures=(cited, *others))
    figures = view(samples.scorecard(findings=(one,)), "fr").findings[0].figures
    assert (figures[0].published, figures[0].series) == ("Un journal de mai", "")
    assert figures[1].published != ""


def test_claims_without_a_computed_verdict_are_one_line_each():
    made = view(samples.scorecard(), "fr").front
    assert [one.claim for one in made.claims] == ["fentanyl-northern-share", "crossings-reduction"]
    assert made.unanswered == [
        ["removals", "Renvois", "Non calculable", "Aucune série sur les renvois n’a été remise."]
    ]


def test_commitments_are_counted_by_state():
    assert view(samples.scorecard(), "en").front.states == (
        "Of 3 commitments: 1 in service, 1 late, 1 without evidence."
    )


def test_what_is_said_to_be_there_is_named_with_what_evidence_shows_of_it():
    def promised(id_, **more):
        return Line(id_, "commitment", same(f"Says {id_}."), "RCMP", **more)

    towers = promised("14a", unit=Text("towers", "tours"), announced=15.0, state="no-evidence")
    flown = promised("15b", unit=Text("planes", "avions"), announced=4.0, delivered=3.0, state="announced")
    card = samples.scorecard(
        lines=(
            towers,
            flown,
            promised("16", state="no-evidence"),
            promised("17", announced=1.0, state="announced"),
            promised("18", announced=9.0, state="no-evidence", shown=False),
            promised("19", announced=9.0, state="in-service"),
        ),
        late=(),
    )
    made = view(card, "fr").front
    assert [(one.promised, one.delivered, one.in_service) for one in made.pending] == [
        ("15 tours", "aucune preuve", "aucune preuve"),
        ("4 avions", "3", "aucune preuve"),
        ("Says 16.", "aucune preuve", "aucune preuve"),
    ]
    assert made.states == "Sur 6 engagements\u00a0: 1 en service, 2 annoncés, 3 sans preuve."
    told = plainly(text(card))
    assert "No evidence: 15 towers (14a); Says 16 (16)" in told
    assert "4 planes (15b): delivered: 3, in service: no evidence" in told
    assert "15 towers" in spoken(parsed(html(card)))


def test_what_one_source_shows_stands_together_and_names_it_once():
    on, other = date(2025, 2, 19), date(2025, 2, 20)
    shown = (
        Evidence(same("First."), "List", on),
        Evidence(same("Elsewhere"), "Paper", on),
        Evidence(same("Second"), "List", on, 2.0),
        Evidence(same("Later"), "List", other),
    )
    one = Line("10a", "commitment", same("Says."), "PS", unit=same("listed"), evidence=shown)
    (made,) = view(samples.scorecard(lines=(one,)), "en").lines
    assert made.evidence == [
        "First; Second [2 listed] (List), 19 February 2025",
        "Elsewhere (Paper), 19 February 2025",
        "Later (List), 20 February 2025",
    ]


def test_what_is_not_shown_is_counted_and_nothing_is_said_of_it():
    hidden = Line("15", "commitment", same("Says."), "RCMP", shown=False)
    known = Line("16", "commitment", same("Says."), "RCMP", state="announced")
    later = Line("17", "commitment", same("Is announced later."), "RCMP")
    made = view(samples.scorecard(lines=(hidden, known, later), late=()), "en").front
    assert made.states == "Of 2 commitments: 1 announced, 1 not shown."
    assert made.no_late == "No commitment shown here is past a due date."
    assert "no commitment shown" not in text(samples.scorecard(lines=(known,), late=())).lower()


def test_figures_of_the_cell_that_say_the_same_stand_together():
    def cell(title, said):
        return CellFigure(title, same(title), same(said))

    made = view(samples.scorecard(cell=(cell("A", "none"), cell("B", "none"), cell("C", "3"))), "en").cell
    assert [(one.title, one.text) for one in made] == [("A; b", "none"), ("C", "3")]


def test_text_tells_the_same_as_the_front():
    made = plainly(text(samples.scorecard(), ("en", "fr")))
    for language in ("en", "fr"):
        front = view(samples.scorecard(), language).front
        for claim in front.claims:
            for part in (claim.words, claim.verdict, claim.rests, claim.sure):
                assert plainly(part) in made
        assert all(plainly(one) in made for one in front.changed)
    assert all(len(line) <= 100 for line in text(samples.scorecard()).splitlines() if " " in line)


def test_every_word_of_the_vocabulary_is_in_both_languages():
    for verdict in get_args(Verdict):
        assert term("verdict", verdict) != same(verdict)
    assert set(get_args(Verdict)) > COMPUTED
    for section, names in {
        "kind": "figure commitment statement context uncheckable",
        "state": "announced delivered in-service late no-evidence",
        "agreement": " ".join(get_args(State)),
        "act": "called attested corrected approved embargoed lifted withdrawn",
        "warned": "baseline window unit end control one-cell revision conflict provisional",
    }.items():
        for name in names.split():
            assert f"{section}.{name}" in words()
    assert term("kind", "another") == same("another")


def test_words_have_the_same_parts_in_both_languages_and_french_spaces_hold():
    table = tomllib.loads(files("watchfloor.scorecard.page").joinpath("words.toml").read_text("utf-8"))
    for names in table.values():
        for name, said in names.items():
            assert parts(said["en"]) == parts(said["fr"]), name
    for key, said in words().items():
        assert " :" not in said.fr, key
        assert "'" not in said.fr, key


def parts(said):
    return {name for _, name, _, _ in Formatter().parse(said) if name}


@pytest.mark.parametrize(
    ("value", "en", "fr"),
    [
        (0.00197, "0.20 %", "0,20\u00a0%"),
        (0.000492, "0.049 %", "0,049\u00a0%"),
        (0.0735, "7.35 %", "7,35\u00a0%"),
        (0.866, "86.6 %", "86,6\u00a0%"),
        (-0.91, "\u221291.0 %", "\u221291,0\u00a0%"),
        (0.0, "0.0 %", "0,0\u00a0%"),
    ],
)
def test_a_share_has_the_digits_that_count(value, en, fr):
    assert (share(value, "en"), share(value, "fr")) == (en, fr)


def test_changes_among_which_is_a_rise_are_told_with_their_sign():
    assert span([(-30.364, "change"), (-0.2, "change")], "en") == ("+20.0 %", "+3,036.4 %")
    assert span([(0.9, "change"), (-0.2, "change")], "fr") == ("\u221290,0\u00a0%", "+20,0\u00a0%")
    assert span([(0.9, "change"), (0.719, "change")], "en") == ("71.9 %", "90.0 %")


def test_numbers_keep_the_decimals_they_have():
    assert plain(15.0).en == "15"
    assert plain(1.25).fr == "1,25"
    assert plain(1_300_000_000.0).fr == "1\u00a0300\u00a0000\u00a0000"


def test_an_interval_says_its_level_and_method():
    found = interval(Interval(0.0596, 0.0903, 0.95, "Clopper–Pearson"), "share", "en")
    assert found == "5.96 % to 9.03 % (95 %, Clopper–Pearson)"
    assert interval(None, "share", "en") == "–"


def test_a_further_figure_is_not_judged_and_so_not_open():
    counted = Figure("also", same("l"), "share", 0.01, same("s"), Interval(0.005, 0.02, 0.95, "m"))
    one = msgspec.structs.replace(samples.fentanyl(), also=(counted,))
    (made,) = view(samples.scorecard(findings=(one,)), "en").findings
    assert made.also[0].interval.startswith("0.50")
    assert made.also[0].holds == "–"


def test_an_open_figure_is_one_that_is_neither_as_claimed_nor_not():
    usual = Figure("n", same("l"), "share", 0.01, same("s"))
    assert held(usual) == "open"
    assert held(msgspec.structs.replace(usual, holds=False)) == "no"
    assert held(msgspec.structs.replace(usual, value=None, holds=True)) == ""


def in_order(made, *heads):
    places = [made.index(head) for head in heads]
    assert places == sorted(places)


def test_the_claims_and_their_verdicts_come_first_and_what_changed_last():
    heads = ("What was said, and whether it holds", "Promised: late", "What changed this week")
    in_order(text(samples.scorecard()), *heads)
    in_order(spoken(parsed(html(samples.scorecard()))), *heads, "Each claim in full")


def test_a_picture_stands_with_what_a_reader_takes_from_it():
    plot = msgspec.structs.replace(samples.share_plot(), takeaway=same("22 of 24 months are as claimed."))
    card = samples.scorecard(findings=(msgspec.structs.replace(samples.fentanyl(), plots=(plot,)),))
    assert "22 of 24 months are as claimed." in spoken(parsed(html(card)))
