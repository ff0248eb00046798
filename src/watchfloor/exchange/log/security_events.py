"""Acts of the log as lines for a security centre: syslog (RFC 5424) or the Common Event Format.

A line says which act, when, by whom, what for and by what right. What an act was about is not in it: a
security centre watches who does what, and is shown no subjects.
"""

import re
from collections.abc import Iterator
from importlib.metadata import version
from typing import Final, Literal

from watchfloor.exchange.fintrac.acts import tells
from watchfloor.exchange.log.access import Access
from watchfloor.store.floor import Floor
from watchfloor.store.log import Act

Form = Literal["syslog", "cef"]

AUDIT: Final = 13 << 3
"""The facility \"log audit\" in the priority of a line (RFC 5424, section 6.2.1)."""
CEF_NAMES: Final = {
    "position": "externalId",
    "actor": "suser",
    "purpose": "cs1",
    "authority": "cs2",
    "reset_by": "cs3",
}
NOTICE, WARNING = 5, 4
ID: Final = "act@32473"
"""Names of structured data need an enterprise's number; this one is for examples (RFC 5612)."""


def lines(floor: Floor, access: Access, form: Form, since: int = 0) -> Iterator[str]:
    """Yield a line for each act behind a position that a person may see, and that tells of no report."""
    write = {"syslog": syslog, "cef": cef}[form]
    for act in floor.acts(since + 1, floor.position):
        if act.actor is not None and access.sees(act) and not tells(act):
            yield write(act, floor.settings.name)


def syslog(act: Act, node: str) -> str:
    """Return an act as a line of RFC 5424."""
    fields = "".join(f' {name}="{_quoted(value)}"' for name, value in _fields(act))
    host, name = _word(node, 255), _word(act.act, 32)
    at = act.at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    priority = AUDIT + (WARNING if _refused(act) else NOTICE)
    return f"<{priority}>1 {at} {host} watchfloor - {name} [{ID}{fields}]"


def cef(act: Act, node: str) -> str:
    """Return an act as a line of CEF, version 0."""
    labels = "cs1Label=purpose cs2Label=authority cs3Label=reset_by"
    said = " ".join(f"{CEF_NAMES[name]}={_escaped(value)}" for name, value in _fields(act))
    kind = act.act.replace("\\", "\\\\").replace("|", "\\|")
    head = f"CEF:0|Watchfloor|watchfloor|{version('watchfloor')}|{kind}|{kind}|{6 if _refused(act) else 3}"
    return f"{head}|rt={int(act.at.timestamp() * 1000)} dvchost={_escaped(node)} {labels} {said}"


def _fields(act: Act) -> tuple[tuple[str, str], ...]:
    assert act.actor is not None
    who = act.actor
    return (
        *(("position", str(act.position)), ("actor", who.name)),
        *(("purpose", who.purpose), ("authority", who.authority)),
        *((("reset_by", who.reset_by),) if who.reset_by else ()),
    )


def _refused(act: Act) -> bool:
    return act.act.endswith("refused")


def _quoted(value: str) -> str:
    return re.sub(r'(["\\\]])', r"\\\1", _line(value))


def _escaped(value: str) -> str:
    return re.sub(r"([\\=])", r"\\\1", _line(value))


def _line(value: str) -> str:
    return "".join(one if one.isprintable() else " " for one in value)


def _word(value: str, most: int) -> str:
    return re.sub(r"[^!-~]", "_", value)[:most] or "-"
