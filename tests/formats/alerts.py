"""Public alerts of CAP 1.2, as authorities send them; nothing in them happened."""

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
SENT = "2026-12-01T08:00:00-06:00"
SENDER = "alerts@example.gc.ca"
AREA = (
    "<area><areaDesc>Emerson and the Red River</areaDesc>"
    "<polygon>49.00,-97.30 49.00,-97.10 49.10,-97.10 49.10,-97.30 49.00,-97.30</polygon>"
    "<geocode><valueName>profile:CAP-CP:Location:0.3</valueName><value>4603</value></geocode></area>"
)


def info(area=AREA, extra="", **values):
    """Return an info; a value of None leaves its element out."""
    said = {
        "language": "en-CA",
        "category": "Met",
        "event": "Ice jam",
        "responseType": "Avoid",
        "urgency": "Immediate",
        "severity": "Extreme",
        "certainty": "Observed",
        "effective": SENT,
        "onset": None,
        "expires": "2026-12-01T20:00:00-06:00",
        "senderName": "Emergency Measures, Example",
        "headline": "Ice jam warning",
        "description": "Ice moves on the river.\nWater rises fast.",
        "instruction": "Stay off the ice.",
    } | values
    inside = "".join(f"<{tag}>{text}</{tag}>" for tag, text in said.items() if text is not None)
    return f"<info>{inside}{extra}{area}</info>"


def message(*infos, tail="", namespace=NAMESPACE, **values):
    """Return the bytes of an alert; a value of None leaves its element out."""
    said = {
        "identifier": "EX-2026-1",
        "sender": SENDER,
        "sent": SENT,
        "status": "Actual",
        "msgType": "Alert",
        "scope": "Public",
        "code": "profile:CAP-CP:0.4",
        "references": None,
    } | values
    inside = "".join(f"<{tag}>{text}</{tag}>" for tag, text in said.items() if text is not None)
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    return f'{head}<alert xmlns="{namespace}">{inside}{"".join(infos)}{tail}</alert>'.encode()
