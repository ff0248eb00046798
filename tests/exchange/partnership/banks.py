"""Two banks with keys exchanged and one code of practice, and sessions between them."""

from datetime import UTC, datetime, timedelta

from tests.exchange.nodes import WHO, floor, trusting

from watchfloor.exchange.bundles import peers
from watchfloor.exchange.partnership import asking, codes, offering, receiving, sessions
from watchfloor.exchange.partnership.lawful import statement

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
CASE = "C-17"

CODE = """
id = "partners"
version = "1.0"
since = 2026-09-01
expires = 2031-08-31
purposes = ["money-laundering"]
tiers = ["cardinality", "match"]
identifiers = ["account:test", "payment:uetr"]
manner = "Masked identifiers, in sessions of files."
safeguards = "Results are sealed at rest; each query is in the log."
participants = [{name = "bank-a"}, {name = "bank-b"}, {name = "bank-c"}]

[approval]
by = "Privacy Commissioner of Canada"
on = 2026-09-01
reference = "a test"

[caps]
queries_per_day = 5
subjects_per_query = 50
subjects_per_day = 120
same_subject = 3
least_set = 5

[keys]
rotation_days = 30

[fields.pass_through]
of = "number"
low = 0
high = 100
step = 5

[fields.band]
of = "choice"
values = ["low", "high"]

[fields.first_day]
of = "day"
low = 2026-01-01
high = 2026-12-31

[fields.links]
of = "links"
most = 2

[fields.comes_from]
of = "links"
most = 2

[counts]
epsilon = 0.5
epsilon_per_period = 1.0
contribution = 2
floor = 20
corridors = ["CA-CN", "CA-HK", "CA-MX"]
typologies = ["placement.smurfing"]
"""


def accounts(start, end):
    return [f"account:test:{number}" for number in range(start, end)]


MINE, THEIRS = accounts(0, 20), accounts(10, 40)
COMMON = accounts(10, 20)


def banks(path, *names, code=CODE):
    """Banks that trust each other and have adopted a code."""
    made = [floor(path, name, institution="reporting-entity") for name in names or ("bank-a", "bank-b")]
    trusting(*made)
    for one in made:
        codes.adopt(one, WHO, code, "code.toml")
    return made


def peer(here, there):
    return peers.standing(here)[there.settings.name]


def stated(tier="cardinality", code=None, purpose="money-laundering"):
    return statement(tier, "both banks see the same ring", "A. Officer", purpose, code)


def offer(here, to, subjects=THEIRS, tier="cardinality", fields=None, now=NOW, case=None):
    code = codes.standing(here)
    with here.writer(WHO) as writer:
        name = (CASE if tier == "match" else "") if case is None else case
        return offering.offer(
            here, writer, peer(here, to), code, tier, name, subjects, fields or {}, stated(tier, code), now
        )


def ask(
    here, to, subjects=MINE, tier="cardinality", fields=None, now=NOW, case=None, purpose="money-laundering"
):
    code = codes.standing(here)
    with here.writer(WHO) as writer:
        name = (CASE if tier == "match" else "") if case is None else case
        return asking.ask(
            here,
            writer,
            peer(here, to),
            code,
            tier,
            name,
            subjects,
            fields or {},
            stated(tier, code, purpose),
            now,
        )


def take(here, data, now=NOW, file="message.wfp"):
    with here.writer(WHO) as writer:
        return receiving.receive(here, writer, data, file, now)


def messages(asker, answerer, reply, now=NOW):
    """Every message of a session, and what the last came to at either side."""
    sent, sides = [reply], (answerer, asker)
    while sent[-1].data:
        taken = take(sides[(len(sent) - 1) % 2], sent[-1].data, now)
        sent.append(taken.reply)
    return sent[:-1]


def whole(asker, answerer, reply, now=NOW):
    """A session to its end; gives what each side has of it."""
    sent = messages(asker, answerer, reply, now)
    id_ = sent[0].session
    return sessions.pick(asker, id_, now.date()), sessions.pick(answerer, id_, now.date())


def later(**span):
    return NOW + timedelta(**span)
