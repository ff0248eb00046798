"""A fleet of nodes over ways that lose, cut, damage, repeat and delay, and half of it cut off for a while."""

import random
from collections import Counter
from datetime import timedelta

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from tests.exchange.nodes import (
    NOW,
    STATED,
    WHO,
    assert_,
    floor,
    gateway,
    party,
    receive,
    send,
    signal,
    trusting,
)
from tests.exchange.test_origins import fold
from tests.exchange.test_recalls import WEIGHTS
from tests.thorough import THOROUGH

from watchfloor.cell.acts import Refusal
from watchfloor.core.kinds import PARTY
from watchfloor.core.marking import parse
from watchfloor.exchange.bundles import offers, recalls, receipts, sent, signed_notices
from watchfloor.exchange.bundles.states import states
from watchfloor.policy.gateways import RiskCheck
from watchfloor.policy.policy import Reader
from watchfloor.store import clock

CEILINGS = ("PC//TLP:RED//COMP:GAMMA", "PB//TLP:RED", "PB//TLP:RED", "PA//TLP:RED")
COUNTRIES = ("CAN", "CAN", "USA", "CAN")
LAWS = {name: gateway(id=name, country=name, foreign=True) for name in COUNTRIES}
OPEN = "U//TLP:CLEAR"
MARKINGS = (
    *(OPEN, OPEN, "PA//TLP:GREEN", "PB//TLP:AMBER", "PC//TLP:RED", "PB//TLP:AMBER//REL:CAN"),
    *("PA//TLP:AMBER//COMP:GAMMA", "PA//TLP:AMBER//PURPOSE:immigration", "PA//TLP:AMBER//ORCON:node-1"),
)
FAULTS = ("whole",) * 8 + ("lost", "twice", "late", "cut", "damaged")
HOUR = timedelta(hours=1)


def fields(marking):
    """Level, and the words of a marking that keep somebody from it, without the product's own parser."""
    level, *words = marking.split("//")
    said = {word: {*names.split(",")} for word, _, names in (one.partition(":") for one in words)}
    return ("U", "PA", "PB", "PC").index(level), said


def may_hold(node, marking, owner):
    """Whether a node of the fleet may hold a record of another that is so marked."""
    level, said = fields(marking)
    highest, mine = fields(CEILINGS[node % 4])
    return node == owner or (
        level <= highest
        and said.get("COMP", set()) <= mine.get("COMP", set())
        and COUNTRIES[node % 4] in said.get("REL", {COUNTRIES[node % 4]})
        and STATED.purpose in said.get("PURPOSE", {STATED.purpose})
        and said.get("ORCON", set()) <= {f"node-{node}", f"node-{owner}"}
    )


class Fleet:
    """Nodes, what each sends until it is acknowledged, and the files on their way."""

    def __init__(self, path, count, seed, at):
        self.rng, self.at = random.Random(seed), at
        names = [f"node-{number}" for number in range(count)]
        made = [floor(path, name, CEILINGS[n % 4], country=COUNTRIES[n % 4]) for n, name in enumerate(names)]
        self.nodes = trusting(*made)
        self.readers = [
            Reader(
                *("officer", COUNTRIES[n % 4], name, 3),
                compartments=frozenset({"GAMMA"}),
                purpose="immigration",
                consents=frozenset(names),
            )
            for n, name in enumerate(names)
        ]
        self.waiting, self.on_the_way, self.came = {}, [], {}
        self.markings, self.ids, self.recalled, self.erased = {}, {}, set(), set()
        self.refused, self.faults = Counter(), Counter()
        for number in range(count):
            self.write(number)

    def write(self, number):
        """Write evidence of each marking that a node may hold, each with a signal."""
        one, reader = self.nodes[number], self.readers[number]
        level, said = fields(CEILINGS[number % 4])
        good = [
            marking
            for marking in MARKINGS
            if fields(marking)[0] <= level
            and fields(marking)[1].get("COMP", set()) <= said.get("COMP", set())
            and not (COUNTRIES[number % 4] == "USA" and "REL" in marking)
        ]
        marked = {f"q{number}x{k}z": marking for k, marking in enumerate(good)}
        schema = PARTY.schema.remove(0).remove(PARTY.schema.remove(0).get_field_index("delivery"))
        rows = [
            dict.fromkeys(schema.names)
            | party(k, name=f"Name {m}", subject=f"person:parcels:{m}", marking=marked[m])
            for k, m in enumerate(marked)
        ]
        with one.writer(WHO) as writer:
            writer.append(PARTY, pa.Table.from_pylist(rows, schema))
        found = {row["name"][5:]: row["record_id"] for row in one.read("party", reader).to_pylist()}
        assert found.keys() == marked.keys()
        about = [
            signal(one, k, [found[m]], subjects=[f"person:parcels:{m}"], marking=marked[m])
            for k, m in enumerate(marked)
        ]
        assert_(one, about)
        self.markings |= {m: (marking, number) for m, marking in marked.items()}
        self.ids |= found

    def standing(self, number):
        """Signals and evidence that a reader of a node sees, by the markers of their subjects."""
        one, reader = self.nodes[number], self.readers[number]
        fold(one, reader)
        return one.signals(reader), one.read("party", reader)

    def meet(self, here, there):
        """Send some of what a node holds to another, and again all that it has not acknowledged."""
        one, other = self.nodes[here], self.nodes[there]
        signals, evidence = self.standing(here)
        about = [keys[0].rpartition(":")[2] for keys in signals["subjects"].to_pylist()]
        # A row that went on and came back would go round for ever: of two about one subject neither goes.
        chance = {m: self.rng.random() + (m in self.recalled) for m in sorted(self.markings)}
        good = [about.count(m) == 1 and chance[m] < 0.5 for m in about]
        few = pa.array([chance[name[5:]] < 0.3 for name in evidence["name"].to_pylist()], pa.bool_())
        own = pc.and_(pc.equal(evidence["source"], "parcels"), few)
        given = offers.offer(
            *(one, self.readers[here]),
            signals=signals.filter(pa.array(good, pa.bool_())),
            records={"party": evidence.filter(own)},
        )
        check = RiskCheck(other.settings.name, other.settings.country, "no", "", "A. Counsel", NOW.date())
        abroad = {"risk_check": check} if one.settings.country != other.settings.country else {}
        queue = self.waiting.setdefault((here, there), {})
        if given.count:
            try:
                packed = send(
                    *(one, other),
                    through=LAWS[one.settings.country],
                    offered=given,
                    reader=self.readers[here],
                    now=self.at[0],
                    tear_line=parse(OPEN),
                    **abroad,
                )
                queue[packed.manifest.bundle] = packed.data
            except Refusal as error:
                if error.reason.message != "exchange.nothing-to-send":
                    raise
        for data in list(queue.values()):
            self.post(there, data)

    def post(self, to, data):
        """Put a file on its way, or what a fault leaves of it."""
        fault = self.rng.choice(FAULTS) if self.faulty else "whole"
        self.faults[fault] += 1
        at = self.rng.randrange(len(data))
        due = self.at[0] + (self.rng.randint(1, 5) * HOUR if fault == "late" else timedelta(0))
        if fault == "cut":
            data = data[:at]
        if fault == "damaged":
            data = data[:at] + bytes([data[at] ^ 1 << self.rng.randrange(8)]) + data[at + 1 :]
        copies = {"lost": 0, "twice": 2}.get(fault, 1)
        self.on_the_way += [(due, to, data, fault in ("cut", "damaged"))] * copies

    faulty = True

    def arrive(self):
        """Take in, in any order, the files that are due, and the answers to them, until none is."""
        while due := [file for file in self.on_the_way if file[0] <= self.at[0]]:
            self.on_the_way = [file for file in self.on_the_way if file[0] > self.at[0]]
            self.rng.shuffle(due)
            for _, to, data, harmed in due:
                try:
                    self.take(to, data)
                    if not harmed:
                        self.came[to, data] = None
                except Refusal as error:
                    self.refused[error.reason.message] += 1
                    if not harmed and error.reason.message != "exchange.recall-of-unknown":
                        raise

    def take(self, to, data):
        """Take one file in at a node, as its officer would, and post what answers it."""
        one, now = self.nodes[to], self.at[0]
        if not signed_notices.is_slip(data):
            got, receipt = receive(one, data, gateways=LAWS, now=now)
            self.post(number_of(got.manifest.sender.name), receipt.encode())
            return got
        with one.writer(WHO) as writer:
            slip = signed_notices.read(one, data, "a slip")
            peer, queue = (
                number_of(slip.peer.name),
                self.waiting.setdefault((to, number_of(slip.peer.name)), {}),
            )
            if slip.what == signed_notices.RECEIPT:
                compared = receipts.receive(one, writer, slip)
                assert compared.agrees, compared
                queue.pop(slip.body["bundle"], None)
            elif slip.what == signed_notices.ANSWER:
                recalls.take_answer(one, writer, slip)
                queue.pop(slip.body["recall"], None)
            else:
                done = recalls.receive(one, writer, slip, self.readers[to], WEIGHTS, now)
                assert not done.left
                self.post(peer, done.answer.encode())
                self.wait(to, done.onward)
        return None

    def wait(self, here, made):
        """Keep recalls to be sent until they are answered."""
        for each in made:
            queue = self.waiting.setdefault((here, number_of(each.to)), {})
            queue[signed_notices.digest(each.slip)] = each.slip.encode()

    def recall(self, m, *, erase):
        """Recall what a node has sent of one of its own records, wherever it went; or erase that first."""
        _, number = self.markings[m]
        one, id_ = self.nodes[number], self.ids[m]
        self.recalled.add(m)
        with one.writer(WHO) as writer:
            if erase:
                self.erased.add((number, m))
                writer.erase([id_], "file 17", category="consent", today=self.at[0].date())
            for bundle, _, names in carrying(one, id_):
                due = recalls.due_in(7, self.at[0])
                self.wait(number, [recalls.recall(one, writer, bundle, names, "mixed up", due, self.at[0])])

    def erase_received(self):
        """Erase, at some node, evidence that another node sent."""
        number = self.rng.randrange(len(self.nodes))
        one, rows = self.nodes[number], self.nodes[number].read("party", self.readers[number]).to_pylist()
        theirs = sorted((row["name"], row["record_id"]) for row in rows if row["source"] != "parcels")
        if theirs:
            name, id_ = self.rng.choice(theirs)
            with one.writer(WHO) as writer:
                writer.erase([id_], "file 18", category="order", today=self.at[0].date())
            self.erased.add((number, name[5:]))


def number_of(name):
    return int(name.rpartition("-")[2])


def carrying(one, id_):
    """Bundles that a node sent in which something rests on a record: id, recipient, names of the rows."""
    for act in one.acts_of("disclosed"):
        index = sent.index_of(one, act.detail["bundle"]).to_pylist()
        if names := [row["row"] for row in index if id_ in row["rests_on"]]:
            yield act.detail["bundle"], number_of(act.detail["to"]), names


def simulate(fleet, hours, meetings, apart):
    """Let a fleet work: random pairs meet each hour, but over the middle of it while it is parted."""
    count = len(fleet.nodes)
    for hour in range(hours + 24):
        fleet.faulty = hour < hours
        if not fleet.faulty and not any(fleet.waiting.values()):
            break
        pairs = [fleet.rng.sample(range(count), 2) for _ in range(meetings)]
        if fleet.faulty:
            for here, there in pairs:
                if hour not in apart or (here < count // 2) == (there < count // 2):
                    fleet.meet(here, there)
        else:
            for (_, there), queue in sorted(fleet.waiting.items()):
                for data in list(queue.values()):
                    fleet.post(there, data)
        fleet.arrive()
        if fleet.faulty and hour % 3 == 2:
            open_ = sorted(m for m in fleet.markings if m not in fleet.recalled)
            fleet.recall(fleet.rng.choice(open_), erase=hour % 2 == 0)
        if fleet.faulty and hour % 8 == 4:
            fleet.erase_received()
        fleet.at[0] += HOUR
    assert not any(fleet.waiting.values()), "each bundle has its receipt, each recall its answer"


@pytest.fixture(scope="module")
def fleet(tmp_path_factory):
    """A fleet after its days, and one to settle in."""
    at = [NOW]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "micros", lambda _: int(at[0].timestamp() * 1e6))
        count, hours, meetings, apart = (20, 168, 3, 24) if THOROUGH else (4, 24, 1, 8)
        one = Fleet(tmp_path_factory.mktemp("fleet"), count, 32, at)
        simulate(one, hours, meetings, range(hours // 3, hours // 3 + apart))
        yield one


def files_of(one):
    return b"\0".join(place.read_bytes() for place in sorted(one.root.rglob("*")) if place.is_file())


def seen(fleet, number):
    """Markers of what a reader of a node sees as standing: signals, evidence, disclosed rows."""
    signals, evidence = fleet.standing(number)
    rows = fleet.nodes[number].read("disclosure", fleet.readers[number], latest=True)
    rows = rows.filter(pc.invert(rows["retracted"]))
    keys = [key for table in (signals, rows) for each in table["subjects"].to_pylist() for key in each]
    return Counter(key.rpartition(":")[2] for key in [*keys, *evidence["subject"].to_pylist()])


def receipts_of(one):
    """Receipts that a node has logged, and how many rows each says are stored and withheld: all it sent."""
    for act in one.acts_of("receipt"):
        assert (act.detail["lost"], act.detail["agrees"]) == (0, True)
        stored, withheld = act.detail["stored"], sum(act.detail["withheld"].values())
        assert stored + withheld == act.detail["rows"]
        yield act, stored, withheld


def test_each_receipt_says_what_its_sender_has_logged_as_sent(fleet):
    today = fleet.at[0].date()
    sent_on, came, said, kept_out, stated = {}, {}, {}, {}, {}
    for one, reader in zip(fleet.nodes, fleet.readers, strict=True):
        name = one.settings.name
        for act in one.acts_of("disclosed"):
            sent_on[act.detail["bundle"]] = name, act.detail["to"], act.detail["rows"], act.detail["root"]
        for act in one.acts_of("received"):
            came[act.detail["bundle"]] = act.detail["from"], name, act.detail["rows"], act.detail["root"]
            kept_out.setdefault(act.detail["bundle"], []).append(act.detail["withheld"])
        for act, stored, withheld in receipts_of(one):
            stated.setdefault(act.detail["bundle"], []).append(act.detail["withheld"])
            got = act.detail["from"], name, stored + withheld, act.detail["root"] if not withheld else ""
            said.setdefault(act.detail["bundle"], []).append(got)
        assert not [state for state in states(one, reader, today) if state.open]
    assert sent_on == came
    assert said.keys() == sent_on.keys()
    for bundle, receipts_ in said.items():
        here, there, rows, root = sent_on[bundle]
        assert {*receipts_} <= {(there, here, rows, root), (there, here, rows, "")}
        assert all(each in kept_out[bundle] for each in stated[bundle]), "what was withheld, and no more"
    assert {fault for fault, count in fleet.faults.items() if count} == {*FAULTS}


def test_each_recall_has_reached_all_who_got_the_record(fleet):
    views = [seen(fleet, number) for number in range(len(fleet.nodes))]
    raw = [files_of(one) for one in fleet.nodes]
    taken = [{act.detail["bundle"] for act in one.acts_of("recall-received")} for one in fleet.nodes]
    for m in fleet.recalled:
        _, owner = fleet.markings[m]
        for bundle, to, _ in carrying(fleet.nodes[owner], fleet.ids[m]):
            assert bundle in taken[to], m
        for number in {*range(len(fleet.nodes))} - {owner}:
            assert m not in views[number], (m, number)
            assert f"Name {m}".encode() not in raw[number]
    for number, m in fleet.erased:
        assert f"Name {m}".encode() not in raw[number]
    done = [act.detail for one in fleet.nodes for act in one.acts_of("recall-received")]
    for what in ("retracted", "erased", "onward"):
        assert any(each[what] for each in done), f"nothing was {what}"


def test_no_node_holds_what_its_marking_keeps_from_it(fleet):
    for number, one in enumerate(fleet.nodes):
        raw, view = files_of(one), seen(fleet, number)
        here = {m for m in fleet.markings if m.encode() in raw}
        assert here >= {*view}, "what is held would be found"
        assert any(fleet.markings[m][1] != number for m in view)
        assert all(may_hold(number, *fleet.markings[m]) for m in here)
        rows = one.read("disclosure", fleet.readers[number])
        for source, (key,) in zip(rows["source"].to_pylist(), rows["subjects"].to_pylist(), strict=True):
            marking, owner = fleet.markings[key.rpartition(":")[2]]
            assert source == f"node:node-{owner}" or marking == OPEN or number == owner
    for to, data in fleet.came:
        carried = [m for m in fleet.markings if m.encode() in data]
        assert all(may_hold(to, *fleet.markings[m]) for m in carried)


def test_what_came_comes_again_and_brings_nothing(fleet):
    before = [seen(fleet, number) for number in range(len(fleet.nodes))]
    for to, data in fleet.came:
        if got := fleet.take(to, data):
            assert (got.accepted, got.duplicate + sum(got.withheld.values())) == (0, got.rows)
    assert [seen(fleet, number) for number in range(len(fleet.nodes))] == before
    fleet.arrive()  # the answers: a receipt for what was erased meanwhile says so
    assert any(withheld for one in fleet.nodes for *_, withheld in receipts_of(one))
