"""Countries as markings, peers and letters name them: the codes that ISO 3166-1 alpha-3 assigns."""

from difflib import SequenceMatcher
from typing import Final

COUNTRIES: Final = frozenset(
    """
    ABW AFG AGO AIA ALA ALB AND ARE ARG ARM ASM ATA ATF ATG AUS AUT AZE BDI BEL BEN BES BFA BGD BGR BHR
    BHS BIH BLM BLR BLZ BMU BOL BRA BRB BRN BTN BVT BWA CAF CAN CCK CHE CHL CHN CIV CMR COD COG COK COL
    COM CPV CRI CUB CUW CXR CYM CYP CZE DEU DJI DMA DNK DOM DZA ECU EGY ERI ESH ESP EST ETH FIN FJI FLK
    FRA FRO FSM GAB GBR GEO GGY GHA GIB GIN GLP GMB GNB GNQ GRC GRD GRL GTM GUF GUM GUY HKG HMD HND HRV
    HTI HUN IDN IMN IND IOT IRL IRN IRQ ISL ISR ITA JAM JEY JOR JPN KAZ KEN KGZ KHM KIR KNA KOR KWT LAO
    LBN LBR LBY LCA LIE LKA LSO LTU LUX LVA MAC MAF MAR MCO MDA MDG MDV MEX MHL MKD MLI MLT MMR MNE MNG
    MNP MOZ MRT MSR MTQ MUS MWI MYS MYT NAM NCL NER NFK NGA NIC NIU NLD NOR NPL NRU NZL OMN PAK PAN PCN
    PER PHL PLW PNG POL PRI PRK PRT PRY PSE PYF QAT REU ROU RUS RWA SAU SDN SEN SGP SGS SHN SJM SLB SLE
    SLV SMR SOM SPM SRB SSD STP SUR SVK SVN SWE SWZ SXM SYC SYR TCA TCD TGO THA TJK TKL TKM TLS TON TTO
    TUN TUR TUV TWN TZA UGA UKR UMI URY USA UZB VAT VCT VEN VGB VIR VNM VUT WLF WSM YEM ZAF ZMB ZWE
    """.split()
)
"""The 249 assigned codes; those left to users, such as XKX, are none of them."""


def nearest_country(text: str) -> str:
    """The code that is most like a text; of several, one that begins as it does."""
    given = text.upper()

    def like(code: str) -> tuple[float, bool, bool]:
        ratio = SequenceMatcher(None, given, code).ratio()
        return ratio, code.startswith(given[:2]), code.startswith(given[:1])

    return max(sorted(COUNTRIES), key=like)


def no_country(text: str) -> str:
    """The sentence that says of a text that it is none."""
    near = nearest_country(text)
    return f"{text!r} is no country; write three letters such as CAN (ISO 3166-1); the nearest is {near}"
