"""The twins: JSON reads back unchanged; JSON-LD is schema.org's, and says what the scorecard says."""

import json
import re

import msgspec
import msgspec_schemaorg.models as schema
import pytest
from pyld import jsonld
from tests.scorecard import samples

from watchfloor.scorecard.findings import Scorecard
from watchfloor.scorecard.page import twin

CARDS = [samples.scorecard(), samples.public(), samples.empty(), samples.scorecard(exercise=True)]
VOCABULARY = "https://schema.org/"


def nodes(card, type_=None):
    graph = json.loads(twin.jsonld(card))["@graph"]
    return [one for one in graph if type_ in (None, one["@type"])]


def walked(value):
    if isinstance(value, dict):
        if "@type" in value and "@value" not in value:
            yield value
        for one in value.values():
            yield from walked(one)
    elif isinstance(value, list):
        for one in value:
            yield from walked(one)


def fields(name):
    """Properties that schema.org knows for a type, also those of what it is a kind of."""
    return set(getattr(schema, name).__struct_encode_fields__)


@pytest.mark.parametrize("card", CARDS)
def test_json_reads_back_unchanged(card):
    data = twin.json(card)
    assert twin.load(data) == card
    assert twin.json(twin.load(data)) == data
    assert isinstance(twin.load(data), Scorecard)


def test_what_is_no_scorecard_is_refused():
    with pytest.raises(msgspec.ValidationError, match="edition"):
        twin.load(twin.json(samples.empty()).replace(b'"working"', b'"private"'))


@pytest.mark.parametrize("card", CARDS)
def test_every_property_belongs_to_its_type_in_schema_org(card):
    seen = set()
    for node in walked(json.loads(twin.jsonld(card))["@graph"]):
        known = fields(node["@type"])
        seen.add(node["@type"])
        assert set(node) <= known, (node["@type"], set(node) - known)
    assert {"Report", "Dataset", "GovernmentOrganization"} <= seen
    assert not card.findings or {"ClaimReview", "Claim", "Rating", "PropertyValue"} <= seen
    assert not card.lines or {"PlanAction", "QuantitativeValue"} <= seen


@pytest.mark.parametrize("card", CARDS)
def test_a_processor_of_json_ld_keeps_every_value(card):
    """Expanding drops what has no meaning: nothing may be dropped, and each name is schema.org's."""
    written = json.loads(twin.jsonld(card))

    def refuse(url, _options):
        raise AssertionError(f"a context was fetched: {url}")

    found = jsonld.expand(written, {"documentLoader": refuse})
    for node in walked_expanded(found):
        for name in node:
            assert name.startswith((VOCABULARY, "@"))
    assert leaves(found) == leaves(written["@graph"])
    assert len(jsonld.normalize(written, {"documentLoader": refuse, "format": "application/n-quads"})) > 500


def walked_expanded(value):
    if isinstance(value, dict):
        yield value
        for one in value.values():
            yield from walked_expanded(one)
    elif isinstance(value, list):
        for one in value:
            yield from walked_expanded(one)


def leaves(value):
    """How many values there are, whatever shape they are in."""
    if isinstance(value, dict):
        if "@value" in value:
            return 1
        return sum(leaves(one) for key, one in value.items() if key not in ("@type", "@language"))
    return sum(map(leaves, value)) if isinstance(value, list) else 1


@pytest.mark.parametrize("card", CARDS)
def test_ids_are_urns_and_every_reference_leads_somewhere(card):
    written = json.loads(twin.jsonld(card))["@graph"]
    ids = [one["@id"] for one in written]
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", one) for one in ids)
    inner = {one["@id"] for one in walked(written) if "@id" in one}
    for reference in references(written):
        assert reference in inner or reference.startswith(VOCABULARY)


def references(value):
    if isinstance(value, dict):
        if set(value) == {"@id"}:
            yield value["@id"]
        for one in value.values():
            yield from references(one)
    elif isinstance(value, list):
        for one in value:
            yield from references(one)


def test_a_claim_review_says_what_was_found():
    card = samples.scorecard()
    for node, finding in zip(nodes(card, "ClaimReview"), card.findings, strict=True):
        assert both(node["claimReviewed"]) == (finding.words.en, finding.words.fr)
        assert node["datePublished"] == card.on.isoformat()
        assert node["itemReviewed"]["datePublished"] == finding.said_on.isoformat()
        assert both(node["itemReviewed"]["author"]["name"]) == (finding.by.en, finding.by.fr)
        assert both(node["reviewRating"]["ratingExplanation"]) == (finding.why.en, finding.why.fr)
        assert "ratingValue" not in node["reviewRating"]
    first = nodes(card, "ClaimReview")[0]
    assert both(first["reviewRating"]["alternateName"]) == (
        "Ill-formed as printed",
        "Mal formée telle quelle",
    )


def test_a_review_has_what_those_who_collect_reviews_ask_for():
    """Google's list for ClaimReview: claimReviewed, url, author, a named rating, and where the claim was."""
    card = samples.scorecard()
    graph = json.loads(twin.jsonld(card, "https://example.org/scorecard.html", "fr"))["@graph"]
    by_id = {one["@id"]: one for one in graph}
    for node in (one for one in graph if one["@type"] == "ClaimReview"):
        assert node["url"] == f"https://example.org/scorecard.html#fr-claim-{node['identifier']}"
        assert by_id[node["author"]["@id"]]["@type"].endswith("Organization")
        assert both(node["reviewRating"]["alternateName"])[0]
        item = node["itemReviewed"]
        assert item["author"]["@type"] in ("Organization", "Person")
        assert item["appearance"]["datePublished"] == item["datePublished"]
        assert set(node) <= fields("ClaimReview")
    assert "url" not in nodes(card, "ClaimReview")[0]


def both(value):
    if isinstance(value, str):
        return value, value
    by = {one["@language"]: one["@value"] for one in value}
    return by["en"], by["fr"]


def test_each_figure_is_a_dataset_with_its_digest_and_interval():
    card = samples.scorecard()
    found = {one["alternateName"]: one for one in nodes(card, "Dataset") if "alternateName" in one}
    for finding in card.findings:
        for figure in (*finding.figures, *finding.also):
            node = found[f"{finding.claim} {figure.name}"]
            assert node.get("identifier", {}).get("value", "") == figure.digest
            assert node["variableMeasured"].get("value") == figure.value
            if figure.interval:
                assert node["variableMeasured"]["minValue"] == figure.interval.low
                assert node["variableMeasured"]["maxValue"] == figure.interval.high


def test_commitments_are_actions_with_their_state_and_day():
    found = {one["identifier"]: one for one in nodes(samples.scorecard(), "PlanAction")}
    assert found["14a"]["actionStatus"]["@id"] == f"{VOCABULARY}PotentialActionStatus"
    assert found["14a"]["scheduledTime"] == "2025-02-28"
    assert found["14a"]["object"]["value"] == 15
    assert found["14a"]["result"][0]["value"] == 6
    assert found["14b"]["actionStatus"]["@id"] == f"{VOCABULARY}CompletedActionStatus"
    assert {one["identifier"] for one in nodes(samples.scorecard(), "Claim")} == {"5", "6a", "17", "22"}


def test_a_sentence_that_a_claim_computes_leads_to_its_review():
    card = samples.scorecard()
    (line,) = [one for one in nodes(card, "Claim") if one["identifier"] == "6a"]
    (review,) = [one for one in nodes(card, "ClaimReview") if one["identifier"] == "fentanyl-northern-share"]
    assert line["subjectOf"]["@id"] == review["@id"]
    assert both(line["description"]) == ("Ill-formed as printed", "Mal formée telle quelle")


def test_what_may_not_appear_is_not_in_the_twin():
    hidden = msgspec.structs.replace(samples.lines()[2], shown=False, announced=524.0)
    written = twin.jsonld(samples.scorecard(lines=(hidden,))).decode()
    assert "524" not in written
    assert "Canadian Press" not in written


def test_the_same_thing_has_the_same_id_the_week_after():
    now, later = (
        samples.scorecard(),
        samples.scorecard(on=samples.ON.replace(day=14), digest=samples.digest("others")),
    )
    claims = [[one["itemReviewed"]["@id"] for one in nodes(card, "ClaimReview")] for card in (now, later)]
    reviews = [[one["@id"] for one in nodes(card, "ClaimReview")] for card in (now, later)]
    assert claims[0] == claims[1]
    assert not set(reviews[0]) & set(reviews[1])
