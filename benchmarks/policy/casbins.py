"""The policy as a model of Casbin, with functions for what its expressions lack."""

import casbin

from watchfloor.core.marking import Marking
from watchfloor.policy.policy import Reader

MODEL = """
[request_definition]
r = sub, obj

[policy_definition]
p = sub

[policy_effect]
e = some(where (p.eft == allow))

[matchers]
m = r.obj.protected <= r.sub.protected && r.obj.classified <= r.sub.classified && r.obj.tlp <= r.sub.tlp \\
 && within(r.obj.compartments, r.sub.compartments) && owned(r.obj, r.sub) && kept(r.obj, r.sub) \\
 && holds(r.obj.release, r.sub.country) && holds(r.obj.purposes, r.sub.purpose)
"""


def enforcer() -> casbin.Enforcer:
    """Casbin with the policy: one line, and all of it in the matcher."""
    model = casbin.Model()
    model.load_model_from_text(MODEL)
    made = casbin.Enforcer(model)
    made.add_policy("everybody")
    made.add_function("within", lambda some, all_: some <= all_)
    made.add_function("holds", lambda names, name: names is None or name in names)
    made.add_function("owned", _owned)
    made.add_function("kept", _kept)
    return made


def _owned(marking: Marking, reader: Reader) -> bool:
    return marking.originators <= {reader.organisation} | reader.consents


def _kept(marking: Marking, reader: Reader) -> bool:
    return marking.retain_until is None or reader.today is None or reader.today <= marking.retain_until
