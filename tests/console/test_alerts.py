"""Alerts by rule in a browser: one click acknowledges, two give the task, and nothing is typed."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from playwright.sync_api import expect
from tests.console.endangered import PLACE, SUBJECT, endanger
from tests.console.served import AUTHORITY, KEEPER, PURPOSE
from tests.console.test_watch import HOOK

from watchfloor.casework.watch import repository, watch
from watchfloor.casework.watch.orders import load
from watchfloor.casework.watch.watch import Cause
from watchfloor.cell.acts import write
from watchfloor.core.kinds import WATCH_ENTRY
from watchfloor.core.messages import Reason
from watchfloor.store.log import Actor

HANDS = """
for (const what of ["click", "keydown"]) {
    addEventListener(what, (event) => {
        if (event.isTrusted) sessionStorage[what] = Number(sessionStorage[what] ?? 0) + 1;
    }, { capture: true });
}
"""
"""Counts what a person does with their hands, over the pages that they see."""


def hands(page):
    """Clicks and keys so far; counted anew from here on."""
    found = page.evaluate("[sessionStorage.click, sessionStorage.keydown].map((one) => Number(one ?? 0))")
    page.evaluate("sessionStorage.clear()")
    return tuple(found)


def raised(console, track=242):
    """An alert as a rule raises it about somebody on foot; gives its id."""
    floor = console.floor
    why = Reason("surveillance.cold.person", {"track": track, "minutes": 35, "chill": -42})
    subjects, signals = (f"track:surveillance:{track}",), (track.to_bytes(16, "big"),)
    cause = Cause("life at risk", why, subjects, signals, (49.01165, -98.18678, 32.0))
    with floor.writer(KEEPER) as writer:
        log = repository.entries(floor, floor.reader("keeper", PURPOSE))
        of = (cause, ("life-at-risk",), writer.moment(), floor.key, "PB//TLP:AMBER", "ee0853ba9f89")
        row = watch.alert_of(load(floor.root), log, *of)
        write(writer, WATCH_ENTRY, row)
    return row["entry"]


def test_one_click_acknowledges_two_task_rescue_and_a_tab_that_slept_stays_silent(own, officer, client):
    table = own.floor.root / "units.toml"
    table.write_text(UNITS, encoding="utf-8")
    okafor, tremblay = officer(own), officer(own, own.token("tremblay"))
    tremblay.page.clock.install()
    for one in (okafor, tremblay):
        one.page.add_init_script(HOOK + HANDS)
        one.go("/leads")
        expect(one.page.locator("#live .nobody")).to_have_text("NOBODY IS ON CALL")
        expect(one.page.locator("#sound-ask")).to_be_visible()
        one.page.click("#sound-ask .main")
        expect(one.page.locator("#sound-ask")).to_be_hidden()
        expect(one.page.locator("#live .wire")).to_have_text("Live")
    with own.floor.writer(Actor("tremblay", PURPOSE, AUTHORITY)) as writer:
        post = repository.Post(own.floor, own.floor.reader("tremblay", PURPOSE), writer)
        repository.on_call(post, "duty inspector", "okafor", None)
    expect(okafor.page.locator("#live .nobody")).to_be_hidden()
    tremblay.context.set_offline(True)  # it sleeps
    tremblay.page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))")
    tones = tremblay.page.evaluate("tones")
    hands(okafor.page)

    entry = raised(own)
    page = okafor.page
    expect(page.locator("#live .danger")).to_have_text("life at risk")
    page.wait_for_function("() => tones >= 4")
    page.click("#live .have button")
    expect(page.locator(".heard").first).to_contain_text("It is yours")
    assert hands(page) == (1, 0)
    expect(page.locator("#live .alerts")).to_have_text("No open alert")
    assert page.url.endswith("/leads"), "one stays where one was"
    okafor.go("/watch")  # the parts that this has moved would be replaced below the next click
    card = page.locator(f"#alert-{entry}")
    expect(card.locator(".words")).to_contain_text("on foot for 35 min")
    card.locator("summary.button").click()
    expect(card.locator("a[href='tel:+16135550130']")).to_be_visible()
    expect(card.locator("[name=authority] option")).to_have_count(3)
    okafor.shot("alert-task", full=True)
    card.locator(".task button.main").click()
    expect(page.locator(".heard").first).to_contain_text("is given to rescue")
    assert hands(page) == (2, 0)
    expect(card.locator(".given")).to_contain_text("Joint rescue coordination centre was tasked by okafor")

    (task,) = client(own).get("/api/v1/tasks").json()["tasks"]
    left = datetime.fromisoformat(task["deadline"]) - datetime.now(UTC)
    assert timedelta(minutes=28) < left <= timedelta(minutes=30)
    said = (task["unit"], task["authority"], task["flags"], task["place"], task["lead"])
    law = "Canada Shipping Act, 2001 s. 130"
    assert said == ("rescue", law, ["life-at-risk"], [49.01165, -98.18678, 32.0], "ee0853ba9f89")
    other = client(own, own.token("tremblay"))
    told = other.post(f"/api/v1/watch/alerts/{entry}/task", json={})
    assert (told.status_code, f"task {task['task']}" in told.text) == (409, True)
    assert other.post(f"/api/v1/watch/alerts/{entry}/acknowledged", json={}).status_code == 409

    tremblay.context.set_offline(False)
    tremblay.page.clock.fast_forward("01:00:00")  # an hour later
    expect(tremblay.page.locator("#live .alerts")).to_have_text("No open alert")
    tremblay.page.evaluate("new Promise((done) => navigator.locks.request('watchfloor-sound', done))")
    assert tremblay.page.evaluate("tones") == tones, "nothing sounds for what somebody has by now"
    raised(own, track=243)
    tremblay.page.clock.fast_forward("00:00:30")
    expect(tremblay.page.locator("#live .alerts")).to_have_text("1 open alert")
    tremblay.page.wait_for_function(f"() => tones >= {tones + 3}")


STREAM = """
window.opens = [];
window.sources = [];
document.addEventListener("live:alerts", ({ detail }) => opens.push(detail.open));
window.EventSource = class extends EventSource {
    constructor(...how) { super(...how); sources.push(this); }
};
"""
"""Notes how many alerts were open at each telling, and the streams that a page opened."""


def passed(console, page):
    """An alert comes, and somebody acknowledges it: a page that is awake hears of both."""
    entry = raised(console)
    expect(page.locator("#live .alerts")).to_have_text("1 open alert")
    with console.floor.writer(Actor("tremblay", PURPOSE, AUTHORITY)) as writer:
        post = repository.Post(console.floor, console.floor.reader("tremblay", PURPOSE), writer)
        repository.acknowledge(post, entry, "mine")
    expect(page.locator("#live .alerts")).to_have_text("No open alert")


def test_a_connection_that_comes_back_tells_of_no_alert_that_somebody_has_by_now(own, officer):
    okafor, tremblay, cut = officer(own), officer(own, own.token("tremblay")), set()
    tremblay.go("/leads")
    page = okafor.page
    page.add_init_script(STREAM)

    def pass_on(route):
        return route.abort() if cut & set(urlsplit(route.request.url).path.split("/")) else route.continue_()

    page.route("**/api/v1/stream**", pass_on)
    okafor.go("/leads")
    expect(page.locator("#live .wire")).to_have_text("Live")
    cut.add("stream")
    page.evaluate("sources.at(-1).dispatchEvent(new Event('error'))")
    passed(own, tremblay.page)
    cut.symmetric_difference_update(
        {"stream", "head"}
    )  # the stream would come through before what was missed is known
    with page.expect_event("requestfailed", lambda one: "/stream/head" in one.url):
        page.evaluate("dispatchEvent(new Event('online'))")
    cut.clear()
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator("#live .wire")).to_have_text("Live")
    raised(own, 243)
    expect(page.locator("#live .alerts")).to_have_text("1 open alert")
    assert page.evaluate("opens") == [0, 1]


FROZEN = """
window.slept = 0;
const { now } = Date;
Date.now = () => now() + slept;
window.setInterval = () => 0;
window.waiting = null;
const listen = BroadcastChannel.prototype.addEventListener;
BroadcastChannel.prototype.addEventListener = function (what, hear) {
    listen.call(this, what, (event) => (waiting ? waiting.push(() => hear(event)) : hear(event)));
};
"""
"""A page whose messages from other tabs wait, as a frozen one's do, and that no timer wakes."""


def test_a_tab_that_was_frozen_tells_of_no_alert_that_somebody_has_by_now(own, officer):
    okafor = officer(own)
    first, second = okafor.page, okafor.context.new_page()
    second.add_init_script(FROZEN)
    for page in (first, second):
        page.add_init_script(STREAM)
        page.goto("/leads")
        expect(page.locator("#live .wire")).to_have_text("Live")
    second.evaluate("waiting = []")
    passed(own, first)  # which tells the second of both
    second.wait_for_function("() => waiting.length >= 4")
    second.evaluate("slept = 3_600_000; for (const hear of waiting) hear(); waiting = null")
    raised(own, 243)
    expect(second.locator("#live .alerts")).to_have_text("1 open alert")
    assert second.evaluate("opens") == [0, 1]


def test_a_lead_about_lives_is_tasked_by_two_clicks_and_so_is_an_alert_raised(own, officer, client):
    endanger(own.floor)
    (own.floor.root / "units.toml").write_text(UNITS, encoding="utf-8")
    mine, okafor = client(own), officer(own)
    (lead,) = [one for one in mine.get("/api/v1/leads").json()["leads"] if one["subject"] == SUBJECT]
    path, page = f"/leads/{lead['lead_id']}", okafor.page
    page.add_init_script(HANDS)
    okafor.go(path)
    hands(page)
    page.locator(".tasking > summary").click()
    expect(page.locator(".tasking a[href='tel:+16135550130']")).to_be_visible()
    expect(page.locator(".tasking [name=authority] option")).to_have_count(3)
    page.locator(".tasking .give button.main").click()
    expect(page.locator(".heard").first).to_contain_text("is given to rescue")
    assert hands(page) == (2, 0)
    expect(page.locator(".held .standing")).to_have_text("tasked")
    (task,) = mine.get("/api/v1/tasks").json()["tasks"]
    left = datetime.fromisoformat(task["deadline"]) - datetime.now(UTC)
    assert timedelta(minutes=28) < left <= timedelta(minutes=30)
    said = (task["unit"], task["authority"], task["flags"], task["place"], task["lead"])
    law = "Canada Shipping Act, 2001 s. 130"
    assert said == ("rescue", law, ["life-at-risk"], list(PLACE), lead["lead_id"])

    page.locator(".tasking > summary").click()
    page.locator("h1").click(position={"x": 700, "y": 5})
    expect(page.locator(".tasking .give").first).to_be_hidden()
    page.locator(".alerting > summary").click()
    expect(page.locator("#alert .late")).to_contain_text("NOBODY IS ON CALL")
    refused = mine.post(f"/api/v1{path}/alert", json={"text": "people on foot"})
    assert (refused.status_code, "NOBODY IS ON CALL" in refused.text) == (422, True)
    on_call = {"role": "watch officer", "person": "tremblay"}
    assert mine.post("/api/v1/watch/on-call", json=on_call).status_code == 200
    okafor.go(path)
    hands(page)
    page.locator(".alerting > summary").click()
    expect(page.locator("#alert .orders")).to_contain_text("Life first")
    page.locator("#alert button.main").click()
    expect(page.locator(".heard").first).to_contain_text("tremblay must acknowledge it")
    assert hands(page) == (2, 0)
    (alert,) = mine.get("/api/v1/watch/alerts").json()["alerts"]
    said = (alert["about"], alert["flags"], alert["place"], alert["to"], alert["rule"])
    assert said == (lead["lead_id"], ["life-at-risk"], list(PLACE), "tremblay", None)
    assert alert["tasks"] == [], "it was given before"
    expect(page.locator("#live .danger")).to_have_text("life at risk")
    tremblay = officer(own, own.token("tremblay", language="fr"))
    tremblay.go(path)
    for one in (okafor, tremblay):
        assert one.page.locator("header.bar").bounding_box()["height"] < 60, "one row at 1,280 pixels"
        one.shot(f"lead-alerted-{one is okafor}")
    expect(page.locator(".alerted a")).to_have_attribute("href", f"/watch#alert-{alert['alert']}")
    second = mine.post(f"/api/v1{path}/alert", json={"text": "again"})
    assert (second.status_code, alert["alert"] in second.text) == (409, True)
    assert mine.post(f"/api/v1{path}/alert", json={"text": "again", "anyway": True}).status_code == 200


def test_now_shows_a_life_at_risk_of_a_few_per_cent_and_then_its_alert_by_the_title(own, client):
    endanger(own.floor, "unlikely")
    mine = client(own)
    french = client(own, Cookie=f"watchfloor={own.token(language='fr')}", Accept="text/html")
    mine.post("/api/v1/watch/on-call", json={"role": "watch officer", "person": "tremblay"})
    leads = {one["lead_id"]: one for one in mine.get("/api/v1/leads").json()["leads"]}
    (id_,) = [one["lead_id"] for one in leads.values() if one["subject"] == SUBJECT]
    first, *others = [one["lead_id"] for one in mine.get("/api/v1/now").json()["leads"]]
    assert (first, leads[id_]["probability"] < 0.2) == (id_, True)
    assert others, "and then what is likely"
    assert min(leads[one]["probability"] for one in others) > 0.55
    assert mine.post(f"/api/v1/leads/{id_}/alert", json={"text": "on foot"}).status_code == 200
    now = mine.get("/api/v1/now").json()
    assert id_ not in [one["lead_id"] for one in now["leads"]]
    (alert,) = now["alerts"]
    assert (alert["title"], alert["text"]) == (leads[id_]["title"], "on foot")
    page = french.get("/now").text
    assert f'<a href="/leads/{id_}">{alert["title"]["fr"]}</a>' in page
    assert f"/map?lead={id_}&amp;box=-98.287,48.942,-98.087,49.082" in page
    then = mine.get("/api/v1/watch/alerts", params={"at": now["now"]}).json()["alerts"]
    assert [one["title"] for one in then] == [None], "what it is called now is not what it was then"


UNITS = """
status = "a test"

[statutes.shipping]
en = "Canada Shipping Act, 2001"
fr = "Loi de 2001 sur la marine marchande du Canada"
citation = "S.C. 2001, c. 26"

[units.rescue]
en = "Joint rescue coordination centre"
fr = "Centre conjoint de coordination des opérations de sauvetage"
organisation = "JRCC"
clearance = "PB//TLP:AMBER"
telephone = "+1 613 555-0130"
mandate = [
    { statute = "shipping", section = "129", forms = ["task"], en = "a", fr = "a", rescue = true },
    { statute = "shipping", section = "130", forms = ["task"], en = "b", fr = "b", rescue = true },
    { statute = "shipping", section = "131", forms = ["task", "lookout"], en = "c", fr = "c", rescue = true },
    { statute = "shipping", section = "132", forms = ["lookout"], en = "d", fr = "d" },
]
"""
