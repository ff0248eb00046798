"""Currencies: the codes of ISO 4217 with their minor units, virtual coins, and names that files spell out.

The codes are those of ISO 4217 in use in 2025 and 2026, and those that ended since 1999, since files are kept
longer than currencies. A code says how many decimals its amounts have; virtual coins have more.
"""

from functools import cache
from typing import Final

from watchfloor.formats.payments.vocabulary import words

_TWO: Final = """
AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD
CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD
GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA
MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR
RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD
TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG
"""
_OTHER: Final = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
_ENDED: Final = """
ADP AFA ATS AZM BEF BGL BYB BYR CUC CYP DEM EEK ESP FIM FRF GHC GRD GWP HRK IEP ITL LTL LUF LVL MGF MRO MTL
MZM NLG PTE ROL SDD SIT SKK SLL SRG STD TMM TRL VEB VEF XEU YUM ZMK ZWD ZWL ZWN ZWR
"""
_NONE: Final = "XAG XAU XBA XBB XBC XBD XDR XPD XPT XSU XTS XUA XXX"
"""Metals, bond units, drawing rights; `XXX` says that no currency is stated, `XTS` is for tests."""

UNSTATED: Final = "XXX"
"""The code of a payment whose currency its file does not state (ISO 4217: no currency involved)."""

VIRTUAL: Final = {
    "XBT": 8,
    "ETH": 18,
    "USDT": 6,
    "USDC": 6,
    "LTC": 8,
    "BCH": 8,
    "XMR": 12,
    "XRP": 6,
    "DOGE": 8,
    "SOL": 9,
    "ADA": 6,
    "TRX": 6,
    "BNB": 18,
    "DAI": 18,
    "ZEC": 8,
    "DASH": 8,
}
"""Virtual coins by the code used here, with their decimals. They have no code of ISO 4217; XBT is usual."""

MINOR: Final = {
    **dict.fromkeys(_TWO.split(), 2),
    **dict.fromkeys(_ENDED.split(), 2),
    **{code: digits for digits, codes in _OTHER.items() for code in codes.split()},
    **dict.fromkeys(_NONE.split(), 2),
    **VIRTUAL,
}
"""Decimals of the amounts of each currency that is known here."""

CURRENCIES: Final = frozenset(MINOR.keys() - VIRTUAL.keys() - {"XXX", "XTS"})
"""Codes of ISO 4217 that a payment may be in."""


@cache
def _known() -> dict[str, str]:
    called = {name: code for code, names in words().currencies.items() for name in names}
    return called | {code.lower(): code for code in MINOR}


def code_of(text: str) -> str | None:
    """The code of a currency by its code or its name in English or French; None where it is not known.

    `BTC` and `Bitcoin` are `XBT`; a country's own word that several use (`peso`, `dollar`) is none.
    """
    return _known().get(" ".join(text.casefold().replace(".", "").split()))
