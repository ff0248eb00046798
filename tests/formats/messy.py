"""Fifty tables as offices export them, each with what it says: titles above the header, French, units.

A table is drawn from a seed: rows that are known, then how a clerk's program would write them. Every way of
writing leaves one reading only.
"""

import csv
import io
import json
import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from tests.formats.workbooks import xlsx

FRENCH_MONTHS = "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split()
ENGLISH_MONTHS = (
    "January February March April May June July August September October November December".split()
)
BASE = {
    "seizure": {"mass": "g"},
    "declaration": {"mass": "kg"},
    "weather": {"wind_speed": "m/s"},
    "party": {},
}
BASE["payment"] = {}
FACTORS = {
    "g": {"g": "1", "kg": "1000", "lb": "453.59237", "oz": "28.349523125", "mg": "0.001"},
    "kg": {"kg": "1", "g": "0.001", "lb": "0.45359237", "t": "1000"},
    "m": {"m": "1", "km": "1000", "ft": "0.3048", "nm": "1852"},
    "m/s": {"m/s": "1", "km/h": str(1 / Decimal("3.6")), "kn": str(Decimal(1852) / 3600)},
}
HEADERS = {
    "seizure": {
        "report_key": ["Seizure No.", "Incident ID", "No de saisie", "case_number", "EventNumber"],
        "observed_at": ["Date", "Seizure Date", "Date of seizure", "Date de saisie", "date_seized"],
        "drug": ["Drug", "Drug Type", "Substance", "Drogue", "Type de drogue", "drug_name"],
        "mass": ["Weight", "Qty", "Net weight", "Poids", "Quantité", "Mass", "Qty Seized"],
        "place": ["Location", "Port of Entry", "Place", "Lieu", "Endroit"],
        "arrests": ["Arrests", "# Arrested", "Arrestations", "Number of arrests"],
    },
    "declaration": {
        "report_key": ["Declaration No", "Entry Number", "Transaction number", "No de déclaration"],
        "observed_at": ["Date", "Ship Date", "Declaration Date", "Date de déclaration", "Date d'expédition"],
        "subject": ["Tracking #", "Tracking Number", "Numéro de suivi", "trackingNo", "Parcel"],
        "goods": ["Description", "Goods Description", "Marchandises", "Commodity", "Contents"],
        "hs": ["HS Code", "HS", "HTS", "Code SH", "hs_code"],
        "origin": ["Origin", "Country of Origin", "Pays d'origine", "originCountry"],
        "value": ["Value (CAD)", "Declared Value (CAD)", "Valeur déclarée (CAD)", "Valeur (CAD)"],
        "mass": ["Qty", "Weight", "Gross Weight", "Poids", "Poids brut", "Net Weight", "Package weight"],
        "pieces": ["Pieces", "No. of pieces", "Packages", "Nombre de colis"],
        "shipper_name": ["Shipper", "Shipper Name", "Sender", "Expéditeur", "Exporter"],
        "consignee_name": ["Consignee", "Consignee Name", "Destinataire", "Recipient", "Importer Name"],
        "carrier": ["Carrier", "Transporteur", "Carrier Name"],
    },
    "weather": {
        "observed_at": ["Date/Time (UTC)", "Timestamp UTC", "Date UTC", "Date heure (UTC)"],
        "station": ["Station", "Station Name", "Climate ID", "Nom de la station"],
        "latitude": ["Latitude", "Lat", "lat (deg)"],
        "longitude": ["Longitude", "Lon", "Long", "lng (deg)"],
        "temperature": ["Temp (°C)", "Temperature (°C)", "Température (°C)", "Air temp (C)"],
        "wind_speed": ["Wind Spd", "Wind Speed", "Vitesse du vent"],
        "wind_from": ["Wind Dir (deg)", "Wind direction (deg)", "Direction du vent (deg)"],
        "visibility": ["Visibility (m)", "Visibilité (m)"],
    },
    "party": {
        "report_key": ["ID", "Ref. No.", "No", "Numéro de dossier", "record_no"],
        "observed_at": ["Date", "Transaction Date", "Entry Date", "Date de la transaction", "Date d'arrivée"],
        "name": ["Name", "Full Name", "Consignee", "Nom complet", "Destinataire", "Passenger"],
        "birth_date": ["DOB", "Date of Birth", "Birth Date", "Date de naissance", "birthDate"],
        "country": ["Country", "Pays", "Country of residence", "Country Code"],
        "context": ["Remarks", "Notes", "Remarques", "Comments"],
    },
    "payment": {
        "report_key": ["Txn ID", "Transaction ID", "Reference", "No de référence", "payment_ref"],
        "observed_at": ["Date", "Value Date", "Posting Date", "Transaction Date", "Date de valeur"],
        "payer": ["From Account", "Sender Account", "Compte débité", "Debit Account"],
        "payee": ["To Account", "Beneficiary Account", "Compte crédité", "Credit Account"],
        "amount": ["Amount", "Montant", "Amt", "Transaction Amount"],
        "currency": ["Currency", "Devise", "CCY", "Curr."],
        "means": ["Method", "Payment Method", "Type", "Mode de paiement"],
        "memo": ["Memo", "Description", "Details", "Libellé"],
    },
}
TYPED = {
    "mass",
    "value",
    "amount",
    "latitude",
    "longitude",
    "temperature",
    "wind_speed",
    "wind_from",
    "visibility",
}
COUNTRIES = [("CA", "Canada"), ("CN", "China"), ("FR", "France"), ("MX", "Mexico"), ("US", "United States")]


@dataclass
class Messy:
    """A file: its kind, name and bytes, what its rows say, and how it was written, for messages."""

    kind: str
    name: str
    data: bytes
    rows: list
    how: str


def files(count=50):
    """The tables, the same each time."""
    kinds = list(HEADERS)
    return [made(random.Random(f"messy {seed}"), kinds[seed % len(kinds)]) for seed in range(count)]


def made(draw, kind):
    truth = [_row(draw, kind, at) for at in range(draw.randint(8, 20))]
    how = {
        "date": draw.choice(["iso", "dmy", "mdy", "long-fr", "long-en", "dots", "abbr"]),
        "comma": draw.random() < 0.45,
        "unit_in": draw.choice(["header", "header", "cell"]),
        "preface": draw.choice([0, 0, 2, 3]),
        "as": draw.choice(["csv", "csv", "csv", "semicolon", "tab", "cp1252", "xlsx", "jsonl", "json"]),
        "extra": draw.random() < 0.5,
    }
    if how["as"] in ("jsonl", "json"):
        how["preface"] = 0
    base = BASE[kind]
    units = {field: draw.choice(list(FACTORS[unit])) for field, unit in base.items()}
    names = {}
    for field, choices in HEADERS[kind].items():
        name = draw.choice(choices)
        if field in units and how["unit_in"] == "header":
            name = draw.choice(
                [f"{name} ({units[field]})", f"{name} [{units[field]}]", f"{name} in {units[field]}"]
            )
        names[field] = name
    clock = kind == "weather"
    table = [list(names.values())]
    for row in truth:
        cells = []
        for field, value in row.items():
            if field in ("observed_at", "birth_date"):
                cells.append(_date(value, how["date"], clock and field == "observed_at"))
            elif field in TYPED:
                cells.append(_number(value, field, units.get(field), base.get(field), how))
            elif field == "subject":
                cells.append(value.rpartition(":")[2])
            elif field in ("origin", "country"):
                cells.append(dict(COUNTRIES)[value] if how["extra"] else value)
            else:
                cells.append(str(value))
        table.append(cells)
    if how["extra"]:
        for at, row in enumerate(table):
            row.append("Status" if at == 0 else draw.choice(["open", "closed"]))
    stem = draw.choice(["export", "monthly report", "données", "extract_2026-11"])
    data, suffix = _bytes(table, how, draw)
    return Messy(kind, f"{stem}{suffix}", data, truth, f"{kind} {how} {units} {list(names.values())}")


def _row(draw, kind, at):
    day = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=draw.randint(0, 330))
    if at == 0:
        day = day.replace(day=25)  # no month has this number: the form of the dates is certain
    country = draw.choice(COUNTRIES)[0]
    key = f"R{at + 1:04}"
    if kind == "seizure":
        return {
            "report_key": key,
            "observed_at": day,
            "drug": draw.choice(["fentanyl", "cocaine", "methamphetamine"]),
            "mass": Decimal(draw.randint(1, 9_000_000)) / 1000,
            "place": draw.choice(["Emerson", "Lacolle", "Windsor"]),
            "arrests": draw.randint(0, 3),
        }
    if kind == "declaration":
        return {
            "report_key": key,
            "observed_at": day,
            "subject": f"parcel:x:1Z{draw.randint(10**8, 10**9 - 1)}",
            "goods": draw.choice(["toys", "parts, steel", "tea"]),
            "hs": draw.choice(["3926.90", "0902.10", "7326.90"]),
            "origin": country,
            "value": Decimal(draw.randint(100, 900_000)) / 100,
            "mass": Decimal(draw.randint(10, 90_000)) / 1000,
            "pieces": draw.randint(1, 12),
            "shipper_name": draw.choice(["Acme Ltd", "Étoile SA"]),
            "consignee_name": draw.choice(["B. Roy", "C. Li"]),
            "carrier": draw.choice(["FDX", "UPS"]),
        }
    if kind == "weather":
        return {
            "observed_at": day.replace(hour=draw.randint(1, 23), minute=draw.randint(1, 59)),
            "station": draw.choice(["EMERSON AUTO", "5022051"]),
            "latitude": Decimal(draw.randint(430000, 520000)) / 10000,
            "longitude": -Decimal(draw.randint(700000, 1200000)) / 10000,
            "temperature": Decimal(draw.randint(-300, 300)) / 10,
            "wind_speed": Decimal(draw.randint(0, 250)) / 10,
            "wind_from": Decimal(draw.randint(0, 359)),
            "visibility": Decimal(draw.randint(100, 24_000)),
        }
    if kind == "party":
        born = datetime(draw.randint(1940, 2005), draw.randint(1, 12), draw.randint(1, 28), tzinfo=UTC)
        return {
            "report_key": key,
            "observed_at": day,
            "name": draw.choice(["Anna Roy", "Jean Côté", "Li Wei", "O'Neil, Pat"]),
            "birth_date": born.replace(day=27) if at == 0 else born,
            "country": country,
            "context": draw.choice(["walked in", "see file", "declared"]),
        }
    return {
        "report_key": key,
        "observed_at": day,
        "payer": f"account:x:{draw.randint(10**6, 10**7 - 1)}",
        "payee": f"account:x:{draw.randint(10**6, 10**7 - 1)}",
        "amount": Decimal(draw.randint(100, 2_000_000)) / 100,
        "currency": draw.choice(["CAD", "USD"]),
        "means": draw.choice(["cash", "wire", "transfer"]),
        "memo": draw.choice(["rent", "invoice 7"]),
    }


def _date(day, form, clock):
    written = {
        "iso": f"{day:%Y-%m-%d}",
        "dmy": f"{day:%d/%m/%Y}",
        "mdy": f"{day:%m/%d/%Y}",
        "long-fr": f"{'1er' if day.day == 1 else day.day} {FRENCH_MONTHS[day.month - 1]} {day.year}",
        "long-en": f"{ENGLISH_MONTHS[day.month - 1]} {day.day}, {day.year}",
        "dots": f"{day:%d.%m.%Y}",
        "abbr": f"{day.day:02}-{ENGLISH_MONTHS[day.month - 1][:3]}-{day.year}",
    }[form]
    return f"{written} {day:%H:%M}" if clock else written


def _number(value, field, unit, base, how):
    if unit:
        value = (value / Decimal(FACTORS[base][unit])).quantize(Decimal("0.000000001")).normalize()
    text = f"{value:,.2f}" if field in ("value", "amount") else f"{value:f}"
    if how["comma"]:
        text = text.translate(str.maketrans({",": "\u00a0", ".": ","}))
    return f"{text} {unit}" if unit and how["unit_in"] == "cell" else text


def _bytes(table, how, draw):
    titles = [["Border report"], ["Generated 2026-11-30 by clerk 7"], []][: how["preface"]]
    if how["as"] == "xlsx":
        return xlsx(Data=[*titles, *table]), ".xlsx"
    heads, *rows = table
    objects = [dict(zip(heads, row, strict=True)) for row in rows]
    if how["as"] == "jsonl":
        return "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in objects).encode(), ".jsonl"
    if how["as"] == "json":
        return json.dumps(objects, ensure_ascii=False, indent=1).encode(), ".json"
    sign = {"semicolon": ";", "tab": "\t"}.get(how["as"], ",")
    text = io.StringIO()
    width = len(heads) if draw.random() < 0.5 else 0  # spreadsheets fill a title's row up with delimiters
    titles = [[*row, *[""] * (width - len(row))] for row in titles]
    csv.writer(text, delimiter=sign).writerows([*titles, *table])
    return text.getvalue().encode("cp1252" if how["as"] == "cp1252" else "utf-8"), ".csv"
