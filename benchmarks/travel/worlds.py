"""Made-up tables of applications with rings of organised fraud among honest people who share much.

Honest people share colleges, visa centres, advisers, households and student housing; advisers pay for
clients, answer for them and use one device. Rings have an organiser, who stands under several names or under
none, a few payers and devices, and forged letters; most of their applicants are victims.
"""

from dataclasses import dataclass, field
from random import Random
from typing import Final

Row = dict[str, str]

VICTIMS: Final = 67 / 108
"""Of the applicants of a ring: in a public case of forged letters 67 of 108 students were genuine."""


@dataclass(frozen=True)
class Assumptions:
    """Of a world; the defaults are those of the report.

    Attributes:
        honest: applications outside rings.
        rings: how many, at least and at most; `size`: of one.
        advisers, advised: honest advisers, and share of honest applicants who name one.
        served: share of honest advisers who pay, answer and file for their clients.
        centres, centred: visa centres, and share of honest applicants who file there.
        named: chance that a ring's organiser is declared as adviser.
        names: most names under which one organiser stands.
        asked: share of letters whose issuer was asked.
        denied: share of honest letters that their issuer does not confirm all the same.
        missing, wrong: share of cells that are empty, and that hold a value of nobody else.
        clean: honest clients of an organiser who has a ring too, by the size of the ring.
        true_letters: share of a ring's letters that are genuine.
    """

    honest: int = 1500
    rings: tuple[int, int] = (3, 5)
    size: tuple[int, int] = (8, 30)
    advisers: int = 30
    advised: float = 0.5
    served: float = 0.5
    centres: int = 6
    centred: float = 0.15
    named: float = 0.7
    names: int = 3
    asked: float = 0.5
    denied: float = 0.03
    missing: float = 0.1
    wrong: float = 0.05
    clean: float = 0.2
    true_letters: float = 0.1


@dataclass
class World:
    """A table and its truth.

    Attributes:
        rows: of the table.
        rings: of each its applications.
        organisers: of each the names and payers of its organiser; `traces`: what else they used.
        applicants: everybody who applies.
    """

    rows: list[Row] = field(default_factory=list)
    rings: list[frozenset[str]] = field(default_factory=list)
    organisers: list[frozenset[str]] = field(default_factory=list)
    traces: list[frozenset[str]] = field(default_factory=list)
    applicants: frozenset[str] = frozenset()


NOISY: Final = (
    "phone",
    "email",
    "address",
    "consultant",
    "payer",
    "device",
    "bank",
    "letter_template",
    "photo_hash",
)
"""Columns whose cells are lost or wrong."""


def world(seed: int, of: Assumptions | None = None) -> World:
    """Return a world; the same for the same seed and assumptions."""
    of = of or Assumptions()
    random = Random(f"rings {seed}")
    made = World()
    surroundings = _Surroundings(random, of)
    for _ in range(of.honest):
        made.rows.append(surroundings.honest(len(made.rows)))
    surroundings.households(made.rows)
    for number in range(random.randint(*of.rings)):
        _ring(random, of, surroundings, made, number)
    made.applicants = frozenset(row["applicant"] for row in made.rows)
    for row in made.rows:
        for column in NOISY:
            chance = random.random()
            if row.get(column) and chance < of.missing:
                row[column] = ""
            elif row.get(column) and chance < of.missing + of.wrong:
                row[column] = f"x{random.getrandbits(40):010x}" + (
                    "@example.org" if column == "email" else ""
                )
    random.shuffle(made.rows)
    return made


class _Surroundings:
    """What honest people share."""

    def __init__(self, random: Random, of: Assumptions) -> None:
        self.random, self.of = random, of
        self.colleges = [f"College {n}" for n in range(18)]
        self.weights = [1 / (n + 1) for n in range(len(self.colleges))]
        self.templates = {
            one: [f"t{random.getrandbits(32):08x}" for _ in range(random.choice((1, 1, 2)))]
            for one in self.colleges
        }
        self.advisers = [
            {
                "consultant": f"Adviser {n}",
                "payer": f"card-{random.getrandbits(32):08x}",
                "phone": _phone(random),
                "email": f"office{n}@adviser.example",
                "device": f"d{random.getrandbits(32):08x}",
                "served": random.random() < of.served,
            }
            for n in range(of.advisers)
        ]
        self.often = [1 / (n + 1) ** 0.7 for n in range(of.advisers)]
        self.centres = [{"device": f"centre-{n}", "phone": _phone(random)} for n in range(of.centres)]
        self.offices = [f"Office {n}" for n in range(9)]
        self.banks = [f"{n:05}-010" for n in range(12)]
        self.housing = [f"{n} Residence Row, Unit" for n in range(10)]

    def person(self, number: int) -> Row:
        random = self.random
        return {
            "application_id": f"A{number:06}",
            "applicant": f"person-{random.getrandbits(48):012x}",
            "phone": _phone(random),
            "email": f"{random.getrandbits(40):010x}@mail.example",
            "address": f"{random.randint(1, 9999)} {random.getrandbits(24):06x} Street",
            "consultant": "",
            "payer": f"card-{random.getrandbits(40):010x}",
            "device": f"d{random.getrandbits(40):010x}",
            "bank": random.choice(self.banks),
            "office": random.choice(self.offices),
            "officer": f"officer-{random.randrange(160)}",
            "passport_number": f"P{random.getrandbits(36):09x}",
            "photo_hash": f"{random.getrandbits(40):010x}",
            "document_valid": "yes" if random.random() > 0.01 else "no",
            "decision": random.choice(("approved", "approved", "refused", "pending")),
            "officer_notes": "",
        }

    def letter(self, row: Row, college: str, template: str, false: bool) -> None:
        random, of = self.random, self.of
        row["college"] = college
        row["letter_template"] = template
        row["letter_reference"] = f"LOA-{random.getrandbits(36):09x}"
        row["letter_confirmed"] = ""
        if random.random() < of.asked:
            row["letter_confirmed"] = "no" if random.random() < (0.95 if false else of.denied) else "yes"

    def honest(self, number: int) -> Row:
        random, of = self.random, self.of
        row = self.person(number)
        (college,) = random.choices(self.colleges, self.weights)
        self.letter(row, college, random.choice(self.templates[college]), false=False)
        if random.random() < of.advised:
            (adviser,) = random.choices(self.advisers, self.often)
            self.advise(row, adviser)
        elif random.random() < of.centred:
            row |= random.choice(self.centres)
        if random.random() < 0.06:
            row["address"] = random.choice(self.housing)
        return row

    def advise(self, row: Row, adviser: Row) -> None:
        row["consultant"] = adviser["consultant"]
        if adviser["served"]:
            for column, often in (("payer", 0.6), ("phone", 0.5), ("email", 0.6), ("device", 0.7)):
                if self.random.random() < often:
                    row[column] = adviser[column]

    def households(self, rows: list[Row]) -> None:
        """Let some people be families: one address, telephone and payer."""
        random = self.random
        for _ in range(len(rows) // 25):
            family = random.sample(rows, random.randint(2, 5))
            shared = {column: family[0][column] for column in ("address", "phone", "payer", "device")}
            for row in family[1:]:
                row |= {column: value for column, value in shared.items() if random.random() < 0.8} | {
                    "address": shared["address"]
                }


def _ring(random: Random, of: Assumptions, around: _Surroundings, made: World, number: int) -> None:
    size = random.randint(*of.size)
    named = random.random() < of.named
    names = (
        [f"Consultant {number}-{n} {random.getrandbits(20):05x}" for n in range(random.randint(1, of.names))]
        if named
        else []
    )
    payers = [f"card-{random.getrandbits(32):08x}" for _ in range(random.randint(1, 2))]
    devices = [f"d{random.getrandbits(32):08x}" for _ in range(random.randint(1, 2))]
    phones, emails = (
        [_phone(random) for _ in range(2)],
        [f"help{random.getrandbits(20):05x}@mail.example" for _ in range(2)],
    )
    templates = [f"t{random.getrandbits(32):08x}" for _ in range(random.randint(1, 2))]
    colleges = random.sample(around.colleges, random.randint(1, 4))
    photos = f"{random.getrandbits(40):010x}"
    members = []
    for n in range(size + round(of.clean * size)):
        row = around.person(len(made.rows))
        clean = n >= size
        for column, values, often in (
            ("consultant", names, 0.9),
            ("payer", payers, 0.7),
            ("device", devices, 0.6),
            ("phone", phones, 0.4),
            ("email", emails, 0.4),
        ):
            if values and random.random() < often * (0.5 if clean and column != "consultant" else 1):
                row[column] = random.choice(values)
        college = random.choice(colleges)
        if clean or random.random() < of.true_letters:
            around.letter(row, college, random.choice(around.templates[college]), false=False)
        else:
            around.letter(row, college, random.choice(templates), false=True)
        if not clean and random.random() > VICTIMS and random.random() < 0.3:
            row["document_valid"] = "no"
            if random.random() < 0.3:
                row["photo_hash"] = photos
        if not clean:
            members.append(row["application_id"])
        made.rows.append(row)
    made.rings.append(frozenset(members))
    made.organisers.append(frozenset((*names, *payers)))
    made.traces.append(frozenset((*devices, *phones, *emails, *templates)))


def _phone(random: Random) -> str:
    return f"+1416{random.randint(2000000, 9999999)}"
