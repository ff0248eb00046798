"""Words for the numbers in AIS messages, after the tables of ITU-R M.1371-5, annex 8, section 3."""

from typing import Final

STATUS: Final = {
    0: "under way using engine",
    1: "at anchor",
    2: "not under command",
    3: "restricted manoeuvrability",
    4: "constrained by draught",
    5: "moored",
    6: "aground",
    7: "fishing",
    8: "under way sailing",
    9: "reserved for high-speed craft",
    10: "reserved for wing in ground",
    11: "towing astern",
    12: "pushing ahead or towing alongside",
    13: "reserved",
    14: "emergency beacon active",
}
"""Navigational status. 14 is sent by AIS-SART, MOB-AIS and EPIRB-AIS; 15 is undefined."""

BEACON_TEST: Final = "emergency beacon under test"
"""Status 15 of an emergency beacon; of others it is 'undefined'."""

FIX: Final = {61: "manual", 62: "dead reckoning", 63: "inoperative"}
"""What stands in place of the second in which a place was found, where no satellites found it."""

CRAFT: Final = {
    30: "fishing",
    31: "towing",
    32: "towing, long or broad",
    33: "dredging or underwater works",
    34: "diving",
    35: "military",
    36: "sailing",
    37: "pleasure craft",
    50: "pilot",
    51: "search and rescue",
    52: "tug",
    53: "port tender",
    54: "anti-pollution",
    55: "law enforcement",
    58: "medical transport",
    59: "ship of a state not party to a conflict",
} | {
    first + second: word
    for first, word in (
        (20, "wing in ground"),
        (40, "high-speed craft"),
        (60, "passenger"),
        (70, "cargo"),
        (80, "tanker"),
        (90, "other"),
    )
    for second in range(10)
}
"""Type of ship and cargo; the second digit of a cargo's hazard is not put into words."""

FIXED_BY: Final = {
    1: "GPS",
    2: "GLONASS",
    3: "GPS and GLONASS",
    4: "Loran-C",
    5: "Chayka",
    6: "integrated navigation system",
    7: "surveyed",
    8: "Galileo",
    15: "internal GNSS",
}
"""Type of electronic position fixing device."""

AID: Final = dict(
    enumerate(
        (
            *("reference point", "RACON", "fixed structure off shore", "emergency wreck mark"),
            *("light", "light with sectors", "leading light front", "leading light rear"),
            *(
                "beacon cardinal north",
                "beacon cardinal east",
                "beacon cardinal south",
                "beacon cardinal west",
            ),
            *("beacon port hand", "beacon starboard hand"),
            *("beacon preferred channel port hand", "beacon preferred channel starboard hand"),
            *("beacon isolated danger", "beacon safe water", "beacon special mark"),
            *("cardinal mark north", "cardinal mark east", "cardinal mark south", "cardinal mark west"),
            *("port hand mark", "starboard hand mark"),
            *("preferred channel port hand", "preferred channel starboard hand"),
            *("isolated danger", "safe water", "special mark", "light vessel, LANBY or rig"),
        ),
        1,
    )
)
"""Nature and type of an aid to navigation."""

BASE_STATION: Final = "base station"
AID_STATUS: Final = "aid to navigation"
OFF_POSITION: Final = "aid to navigation off position"
