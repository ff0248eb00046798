"""Waybills for the tests of pre-load rules: a good one, and for each rule one that breaks it."""

from datetime import UTC, datetime, timedelta

import pyarrow as pa

from watchfloor.core.kinds import DECLARATION

AT = datetime(2026, 7, 14, 9, 30, tzinfo=UTC)
MASTER = "014-12345675"
GOOD = {
    "observed_at": AT,
    "expected_at": AT + timedelta(hours=20),
    "subject": f"parcel:hawb:{MASTER}-ABC77",
    "document": "ABC77",
    "master": MASTER,
    "goods": "COTTON KNIT SHIRTS FOR MEN",
    "pieces": 12,
    "mass": 84.5,
    "mode": "air-cargo",
    "direction": "inbound",
    "route": ["FRA", "YYZ"],
    "shipper_name": "Beispiel Textil GmbH",
    "shipper_address": "Musterweg 12, 60311 Frankfurt, Germany",
    "consignee_name": "Example Imports Ltd",
    "consignee_address": "100 Sample Street, Toronto ON M5V 0A0, CA",
}
OWN = {**GOOD, "subject": f"parcel:awb:{MASTER}", "document": MASTER, "master": None}
"""The same as an air waybill of its own."""


def house(**said):
    return {**GOOD, **said}


def own(**said):
    return {**OWN, **said}


def table(*rows):
    """Declarations; what a row does not say is null."""
    return pa.Table.from_pylist(list(rows), schema=DECLARATION.schema)


MARKED = {"goods": "CONSOLIDATION", "codes": ["consolidation=yes"]}
CASES = {
    "number-missing": [[own(document=None)], [house(document="", master=" ")]],
    "number-form": [[own(document="01412345675")], [house(master="014-1234567")], [house(master="see list")]],
    "number-check-digit": [[own(document="014-12345674")], [house(master="014 12345671")]],
    "house-number-missing": [[house(document=None)], [house(document=" ")]],
    "house-number-long": [[house(document="H" * 36)]],
    "master-not-told": [[house(master=None)]],
    "house-twice": [
        [house(), house()],
        [house(), house(consignee_name="Other Imports Ltd", goods="PLASTIC TOY CARS")],
        [house(), house(goods="COTTON TOWELS"), house(goods="COTTON TOWELS")],
    ],
    "houses-missing": [[own(**MARKED)], [own(**MARKED), house(master="014-12345686")]],
    "consolidation-unmarked": [[own(goods="CONSOL"), house()]],
    "consolidation-on-house": [[house(goods="Consolidated cargo")], [house(goods="CONSOL", master=None)]],
    "forwarders-unmarked": [
        [own(shipper_name="Nord Freight AG", consignee_name="Sample Forwarding Inc")],
    ],
    "houses-exceed-master": [[own(**MARKED, pieces=20), house(), house(document="ABC78")]],
    "name-missing": [[house(shipper_name=None)], [house(consignee_name="  ")]],
    "address-missing": [[house(shipper_address=None)], [house(consignee_address="")]],
    "address-without-country": [
        [house(shipper_address="Musterweg 12, 60311 Frankfurt")],
        [house(consignee_address="100 Sample Street, Toronto M5V 0A0")],
    ],
    "address-without-line": [[house(shipper_address="Germany")], [house(consignee_address="CA")]],
    "placeholder": [
        [house(consignee_name="TO ORDER")],
        [house(consignee_name="To the order of Example Bank")],
        [house(shipper_name="N/A")],
        [house(shipper_address="AS ADVISED")],
        [house(consignee_address="À l’ordre")],
    ],
    "box-alone": [[house(shipper_address="P.O. Box 123, Frankfurt, Germany")]],
    "only-numbers": [[house(goods="1004")], [house(shipper_name="10 04")]],
    "only-extension": [[house(goods="WPX.")], [house(goods=".wpx")]],
    "one-symbol": [[house(consignee_name="XXX")], [house(goods="货货货货")]],
    "only-blanks": [[house(goods=". - .")], [house(shipper_address="-")]],
    "only-special": [[house(goods="$%^&<>")], [house(consignee_address="***-?")]],
    "numbers-and-special": [[house(goods="!£12")], [house(shipper_name="12-34")]],
    "goods-missing": [[house(goods="")], [house(goods="\u3000 ")]],
    "goods-unacceptable": [
        *([house(goods=goods)] for goods in ("Gifts", "SPARE PART", "3 PCES SPARE PARTS")),
        *(
            [house(goods=goods)]
            for goods in ("ＧＩＦＴＳ", "gifts and toys", "FAK", "Misc.", "samples for analysis")
        ),
    ],
    "goods-party": [[house(goods="BEISPIEL TEXTIL GMBH")], [house(goods=GOOD["consignee_address"])]],
    "goods-number": [[house(goods="ABC-77")], [house(goods="014 12345675")]],
    "goods-handling-code": [[house(goods="SPX/EAP")]],
    "goods-said-to-contain": [
        [house(goods="STC LAPTOP COMPUTERS")],
        [house(goods="Shipper’s load & count: shoes")],
    ],
    "goods-general": [[house(goods="electronic goods")], [house(goods="Pièces détachées")]],
    "goods-characters": [[house(goods="棉衬衫 COTTON")], [house(goods="COTTON\u200b SHIRTS")]],
    "goods-mixed-word": [[house(goods="COTTОN SHIRTS")]],
    "goods-long": [[house(goods="COTTON SHIRTS " * 115)], [house(goods="COTTON SHIRTS " * 4682)]],
    "pieces-missing": [[house(pieces=None)]],
    "pieces-none": [[house(pieces=0)], [house(pieces=-3)]],
    "pieces-many": [[house(pieces=10_000)]],
    "weight-missing": [[house(mass=None)], [house(mass=float("nan"))]],
    "weight-none": [[house(mass=0.0)], [house(mass=-2.0)]],
    "weight-absurd": [[house(mass=1e9)], [house(mass=float("inf"))]],
    "weight-light": [[house(mass=0.1, pieces=12)]],
    "routing-elsewhere": [[house(route=["FRA", "JFK"])], [house(route=["DEFRA", "USNYC"])]],
    "late": [[house(observed_at=GOOD["expected_at"])]],
    "hs-withdrawn": [[house(hs="293971")], [house(hs="2939710010")]],
    "hs-unknown": [[house(hs="123456")], [house(hs="6109100")]],
}
"""For each rule, declarations of which at least one breaks it."""

NEAR = {
    "address-without-country": [
        house(shipper_address="Musterweg 12, 60311 Frankfurt", departure="DE"),
        house(consignee_address="100 Sample Street, Toronto ON M5V 0A0, Canada."),
        house(consignee_address="100 Sample Street Toronto ON United States"),
    ],
    "placeholder": [
        house(consignee_name="Order Now Ltd"),
        house(shipper_name="Na"),
        house(shipper_name="Nonesuch"),
    ],
    "box-alone": [house(shipper_address="P.O. Box 123, 12 Main Street, Frankfurt, Germany")],
    "goods-unacceptable": [
        house(goods="PLASTIC TOYS"),
        house(goods="BRAKE PARTS OF STEEL"),
        house(goods="GIFTWARE: GLASS BOWLS"),
        house(goods="COTTON MERCHANDISERS"),
    ],
    "goods-general": [house(goods="DESKTOP COMPUTERS"), house(goods="AUTO PARTS: BRAKE DISCS")],
    "goods-mixed-word": [house(goods="РУБАШКИ COTTON SHIRTS"), house(goods="RESISTORS 10 kΩ")],
    "goods-said-to-contain": [house(goods="CONTAINERS OF GLASS")],
    "goods-handling-code": [house(goods="AVI COLLAR LEATHER")],
    "house-twice": [
        house(),
        house(goods="COTTON TOWELS"),
        house(document="ABC78"),
        house(master="014-12345686"),
    ],
    "houses-exceed-master": [own(**MARKED, pieces=12), house(), house(goods="COTTON TOWELS")],
    "houses-missing": [own(**MARKED), house(master="01412345675")],
    "forwarders-unmarked": [own(shipper_name="Nord Freight AG"), own(consignee_name="Freightwood Ltd")],
    "routing-elsewhere": [house(route=["FRA", "JFK", "YYZ"]), house(route=["FRA", "ZZZZ"]), house(route=[])],
    "late": [house(expected_at=None)],
    "hs-withdrawn": [house(hs="293971", observed_at=AT.replace(year=2016)), house(hs="6109100000")],
    "hs-unknown": [house(hs="980100"), house(hs="123456", observed_at=AT.replace(year=2029)), house(hs=None)],
    "only-extension": [house(shipper_name="Nord Textil Co."), house(goods="TEA.")],
    "one-symbol": [house(shipper_name="XX"), house(shipper_name="XXL")],
    "weight-light": [house(mass=0.12, pieces=12)],
    "pieces-many": [house(pieces=9_999)],
    "goods-long": [house(goods="A" * 799 + "B" * 801)],
    "house-number-long": [house(document="H" * 35)],
}
"""For some rules, declarations that come near and break it not."""
