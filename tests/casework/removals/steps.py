"""Made-up steps of made-up removal orders."""

from datetime import UTC, date, datetime, time

ORDER = "order:test:A-1"
NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)


def day(text):
    return date.fromisoformat(text) if isinstance(text, str) else text


def step(name, on, order=ORDER, at=None, **more):
    on = day(on)
    if "until" in more:
        more["until"] = day(more["until"])
    moment = at or datetime.combine(on, time(), UTC)
    return {"order": order, "step": name, "on": on, "observed_at": moment, "marking": "PB"} | more


def made(on="2026-01-10", kind="departure", **more):
    return step("order-made", on, **{"order_kind": kind, "section": "44(2)", "grounds": "41(a)"} | more)


def enforced(on, **more):
    return step("enforced", on, **{"section": "R240(1)", "way": "departure-confirmed"} | more)


def stay(on, ref="S-1", section="50(c)", **more):
    return step("stay-granted", on, section=section, reference=ref, **more)


def stay_ended(on, ref="S-1", section="50(c)", **more):
    return step("stay-ended", on, section=section, of=ref, **more)
