"""A floor on which a department is asked, and its key; what a form says there."""

import json
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from watchfloor.cell.acts import Post
from watchfloor.policy.policy import Reader
from watchfloor.scorecard.agreement import acts
from watchfloor.scorecard.agreement.digests import Shown, Value
from watchfloor.scorecard.agreement.rows import Item, on
from watchfloor.scorecard.bilingual import same
from watchfloor.scorecard.forms import keys as form_keys
from watchfloor.scorecard.forms import receiving as form_receive
from watchfloor.scorecard.forms import signed_form as forms
from watchfloor.store import Actor, Floor
from watchfloor.store.log.notes import Signer

READER = Reader("anna", purpose="testing")
SIGNER = Signer("CBSA", bytes(range(32)))
OTHER = Signer("CBSA", bytes(range(1, 33)))
DIGEST = "0123456789abcdef" * 4
SHOWN = Shown(DIGEST, (Value("delivered", same("15 towers"), 15.0, "towers"),))
LINE = Item("14b", ("CBSA",), same("fifteen towers"), same("how many, on what day"), SHOWN)
CLAIM = Item("share", ("PS", "CBSA"), same("well under a half"), same("the figure"), SHOWN)
ITEMS = {"14b": LINE, "share": CLAIM}
UNITS = {"14b": {"delivered": "towers", "in-service": "towers"}}
ROY, SINGH = acts.Person("A. Roy", "Director"), acts.Person("B. Singh", "Director General")
ROW = {
    "series": "cbsa-seizures", "period": "2025-01", "measure": "weight", "value": 1.73,
    "cell": {"mode": "post", "drug": "fentanyl"}, "unit": "kg",
}  # fmt: skip


def floor(home, **settings):
    return Floor.create(home / "floor", Actor("anna", "testing", "none"), **settings)


@contextmanager
def post(opened, by="anna", purpose="testing"):
    """Where a person acts."""
    with opened.writer(Actor(by, purpose, "none")) as writer:
        yield Post(opened, replace(READER, name=by), writer)


def soon(days=9):
    return datetime.now(UTC) + timedelta(days=days)


def called(opened, item=LINE, department=None, **more):
    with post(opened) as at:
        return acts.call(at, item, soon(), department=department, **more)


def attested(opened, item=LINE, who=ROY, by="anna", **more):
    with post(opened, by) as at:
        return acts.attest(at, item, who, **more)


def approved(opened, item=LINE, who=SINGH, by="bela", words="agreed, as counted in our ledger", **more):
    with post(opened, by) as at:
        return acts.approve(at, item, who, words, **more)


def trusted(opened, signer=SIGNER, department="CBSA", by="chen"):
    return form_keys.trust(
        opened, Actor(by, "testing", "none"), department, signer.verifier.text, "read out by phone"
    )


def form(opened, item=LINE, department="CBSA"):
    """An empty form of the call that stands, as plain JSON."""
    with post(opened) as at:
        one = on(at, item, department)
        units = UNITS.get(item.id, {})
        return json.loads(forms.written(form_receive.make(one, opened, units)))


def filled(empty, values=(15, None), rows=(ROW,), **more):
    """A form as a department fills it."""
    given = [{**one, "value": value} for one, value in zip(empty["values"], values, strict=False)]
    return {**empty, "person": "A. Roy", "function": "Director", "values": given, "series": list(rows)} | more


def signed(plain, signer=SIGNER, now=None):
    """A filled form as a signed note, in bytes."""
    text = json.dumps(plain, ensure_ascii=False)
    return forms.sign(text, signer, now or datetime.now(UTC) - timedelta(seconds=2)).encode()


def received(opened, data, by="anna", items=ITEMS):
    with post(opened, by) as at:
        return form_receive.receive(at, data, items, UNITS)
