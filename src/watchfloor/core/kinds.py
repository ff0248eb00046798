"""Kinds: the Arrow schemas of evidence, each column with its meaning.

A record is one immutable row of one kind. Every kind starts with the same columns (`COMMON`), which say
who reported what, when, under which marking, and where its original bytes are.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

import pyarrow as pa

INSTANT: Final = pa.timestamp("us", tz="UTC")
"""A moment, microseconds in UTC."""

DIGEST: Final = pa.binary(32)
"""A SHA-256 digest."""

RECORD_ID: Final = pa.binary(16)
"""A keyed BLAKE2b-128 digest, see `watchfloor.core.identity`."""


def column(name: str, of: pa.DataType, doc: str, *, nullable: bool = True, unit: str = "") -> pa.Field:
    """A documented Arrow field; the documentation travels in the field's metadata."""
    metadata = {"doc": doc, "unit": unit} if unit else {"doc": doc}
    return pa.field(name, of, nullable=nullable, metadata=metadata)


REASON: Final = pa.struct(
    [
        column("message", pa.string(), "id of the message", nullable=False),
        column("params", pa.string(), "its parameters, JSON with sorted keys", nullable=False),
    ]
)
"""How a reason is stored."""


COMMON: Final[tuple[pa.Field, ...]] = (
    column("record_id", RECORD_ID, "identity of this row of evidence", nullable=False),
    column("report_key", pa.string(), "the source's own id of what is reported; a later record replaces it"),
    column("source", pa.string(), "who delivered it: a feed's name", nullable=False),
    column("origins", pa.list_(pa.string()), "the first reports that this one repeats; empty when it is one"),
    column("observed_at", INSTANT, "when the fact was so, by the source's clock", nullable=False),
    column("marking", pa.string(), "who may see it, as `watchfloor.core.marking` writes it", nullable=False),
    column("delivery", DIGEST, "SHA-256 of the delivered bytes that hold the original", nullable=False),
    column(
        "locator", pa.string(), "where in the delivery: a line, an element id, a byte range", nullable=False
    ),
)

PROVENANCE: Final = ("record_id", "delivery", "locator")
"""Columns that say where a row came from and are no part of what it says."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A named Arrow schema of evidence.

    The order of its columns is part of every record's identity: new columns go last and are nullable.

    Attributes:
        name: its name.
        doc: what a row of it is.
        columns: its own, after the common ones.
        bulk: it comes by the million, so no single row is in the index of words, subjects, places and times,
            but where `store.index.columns` says so.
    """

    name: str
    doc: str
    columns: tuple[pa.Field, ...]
    bulk: bool = False
    schema: pa.Schema = field(init=False, repr=False, compare=False)
    """Common columns, then the kind's own."""
    body: pa.Schema = field(init=False, repr=False, compare=False)
    """Columns that a format reader yields: all but those the feed adds (identity and provenance)."""

    def __post_init__(self) -> None:
        schema = pa.schema([*COMMON, *self.columns], metadata={"kind": self.name})
        added = {"record_id", "delivery", "marking", "source"}
        object.__setattr__(self, "schema", schema)
        object.__setattr__(self, "body", pa.schema([one for one in schema if one.name not in added]))


NAME: Final = pa.struct(
    [
        column("text", pa.string(), "the name as published", nullable=False),
        column("role", pa.string(), "primary, alias, acronym, former or gloss", nullable=False),
        column("strength", pa.string(), "strong: acts alone; weak: needs a second fact", nullable=False),
        column("lang", pa.string(), "ISO 639-1, where the publisher states it"),
    ]
)
"""One published name of a listed entity."""

IDENTIFIER: Final = pa.struct(
    [
        column("system", pa.string(), "which numbering: imo, passport, PROS", nullable=False),
        column("number", pa.string(), "the number as that system writes it", nullable=False),
        column("owner", pa.string(), "who issues or keeps it"),
    ]
)
"""An external reference: a number in somebody's system."""

LISTING: Final = Kind(
    "listing",
    "One version of one item of an official list, as one consolidation publishes it.",
    (
        column("list_id", pa.string(), "the list: `SOR/2002-284`, `UN`, `OFAC-SDN`", nullable=False),
        column("entity_id", pa.string(), "stable across versions and consolidations", nullable=False),
        column("version_id", pa.string(), "the publisher's id of this version of the item"),
        column("instrument", pa.string(), "the legal instrument, as it is cited", nullable=False),
        column("title", pa.string(), "the instrument's title"),
        column("provision", pa.string(), "where in it: section, schedule, part"),
        column("item", pa.string(), "the item's number as printed or counted, or its reference number"),
        column(
            "schema",
            pa.string(),
            "Person, Organization, Company, Vessel, Aircraft or LegalEntity",
            nullable=False,
        ),
        column("name", pa.string(), "the primary name", nullable=False),
        column("names", pa.list_(NAME), "every published name, the primary one first", nullable=False),
        column(
            "birth_dates", pa.list_(pa.string()), "ISO 8601, to the precision published: 1971, 1971-05-02"
        ),
        column(
            "countries", pa.list_(pa.string()), "ISO 3166-1 alpha-2; may only confirm or clear an identity"
        ),
        column("identifiers", pa.list_(IDENTIFIER), "numbers published with the item"),
        column("listed_on", pa.date32(), "when the entity first came onto the list, where published"),
        column("in_force", pa.date32(), "when this version of the item came into force"),
        column("ceased", pa.date32(), "when it left the list, where published"),
        column("window_from", pa.date32(), "first day this consolidation speaks for"),
        column("window_until", pa.date32(), "last day this consolidation speaks for"),
        column("lang", pa.string(), "language of the consolidation, ISO 639-1"),
        column("remarks", pa.string(), "what the publisher adds in prose"),
    ),
)

CONSOLIDATION: Final = Kind(
    "consolidation",
    "One whole edition of a list: coverage that makes the absence of an item evidence that it is not listed.",
    (
        column("list_id", pa.string(), "the list", nullable=False),
        column("lang", pa.string(), "language of the edition, ISO 639-1"),
        column("window_from", pa.date32(), "first day it speaks for"),
        column("window_until", pa.date32(), "last day it speaks for"),
        column(
            "entities", pa.list_(pa.string()), "ids of all its items; of a part, report keys", nullable=False
        ),
        column(
            "provision", pa.string(), "the file of parts that it is an edition of; null for the list itself"
        ),
    ),
)

PARTY: Final = Kind(
    "party",
    "A named party in a feed: a consignee, payee, traveller, vessel master. A name, not an identity.",
    (
        column(
            "subject",
            pa.string(),
            "typed key of who is named, see `watchfloor.core.subjects`",
            nullable=False,
        ),
        column(
            "role",
            pa.string(),
            "what the party was in the transaction: consignee, payee, traveller",
            nullable=False,
        ),
        column("name", pa.string(), "the name as delivered", nullable=False),
        column(
            "schema", pa.string(), "Person, Organization, Company, Vessel; empty when the feed does not say"
        ),
        column("birth_date", pa.string(), "ISO 8601, to the precision delivered"),
        column("country", pa.string(), "ISO 3166-1 alpha-2; may only confirm or clear an identity"),
        column("identifiers", pa.list_(IDENTIFIER), "numbers delivered with the name"),
        column("context", pa.string(), "the transaction it stood in, in the feed's words"),
    ),
)

JUDGEMENT: Final = Kind(
    "judgement",
    "What a person decided about two subjects: that they are the same, or are not. Undone by a later one.",
    (
        column("subject", pa.string(), "typed key of the one", nullable=False),
        column(
            "about",
            pa.string(),
            "key of the other: a listed entity as `list:entity`, or a subject",
            nullable=False,
        ),
        column("verdict", pa.string(), "different, same or withdrawn", nullable=False),
        column(
            "basis",
            pa.string(),
            "fingerprint of what was judged, such as a list item's content",
            nullable=False,
        ),
        column("why", pa.string(), "the reason, in the person's words", nullable=False),
        column("decided_by", pa.string(), "who decided", nullable=False),
        column("expires_at", INSTANT, "when it must be looked at again"),
    ),
)

PORTION: Final = pa.struct(
    [
        column("marking", pa.string(), "the portion's own marking, as `core.marking` writes it"),
        column("page", pa.int32(), "page it stands on, from 1, where the format has pages"),
        column("text", pa.string(), "its text", nullable=False),
    ]
)
"""A paragraph of a text, with the marking that stands before it."""

MENTION: Final = pa.struct(
    [
        column("subject", pa.string(), "typed key that the text proposes", nullable=False),
        column("text", pa.string(), "as it is written", nullable=False),
        column("portion", pa.int32(), "number of the portion, from 0", nullable=False),
        column("start", pa.int32(), "first character in the portion, from 0", nullable=False),
        column("how", pa.string(), "what found it: a checksum, a pattern, the author", nullable=False),
    ]
)
"""A subject that a text seems to name. A proposal: a person confirms it."""

REPORT: Final = Kind(
    "report",
    "A report by a person, as prose: what somebody saw, heard or concluded.",
    (
        column("title", pa.string(), "as the author gave it"),
        column("author", pa.string(), "unit or office that wrote it, as given"),
        column("reliability", pa.string(), "Admiralty code of the source, A to F; F: cannot be judged"),
        column(
            "credibility",
            pa.string(),
            "Admiralty code of the information, 1 to 6; 6: cannot be judged",
        ),
        column("caveats", pa.list_(pa.string()), "handling caveats as written"),
        column("references", pa.list_(IDENTIFIER), "file numbers in other systems: PROS, PRIME, CPIC, ICES"),
        column("hypothesis", pa.string(), "what the author says it speaks to, by the cell's name for it"),
        column("subjects", pa.list_(pa.string()), "typed keys that the author states"),
        column("portions", pa.list_(PORTION), "its text, portion by portion", nullable=False),
        column("mentions", pa.list_(MENTION), "subjects found in the text", nullable=False),
        column("text_from", pa.string(), "text, or image: pages without a text layer", nullable=False),
        column("place", pa.string(), "where, in words"),
        column("latitude", pa.float64(), "where it was, if it says", unit="degree"),
        column("longitude", pa.float64(), "east positive", unit="degree"),
    ),
)

OUTCOME: Final = Kind(
    "outcome",
    "What came of a lead: it renews the weights and is the only truth the cell is measured against.",
    (
        column("lead", pa.string(), "id of the lead", nullable=False),
        column("hypothesis", pa.string(), "the hypothesis it was about", nullable=False),
        column("subjects", pa.list_(pa.string()), "typed keys it was about", nullable=False),
        column(
            "result",
            pa.string(),
            "seized, arrested, charged, cleared, unfounded, examined, not-examined or not-acted-on",
            nullable=False,
        ),
        column("true", pa.bool_(), "whether it bears the hypothesis out; null when it says neither"),
        column("task", pa.string(), "id of the task it came of"),
        column("why", pa.string(), "in the person's words; why not examined, where it was not"),
        column("by", pa.string(), "who reports it", nullable=False),
        column("chance", pa.float64(), "chance with which the lead was drawn, for one of the audit sample"),
    ),
)

LEG: Final = pa.struct(
    [
        column("host", pa.string(), "country in which it lies, ISO 3166-1 alpha-3", nullable=False),
        column("medium", pa.string(), "water, air or land", nullable=False),
        column("latitude", pa.float64(), "where, if that is said", unit="degree"),
        column("longitude", pa.float64(), "east positive", unit="degree"),
        column("vessel", pa.string(), "the vessel that officers of both countries crew"),
        column("officer", pa.string(), "appointed officer: name, or number of the certificate"),
        column("director", pa.string(), "who directs there: country and name, such as USA:Lt. Doe"),
        column("custody", pa.string(), "country whose law holds persons and things"),
        column("authority", pa.string(), "the law that a person cites for it"),
    ]
)
"""A part of a task that lies across the line, in one country."""

TASK: Final = Kind(
    "task",
    "One act in the life of a task, lookout or target: the records of one `report_key` are its history.",
    (
        column("task", pa.string(), "its id", nullable=False),
        column("form", pa.string(), "task, lookout or target", nullable=False),
        column(
            "state",
            pa.string(),
            "issued, amended, accepted, refused, done, hit, expired",
            nullable=False,
        ),
        column("lead", pa.string(), "id of the lead it follows from"),
        column("subjects", pa.list_(pa.string()), "typed keys it is about", nullable=False),
        column("unit", pa.string(), "unit it is given to", nullable=False),
        column("instruction", pa.string(), "what is asked", nullable=False),
        column("authority", pa.string(), "the law and office it rests on", nullable=False),
        column("deadline", INSTANT, "by when"),
        column("flags", pa.list_(pa.string()), "such as life-at-risk, fentanyl-hazard", nullable=False),
        column("why", pa.string(), "reason for this act: of a refusal, an amendment, a hit"),
        column("by", pa.string(), "who acted", nullable=False),
        column("edition", pa.int32(), "number of this act in the task's life, 1 first"),
        column("latitude", pa.float64(), "where it is to be done, where it has a place", unit="degree"),
        column("longitude", pa.float64(), "east positive", unit="degree"),
        column("radius", pa.float64(), "within which it is", unit="metre"),
        column("starts", INSTANT, "from when; until the deadline"),
        column("legs", pa.list_(LEG), "its parts by country, where it lies across the line"),
        column("joins", pa.list_(pa.string()), "further units that support it"),
        column("asset", pa.string(), "the one of `assets.toml` that is to be sent or pointed"),
    ),
)

WATCH_ENTRY: Final = Kind(
    "watch-entry",
    "One line of the watch log: a note, an alert and its acknowledgement, a handover and its two signatures.",
    (
        column(
            "entry",
            pa.string(),
            "id; what answers an alert carries the alert's",
            nullable=False,
        ),
        column(
            "what",
            pa.string(),
            "note, alert, added, acknowledged, escalated, handover-offered, handover-taken, on-watch, "
            "on-call, role-held",
            nullable=False,
        ),
        column("text", pa.string(), "in the officer's words", nullable=False),
        column("about", pa.string(), "id of the lead or task it is about"),
        column("flags", pa.list_(pa.string()), "such as life-at-risk, fentanyl-hazard", nullable=False),
        column("due", INSTANT, "by when it must be acknowledged"),
        column("to", pa.string(), "who must acknowledge, or takes over"),
        column("by", pa.string(), "who wrote it", nullable=False),
        column("rule", pa.string(), "of watch.toml, where a rule raised the alert"),
        column("reason", REASON, "why it did, as a message with parameters"),
        column("subjects", pa.list_(pa.string()), "typed keys of the matter that it raised it about"),
        column("signals", pa.list_(RECORD_ID), "row ids of the signals that spoke for that"),
        column("latitude", pa.float64(), "where that is, if it has a place", unit="degree"),
        column("longitude", pa.float64(), "east positive", unit="degree"),
        column("radius", pa.float64(), "within which it is", unit="metre"),
    ),
)

PRODUCT: Final = Kind(
    "product",
    "One act in the life of an intelligence report of the cell: draft, dissemination, amendment, recall.",
    (
        column("product", pa.string(), "its id", nullable=False),
        column("edition", pa.int32(), "1 first", nullable=False),
        column("state", pa.string(), "draft, disseminated, amended, recalled", nullable=False),
        column("title", pa.string(), "its title", nullable=False),
        column("leads", pa.list_(pa.string()), "ids of the leads it reports", nullable=False),
        column("portions", pa.list_(PORTION), "above the tear-line", nullable=False),
        column("tear_line", pa.list_(PORTION), "below it: what may be passed on", nullable=False),
        column("recipients", pa.list_(pa.string()), "named recipients of this act", nullable=False),
        column("why", pa.string(), "reason of an amendment or a recall"),
        column("by", pa.string(), "who acted", nullable=False),
    ),
)

DISCLOSURE: Final = Kind(
    "disclosure",
    "What another node disclosed through a gateway: one signal or pointer of a bundle, as it was sent.",
    (
        column("bundle", pa.string(), "id of the bundle it came in", nullable=False),
        column("node", pa.string(), "name of the node that disclosed it", nullable=False),
        column("gateway", pa.string(), "the gateway it came through", nullable=False),
        column("form", pa.string(), "signal, or pointer: that something is held, not what", nullable=False),
        column("row_id", RECORD_ID, "identity of the signal on the node that made it", nullable=False),
        column("revision", pa.int32(), "its revision there", nullable=False),
        column("since", INSTANT, "start of what it is about"),
        column("until", INSTANT, "end of what it is about"),
        column(
            "retracted", pa.bool_(), "whether its owner takes it back, or has recalled it", nullable=False
        ),
        column("desk", pa.string(), "desk of that node that asserts it", nullable=False),
        column("rule", pa.string(), "under which rule", nullable=False),
        column("subjects", pa.list_(pa.string()), "typed keys of what it is about", nullable=False),
        column("strength", pa.string(), "the rule's band", nullable=False),
        column("score", pa.float64(), "the rule's measure, 0 to 1, where it has one"),
        column("message", pa.string(), "id of the message that says why", nullable=False),
        column("params", pa.string(), "the message's parameters, JSON with sorted keys", nullable=False),
        column("latitude", pa.float64(), "where it is about, where it has a place", unit="degree"),
        column("longitude", pa.float64(), "east positive", unit="degree"),
        column("radius", pa.float64(), "within which it is", unit="metre"),
        column("echo", pa.bool_(), "whether it repeats a report of this node's own", nullable=False),
        column("onward", pa.bool_(), "below its owner's tear-line: it may be passed on unasked"),
    ),
)

FACT: Final = pa.struct(
    [
        column("name", pa.string(), "what it is, such as payer_balance_before", nullable=False),
        column("value", pa.float64(), "how much, in the feed's own unit", nullable=False),
    ]
)
"""A number that an entity knew of one side of a payment when it was made."""

PAYMENT: Final = Kind(
    "payment",
    "One movement of money as a reporting entity has it. It stays on that entity's node.",
    (
        column("payer", pa.string(), "typed key of the account or person it came from"),
        column("payee", pa.string(), "typed key of the account or person it went to"),
        column("amount", pa.decimal128(18, 2), "in its currency", nullable=False),
        column("currency", pa.string(), "ISO 4217", nullable=False),
        column("means", pa.string(), "cash, wire, transfer, cheque, card, virtual or other", nullable=False),
        column("conductor", pa.string(), "typed key of the person at the counter, where known"),
        column("branch", pa.string(), "where it was made, as the entity names it"),
        column("memo", pa.string(), "free text that went with it"),
        column(
            "amount_fine",
            pa.decimal128(38, 18),
            "the amount to its last digit, where it has more than two decimals; `amount` is rounded then",
        ),
        column("payer_bank", pa.string(), "BIC, LEI or the feed's own name of the payer's bank"),
        column("payee_bank", pa.string(), "the same of the payee's"),
        column("payer_seat", pa.string(), "country where the payer's account is kept, ISO 3166-1 alpha-2"),
        column(
            "payee_seat", pa.string(), "country where the payee's account is kept: a corridor, no one's own"
        ),
        column("channel", pa.string(), "branch, machine, online, e-transfer…, as the feed names it"),
        column("purpose", pa.string(), "why it is paid, as a code or in words"),
        column("device", pa.string(), "device it was ordered from, as the entity numbers it"),
        column("ip", pa.string(), "network address that it was ordered from"),
        column("handle", pa.string(), "e-mail address or phone number that stood for the payee's account"),
        column("facts", pa.list_(FACT), "numbers known when it was made, such as the payer's balance before"),
        column("phone", pa.string(), "typed key of a telephone number that goes with it"),
    ),
)

ACCOUNT: Final = Kind(
    "account",
    "What a reporting entity knows of an account that it keeps. It stays on that entity's node.",
    (
        column("subject", pa.string(), "typed key of the account", nullable=False),
        column("bank", pa.string(), "BIC, LEI or the feed's own name of the bank that keeps it"),
        column("holder", pa.string(), "typed key of the person or company that holds it"),
        column("holder_type", pa.string(), "person, company, processor, public…, as the entity says it"),
        column("opened", pa.date32(), "day on which it was opened"),
        column("occupation", pa.string(), "what the holder does, in his own words"),
        column("naics", pa.string(), "industry of the holder: North American Industry Classification System"),
    ),
)

RESULT: Final = pa.struct(
    [
        column("substance", pa.string(), "typed key of what was found or looked for"),
        column("name", pa.string(), "as the instrument or its library calls it", nullable=False),
        column("level", pa.string(), "identified, presumptive, inconclusive or not-detected", nullable=False),
        column("score", pa.float64(), "the instrument's own score of the match, on its own scale"),
        column("share", pa.float64(), "of the whole that it makes up, 0 to 1"),
        column("share_low", pa.float64(), "lower end of the share's 95 % interval"),
        column("share_high", pa.float64(), "upper end of it"),
        column("by", pa.string(), "what the share is of: weight or signal"),
    ]
)
"""One thing that a reading found or looked for."""

READING: Final = Kind(
    "reading",
    "One reading of an instrument: what a chemical analyser or a scale measured of one item.",
    (
        column("subject", pa.string(), "typed key of what was measured", nullable=False),
        column("instrument", pa.string(), "which instrument, as the laboratory names it", nullable=False),
        column("method", pa.string(), "how it was measured, see `formats.fields.METHODS`", nullable=False),
        column("sample", pa.string(), "the laboratory's number of the sample"),
        column("substance", pa.string(), "typed key of what the laboratory identified, substance:cas:…"),
        column("level", pa.string(), "identified, presumptive, inconclusive or not-detected"),
        column("mass", pa.float64(), "of the item or the sample", unit="gram"),
        column("peaks", pa.list_(pa.float64()), "abscissa of each peak, in the method's unit"),
        column("intensity", pa.list_(pa.float64()), "of each peak, relative to the highest"),
        column("mass_error", pa.float64(), "standard uncertainty of the mass", unit="gram"),
        column("serial", pa.string(), "serial number of the instrument"),
        column("firmware", pa.string(), "version of what runs on it"),
        column("calibrated_at", INSTANT, "when it was last calibrated or verified"),
        column("calibrated_until", INSTANT, "until when that calibration holds"),
        column("library", pa.string(), "library that it searched, with its version"),
        column("operator", pa.string(), "who took the reading, by badge number"),
        column("place", pa.string(), "where, as the feed names the place"),
        column("exhibit", pa.string(), "number of the exhibit that the sample was taken from"),
        column("category", pa.string(), "of the technique after ASTM E2329: A, B or C"),
        column("matrix", pa.string(), "what was sampled: powder, tablet, swab, liquid, plant, residue"),
        column(
            "results", pa.list_(RESULT), "everything it found or looked for, where there is more than one"
        ),
        column("quality", pa.list_(pa.string()), "what speaks against it, such as calibration-overdue"),
        column("file_hash", pa.string(), "SHA-256 of the instrument's own file, in hexadecimal"),
        column("unit", pa.string(), "unit of the peaks: m/z, cm-1, ms, min"),
        column("latitude", pa.float64(), "where it was, if it says", unit="degree"),
        column("longitude", pa.float64(), "east positive", unit="degree"),
        column("procedure", pa.string(), "the laboratory's name of its method, with column and detector"),
    ),
)

DECLARATION: Final = Kind(
    "declaration",
    "One line of what an importer or a carrier declared to customs.",
    (
        column("subject", pa.string(), "typed key of the parcel or container", nullable=False),
        column("importer", pa.string(), "typed key of who imports"),
        column("consignee", pa.string(), "typed key of who receives"),
        column("shipper", pa.string(), "typed key of who sends"),
        column("goods", pa.string(), "as described", nullable=False),
        column("hs", pa.string(), "Harmonized System code, 6 to 10 digits"),
        column("origin", pa.string(), "country the goods come from; may not be a feature of a person"),
        column("value", pa.decimal128(18, 2), "declared for duty"),
        column("currency", pa.string(), "ISO 4217"),
        column("mass", pa.float64(), "declared gross mass", unit="kilogram"),
        column("office", pa.string(), "customs office, as the declaration names it"),
        column("direction", pa.string(), "inbound, outbound, in-transit or domestic"),
        column("mode", pa.string(), "how it travels, see `formats.fields.MODES`"),
        column("departure", pa.string(), "country it is sent from, ISO 3166-1 alpha-2, for routes alone"),
        column("destination", pa.string(), "country it is sent to, ISO 3166-1 alpha-2"),
        column("route", pa.list_(pa.string()), "places it passes, in order: UN/LOCODE or IATA codes"),
        column("carrier", pa.string(), "who carries it: airline, SCAC or customs carrier code"),
        column("handler", pa.string(), "office, courier or forwarder that took it in, as the feed names it"),
        column("declarant", pa.string(), "typed key of who declares for another: a broker"),
        column("document", pa.string(), "number of its transport document: house bill, waybill, S10 item"),
        column("master", pa.string(), "number of the document that this one is part of"),
        column("conveyance", pa.string(), "flight, voyage, train or trip"),
        column("pieces", pa.int64(), "how many packages the document counts"),
        column("shipper_name", pa.string(), "as delivered"),
        column("shipper_address", pa.string(), "as delivered, on one line"),
        column("shipper_phone", pa.string(), "as delivered"),
        column("consignee_name", pa.string(), "as delivered"),
        column("consignee_address", pa.string(), "as delivered, on one line"),
        column("consignee_phone", pa.string(), "as delivered"),
        column("page", pa.string(), "address of the seller's page, where the declaration gives one"),
        column("category", pa.string(), "gift, sale, sample, documents, return or other, as CN 23 has it"),
        column("rate", pa.float64(), "rate of duty", unit="percent"),
        column("codes", pa.list_(pa.string()), "further coded boxes in the feed's own words, `name=value`"),
        column("expected_at", INSTANT, "when it is expected to arrive or to leave"),
        column("plate", pa.string(), "typed key of a vehicle, by its licence plate"),
    ),
)

INSPECTION: Final = Kind(
    "inspection",
    "One act in the life of a referral of a parcel or consignment for inspection, up to what was found.",
    (
        column("subject", pa.string(), "typed key of the parcel or container", nullable=False),
        column("referral", pa.string(), "its id; the records of one `report_key` are its history"),
        column(
            "state",
            pa.string(),
            "referred, amended, withdrawn, examined, not-examined or expired",
            nullable=False,
        ),
        column("document", pa.string(), "number of the declaration's transport document"),
        column(
            "means", pa.string(), "how it is or was examined: open, x-ray, dog, trace, weighing or document"
        ),
        column(
            "chosen_by",
            pa.string(),
            "why this one: score, rule, lead, lookout, uncertainty, random or officer; null: not known",
        ),
        column("chance", pa.float64(), "probability with which it was chosen, 0 to 1; null: not known"),
        column("scheme", pa.string(), "name and digest of the configuration that chose it"),
        column("result", pa.string(), "nothing, finding or inconclusive, of one that was examined"),
        column("found", pa.list_(pa.string()), "what, see `formats.fields.FINDINGS`"),
        column("substance", pa.string(), "typed key of what was found"),
        column("grounds", pa.string(), "the facts an officer relies on, in words"),
        column("authority", pa.string(), "the law it rests on, by section"),
        column("why", pa.string(), "reason of a withdrawal or of an examination that was not made"),
        column("by", pa.string(), "who acted, by badge number"),
        column("edition", pa.int32(), "number of this act in the referral's life, 1 first"),
        column("deadline", INSTANT, "until when the item can be held"),
        column("unit", pa.string(), "who examines"),
        column("place", pa.string(), "where, in words"),
        column("latitude", pa.float64(), "where it was, if it says", unit="degree"),
        column("longitude", pa.float64(), "east positive", unit="degree"),
        column("plate", pa.string(), "typed key of a vehicle, by its licence plate"),
    ),
)

RESPONSE: Final = Kind(
    "response",
    "What customs, aviation security or a carrier answered to advance data about a parcel or consignment.",
    (
        column("subject", pa.string(), "typed key of the parcel or container", nullable=False),
        column("document", pa.string(), "number of its transport document"),
        column("answer", pa.string(), "see `formats.fields.ANSWERS`", nullable=False),
        column("code", pa.string(), "as the message has it"),
        column("why", pa.string(), "what the message adds in words"),
        column("by", pa.string(), "which authority or carrier, as the message names it"),
        column("about", pa.string(), "report key of the declaration that it answers"),
    ),
)

VOLUME: Final = Kind(
    "volume",
    "How many items one stream of cargo carried, by somebody's count: what advance data is measured against.",
    (
        column("until", INSTANT, "end of what it counts; it starts at `observed_at`", nullable=False),
        column("direction", pa.string(), "inbound, outbound, in-transit or domestic", nullable=False),
        column("mode", pa.string(), "how they travelled, see `formats.fields.MODES`", nullable=False),
        column("office", pa.string(), "where they were counted"),
        column("items", pa.int64(), "how many", nullable=False),
        column("counted_by", pa.string(), "dispatch list, flight manifest, gate or estimate"),
    ),
)

STATISTIC: Final = Kind(
    "statistic",
    "One published number: of one period, of one cell of a publisher's table, as one vintage of it has it.",
    (
        column("until", INSTANT, "end of the period, which starts at `observed_at`", nullable=False),
        column("series", pa.string(), "which table, such as cbp-drug-seizures", nullable=False),
        column("publisher", pa.string(), "who published it"),
        column("published", INSTANT, "by when it was public: its vintage", nullable=False),
        column("dated", pa.string(), "how that day is known: stated, or inferred from the content"),
        column("cell", pa.string(), "its dimensions as JSON with sorted keys", nullable=False),
        column("measure", pa.string(), "what is counted or weighed: events, weight, people", nullable=False),
        column("unit", pa.string(), "of the value: lb, kg, CAD; none for a count"),
        column("value", pa.float64(), "the number, never below zero", nullable=False),
        column("to_date", pa.bool_(), "the publisher calls its year one to date"),
    ),
    bulk=True,
)

DETECTION: Final = Kind(
    "detection",
    "One report of one sensor about one object: where it was or in which direction, and what it seemed to be."
    " After BSI Flex 335 (SAPIENT), with covariance, time of receipt and authority. A vessel or aircraft that"
    " reports itself is its own sensor.",
    (
        column(
            "sensor", pa.string(), "which sensor, as its feed names it; of a self-report the feed's receiver"
        ),
        column("received_at", INSTANT, "when it reached us, by our clock; null where only its file is known"),
        column("scan", pa.int64(), "number of the sweep it belongs to, where the sensor counts them"),
        column("latitude", pa.float64(), "where the object was, WGS84", unit="degree"),
        column("longitude", pa.float64(), "east positive", unit="degree"),
        column("altitude", pa.float64(), "above the ellipsoid", unit="metre"),
        column("var_east", pa.float64(), "variance of the place to the east", unit="square metre"),
        column("var_north", pa.float64(), "variance to the north", unit="square metre"),
        column("cov_east_north", pa.float64(), "covariance of the two", unit="square metre"),
        column("sensor_latitude", pa.float64(), "where the sensor was, WGS84", unit="degree"),
        column("sensor_longitude", pa.float64(), "east positive", unit="degree"),
        column("sensor_altitude", pa.float64(), "above the ellipsoid", unit="metre"),
        column("azimuth", pa.float64(), "from the sensor, clockwise from true north", unit="degree"),
        column("azimuth_error", pa.float64(), "its standard deviation", unit="degree"),
        column("elevation", pa.float64(), "from the sensor, above the horizon", unit="degree"),
        column("range", pa.float64(), "from the sensor", unit="metre"),
        column("range_error", pa.float64(), "its standard deviation", unit="metre"),
        column(
            "range_rate", pa.float64(), "from the sensor, positive when it goes away", unit="metre a second"
        ),
        column("range_rate_error", pa.float64(), "its standard deviation", unit="metre a second"),
        column("speed", pa.float64(), "over ground", unit="metre a second"),
        column("speed_error", pa.float64(), "its standard deviation", unit="metre a second"),
        column("course", pa.float64(), "over ground, clockwise from true north", unit="degree"),
        column("course_error", pa.float64(), "its standard deviation", unit="degree"),
        column("climb", pa.float64(), "vertical speed, positive upward", unit="metre a second"),
        column("heading", pa.float64(), "where it points, clockwise from true north", unit="degree"),
        column(
            "class",
            pa.string(),
            "likeliest of person, group, vehicle, boat, aircraft, drone, animal, unknown",
        ),
        column("class_confidence", pa.float64(), "the sensor's probability of that class, 0 to 1"),
        column("confidence", pa.float64(), "the sensor's probability that there is an object at all, 0 to 1"),
        column("object", pa.string(), "the sensor's own number of the object, where it tracks it"),
        column("claimed", pa.string(), "typed key of who the object says it is; it can lie"),
        column("name", pa.string(), "name or call sign that it gives"),
        column("status", pa.string(), "what it says of itself, such as moored, fishing, emergency"),
        column("says", pa.string(), "what else the report says: JSON with sorted keys"),
        column("authority", pa.string(), "the law under which the sensor looks"),
    ),
    bulk=True,
)

COVERAGE: Final = Kind(
    "coverage",
    "Where and when a sensor looked, or could not: it turns silence into evidence.",
    (
        column("sensor", pa.string(), "which sensor, as its feed names it", nullable=False),
        column("received_at", INSTANT, "when it reached us, by our clock"),
        column("until", INSTANT, "it looked from `observed_at` until then"),
        column("scan", pa.int64(), "number of the sweep, where the sensor counts them"),
        column("state", pa.string(), "looking, degraded, off, fault, tampered or gone", nullable=False),
        column("mode", pa.string(), "its mode, in its own words"),
        column("latitude", pa.float64(), "where the sensor was, WGS84", unit="degree"),
        column("longitude", pa.float64(), "east positive", unit="degree"),
        column("altitude", pa.float64(), "above the ellipsoid", unit="metre"),
        column("nearest", pa.float64(), "range from which it sees", unit="metre"),
        column("farthest", pa.float64(), "range to which it sees", unit="metre"),
        column(
            "azimuth_from",
            pa.float64(),
            "left edge of what it sees, clockwise from true north",
            unit="degree",
        ),
        column("azimuth_to", pa.float64(), "right edge; equal to the left one: all around", unit="degree"),
        column("detects", pa.float64(), "probability that it detects an object there, where it says so"),
        column("weather", pa.string(), "what it says of the weather"),
        column(
            "class",
            pa.string(),
            "what it is: camera, radar, ground-sensor, drone, aircraft, vessel, receiver",
        ),
        column("says", pa.string(), "what else the report says: JSON with sorted keys"),
        column("authority", pa.string(), "the law under which it looks"),
    ),
    bulk=True,
)

WEATHER: Final = Kind(
    "weather",
    "Weather at a place, as measured or forecast: it decides whose life is at risk and what a sensor sees.",
    (
        column("station", pa.string(), "who measured it", nullable=False),
        column("received_at", INSTANT, "when it reached us, by our clock"),
        column("until", INSTANT, "it holds until then"),
        column("latitude", pa.float64(), "WGS84", unit="degree"),
        column("longitude", pa.float64(), "east positive", unit="degree"),
        column("radius", pa.float64(), "within which it holds", unit="metre"),
        column("temperature", pa.float64(), "of the air", unit="degree Celsius"),
        column("wind_speed", pa.float64(), "at 10 m", unit="metre a second"),
        column("wind_from", pa.float64(), "clockwise from true north", unit="degree"),
        column("visibility", pa.float64(), "meteorological optical range", unit="metre"),
        column("precipitation", pa.string(), "none, rain, snow, freezing-rain or fog"),
        column("water_temperature", pa.float64(), "at the surface", unit="degree Celsius"),
        column("ice", pa.float64(), "thickness of the ice on water; 0: open", unit="metre"),
        column("wave_height", pa.float64(), "significant", unit="metre"),
        column(
            "ceiling", pa.float64(), "of the lowest layer that covers more than half the sky", unit="metre"
        ),
    ),
)

ALERT_AREA: Final = pa.struct(
    [
        column("description", pa.string(), "in words", nullable=False),
        column("polygons", pa.list_(pa.string()), "closed rings as CAP has them: `lat,lon lat,lon …`"),
        column("circles", pa.list_(pa.string()), "as CAP has them: `lat,lon radius`, in kilometres"),
        column("geocodes", pa.list_(pa.string()), "as `system=code`"),
    ]
)
"""One area that a public alert is for."""

PUBLIC_ALERT: Final = Kind(
    "public-alert",
    "What a public alert (OASIS CAP 1.2) says in one language. It is no alert of the watch, which somebody"
    " must acknowledge.",
    (
        column(
            "message", pa.string(), "`sender,identifier,sent` in UTC, as others refer to it", nullable=False
        ),
        column("sender", pa.string(), "who sent it, by the sender's own id", nullable=False),
        column("identifier", pa.string(), "the sender's id of the message", nullable=False),
        column("status", pa.string(), "actual, exercise, system, test or draft", nullable=False),
        column("message_type", pa.string(), "alert, update, cancel, ack or error", nullable=False),
        column("scope", pa.string(), "public, restricted or private"),
        column(
            "restriction", pa.string(), "on whom a restricted one may reach, or the addresses of a private"
        ),
        column("note", pa.string(), "what the message is for, of an exercise or an error above all"),
        column("replaces", pa.list_(pa.string()), "messages that it refers to, as `message` has them"),
        column("codes", pa.list_(pa.string()), "profiles and layers that it says it follows"),
        column("signed", pa.bool_(), "it carries a signature, which nobody has verified"),
        column("language", pa.string(), "of its words, RFC 5646"),
        column("categories", pa.list_(pa.string()), "met, safety, security, rescue…"),
        column("event", pa.string(), "what it warns of"),
        column("event_codes", pa.list_(pa.string()), "as `system=code`"),
        column("responses", pa.list_(pa.string()), "what to do: shelter, evacuate, avoid…"),
        column("urgency", pa.string(), "immediate, expected, future, past or unknown"),
        column("severity", pa.string(), "extreme, severe, moderate, minor or unknown"),
        column("certainty", pa.string(), "observed, likely, possible, unlikely or unknown"),
        column("effective", INSTANT, "from when on its words hold"),
        column("since", INSTANT, "when what it warns of begins; else from when on it holds", nullable=False),
        column("until", INSTANT, "when its words end"),
        column("issuer", pa.string(), "who speaks, in words"),
        column("headline", pa.string(), "in short"),
        column("description", pa.string(), "what happens"),
        column("instruction", pa.string(), "what people should do"),
        column("web", pa.string(), "address of more"),
        column("contact", pa.string(), "whom to ask"),
        column("parameters", pa.list_(pa.string()), "what its profile adds, as `name=value`"),
        column("areas", pa.list_(ALERT_AREA), "where"),
        column("latitude", pa.float64(), "centre of a circle around all its areas, WGS84", unit="degree"),
        column("longitude", pa.float64(), "east positive", unit="degree"),
        column("radius", pa.float64(), "of that circle", unit="metre"),
    ),
)

EXHIBIT: Final = Kind(
    "exhibit",
    "One act in the life of an exhibit: its history is all of them, and none replaces another.",
    (
        column("exhibit", pa.string(), "its id", nullable=False),
        column(
            "act",
            pa.string(),
            "seized, made, sealed, resealed, weighed, submitted, certified, offered, received, withdrawn, "
            "split, consumed, applied, required, released, forfeited, returned, destroyed, used, reported, "
            "noted, redated",
            nullable=False,
        ),
        column("edition", pa.int32(), "number of this act in the exhibit's life, 1 first", nullable=False),
        column("by", pa.string(), "who acted", nullable=False),
        column("day", pa.date32(), "calendar day of the act where it was done", nullable=False),
        column("number", pa.string(), "the agency's own number of the exhibit"),
        column("subject", pa.string(), "typed key of what it was found in: a parcel, a container"),
        column("substance", pa.string(), "typed key of what it is taken to be"),
        column("name", pa.string(), "what it is taken to be, in words"),
        column("sort", pa.string(), "controlled-substance, precursor, chemical-property or other"),
        column("mass", pa.float64(), "net: measured by this act, or consumed by it", unit="gram"),
        column("mass_error", pa.float64(), "standard uncertainty of that", unit="gram"),
        column("amount", pa.string(), "as counted, such as 100 tablets"),
        column("packaging", pa.string(), "what it lies in"),
        column("seal", pa.string(), "number of the seal that it has after this act"),
        column("old_seal", pa.string(), "number of the seal that was broken"),
        column("to", pa.string(), "to whom it is offered or returned, or who applies for it"),
        column("witness", pa.string(), "who else was there"),
        column("parent", pa.string(), "id of the exhibit that it was split from"),
        column("children", pa.list_(pa.string()), "ids of those that it was split into"),
        column("law", pa.string(), "the power or section that the act rests on"),
        column("place", pa.string(), "where the act was done"),
        column("agency", pa.string(), "police force, agency or entity of who acts"),
        column("file", pa.string(), "number of the file or police report"),
        column("document", pa.string(), "number of a warrant, certificate, order, consent or report"),
        column("analyst", pa.string(), "analyst or laboratory that it is submitted to"),
        column("flags", pa.list_(pa.string()), "dangers, such as fentanyl-hazard", nullable=False),
        column("doubts", pa.list_(pa.string()), "what is odd about the act, such as heavier", nullable=False),
        column("why", pa.string(), "reason, result or note, in words"),
        column("statement", pa.string(), "what giver and receiver of a transfer sign"),
        column("signature", pa.string(), "line of the signature under the statement"),
        column("previous", RECORD_ID, "record of the act before"),
    ),
)

SEIZURE: Final = Kind(
    "seizure",
    "Seizures of an operation, one or counted together: drug, mass, place, direction, mode and when.",
    (
        column("operation", pa.string(), "name of the operation"),
        column("drug", pa.string(), "what was seized, in words; all, for everything", nullable=False),
        column("substance", pa.string(), "typed key of it"),
        column("until", INSTANT, "end of the time that the row counts; it starts at `observed_at`"),
        column("count", pa.int64(), "how many seizures; null where nobody says"),
        column("at_least", pa.bool_(), "whether `count` is only said to be exceeded: over 2,600"),
        column("share", pa.float64(), "of the seizures of the row that it is part of, as published, 0 to 1"),
        column("mass", pa.float64(), "of all of them", unit="gram"),
        column("mass_error", pa.float64(), "standard uncertainty of that", unit="gram"),
        column("amount", pa.string(), "as counted, such as 100 tablets"),
        column("arrests", pa.int64(), "how many persons were arrested"),
        column("place", pa.string(), "where"),
        column("direction", pa.string(), "inbound, outbound, in-transit or domestic"),
        column("other", pa.string(), "country from which or to which, ISO 3166-1 alpha-2"),
        column(
            "mode", pa.string(), "post, courier, air-cargo, marine-container, vehicle, rail, person, vessel"
        ),
        column(
            "part_of", pa.string(), "report key of the row that this one is part of, not to be added twice"
        ),
        column("file", pa.string(), "number of the file, or where it was published"),
        column("latitude", pa.float64(), "where it was, if it says", unit="degree"),
        column("longitude", pa.float64(), "east positive", unit="degree"),
        column("phone", pa.string(), "typed key of a telephone number that goes with it"),
        column("plate", pa.string(), "typed key of a vehicle, by its licence plate"),
    ),
)

AGREED: Final = pa.struct(
    [
        column("name", pa.string(), "which figure: the name of a definition, or delivered", nullable=False),
        column("value", pa.float64(), "the number; null: it was shown that there is none"),
        column("unit", pa.string(), "of the value"),
        column("en", pa.string(), "as it was shown, in English", nullable=False),
        column("fr", pa.string(), "as it was shown, in French", nullable=False),
    ]
)
"""One figure that a department was shown, or states."""

TRIAGE: Final = Kind(
    "triage",
    "One act about a lead: taken, watched, closed, opened again or commented on; the last is its state.",
    (
        column("lead", pa.string(), "id of the lead when it was first acted on", nullable=False),
        column("subjects", pa.list_(pa.string()), "typed keys it was about", nullable=False),
        column("act", pa.string(), "take, watch, close, reopen or comment", nullable=False),
        column("state", pa.string(), "new, taken, watching or closed: what the act left", nullable=False),
        column("edition", pa.int32(), "number of the state, 1 first; a comment changes none", nullable=False),
        column("owner", pa.string(), "whose it is then"),
        column("ground", pa.string(), "unfounded, acted-on, passed-on, duplicate or not-ours, if closed"),
        column("to", pa.string(), "to whom it was passed on, or of which lead it is a duplicate"),
        column("why", pa.string(), "in the officer's words; the text of a comment"),
        column("mentions", pa.list_(pa.string()), "whom a comment names with @", nullable=False),
        column("signals", pa.list_(RECORD_ID), "signals that it had when it was closed", nullable=False),
        column("by", pa.string(), "who acted", nullable=False),
    ),
)

SECTION: Final = Kind(
    "section",
    "One act about a section of the line: its impact level is set, or put back to what it was before.",
    (
        column("section", pa.string(), "its name in coverage.toml", nullable=False),
        column("act", pa.string(), "set or restored", nullable=False),
        column("state", pa.string(), "low, medium, high, critical, or none", nullable=False),
        column("edition", pa.int32(), "number of this act in the section's history", nullable=False),
        column("why", pa.string(), "reason, in the officer's words", nullable=False),
        column("by", pa.string(), "who acted", nullable=False),
    ),
)

ROSTER_SHIFT: Final = pa.struct(
    [
        column("officer", pa.string(), "who works it, as the roster names them", nullable=False),
        column("shift", pa.string(), "name of the shift", nullable=False),
        column("post", pa.string(), "what they are there for; empty where the roster names no posts"),
        column("begins", INSTANT, "when it begins", nullable=False),
        column("ends", INSTANT, "when it ends", nullable=False),
    ]
)
"""A shift of an officer."""

ROSTER: Final = Kind(
    "roster",
    "Shifts of one edition of a pool's roster, the papers that it was checked by, or an answer to a call.",
    (
        column("roster", pa.string(), "its id; all editions of a pool and period have one", nullable=False),
        column(
            "part", pa.string(), "shifts, papers (rules, people, leave and demand) or answer", nullable=False
        ),
        column("state", pa.string(), "published; of an answer, agreed or declined", nullable=False),
        column("edition", pa.int32(), "number of this act in the roster's history", nullable=False),
        column("pool", pa.string(), "whose roster it is", nullable=False),
        column("first", pa.date32(), "first day of the period", nullable=False),
        column("days", pa.int32(), "days of the period", nullable=False),
        column("zone", pa.string(), "time zone of its days", nullable=False),
        column("rules", pa.string(), "employer, agreement and edition of the rules"),
        column("papers", pa.string(), "SHA-256 of the papers, in hexadecimal"),
        column("officers", pa.list_(pa.string()), "everyone who is on it, also without a shift"),
        column("shifts", pa.list_(ROSTER_SHIFT), "who works when"),
        column("why", pa.string(), "reason, in the words of who published it"),
        column("by", pa.string(), "who published it", nullable=False),
    ),
)

PLAN: Final = Kind(
    "plan",
    "One act about a plan of patrols, adopted or withdrawn, or orders of satellites, placed or cancelled.",
    (
        column("plan", pa.string(), "its id: the first digits of the digest", nullable=False),
        column("act", pa.string(), "adopted or withdrawn; of orders placed or cancelled", nullable=False),
        column("state", pa.string(), "what the act left", nullable=False),
        column("edition", pa.int32(), "number of this act in the plan's history", nullable=False),
        column("day", pa.date32(), "its first day", nullable=False),
        column("days", pa.int32(), "how many days", nullable=False),
        column("digest", pa.string(), "SHA-256 of `document`, in hexadecimal", nullable=False),
        column("commitment", pa.string(), "SHA-256 that was published of the seed", nullable=False),
        column("seed", pa.string(), "of the draw; shown once the days are over", nullable=False),
        column("document", pa.string(), "the plan without its seed, JSON", nullable=False),
        column("why", pa.string(), "reason, in the planner's words", nullable=False),
        column("by", pa.string(), "who acted", nullable=False),
    ),
)

AGREEMENT: Final = Kind(
    "agreement",
    "One act on the way to a department's agreement to a line or a claim: nothing appears before it.",
    (
        column("line", pa.string(), "id of the register's line, or name of the claim", nullable=False),
        column("department", pa.string(), "whose agreement it is", nullable=False),
        column(
            "act",
            pa.string(),
            "called, attested, corrected, approved, embargoed or withdrawn",
            nullable=False,
        ),
        column("edition", pa.int32(), "number of this act in their history, 1 first", nullable=False),
        column("by", pa.string(), "who acted on this floor", nullable=False),
        column("call", pa.string(), "id of the data call that it follows"),
        column("asked", pa.string(), "what a call asks for, in words"),
        column("due", INSTANT, "by when a call asks for it"),
        column("person", pa.string(), "who attests or approves for the department, by name"),
        column("function", pa.string(), "what that person is there"),
        column("digest", pa.string(), "SHA-256 of what was shown, in hexadecimal; null: values alone"),
        column("values", pa.list_(AGREED), "the figures that were shown, or are stated"),
        column("until", INSTANT, "end of an embargo: figures appear from then on and not before"),
        column("form", pa.string(), "SHA-256 of the text of the signed form that it came with"),
        column("signed", INSTANT, "when that form was signed, as it says"),
        column("key", pa.string(), "public key that signed the form"),
        column("why", pa.string(), "the approver's own words; reason of a correction or a withdrawal"),
    ),
)

ASSET: Final = pa.struct(
    [
        column("name", pa.string(), "its key in the item, such as B04 or visual", nullable=False),
        column("href", pa.string(), "where it is, as the item writes it", nullable=False),
        column("role", pa.string(), "data, quality, overview or metadata, where it is known"),
        column("digest", pa.string(), "SHA-256 of its bytes, in hexadecimal; null: its bytes did not come"),
        column("bytes", pa.int64(), "how many"),
    ]
)
"""One file of a scene."""

LIKENESS: Final = pa.struct(
    [
        column("message", pa.string(), "id of the message"),
        column("params", pa.string(), "its parameters, JSON with sorted keys"),
    ]
)
"""A reason as `REASON` stores it, for a column that a fold reads beside kinds that have none."""

SCENE: Final = Kind(
    "scene",
    "One image of the ground, from a satellite or an aircraft, as its STAC item describes it: what was looked"
    " at, when, and through which clouds. Pixels stay in its files. Its report key is tile, moment, sensor.",
    (
        column("scene", pa.string(), "id of the STAC item", nullable=False),
        column("platform", pa.string(), "which satellite or aircraft: sentinel-2b", nullable=False),
        column("sensor", pa.string(), "which instrument on it: msi", nullable=False),
        column("mode", pa.string(), "how it worked: a mode of the radar, a level of processing"),
        column("collection", pa.string(), "the publisher's name of the series that it is part of"),
        column("started", INSTANT, "when it began to be taken", nullable=False),
        column("ended", INSTANT, "when its end was taken", nullable=False),
        column(
            "footprint",
            pa.string(),
            "what it shows: GeoJSON geometry in WGS84, cut at the antimeridian",
            nullable=False,
        ),
        column("west", pa.float64(), "edge of that; greater than `east` over 180°", unit="degree"),
        column("south", pa.float64(), "edge of that", unit="degree"),
        column("east", pa.float64(), "edge of that", unit="degree"),
        column("north", pa.float64(), "edge of that", unit="degree"),
        column("cloud", pa.float64(), "share of it under cloud, 0 to 1; null: not known"),
        column("sun_elevation", pa.float64(), "above the horizon", unit="degree"),
        column("incidence", pa.float64(), "of the sight to the vertical, in the middle", unit="degree"),
        column("side", pa.string(), "to which side of its path it looked: left or right"),
        column("resolution", pa.float64(), "size of a pixel, of the finest band", unit="metre"),
        column("epsg", pa.int32(), "EPSG code of its projection"),
        column("bands", pa.list_(pa.string()), "its bands by their common names, in order"),
        column("tile", pa.string(), "where on its publisher's grid: 14UPV, a path and row", nullable=False),
        column("assets", pa.list_(ASSET), "its files", nullable=False),
        column("licence", pa.string(), "under which it may be used, as published"),
    ),
)

SCENE_CHANGE: Final = Kind(
    "scene-change",
    "One shape on the ground that differs between scenes, as a method measured it: where to look, and"
    " nothing about who. A later record of its `report_key` says it is still there, is gone or was none.",
    (
        column("change", pa.string(), "its id: the same in every record about it", nullable=False),
        column("state", pa.string(), "appeared, confirmed, gone or withdrawn", nullable=False),
        column("before", pa.list_(pa.string()), "report keys of the scenes before it", nullable=False),
        column("after", pa.string(), "report key of the scene that shows it", nullable=False),
        column("scenes", pa.list_(RECORD_ID), "records of all of these", nullable=False),
        column("since", INSTANT, "it was not there then: the last clear scene before it", nullable=False),
        column("until", INSTANT, "it was there then: the first scene that shows it", nullable=False),
        column("method", pa.string(), "by which it was found: ir-mad, harmonic-cusum…", nullable=False),
        column("method_version", pa.string(), "version of that", nullable=False),
        column("latitude", pa.float64(), "middle of it, WGS84", nullable=False, unit="degree"),
        column("longitude", pa.float64(), "east positive", nullable=False, unit="degree"),
        column("radius", pa.float64(), "within which all of it is", unit="metre"),
        column("shape", pa.string(), "GeoJSON geometry in WGS84", nullable=False),
        column("area_m2", pa.float64(), "of the shape", unit="square metre"),
        column("length_m", pa.float64(), "along its longest way", unit="metre"),
        column("width_m", pa.float64(), "mean, across that", unit="metre"),
        column("statistic", pa.float64(), "strongest of its pixels, on the scale of the method"),
        column(
            "false_alarms",
            pa.float64(),
            "shapes as strong that would be seen by chance in 1,000 km² at one date",
        ),
        column(
            "what",
            pa.string(),
            "what its form is like: trail, clearing, bridge, vehicle-on-ice, harvest, fire, flood or unknown",
            nullable=False,
        ),
        column("why_what", LIKENESS, "why it is taken for that, as a message with parameters"),
        column("clear", pa.float64(), "share of the shape that the later scene showed without cloud, 0 to 1"),
        column("line_m", pa.float64(), "from its middle to the line", unit="metre"),
        column(
            "traffic_m",
            pa.float64(),
            "from it to the nearest road or track of the floor's files; null: the floor names none",
            unit="metre",
        ),
        column("picture_before", pa.string(), "SHA-256 of the PNG of before, in hexadecimal"),
        column("picture_after", pa.string(), "SHA-256 of the PNG of after, in hexadecimal"),
        column("picture_metres", pa.float64(), "how wide the ground on the two pictures is", unit="metre"),
    ),
)

APPLICATION: Final = Kind(
    "application",
    "One application to enter, study, work or stay, as an office has it. A later record of its `report_key`"
    " replaces it. Nationality, birthplace, language, religion and sex have no column here.",
    (
        column("application", pa.string(), "typed key of the application", nullable=False),
        column("number", pa.string(), "the office's own number of it", nullable=False),
        column("office", pa.string(), "which office has it"),
        column("what", pa.string(), "what for, see `formats.fields.APPLIED_FOR`"),
        column("received", INSTANT, "when it came"),
        column("decided", INSTANT, "when it was decided"),
        column("outcome", pa.string(), "granted, refused, pending, withdrawn or unknown"),
        column("officer", pa.string(), "who decided, by badge number or as the feed names them"),
        column(
            "applicant", pa.string(), "typed key of who applies, of a `party` record; never a lead's subject"
        ),
        column("representative", pa.string(), "typed key of the consultant or lawyer, declared or as seen"),
        column("declared", pa.bool_(), "whether the applicant declared the representative; null: not known"),
        column("institution", pa.string(), "typed key of the college that they are to study at"),
        column("employer", pa.string(), "typed key of who is to employ them"),
        column("telephones", pa.list_(pa.string()), "numbers of telephones, normalised"),
        column("emails", pa.list_(pa.string()), "e-mail addresses, in lower case"),
        column("addresses", pa.list_(pa.string()), "postal addresses, as their words"),
        column("payer", pa.string(), "typed key of who paid for it, where the application says so"),
        column("device", pa.string(), "keyed hash of the device it was sent from"),
        column("bank", pa.string(), "routing number of the bank that its statement is of"),
        column("officer_note", pa.string(), "what officers wrote of it: whole, never cut"),
    ),
)

TRAVEL_DOCUMENT: Final = Kind(
    "travel-document",
    "One document of a person that was shown or filed: a passport, visa, permit or card.",
    (
        column("document", pa.string(), "typed key of it: who issued it, and its number", nullable=False),
        column("what", pa.string(), "see `formats.fields.DOCUMENTS`", nullable=False),
        column("issuer", pa.string(), "who issued it, as written; of no person, and never a feature"),
        column("number", pa.string(), "as written"),
        column("expires", pa.date32(), "last day of it"),
        column("holder", pa.string(), "typed key of who holds it; never a lead's subject"),
        column("application", pa.string(), "typed key of the application that it was filed with"),
        column("checks", pa.list_(LIKENESS), "what failed of its checks: digits, dates, pattern"),
        column("template", pa.string(), "fingerprint of the template that it was made from"),
        column("photo_zone", pa.string(), "hash of its photo zone, registered to the template"),
    ),
)

LETTER: Final = Kind(
    "letter",
    "One letter that was filed with an application: of acceptance, invitation, employment or funds.",
    (
        column("letter", pa.string(), "typed key of the letter", nullable=False),
        column("what", pa.string(), "acceptance, invitation, employment, funds or other", nullable=False),
        column("issuer", pa.string(), "typed key of who is said to have written it"),
        column("reference", pa.string(), "its number, as written"),
        column("written", pa.date32(), "the day on it"),
        column("application", pa.string(), "typed key of the application that it was filed with"),
        column("wording", pa.list_(pa.int64()), "minhash of its words, without names, days and numbers"),
        column("template", pa.string(), "fingerprint of the template that it was made from"),
        column("confirmed", pa.string(), "what its issuer answered: yes, no or unknown; null: not asked"),
        column("confirmed_at", INSTANT, "when they answered"),
    ),
)

APPLICATION_FEE: Final = Kind(
    "application-fee",
    "One payment of the fee of an application.",
    (
        column("application", pa.string(), "typed key of the application", nullable=False),
        column("payer", pa.string(), "typed key of who paid"),
        column("instrument", pa.string(), "keyed hash of the card or account that it was paid with"),
        column("bank", pa.string(), "BIC, routing number or the feed's own name of the payer's bank"),
        column("amount", pa.decimal128(18, 2), "in its currency"),
        column("currency", pa.string(), "ISO 4217"),
        column("paid", INSTANT, "when it was paid"),
    ),
)

REMOVAL_STEP: Final = Kind(
    "removal-step",
    "One step in the life of a removal order: its history is all of them, and none replaces another.",
    (
        column("order", pa.string(), "typed key of the order", nullable=False),
        column("step", pa.string(), "which one, see `casework.removals`", nullable=False),
        column("on", pa.date32(), "calendar day of the step, where its office is"),
        column("until", pa.date32(), "last day of what it starts: a stay, a term, a permit"),
        column("zone", pa.string(), "IANA time zone in which that office counts days"),
        column("order_kind", pa.string(), "departure, exclusion or deportation"),
        column("office", pa.string(), "which office took it"),
        column("region", pa.string(), "which of the agency's regions that office lies in"),
        column("section", pa.string(), "that it rests on: 49(1)(c), or R224(2) of the Regulations"),
        column("instrument", pa.string(), "the Act or Regulations that the section is of, as cited"),
        column("grounds", pa.string(), "ground of inadmissibility, by section: 41(a)"),
        column("way", pa.string(), "how it was enforced: departure-confirmed, at-mission or in-absentia"),
        column("person", pa.string(), "typed key of whom it is about; never a lead's subject"),
        column("claimant", pa.bool_(), "whether a claim for protection was made; null: not known"),
        column("of", pa.string(), "reference of the earlier step that this one ends: of a stay, a warrant"),
        column("reference", pa.string(), "number that a body gave it: of a court's file, of a warrant"),
        column("reason", pa.string(), "why, in the officer's words: whole, never cut"),
    ),
)

CROSSING: Final = Kind(
    "crossing",
    "One passage of the border by somebody who showed a document, or was on a carrier's list.",
    (
        column("port", pa.string(), "port of entry or exit, as written: UN/LOCODE or IATA code"),
        column("direction", pa.string(), "inbound or outbound"),
        column("mode", pa.string(), "air, sea, land or rail"),
        column("document", pa.string(), "typed key of the document that was shown"),
        column("carrier", pa.string(), "who carried them"),
        column("voyage", pa.string(), "flight, sailing, train or trip"),
        column(
            "traveller", pa.string(), "typed key of who crossed, of a `party` record; never a lead's subject"
        ),
    ),
)

INTELLIGENCE_OBJECT: Final = Kind(
    "intelligence-object",
    "One version of an object of somebody else's intelligence, whole: of STIX, FollowTheMoney or MISP. Its"
    " report key is `object_id`, and `version` after a `/` where it has one, so that every version stays.",
    (
        column("standard", pa.string(), "in which it is written: stix, ftm, misp", nullable=False),
        column("spec_version", pa.string(), "version of that standard, as the object or its file says"),
        column("object_id", pa.string(), "its id, the same in every version", nullable=False),
        column(
            "object_type", pa.string(), "its type in that standard: indicator, note, Person", nullable=False
        ),
        column("version", pa.string(), "which version: `modified` as written; null: it has none"),
        column("created", INSTANT, "when its author made it, where that is stated"),
        column("modified", INSTANT, "when its author made this version, where that is stated"),
        column("revoked", pa.bool_(), "whether its author took it back with this version", nullable=False),
        column("name", pa.string(), "what its author calls it"),
        column("created_by", pa.string(), "id of the object that says who its author is"),
        column("object_refs", pa.list_(pa.string()), "ids of all objects that it points at", nullable=False),
        column("object_marking", pa.list_(pa.string()), "ids of the markings stated on it", nullable=False),
        column("subjects", pa.list_(pa.string()), "typed keys of what it names", nullable=False),
        column("body", pa.string(), "all of it: canonical JSON, with what is not understood", nullable=False),
    ),
    bulk=True,
)

MAP_FEATURE: Final = Kind(
    "map-feature",
    "One feature of a map that somebody delivered: a place, a line or an area, with what its file says of it."
    " Its report key is `layer`/`feature`.",
    (
        column("layer", pa.string(), "of which layer, as its file names it", nullable=False),
        column("feature", pa.string(), "its id in that layer", nullable=False),
        column("name", pa.string(), "what it is called"),
        column("geometry", pa.string(), "GeoJSON geometry in WGS84, cut at the antimeridian", nullable=False),
        column("latitude", pa.float64(), "of a place on it", nullable=False, unit="degree"),
        column("longitude", pa.float64(), "east positive", nullable=False, unit="degree"),
        column("radius", pa.float64(), "within which all of it is", unit="metre"),
        column("since", INSTANT, "when it began to be so, where that is stated"),
        column("until", INSTANT, "when it ceased to be so, where that is stated"),
        column("properties", pa.string(), "what else its file says: JSON with sorted keys", nullable=False),
    ),
)

OFFENCE: Final = pa.struct(
    [
        column("code", pa.string(), "offence code of UCR, such as 35A", nullable=False),
        column("attempted", pa.bool_(), "whether it was no more than attempted"),
        column("places", pa.list_(pa.string()), "codes of the types of place"),
        column("activities", pa.list_(pa.string()), "codes of the criminal activity"),
        column("using", pa.list_(pa.string()), "what offenders are suspected of using: A, C, D"),
        column("force", pa.list_(pa.string()), "codes of weapons and force"),
        column("entry", pa.string(), "how premises were entered: F by force, N without"),
        column("premises", pa.int64(), "how many were entered"),
    ]
)
PROPERTY: Final = pa.struct(
    [
        column("status", pa.string(), "what became of it, as written: SEIZED, RECOVERED", nullable=False),
        column("category", pa.string(), "code of what it is; 10: drugs"),
        column("value", pa.float64(), "", unit="US dollar"),
        column("recovered", pa.date32(), "when it was recovered, or valued"),
        column("quantity", pa.int64(), "how many"),
        column("drug", pa.string(), "code of the suspected drug: D heroin, L amphetamines"),
        column("amount", pa.float64(), "estimated, in `unit`"),
        column("unit", pa.string(), "code of the unit: GM, KG, DU dosage units"),
    ]
)
ARREST: Final = pa.struct(
    [
        column("number", pa.string(), "the agency's number of it", nullable=False),
        column("on", pa.date32(), "the day"),
        column("code", pa.string(), "offence code of the charge"),
        column("category", pa.string(), "O at the scene, S summoned, T taken into custody"),
    ]
)

INCIDENT: Final = Kind(
    "incident",
    "One report of an incident or an arrest by a police agency to its country's statistics, without persons.",
    (
        column("agency", pa.string(), "the reporting agency's identifier (ORI)", nullable=False),
        column("number", pa.string(), "the agency's number of the incident or arrest; null: there was none"),
        column("category", pa.string(), "incident, arrest, or zero: nothing in the month", nullable=False),
        column("action", pa.string(), "initial, add, modify, replace or delete", nullable=False),
        column("period", pa.string(), "the month that it is counted in, 2016-02"),
        column("by_report", pa.bool_(), "whether the time is that of the report and not of the incident"),
        column("cargo_theft", pa.bool_(), "whether cargo was stolen"),
        column("cleared", pa.string(), "code of an exceptional clearance; null: none"),
        column("cleared_on", pa.date32(), "the day of that"),
        column("offences", pa.list_(OFFENCE), "what was done", nullable=False),
        column("property", pa.list_(PROPERTY), "what was stolen, seized, recovered", nullable=False),
        column("arrests", pa.list_(ARREST), "", nullable=False),
        column(
            "victims", pa.list_(pa.string()), "category of each: I a person, B a business", nullable=False
        ),
        column("offenders", pa.int64(), "how many are known", nullable=False),
    ),
)

KINDS: Final[Mapping[str, Kind]] = {
    kind.name: kind
    for kind in (
        *(LISTING, CONSOLIDATION, PARTY, JUDGEMENT, REPORT, OUTCOME, TASK, WATCH_ENTRY, PRODUCT),
        *(DISCLOSURE, PAYMENT, ACCOUNT, READING, DECLARATION, DETECTION, COVERAGE, WEATHER),
        *(EXHIBIT, SEIZURE, INSPECTION, RESPONSE, VOLUME, STATISTIC, AGREEMENT),
        *(TRIAGE, SECTION, ROSTER, PLAN, SCENE, SCENE_CHANGE),
        *(APPLICATION, TRAVEL_DOCUMENT, LETTER, APPLICATION_FEE, REMOVAL_STEP, CROSSING),
        *(INTELLIGENCE_OBJECT, PUBLIC_ALERT, MAP_FEATURE, INCIDENT),
    )
}
"""Every kind of evidence, by name."""


def describe(kind: Kind) -> Iterator[tuple[str, str, str]]:
    """Name, type and meaning of each column, for `--help` and the documentation."""
    for one in kind.schema:
        yield one.name, str(one.type), (one.metadata or {}).get(b"doc", b"").decode()
