"""A floor with referrals in every state, and what `referral` is called with there."""

import json

HARBOUR = ("--floor", "{harbour}")
WHY = ("--why", "seen")
SOON = ("--deadline", "2199-01-01")
FULL = {
    ("cases", "referral", "refer"): ["parcel:upu:3", "--means", "dog", *SOON, *HARBOUR],
    ("cases", "referral", "amend"): ["{referral}", "--means", "dog", *WHY, *HARBOUR],
    ("cases", "referral", "withdraw"): ["{referral}", *WHY, *HARBOUR],
    ("cases", "referral", "examined"): ["{referral}", "--result", "nothing", *HARBOUR],
    ("cases", "referral", "not-examined"): ["{referral}", "--why", "departed", "--words", "gone", *HARBOUR],
    ("cases", "referral", "list"): [*HARBOUR],
    ("cases", "referral", "show"): ["{referral}", *HARBOUR],
    ("cases", "referral", "draft"): ["parcel:upu:1", *HARBOUR],
    ("cases", "referral", "audit"): [*HARBOUR],
    ("cases", "referral", "expire"): [*HARBOUR],
    ("cases", "referral", "hits"): [*HARBOUR],
    ("cases", "referral", "hit"): ["{lookout}", "parcel:upu:2", "--means", "x-ray", *SOON, *WHY, *HARBOUR],
}
"""What each is called with where there is something to print."""

EMPTY = {
    ("cases", "referral", "list"): (["--floor", "{bare}"], "referrals", 0),
    ("cases", "referral", "audit"): (["--floor", "{bare}"], "streams", 0),
    ("cases", "referral", "expire"): (["--floor", "{bare}"], "referrals", 0),
    ("cases", "referral", "hits"): (["--floor", "{bare}"], "hits", 0),
}
"""The same where there is nothing, and the field that counts it."""

QUERIES = ("list", "show", "draft", "audit", "hits")
LEAVES = {" ".join(words): {"query" if words[-1] in QUERIES else "ingest"} for words in FULL}
LEAVES["cases referral expire"] = set()
"""The acts that each leaves on that floor, where nothing is late."""

DECLARED = (
    "report_key,observed_at,subject,goods,mass,mode,direction,document,consignee_phone\n"
    "1,2026-11-20T05:00Z,parcel:upu:1,die parts,1.2,post,inbound,D-1,613-555-0113\n"
    "2,2199-01-01T05:00Z,parcel:upu:2,toys,2.0,courier,outbound,D-2,613-555-0113\n"
    "3,2026-11-20T05:00Z,parcel:upu:3,pots,3.0,post,outbound,D-3,\n"
)


def harboured(home, call):
    """A floor below a folder: three declared parcels, of which one is referred, and a lookout."""
    floor = ["--floor", home / "harbour"]
    call(["init", *floor, "--exercise"])
    (home / "declaration.csv").write_text(DECLARED, encoding="utf-8")
    call(["ingest", home / "declaration.csv", *floor])
    asked = ["--form", "lookout", "--unit", "border-operations", "--authority", "Customs Act s. 99"]
    about = ["--subject", "phone:phone:16135550113", "--instruction", "x-ray it", "--deadline", "2199-01-01"]
    lookout = _one(call, ["cases", "task", "issue", *asked, *about, *floor])["task"]
    referral = _one(call, ["cases", "referral", "refer", "parcel:upu:1", "--means", "x-ray", *SOON, *floor])[
        "referral"
    ]
    return {"harbour": home / "harbour", "lookout": lookout, "referral": referral}


def _one(call, words):
    return json.loads(call([*words, "--json"]).stdout)
