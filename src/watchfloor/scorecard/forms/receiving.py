"""Forms on a floor: made from the data call that stands, and received with the department's signature.

A form that is received is one delivery: its bytes are kept, and in the same commit the attestation that it
makes (kind `agreement`) and the rows of its series (kind `statistic`, public by the day of signing, dated
`stated`). It is checked whole before anything is written, behind the writer's lock, and a form that came
before writes nothing.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time
from hashlib import sha256
from io import BytesIO
from typing import Any, NamedTuple

import pyarrow as pa

from watchfloor.cell.acts import ABOVE, Post, Row, minute, refuse, refuse_undefined
from watchfloor.core.kinds import AGREEMENT, INSTANT, STATISTIC, Kind
from watchfloor.core.marking import parse
from watchfloor.formats.statistics.cells import dumped
from watchfloor.formats.statistics.rows import rows as statistics
from watchfloor.formats.statistics.vintage import STATED
from watchfloor.scorecard.agreement.digests import Shown, Value, stored
from watchfloor.scorecard.agreement.form_evidence import QUANTITIES
from watchfloor.scorecard.agreement.rows import Item, On, on, row
from watchfloor.scorecard.agreement.standing import AgreementStatus, standing
from watchfloor.scorecard.bilingual import plain
from watchfloor.scorecard.facts import midnight
from watchfloor.scorecard.forms import keys as form_keys
from watchfloor.scorecard.forms import refusals
from watchfloor.scorecard.forms import signed_form as forms
from watchfloor.scorecard.forms.signed_form import HEAD, AskedValue, Form, months
from watchfloor.store.ceiling import holds
from watchfloor.store.floor import Floor
from watchfloor.store.log.notes import signing_name

Items = Mapping[str, Item]
"""Lines and claims by id."""


class Received(NamedTuple):
    """Result of a form that came.

    Attributes:
        form: it.
        digest: SHA-256 of its signed text, in hexadecimal.
        standing: how the agreement stands now.
        position: in the log; of one that came before, of that.
        rows: how many numbers of series it brought.
        before: it came before, and nothing was written.
    """

    form: Form
    digest: str
    standing: AgreementStatus
    position: int
    rows: int
    before: bool = False


def make(one: On, floor: Floor, units: Mapping[str, str], period: str = "") -> Form:
    """The form of the call that stands.

    Args:
        one: what is asked, of which department, with its acts.
        floor: that asks.
        units: of each value that is asked for, by its name; see `stated.asked_of`.
        period: that the values are to be of; the department may say another.

    Raises:
        Refusal: nobody has called.
    """
    called = one.in_force.acts.get("called")
    if called is None or "withdrawn" in one.in_force.acts:
        refuse(refusals.NOT_CALLED, **one.parameters)
    return Form(
        HEAD,
        signing_name(floor.settings.name),
        one.item.id,
        one.department,
        called["call"],
        one.item.says,
        called["asked"],
        called["due"].astimezone(UTC).isoformat(timespec="seconds"),
        tuple(AskedValue(name, QUANTITIES[name], unit) for name, unit in units.items()),
        period,
    )


def receive(post: Post, data: bytes, items: Items, units: Mapping[str, Mapping[str, str]]) -> Received:
    """Take a signed form in: its attestation and its rows in one commit, or nothing.

    Args:
        post: where.
        data: the signed note.
        items: every line and claim.
        units: by line, of each value that it is asked for.

    Raises:
        Refusal: the signature, the key, the department, the line, the call, a number or a period is wrong, a
            later form is held, or the floor may not hold it.
    """
    form, key = _opened(post, data)
    digest = sha256(forms.written(form).encode()).hexdigest()
    item = items.get(form.line)
    if item is None or form.department not in item.departments:
        asked = ", ".join(item.departments) if item else "–"
        refuse(refusals.NOT_THEIRS, line=form.line, asked=asked, department=form.department)
    one = on(post, item, form.department)
    for held in one.history:
        if held["form"] == digest:
            return Received(form, digest, _standing(one.history, one), held["position"], 0, True)
    _check(post, form, one, units.get(form.line, {}))
    made = _attested(post, form, one, digest, key)
    rows = _statistics(form, made["marking"])
    position = _keep(post, form, data, made, rows)
    return Received(form, digest, _standing((*one.history, made), one), position, rows.num_rows)


def _opened(post: Post, data: bytes) -> tuple[Form, form_keys.Key]:
    """The form and the key that signed it."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        refuse(refusals.NO_FORM, problem=str(error))
    claimed = form_keys.code_of(forms.unproven(text).department)
    key = form_keys.key_of(form_keys.known(post.floor), claimed)
    return forms.unsealed(text, key.verifier), key


def _check(post: Post, form: Form, one: On, units: Mapping[str, str]) -> None:
    """Raise `Refusal` unless it answers the call that stands, as it was asked, with numbers that can be."""
    asked = make(one, post.floor, units, form.period)
    if form.floor != asked.floor:
        refuse(refusals.OTHER_FLOOR, other=form.floor, here=asked.floor)
    if form.call != asked.call:
        refuse(refusals.OTHER_CALL, line=form.line, given=form.call, standing=asked.call)
    forms.unchanged(form, asked)
    forms.check(form, one.now)
    signed = forms.moment(form)
    later = [held["signed"] for held in one.history if held["signed"] and held["signed"] >= signed]
    if later:
        told = {"held": minute(max(later)), "given": minute(signed)}
        refuse(refusals.OLDER, line=form.line, **told)


def _attested(post: Post, form: Form, one: On, digest: str, key: form_keys.Key) -> Row:
    """The attestation that a form makes; a correction, where one of this call is in force already."""
    before = one.in_force.after("attested", "called")
    values = [
        Value(value.name, plain(float(value.value)), float(value.value), value.unit)
        for value in form.values
        if value.value is not None
    ]
    return row(
        one,
        post.by,
        {
            "act": "corrected" if before else "attested",
            "person": form.person.strip(),
            "function": form.function.strip(),
            "digest": digest if form.values and not values else None,  # rows alone, of a line that asks more
            "values": stored(values),
            "form": digest,
            "signed": forms.moment(form),
            "key": key.verifier.text,
            "why": form.note.strip() or None,
        },
    )


def _statistics(form: Form, marking: str) -> pa.Table:
    """The rows of its series, complete but for what the store adds."""
    public = datetime.combine(forms.moment(form).date(), time.min, UTC)
    spans = [months(one.period, one.series) for one in form.series]
    columns = {
        "observed_at": pa.array([midnight(span[0]) for span in spans], INSTANT),
        "until": pa.array([midnight(span[-1] + 1) for span in spans], INSTANT),
        "published": pa.array([public] * len(spans), INSTANT),
        "series": _texts([one.series for one in form.series]),
        "publisher": _texts([form.department] * len(spans)),
        "dated": _texts([STATED] * len(spans)),
        "cell": _texts([dumped(one.cell) for one in form.series]),
        "measure": _texts([one.measure for one in form.series]),
        "unit": _texts([one.unit or None for one in form.series]),
        "value": pa.array([float(one.value) for one in form.series], pa.float64()),
        "to_date": pa.array([False] * len(spans), pa.bool_()),
        "report_key": _texts([None] * len(spans)),
        "origins": pa.array([[] for _ in spans], pa.list_(pa.string())),
    }
    locators = _texts([f"series, row {n}" for n in range(1, len(spans) + 1)])
    made = statistics(columns, locators)
    return made.append_column("marking", _texts([marking] * len(spans)))


def _keep(post: Post, form: Form, data: bytes, made: Row, rows: pa.Table) -> int:
    """Write both kinds as one delivery, whose bytes are the form; gives its position in the log."""
    refuse_undefined(post.writer.terms, parse(made["marking"]))
    if not holds(post.writer.ceiling, parse(made["marking"])):
        refuse(ABOVE, marking=made["marking"], ceiling=str(post.writer.ceiling))
    name = f"{form.line}.{form.department}.form"
    attested = pa.Table.from_pylist([made], schema=_unkept(AGREEMENT))
    with post.writer.delivery(form.department, name, BytesIO(data)) as intake:
        intake.accept(AGREEMENT, attested)
        if rows.num_rows:
            intake.accept(STATISTIC, rows)
    return intake.position


def _standing(history: Sequence[Mapping[str, Any]], one: On) -> AgreementStatus:
    shown = one.item.shown or Shown("")
    return standing(history, one.item.id, shown, one.now, one.department)


def _unkept(kind: Kind) -> pa.Schema:
    """A kind without what the store adds."""
    return pa.schema([field for field in kind.schema if field.name not in ("record_id", "delivery")])


def _texts(values: Sequence[str | None]) -> pa.Array:
    return pa.array(values, pa.string())
