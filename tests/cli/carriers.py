"""Files of waybills and counts, and what `waybill` and `cargo blind` are called with there."""

FULL = {
    ("cargo", "waybill", "check"): ["{waybills}"],
    ("cargo", "waybill", "rules"): [],
    ("cargo", "blind"): ["--floor", "{floor}"],
}
"""What each is called with where there is something to print."""

EMPTY = {
    ("cargo", "waybill", "check"): (["{nowaybills}"], "findings", 0),
    ("cargo", "blind"): (["--floor", "{bare}"], "streams", 0),
}
"""The same where there is nothing, and the field that counts it."""

HEADER = (
    "observed_at,subject,document,master,goods,pieces,mass,mode,direction,office,shipper_name,shipper_address,"
    "consignee_name,consignee_address\n"
)
PARTIES = (
    'Beispiel GmbH,"Musterweg 12, 60311 Frankfurt, Germany",Example Ltd,"1 Sample St, Toronto ON, Canada"\n'
)
GOOD = (
    f"2026-11-24T09:30Z,parcel:hawb:1,ABC77,014-12345675,COTTON SHIRTS,4,80,air-cargo,inbound,YYZ,{PARTIES}"
)
VAGUE = GOOD.replace("COTTON SHIRTS", "Gifts").replace("ABC77", "ABC78")
COUNTS = (
    "observed_at,until,direction,mode,office,items,counted_by\n"
    "2026-11-24T00:00Z,2026-11-25T00:00Z,inbound,air-cargo,YYZ,5,gate\n"
)


def carried(home):
    """Waybills of which one is vague, none at all, and a count, below a folder."""
    texts = {"waybills": HEADER + GOOD + VAGUE, "nowaybills": HEADER, "counts": COUNTS, "well": HEADER + GOOD}
    for name, text in texts.items():
        (home / f"{name}.csv").write_text(text, encoding="utf-8")
    return {name: home / f"{name}.csv" for name in texts}
