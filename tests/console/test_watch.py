"""The watch: from an alert to its answer, a handover that two sign and a report, as officers do it."""

import re
import socket
import threading
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from io import BytesIO

import pyarrow as pa
import pytest
from playwright.sync_api import expect
from tests.console.served import AUTHORITY, PURPOSE
from tests.formats.alerts import SENDER, info, message

from watchfloor.casework.watch import repository
from watchfloor.casework.watch.repository import About, Post
from watchfloor.core.kinds import PUBLIC_ALERT
from watchfloor.formats.alerts import cap
from watchfloor.store.log import Actor

HOOK = """
window.tones = 0;
const made = AudioContext.prototype.createOscillator;
AudioContext.prototype.createOscillator = function () { window.tones += 1; return made.call(this); };
"""
"""Counts the tones that a page makes."""


def written(console, what, *args, by="tremblay", marking="PB//TLP:AMBER"):
    """Something that another officer wrote at another place."""
    with console.floor.writer(Actor(by, PURPOSE, AUTHORITY)) as writer:
        post = Post(console.floor, console.floor.reader(by, PURPOSE), writer)
        return what(post, *args, About(None, marking)).row["entry"]


def raise_alert(page, text, *flags):
    page.fill("#raise textarea", text)
    page.fill("#raise [name=to]", "watch officer")
    for flag in flags:
        page.check(f"#raise [value={flag}]")
    page.click("#raise button")


def test_an_alert_reaches_the_page_of_another_officer_who_hears_it_and_has_it(own, officer):
    okafor, tremblay = officer(own), officer(own, own.token("tremblay"))
    tremblay.page.add_init_script(HOOK)
    tremblay.go("/leads")
    tremblay.page.click("#sound-ask .main")
    sound = tremblay.page.locator("#live .sound")
    expect(sound).to_have_text("Sound is on")
    tones = tremblay.page.evaluate("tones")
    assert tones == 1
    expect(tremblay.page.locator("#live .alerts")).to_have_text("No open alert")
    expect(tremblay.page.locator("#live .wire")).to_have_text("Live")

    okafor.go("/watch")
    raise_alert(okafor.page, "Small boat <b>taking water</b>", "life-at-risk")
    expect(okafor.page.locator(".heard").first).to_contain_text("watch officer must acknowledge")
    expect(okafor.page.locator(".alert .words")).to_have_text("Small boat <b>taking water</b>")
    expect(okafor.page.locator(".alert .orders")).to_contain_text("Call the rescue coordination centre")
    expect(okafor.page.locator(".alert .timer")).to_have_text(re.compile(r"^[12]:\d\d left$"))
    okafor.shot("watch-alert")

    expect(tremblay.page.locator("#live .alerts")).to_have_text("1 open alert")
    expect(tremblay.page.locator("#live .danger")).to_have_text("life at risk")
    expect(tremblay.page.locator("#live .said")).to_contain_text("New alert. life at risk. 1 open alert")
    expect(tremblay.page).to_have_title(re.compile(r"^\(1\) New alert · "))
    tremblay.page.wait_for_function(f"() => tones >= {tones + 3}")
    tremblay.shot("queue-alert")

    tremblay.page.evaluate("""() => {
        const one = JSON.parse(localStorage["alerts-told"]).told[0][1];
        const detail = { open: 1, late: 1, alerts: [{ ...one, late: true }] };
        document.dispatchEvent(new CustomEvent("live:alerts", { detail }));
    }""")
    expect(tremblay.page.locator("#live")).to_have_class(re.compile("late"))
    expect(tremblay.page.locator("#live .said")).to_contain_text("An alert is late")
    expect(tremblay.page).to_have_title(re.compile(r"^\(1!\) An alert is late · "))

    tremblay.page.click("#live .alerts")
    tremblay.page.click(".alert .more summary")
    tremblay.page.fill(".alert [name=text]", "rescue centre called")
    tremblay.page.click(".alert .more button >> nth=0")
    expect(tremblay.page.locator("#alerts .empty")).to_be_visible()
    expect(okafor.page.locator("#live .alerts")).to_have_text("No open alert")
    expect(okafor.page.locator("#alerts .empty")).to_be_visible()
    expect(okafor.page.locator(".log .acknowledged-line")).to_contain_text("rescue centre called")


def test_what_is_typed_stays_while_alerts_come_and_the_second_who_answers_is_told_who_did(own, officer):
    okafor = officer(own)
    entry = written(own, repository.alert, "one")
    okafor.go("/watch")
    page = okafor.page
    page.click(".alert .more summary")
    page.fill(".alert [name=text]", "I am going")
    other = written(own, repository.alert, "two")
    expect(page.locator("#news")).to_contain_text("it waits while you write")
    okafor.shot("watch-waits")
    assert page.locator(".alert").count() == 1
    page.click("#news button")
    expect(page.locator(".alert")).to_have_count(2)
    expect(page.locator(f"#alert-{entry} [name=text]")).to_have_value("I am going")

    with own.floor.writer(Actor("tremblay", PURPOSE, AUTHORITY)) as writer:
        repository.acknowledge(Post(own.floor, own.floor.reader("tremblay", PURPOSE), writer), entry, "mine")
    expect(page.locator("#live .alerts")).to_have_text("1 open alert")
    page.click(f"#alert-{entry} .more button >> nth=0")
    expect(page.locator(".refused").first).to_contain_text(f"alert {entry} was acknowledged by tremblay")
    expect(page.locator("#alerts")).to_contain_text("I am going")
    expect(page.locator(f"#alert-{other}")).to_be_visible()


def test_a_queue_that_changed_says_so_and_moves_nothing_until_it_is_asked_to(own, officer, client):
    okafor, tremblay = officer(own), client(own, own.token("tremblay"))
    okafor.go("/leads")
    page = okafor.page
    expect(page.locator("#live .wire")).to_have_text("Live")
    page.keyboard.press("/")
    page.fill("#filters [name=text]", "half a name")
    number = page.locator("#seen [name=number]").get_attribute("value")
    lead_id = page.locator("#leads > .lead").first.get_attribute("data-lead")
    said = {"answer": "different", "why": "passport seen", "anyway": True}
    assert tremblay.post(f"/api/v1/leads/{lead_id}/decide", json=said).status_code == 200
    expect(page.locator("#news")).to_contain_text("Something new", timeout=120_000)  # the desks run first
    okafor.shot("queue-news")
    assert page.locator("#seen [name=number]").get_attribute("value") == number
    page.click("#news button")
    expect(page.locator("#seen [name=number]")).not_to_have_value(number)
    expect(page.locator("#filters [name=text]")).to_have_value("half a name")


class Wire:
    """A wire to a console, that can be cut."""

    def __init__(self, console):
        self.console, self._whole, self._ends, self._threads = console, True, [], []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.home = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._run(self._take)

    def cut(self):
        self._whole = False
        for end in self._ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def mend(self):
        self._ends, self._whole = [], True

    def close(self):
        self.cut()
        self._socket.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()

    def _run(self, work, *args):
        self._threads.append(threading.Thread(target=work, args=args))
        self._threads[-1].start()

    def _take(self):
        with self._socket, suppress(OSError):
            while True:
                near, _ = self._socket.accept()
                if not self._whole:
                    near.close()
                    continue
                far = socket.create_connection(("127.0.0.1", self.console.port))
                self._ends += [near, far]
                self._run(self._pass, near, far)
                self._run(self._pass, far, near)

    def _pass(self, one, other):
        with one, suppress(OSError):
            while piece := one.recv(1 << 16):
                other.sendall(piece)
            other.shutdown(socket.SHUT_RDWR)


def test_a_connection_that_was_cut_misses_nothing_and_says_since_when(own, officer):
    with closing(Wire(own)) as wire:
        okafor = officer(wire, own.token())
        page = okafor.page
        page.add_init_script("""
            window.events = [];
            document.addEventListener("live:watch", ({ detail }) => window.events.push(...detail.ids));
        """)
        okafor.go("/watch")
        expect(page.locator("#live .wire")).to_have_text("Live")
        wire.cut()
        expect(page.locator("#live .wire")).to_have_text(re.compile(r"^Connection lost at \d\d:\d\dZ"))
        okafor.shot("watch-lost")
        entries = [written(own, repository.note, "meanwhile"), written(own, repository.alert, "and this")]
        assert page.evaluate("events") == []
        wire.mend()
        page.evaluate("dispatchEvent(new Event('online'))")
        expect(page.locator("#live .alerts")).to_have_text("1 open alert")
        expect(page.locator("#live .wire")).to_have_text("Live")
        expect(page.locator(".log")).to_contain_text("meanwhile")
        expect(page.locator(".alert .words")).to_have_text("and this")
        expect(page.locator("p.marking").first).to_contain_text("PB//TLP:AMBER")
        assert page.evaluate("events") == entries


@pytest.mark.thorough
def test_a_tab_that_slept_asks_for_what_it_missed_when_it_wakes(own, officer):
    okafor = officer(own)
    okafor.go("/leads")
    page = okafor.page
    expect(page.locator("#live .wire")).to_have_text("Live")
    page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))")
    written(own, repository.alert, "while it slept")
    expect(page.locator("#live .alerts")).to_have_text("No open alert")
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    expect(page.locator("#live .alerts")).to_have_text("1 open alert")
    written(own, repository.alert, "awake")
    expect(page.locator("#live .alerts")).to_have_text("2 open alerts")


def test_tabs_of_a_browser_share_one_stream_and_the_next_takes_it_up(own, officer):
    okafor = officer(own)
    okafor.go("/watch")
    expect(okafor.page.locator("#live .wire")).to_have_text("Live")
    second = okafor.context.new_page()
    streams = []
    second.on("request", lambda asked: streams.append(asked.url) if "/stream?" in asked.url else None)
    second.goto("/leads")
    expect(second.locator("#live .wire")).to_have_text("Live")
    written(own, repository.alert, "for every tab")
    expect(second.locator("#live .alerts")).to_have_text("1 open alert")
    assert streams == []
    okafor.page.close()
    written(own, repository.alert, "after the first is gone")
    expect(second.locator("#live .alerts")).to_have_text("2 open alerts")
    assert len(streams) == 1


def test_the_end_of_a_session_says_so_and_what_is_typed_stays(own, officer, monkeypatch):
    monkeypatch.setattr("watchfloor.console.live.stream.CHECK", 0.0)
    token = own.token()
    okafor = officer(own, token)
    okafor.go("/watch")
    expect(okafor.page.locator("#live .wire")).to_have_text("Live")
    okafor.page.fill("#note textarea", "half a sentence")
    own.services.sessions.end(own.session(token).key)
    written(own, repository.note, "moves the stream")
    expect(okafor.page.locator("#live .wire")).to_contain_text("Your session is over")
    expect(okafor.page.locator("#live .again")).to_be_visible()
    expect(okafor.page.locator("#note textarea")).to_have_value("half a sentence")


def test_a_handover_lists_what_is_open_and_is_signed_by_another_account(own, officer):
    okafor, tremblay = officer(own), officer(own, own.token("tremblay"))
    written(own, repository.alert, "still open")
    okafor.go("/watch")
    page = okafor.page
    page.click("#handover summary")
    page.fill("#handover [name=to]", "okafor")
    page.click("#handover details button")
    expect(page.locator("#handover .refused")).to_contain_text("okafor cannot hand over to okafor")
    page.fill("#handover [name=to]", "tremblay")
    page.fill("#handover textarea", "Quiet night")
    page.click("#handover details button")
    for said in ("Quiet night", "still open", "Life first"):
        expect(page.locator("#handover .words")).to_contain_text(said)
    page.click("#sign button")
    expect(page.locator("#handover .refused")).to_contain_text("the same person cannot sign twice")
    okafor.shot("watch-handover", full=True)
    tremblay.go("/watch")
    tremblay.page.click("#sign button")
    expect(tremblay.page.locator("#keeper")).to_contain_text("tremblay has had the watch since")
    expect(page.locator("#keeper")).to_contain_text("tremblay has had the watch since")


@pytest.mark.thorough
def test_a_report_is_drafted_from_the_log_and_kept_by_its_digest(own, officer, client):
    before = datetime.now(UTC) - timedelta(hours=1)
    written(own, repository.alert, "two in the water")
    okafor = officer(own)
    okafor.go("/watch")
    okafor.page.click("section:has(#sitrep-title) button")
    expect(okafor.page.locator("h1")).to_contain_text("Situation report")
    okafor.shot("sitrep")
    sentence = okafor.page.locator("#part-alerts + ul li")
    expect(sentence).to_contain_text("two in the water")
    digest = re.search(r"[0-9a-f]{64}", okafor.page.locator("article").inner_text())[0]
    with okafor.page.expect_download() as kept:
        okafor.page.click(".tools a")
    text = kept.value.path().read_text("utf-8")
    assert "two in the water" in text
    sitreps = [act for act in own.floor.acts_of("query") if act.detail["what"] == "sitrep"]
    assert sitreps[0].detail["digest"] == digest
    assert sitreps[1].detail["digest"] == sha256(text.encode()).hexdigest()
    sentence.locator("a").click()
    expect(okafor.page.locator("h1")).to_be_visible()
    then = client(own).get("/api/v1/watch/sitrep", params={"at": before.isoformat()}).json()
    assert (then["sentences"], len(then["headings"])) == ([], 6)


@pytest.mark.thorough
def test_the_watch_of_a_past_moment_has_no_forms(own, officer):
    written(own, repository.alert, "came later")
    okafor = officer(own)
    then = (datetime.now(UTC) - timedelta(hours=1)).isoformat()[:16]
    okafor.go(f"/watch?at={then}")
    expect(okafor.page.locator(".stale")).to_contain_text("As it stood at")
    assert okafor.page.locator("main form[method=post]").count() == 0
    expect(okafor.page.locator("#alerts .empty")).to_be_visible()


# By the API


def post(client, path, status=200, **said):
    answer = client.post(f"/api/v1/watch/{path}", json=said)
    assert answer.status_code == status, answer.text
    return answer.json()


SAID = {
    "en": (
        "text is empty",
        "why is empty",
        "the top of the chain",
        "was acknowledged by",
        "cannot hand over",
    ),
    "fr": (
        *("le texte est vide", "le motif est vide", "au sommet de la chaîne"),
        *("a reçu un accusé de réception de", "ne peut pas remettre"),
    ),
}


def test_what_may_not_be_done_is_said_in_both_languages(own, client):
    for language, (empty, unexplained, top, answered, oneself) in SAID.items():
        okafor = client(own, own.token(language=language))
        post(okafor, "on-call", role="watch officer", person="ben")
        assert empty in post(okafor, "alerts", 422, text="  ")["detail"]
        entry = post(okafor, "alerts", text="one")["entry"]
        assert unexplained in post(okafor, f"alerts/{entry}/escalated", 422)["detail"]
        for why in ("no answer", "none either"):
            post(okafor, f"alerts/{entry}/escalated", why=why)
        assert top in post(okafor, f"alerts/{entry}/escalated", 422, why="again")["detail"]
        post(okafor, f"alerts/{entry}/acknowledged")
        assert answered in post(okafor, f"alerts/{entry}/acknowledged", 409)["detail"]
        assert answered in post(okafor, f"alerts/{entry[:8]}/escalated", 409, why="late")["detail"]
        assert oneself in post(okafor, "handovers", 422, to="Okafor")["detail"]
        offer = post(okafor, "handovers", to="tremblay")["entry"]
        assert "okafor" in post(okafor, f"handovers/{offer}/signed", 422)["detail"]
        carla = client(own, own.token("carla", language=language))
        assert "carla" in post(carla, f"handovers/{offer}/signed", 422)["detail"]
        assert "9999" in post(okafor, "notes", 422, text="x", about="9999")["detail"]
        assert "XX" in post(okafor, "notes", 422, text="x", marking="XX")["detail"]
        assert "cook" in post(okafor, "on-call", 422, role="cook", person="ben")["detail"]
    for path in ("alerts/zz/acknowledged", "alerts/zz/escalated", "handovers/zz/signed"):
        assert post(okafor, path, 404)["type"] == "urn:watchfloor:problem:not-here"


def test_an_act_is_written_as_the_command_line_writes_it_and_looks_are_logged(own, client):
    okafor = client(own)
    post(okafor, "on-call", role="watch officer", person="ben")
    entry = post(okafor, "alerts", text="small boat", flag=["life-at-risk"])["entry"]
    (row,) = [
        row
        for row in repository.entries(own.floor, own.floor.reader("okafor", PURPOSE))
        if row["entry"] == entry
    ]
    assert (row["what"], row["to"], row["by"], row["flags"]) == ("alert", "ben", "okafor", ["life-at-risk"])
    assert row["due"] == row["observed_at"] + timedelta(minutes=2)
    (alert,) = okafor.get("/api/v1/watch/alerts").json()["alerts"]
    assert (alert["to"], alert["next"], alert["late"]) == ("ben", "duty inspector", False)
    assert alert["standing_orders"][0].startswith("Life first")
    page = okafor.get("/api/v1/watch").json()
    assert [line["what"] for line in page["lines"]] == ["alert", "on-call"]
    looks = [act.detail for act in own.floor.acts_of("query") if act.actor.name == "okafor"]
    assert [one["what"] for one in looks] == ["alerts", "watch log", "alerts"]
    assert all(entry in one["shown"] for one in looks)


def test_pages_of_the_log_join_without_gap_or_repeat_while_lines_come(own, client):
    okafor = client(own)
    entries = [post(okafor, "notes", text=f"line {n}")["entry"] for n in range(7)]
    seen, after = [], ""
    while True:
        said = okafor.get("/api/v1/watch", params={"size": 2, "after": after}).json()
        seen += [line["entry"] for line in said["lines"]]
        post(okafor, "notes", text="meanwhile")
        after = said["next"]
        if not after:
            break
    assert seen == entries[::-1]
    assert okafor.get("/api/v1/watch", params={"after": "00"}).status_code == 422
    assert okafor.get("/api/v1/watch", params={"since": "2999-01-01"}).json()["count"] == 0
    assert okafor.get("/api/v1/watch", params={"since": "nonsense"}).status_code == 422
    assert okafor.get("/api/v1/watch", params={"at": "2999-01-01"}).status_code == 422


def test_a_public_alert_of_life_at_risk_stands_on_the_watch_and_leaves_when_it_is_cancelled(own, officer):
    now = own.floor.now()
    times = {"sent": now.isoformat(timespec="seconds"), "identifier": "EX-1"}
    until = {"effective": None, "expires": (now + timedelta(hours=6)).isoformat(timespec="seconds")}
    plain = info(**until, headline="Fog", severity="Minor", category="Met")
    bring(own.floor, message(info(**until), info(**until, language="fr-CA", headline="Embâcle"), **times))
    bring(own.floor, message(plain, **times | {"identifier": "EX-2"}))
    okafor = officer(own)
    okafor.go("/watch")
    cards = okafor.page.locator("#public details")
    expect(cards).to_have_count(2)
    expect(cards.first).to_contain_text("Life at risk")
    expect(cards.first).to_contain_text("Stay off the ice.")
    expect(cards.first).to_contain_text("not signed")
    expect(cards.nth(1).locator("summary")).to_contain_text("Fog")
    okafor.shot("watch-public-alerts")
    okafor.go("/")
    expect(okafor.page.locator("#needs .public")).to_have_count(1)
    expect(okafor.page.locator("#needs .public")).to_contain_text("Life at risk")
    okafor.shot("now-public-alert")
    first = f"{SENDER},EX-1,{times['sent']}"
    bring(own.floor, message(msgType="Cancel", references=first, **times | {"identifier": "EX-3"}))
    okafor.go("/watch")
    expect(okafor.page.locator("#public details")).to_have_count(1)


def bring(floor, data):
    """Take a public alert in, as a feed brings it."""
    (batch,) = cap.read(BytesIO(data), "a.xml")
    rows = batch.rows.append_column("marking", pa.array(["U//TLP:CLEAR"] * batch.rows.num_rows))
    rows = rows.append_column("source", pa.array(["alert-ready"] * batch.rows.num_rows))
    with floor.writer(Actor("okafor", PURPOSE, AUTHORITY)) as writer:
        writer.append(PUBLIC_ALERT, rows, source="alert-ready", original=data)
