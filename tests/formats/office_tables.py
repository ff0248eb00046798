"""Tables as offices of a border keep them, each with what it says: which column is what, and every row.

A table is a log of seizures, sightings, plates or vessels, or of payments, parcels, tips or people,
written by a clerk with one habit that makes it hard to read. There are three sets of habits and words and
four of names; the wizard was developed by the first.
"""

import csv
import io
import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

from stdnum import iso6346
from tests.formats.workbooks import xlsx

from watchfloor.formats.base import Batch
from watchfloor.formats.tabular.mapping import Mapping, read
from watchfloor.formats.tabular.trial import proposed
from watchfloor.formats.tabular.trial import table as look

MONTHS = {
    "en": "January February March April May June July August September October November December".split(),
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split(),
}
FACTORS = {
    "mass": {"g": "1", "kg": "1000", "lb": "453.59237", "oz": "28.349523125"},
    "speed": {"m/s": "1", "km/h": str(1 / Decimal("3.6")), "kn": str(Decimal(1852) / 3600), "mph": "0.44704"},
}
"""Of a unit, in grams and metres a second."""

NAMES: dict[str, dict[str, tuple[list[str], ...]]] = {
    "seizure": {
        "report_key": (
            ["Ref No", "Seizure #", "No de saisie"],
            ["Case Ref.", "File ID", "N° saisie"],
            ["Incident No", "No d'incident"],
            ["Occurrence #", "No d'événement"],
        ),
        "observed_at": (
            ["Date Seized", "Date de saisie"],
            ["Seized On", "Saisi le", "Dt of seizure"],
            ["Date of seizure", "Date et heure de saisie"],
            ["Date/time of seizure", "Date de l'événement"],
        ),
        "drug": (
            ["Drug", "Substance", "Drogue"],
            ["Narcotic Type", "Type de stupéfiant"],
            ["Commodity seized", "Produit saisi"],
            ["Drug type", "Stupéfiant"],
        ),
        "mass": (
            ["Qty", "Weight", "Poids"],
            ["Amt Seized", "Net Wt", "Quantité nette"],
            ["Weight seized", "Poids saisi"],
            ["Total Wt.", "Poids total"],
        ),
        "mode": (
            ["Mode", "Conveyance", "Moyen de transport"],
            ["How carried", "Travelled by", "Transporté par"],
            ["Transport", "Mode de passage"],
            ["Conveyance type", "Mode de transport utilisé"],
        ),
        "place": (
            ["Location", "Port of Entry", "Lieu"],
            ["POE Name", "Place of seizure", "Endroit saisi"],
            ["Office", "Bureau"],
            ["Seizure site", "Lieu de la saisie"],
        ),
        "latitude": (
            ["Lat", "Latitude"],
            ["Lat.", "GPS Lat", "Coord Y"],
            ["Latitude_dd", "LATITUDE (deg)"],
            ["Lat (dec)", "LATITUDE"],
        ),
        "longitude": (
            ["Long", "Longitude"],
            ["Lng", "GPS Lon", "Coord X"],
            ["Longitude_dd", "LONGITUDE (deg)"],
            ["Lon (dec)", "LONGITUDE"],
        ),
        "phone": (
            ["Phone", "Téléphone"],
            ["Tel. No.", "Cell", "No de tél."],
            ["Contact phone", "Numéro de tél."],
            ["Phone #", "Tél."],
        ),
        "plate": (
            ["Plate", "Plaque"],
            ["Lic. Plate", "Veh Plate No", "Immatriculation"],
            ["Vehicle registration", "No de plaque"],
            ["Plate #", "N° de plaque"],
        ),
        "arrests": (
            ["Arrests", "Arrestations"],
            ["No. arrested", "Pers. arrêtées"],
            ["People arrested", "Nb d'arrestations"],
            ["# of arrests", "Nombre d'arrestations"],
        ),
    },
    "sighting": {
        "observed_at": (
            ["Time", "Timestamp", "Horodatage"],
            ["Seen at", "Date/Time seen", "Vu à"],
            ["Date observed", "Date d'observation"],
            ["Observation time", "Heure d'observation"],
        ),
        "class": (
            ["Type", "Classification", "Classe"],
            ["Object", "What was seen", "Genre"],
            ["Kind of object", "Catégorie d'objet"],
            ["Object type", "Type d'objet"],
        ),
        "latitude": (
            ["Lat", "Latitude"],
            ["Y (lat)", "Lat_DD", "Lat N"],
            ["lat", "Lat (N)"],
            ["Target lat", "Lat. cible"],
        ),
        "longitude": (
            ["Lon", "Longitude"],
            ["X (long)", "Long_DD", "Long W"],
            ["lng", "Lon (W)"],
            ["Target lon", "Long. cible"],
        ),
        "speed": (
            ["Speed", "Vitesse"],
            ["Spd", "Vit."],
            ["Estimated speed", "Vitesse estimée"],
            ["Target speed", "Vitesse cible"],
        ),
        "course": (
            ["Course", "Route"],
            ["Crs", "Route suivie"],
            ["Direction of travel", "Direction suivie"],
            ["Target course", "Route cible"],
        ),
        "sensor": (
            ["Sensor", "Capteur"],
            ["Camera ID", "Tower"],
            ["Observed by (sensor)", "Poste"],
            ["Sensor name", "Nom du capteur"],
        ),
    },
    "plates": {
        "observed_at": (
            ["Timestamp", "Date Time"],
            ["Read time", "Captured"],
            ["Date/Time", "Date/heure"],
            ["Read date", "Date de lecture"],
        ),
        "claimed": (
            ["Plate", "Plaque"],
            ["Licence Plate", "LPR Plate"],
            ["Plate Number", "Numéro de plaque"],
            ["Plate read", "Plaque lue"],
        ),
        "latitude": (
            ["Latitude"],
            ["Lat."],
            ["Site latitude", "Latitude du site"],
            ["Cam lat", "Lat caméra"],
        ),
        "longitude": (
            ["Longitude"],
            ["Lon."],
            ["Site longitude", "Longitude du site"],
            ["Cam lon", "Long caméra"],
        ),
        "sensor": (["Sensor"], ["Camera"], ["Reader", "Lecteur"], ["Cam no", "No de caméra"]),
    },
    "vessels": {
        "observed_at": (
            ["Base Date Time", "Time UTC"],
            ["Position time", "Reported (UTC)"],
            ["timestamp_utc", "Heure UTC"],
            ["Msg time", "Heure du message"],
        ),
        "claimed": (
            ["MMSI"],
            ["MMSI No", "MMSI number"],
            ["Ship MMSI", "Numéro MMSI"],
            ["MMSI_NBR", "No MMSI"],
        ),
        "name": (
            ["Vessel Name", "Nom du navire"],
            ["Ship", "Vessel"],
            ["Name of vessel", "Nom du bateau"],
            ["VESSEL_NM", "Navire"],
        ),
        "latitude": (
            ["LAT", "Latitude"],
            ["Pos Lat", "Latitude (N)"],
            ["latitude", "Lat."],
            ["LATITUDE_DEG", "Lat"],
        ),
        "longitude": (
            ["LON", "Longitude"],
            ["Pos Lon", "Longitude (W)"],
            ["longitude", "Long."],
            ["LONGITUDE_DEG", "Long"],
        ),
        "speed": (
            ["SOG", "Vitesse"],
            ["Speed over ground", "Spd over ground"],
            ["Speed", "Vitesse fond"],
            ["SPEED_OVER_GROUND", "Vitesse"],
        ),
        "course": (
            ["COG", "Course"],
            ["Course over grd", "Course made good"],
            ["Course (deg)", "Route fond"],
            ["COURSE_OVER_GROUND", "Cap"],
        ),
    },
    "payment": {
        "report_key": (
            ["Txn ID", "Reference"],
            ["Trx #", "Transaction Ref No"],
            ["Payment No", "No du paiement"],
            ["Trans. ref.", "Réf. transaction"],
        ),
        "observed_at": (
            ["Posting Date", "Value Date", "Date de valeur"],
            ["Trx date", "Processed on"],
            ["Date paid", "Payé le"],
            ["Date of transaction", "Date transaction"],
        ),
        "payer": (
            ["From Account", "Compte débité"],
            ["Acct from", "Sending acct"],
            ["Debtor acct", "Compte du débiteur"],
            ["Payer acct", "Compte payeur"],
        ),
        "payee": (
            ["To Account", "Compte crédité"],
            ["Acct to", "Receiving acct"],
            ["Creditor acct", "Compte du créancier"],
            ["Payee acct", "Compte bénéficiaire"],
        ),
        "amount": (
            ["Amount", "Montant"],
            ["Amt.", "Trx value"],
            ["Sum paid", "Somme versée"],
            ["Transaction amt", "Montant transaction"],
        ),
        "currency": (
            ["Currency", "Devise"],
            ["Cur.", "Ccy"],
            ["Currency code", "Code de devise"],
            ["Crncy", "Devise"],
        ),
        "means": (
            ["Method", "Mode de paiement"],
            ["Paid by", "Instrument type"],
            ["Payment channel", "Canal"],
            ["Payment means", "Moyen de paiement"],
        ),
        "phone": (
            ["Phone", "Téléphone"],
            ["Contact no", "Client tel"],
            ["Customer phone", "Tél. du client"],
            ["Phone no.", "No de téléphone"],
        ),
        "memo": (
            ["Memo", "Libellé"],
            ["Narration", "Free text"],
            ["Purpose of payment", "Motif du paiement"],
            ["Details", "Détails"],
        ),
    },
    "declaration": {
        "report_key": (
            ["Declaration No", "No de déclaration"],
            ["Decl. #", "Entry No."],
            ["Declaration ID", "ID de déclaration"],
            ["Release no", "No de mainlevée"],
        ),
        "observed_at": (
            ["Ship Date", "Date d'expédition"],
            ["Dispatched", "Shipped on"],
            ["Declared on", "Déclaré le"],
            ["Accounting date", "Date de déclaration"],
        ),
        "subject": (
            ["Container No", "Conteneur"],
            ["Cntr #", "Box no."],
            ["Container number", "Numéro du conteneur"],
            ["Cont. no.", "No conteneur"],
        ),
        "goods": (
            ["Description", "Marchandises"],
            ["Nature of goods", "Cargo desc."],
            ["Goods declared", "Marchandise déclarée"],
            ["Commodity", "Description des marchandises"],
        ),
        "hs": (
            ["HS Code", "Code SH"],
            ["Tariff class", "HS-6"],
            ["HS heading", "Position tarifaire"],
            ["HS no", "No SH"],
        ),
        "origin": (
            ["Country of Origin", "Pays d'origine"],
            ["Orig. ctry", "Provenance"],
            ["Origin country", "Origine"],
            ["Ctry of origin", "Pays origine"],
        ),
        "value": (
            ["Declared Value", "Valeur déclarée"],
            ["Val.", "Inv. value"],
            ["Total value", "Valeur totale"],
            ["Value for duty", "Valeur en douane"],
        ),
        "currency": (
            ["Currency", "Devise"],
            ["Cur", "Curr. code"],
            ["Currency", "Monnaie"],
            ["Curr", "Code devise"],
        ),
        "mass": (
            ["Gross Weight", "Poids brut"],
            ["Gr. Wt", "Masse tot."],
            ["Gross mass", "Masse brute"],
            ["Weight", "Poids"],
        ),
        "pieces": (
            ["Pieces", "Nombre de colis"],
            ["No. pkgs", "Pkgs"],
            ["Number of pieces", "Nb de pièces"],
            ["Qty pkgs", "Nb colis"],
        ),
        "mode": (
            ["Mode of Transport", "Mode de transport"],
            ["Transp. mode", "Moved by"],
            ["Transport type", "Type de transport"],
            ["Mode of transp.", "Mode transport"],
        ),
        "shipper_name": (
            ["Shipper", "Expéditeur"],
            ["Consignor", "Exp."],
            ["Sender name", "Nom de l'expéditeur"],
            ["Exporter name", "Nom expéditeur"],
        ),
        "consignee_name": (
            ["Consignee", "Destinataire"],
            ["Cnee", "Ship to name"],
            ["Receiver name", "Nom du destinataire"],
            ["Importer name", "Nom importateur"],
        ),
        "consignee_phone": (
            ["Consignee Phone", "Téléphone du destinataire"],
            ["Cnee tel", "Tél. dest."],
            ["Receiver telephone", "Tél. du destinataire"],
            ["Importer tel", "Tél. importateur"],
        ),
    },
    "report": {
        "report_key": (
            ["Tip No", "No de l'appel"],
            ["Call #", "Tip ref"],
            ["Report number", "Numéro du signalement"],
            ["Tip ID", "No de signalement"],
        ),
        "observed_at": (
            ["Date Received", "Date de l'appel"],
            ["Called on", "Rec'd"],
            ["Reported on", "Signalé le"],
            ["Date of tip", "Date du signalement"],
        ),
        "text": (
            ["Details", "Description", "Détails"],
            ["What caller said", "Narrative"],
            ["Summary of call", "Résumé de l'appel"],
            ["Tip details", "Texte du signalement"],
        ),
        "place": (
            ["Location", "Lieu"],
            ["Where seen", "Near"],
            ["Address", "Adresse"],
            ["Tip location", "Endroit"],
        ),
        "phone": (
            ["Phone", "Téléphone"],
            ["Suspect phone", "Tel"],
            ["Callback number", "Téléphone du suspect"],
            ["Phone number", "Téléphone"],
        ),
        "plate": (
            ["Plate", "Plaque"],
            ["Vehicle plate", "Plate/Plaque"],
            ["Licence no.", "Plaque du véhicule"],
            ["Licence plate", "Plaque d'immatriculation"],
        ),
    },
    "party": {
        "report_key": (
            ["ID", "No"],
            ["Rec #", "Ref."],
            ["Entry no", "No d'entrée"],
            ["Record number", "Numéro de dossier"],
        ),
        "observed_at": (
            ["Entry Date", "Date d'entrée"],
            ["Crossed on", "Arr. date"],
            ["Date of entry", "Date de passage"],
            ["Crossing date", "Date du passage"],
        ),
        "name": (
            ["Full Name", "Nom complet"],
            ["Traveller's name", "Name of person"],
            ["Passenger", "Voyageur"],
            ["Traveller", "Nom du voyageur"],
        ),
        "birth_date": (
            ["Date of Birth", "Date de naissance"],
            ["Birth dt", "D.O.B."],
            ["Born on", "Né(e) le"],
            ["Birthdate", "Date naissance"],
        ),
        "identifiers.passport": (
            ["Passport", "Passeport"],
            ["Passport No.", "PPT no"],
            ["Travel document", "No de passeport"],
            ["Passport #", "No passeport"],
        ),
        "identifiers.phone": (
            ["Phone", "Téléphone"],
            ["Mobile", "Tél. cell."],
            ["Phone number", "Numéro de téléphone"],
            ["Cell phone", "Cellulaire"],
        ),
        "identifiers.plate": (
            ["Plate", "Plaque"],
            ["Lic plate", "Veh. reg."],
            ["Car plate", "Plaque auto"],
            ["Vehicle plate", "Plaque véhicule"],
        ),
    },
}
KINDS = {"sighting": "detection", "plates": "detection", "vessels": "detection"}
EXTRA = (
    ["Checked", "Row colour", "Officer initials"],
    ["Ver.", "Sheet", "Batch"],
    ["Done?", "Initials", "Col K"],
    ["Reviewed", "Row", "Clerk"],
)
"""Columns that no field takes."""

WORDS = {
    "mode": {
        "vehicle": (
            ["car", "truck", "vehicle"],
            ["pickup", "voiture", "camion"],
            ["minivan", "auto", "tractor trailer"],
        ),
        "person": (["on foot", "walking"], ["à pied", "pedestrian"], ["foot", "piéton"]),
        "vessel": (["boat", "vessel"], ["bateau", "ship"], ["canoe", "navire"]),
    },
    "class": {
        "vehicle": (["vehicle", "car"], ["véhicule", "pick-up"], ["truck", "camion"]),
        "person": (["person", "walker"], ["personne", "man on foot"], ["man", "marcheur"]),
        "boat": (["boat", "vessel"], ["embarcation", "small craft"], ["canoe", "bateau"]),
    },
    "means": {
        "cash": (["cash", "Cash"], ["espèces", "cash deposit"], ["comptant", "Cash in"]),
        "wire": (["wire", "wire transfer"], ["virement", "telegraphic transfer"], ["SWIFT", "Wire"]),
        "cheque": (["cheque", "check"], ["chèque", "bank draft"], ["money order", "Cheque"]),
    },
    "drug": {
        "fentanyl": (["fentanyl"], ["fentanyl"], ["fentanyl"]),
        "cocaine": (["cocaine"], ["cocaine"], ["cocaine"]),
    },
}


@dataclass
class Habit:
    """How a clerk writes: what differs from a plain CSV with ISO dates."""

    name: str
    dates: str = "iso"
    lang: str = "en"
    unit_in: str = "header"
    units: tuple[str, ...] = ()
    comma: bool = False
    delimiter: str = ","
    titles: int = 0
    footer: bool = False
    coordinates: str = "decimal"
    shout: Callable[[str], str] = str
    sheets: bool = False
    clock: str = ""
    bad: int = 0
    ask: bool = False
    money: str = ""
    phones: str = "dash"
    units_row: bool = False


SEEN = [
    Habit("plain"),
    Habit("day-first", dates="dmy", unit_in="cell"),
    Habit("month-first", dates="mdy", shout=str.upper),
    Habit("french", dates="dmy", lang="fr", comma=True, delimiter=";"),
    Habit("title", titles=3, dates="abbr", phones="brackets"),
    Habit("workbook", sheets=True, dates="iso", unit_in="cell"),
    Habit("degrees", coordinates="dms", dates="iso", phones="plus"),
    Habit("swapped", coordinates="swapped", dates="long"),
    Habit("ambiguous", ask=True, dates="dmy"),
    Habit("damaged", bad=2, dates="dmy"),
]
"""Habits by which the wizard was developed."""
UNSEEN = [
    Habit("stamped", dates="dmy", clock=" ", units=("lb", "mph"), phones="dots"),
    Habit("two-digit", dates="dmy2", money="$", shout=lambda one: one.replace(" ", "_").lower()),
    Habit(
        "québécois", dates="long", lang="fr", comma=True, delimiter="\t", unit_in="cell", units=("kg", "km/h")
    ),
    Habit("beside", unit_in="column", dates="dots", units=("oz", "kn")),
    Habit("hemispheres", coordinates="letters", dates="abbr", titles=2, delimiter=";"),
    Habit("minutes", coordinates="minutes", dates="mdy", footer=True, phones="plus"),
    Habit("together", coordinates="pair", dates="iso", sheets=True),
    Habit("units-row", units_row=True, dates="iso", units=("kg", "km/h")),
    Habit("utm", coordinates="utm", dates="dmy"),
    Habit("ambiguous too", ask=True, dates="mdy", delimiter=";"),
    Habit("damaged too", bad=2, dates="abbr", comma=True, delimiter=";"),
]
"""Habits that were set aside."""
FRESH = [
    Habit("dotted", dates="dots", clock=" ", units=("oz", "kn"), phones="plus"),
    Habit("shouted", dates="abbr", shout=lambda one: one.upper().replace(" ", "_"), units=("lb", "mph")),
    Habit("bilingual", dates="long", lang="fr", comma=True, delimiter=";", unit_in="cell", titles=2),
    Habit("seconds", coordinates="dms", dates="mdy", delimiter="\t", footer=True, phones="brackets"),
    Habit("crossed", coordinates="swapped", dates="dmy2", phones="dots"),
    Habit("pairs", coordinates="pair", dates="dmy", titles=3, delimiter=";"),
    Habit("grid", coordinates="utm", dates="iso", sheets=True, unit_in="cell"),
    Habit("unit-row", units_row=True, dates="mdy", units=("g", "m/s")),
    Habit("unit-column", unit_in="column", dates="iso", units=("kg", "km/h"), sheets=True),
    Habit("unsure", ask=True, dates="dmy", clock=" "),
    Habit("spoilt", bad=3, dates="dmy", comma=True, delimiter=";", phones="plus"),
]
"""Habits of a third set, drawn up with its names when the wizard did well on the others."""


@dataclass
class Office:
    """A file, its kind, which field each column fills (None: none), and what each row says.

    `rows` has None for a row that cannot be read; `ask` is whether the order of day and month is open.
    """

    kind: str
    name: str
    data: bytes
    columns: dict[str, str | None]
    rows: list[dict[str, Any] | None]
    habit: str
    topic: str
    ask: bool
    units: dict[str, str] = field(default_factory=dict)


def tables(habits: list[Habit], held: int) -> list[Office]:
    """A table of each topic for each habit that fits it; `held`: which names."""
    made = []
    for topic, names in NAMES.items():
        for habit in habits:
            if habit.coordinates != "decimal" and "latitude" not in names:
                continue
            if habit.unit_in == "column" and not {"mass", "speed"} & names.keys():
                continue
            if habit.units_row and not {"mass", "speed"} & names.keys():
                continue
            made.append(table(random.Random(f"office {topic} {habit.name}"), topic, habit, held))
    return made


def table(draw: random.Random, topic: str, habit: Habit, held: int) -> Office:
    """One table."""
    names = {}
    for each, choices in NAMES[topic].items():
        pool = [one for one in choices[held] if (habit.lang == "fr") == _french(one)] or choices[held]
        names[each] = habit.shout(draw.choice(pool))
    units = _units(draw, habit, names)
    count = draw.randint(12, 30)
    truth = [_row(draw, topic, at, habit) for at in range(count)]
    heads: list[tuple[str, str | None]] = []
    for each, name in names.items():
        dimension = {"mass": "mass", "speed": "speed"}.get(each)
        if habit.coordinates == "pair" and each == "longitude":
            continue
        if habit.coordinates == "pair" and each == "latitude":
            name = ("Coordinates", "GPS", "Lat/Long", "Position")[held]
        if habit.coordinates == "utm" and each in ("latitude", "longitude"):
            name = {"latitude": "Northing", "longitude": "Easting"}[each]
        if dimension and habit.unit_in == "header" and not habit.units_row:
            name = draw.choice([f"{name} ({units[dimension]})", f"{name} [{units[dimension]}]"])
        heads.append((name, each))
        if dimension and habit.unit_in == "column":
            heads.append((("Unit", "UoM", "Units", "Unit of measure")[held], "unit of"))
    if habit.coordinates == "utm" and "latitude" in names:
        heads.append(("UTM Zone", "zone of"))
    if habit.coordinates == "swapped":
        at = {each: i for i, (_, each) in enumerate(heads)}
        if "latitude" in at:
            i, j = at["latitude"], at["longitude"]
            heads[i], heads[j] = (heads[i][0], "longitude"), (heads[j][0], "latitude")
    extra = draw.choice(EXTRA[held])
    heads.append((extra, None))
    body, rows = [], []
    for at, row in enumerate(truth):
        cells = [_cell(draw, each, row, habit, units, held) for _, each in heads[:-1]]
        spoilt = habit.bad and 3 <= at < 3 + habit.bad
        if spoilt:
            place = [each for _, each in heads].index("observed_at")
            cells[place] = {"dmy": "31/02/2026", "abbr": "31-Feb-2026"}[habit.dates]
        body.append([*cells, draw.choice(["A", "B", "ok"])])
        rows.append(None if spoilt else row)
    columns = dict(heads)
    rows = [*([None] * habit.units_row), *rows, *([None] * habit.footer)]
    data, suffix = _bytes(heads, body, habit, units, draw)
    stem = draw.choice(["export", "log 2026", "données", "sheet_final_v2"])
    return Office(
        KINDS.get(topic, topic), f"{stem}{suffix}", data, columns, rows, habit.name, topic, habit.ask, units
    )


def _french(name: str) -> bool:
    words = (
        "saisie saisi drogue stupéfiant poids quantité moyen transporté lieu endroit plaque vitesse capteur"
    )
    more = "horodatage vu classe genre vit cap nom compte montant devise mode libellé conteneur marchandises"
    return any(char in name for char in "éèêàûôç") or any(
        word in name.lower().split()
        for word in f"{words} {more} arrestations immatriculation valeur code".split()
    )


def _units(draw: random.Random, habit: Habit, names: dict[str, str]) -> dict[str, str]:
    del names
    units = {one: draw.choice(list(FACTORS[one])) for one in FACTORS}
    for unit in habit.units:
        units[next(one for one, all_ in FACTORS.items() if unit in all_)] = unit
    return units


def _row(draw: random.Random, topic: str, at: int, habit: Habit) -> dict[str, Any]:
    day = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=draw.randint(0, 330))
    if at == 0 and not habit.ask:
        day = day.replace(day=25)
    if habit.ask:
        day = day.replace(day=draw.randint(1, 11), month=draw.randint(1, 11))
        day = day.replace(day=day.day + 1) if day.day == day.month else day
    if habit.clock:
        day = day.replace(hour=draw.randint(0, 23), minute=draw.randint(0, 59))
    number = f"{draw.choice('236')}{draw.randint(0, 99999):05}"
    places = [("Emerson", 49.003, -97.238), ("Lacolle", 45.01, -73.37), ("Windsor", 42.31, -83.07)]
    place, north, west = draw.choice(places)
    digits = f"1{draw.choice(['613', '204', '514', '519'])}55501{draw.randint(0, 99):02}"
    plate = f"{''.join(draw.choice('ABCDEFGHJKLM') for _ in range(4))}{draw.randint(100, 999)}"
    common = {
        "report_key": f"{topic[0].upper()}-{at + 1:04}",
        "observed_at": day,
        "place": place,
        "latitude": Decimal(str(round(north + draw.uniform(-0.2, 0.2), 4))),
        "longitude": Decimal(str(round(west + draw.uniform(-0.2, 0.2), 4))),
        "phone": f"phone:phone:{digits}",
        "plate": f"vehicle:plate:{plate}",
        "mass": Decimal(draw.randint(200, 90_000)),
        "speed": Decimal(draw.randint(2, 30)),
        "course": Decimal(draw.randint(0, 359)),
        "mode": draw.choice(list(WORDS["mode"])),
        "class": draw.choice(list(WORDS["class"])),
        "means": draw.choice(list(WORDS["means"])),
        "drug": draw.choice(list(WORDS["drug"])),
        "arrests": draw.randint(0, 4),
        "sensor": draw.choice(["tower-3", "tower-4"]),
        "claimed": f"vehicle:plate:{plate}" if topic == "plates" else f"vessel:mmsi:316{number}",
        "name": draw.choice(["Blue Heron", "Étoile du Nord"]) if topic == "vessels" else "Ann Fictitious",
        "payer": f"account:x:{draw.randint(10**6, 10**7)}",
        "payee": f"account:x:{draw.randint(10**6, 10**7)}",
        "amount": Decimal(draw.randint(1000, 2_000_000)) / 100,
        "value": Decimal(draw.randint(1000, 900_000)) / 100,
        "currency": draw.choice(["CAD", "USD"]) if not habit.money else "CAD",
        "memo": draw.choice(["rent", "invoice 7", "loan"]),
        "subject": f"container:iso6346:{_container(draw)}",
        "goods": draw.choice(["toys", "steel parts", "tea"]),
        "hs": draw.choice(["392690", "090210", "732690"]),
        "origin": draw.choice(["CN", "MX", "FR"]),
        "pieces": draw.randint(1, 40),
        "shipper_name": draw.choice(["Acme Fictitious Ltd", "Étoile fictive SA"]),
        "consignee_name": draw.choice(["B. Invented", "C. Fictive"]),
        "consignee_phone": f"phone:phone:{digits}",
        "text": f"{draw.choice(['Two men', 'A woman'])} unloaded bags from a van at {draw.randint(1, 12)} pm",
        "birth_date": datetime(
            draw.randint(1950, 2004), draw.randint(1, 12), 25 if at == 0 else 3, tzinfo=UTC
        ),
        "identifiers.passport": f"X{draw.randint(10**6, 10**7 - 1)}",
        "identifiers.phone": f"phone:phone:{digits}",
        "identifiers.plate": f"vehicle:plate:{plate}",
    }
    if topic == "declaration":
        common["mass"] = common["mass"] / 1000
    if habit.ask:
        common["birth_date"] = common["birth_date"].replace(day=1 + at % 9, month=11)
    return {each: common[each] for each in NAMES[topic]}


def _container(draw: random.Random) -> str:
    number = f"MSCU{draw.randint(0, 999_999):06}"
    return number + iso6346.calc_check_digit(number)


def _cell(
    draw: random.Random, each: str | None, row: dict[str, Any], habit: Habit, units: dict[str, str], held: int
) -> str:
    if each == "unit of":
        return units["mass" if "mass" in row else "speed"]
    if each == "zone of":
        return f"{_zone(row['longitude'])}N"
    value = row[each]
    if each in ("observed_at", "birth_date"):
        clocked = habit.clock and each == "observed_at"
        written = _date(
            value, "iso" if each == "birth_date" and habit.dates == "dmy2" else habit.dates, habit.lang
        )
        return f"{written} {value:%H:%M}" if clocked else written
    if each in ("latitude", "longitude"):
        return _coordinate(each, row, habit)
    if each in ("mass", "speed"):
        base = Decimal(FACTORS[each][units[each]])
        grams = value * 1000 if each == "mass" and "goods" in row else value
        number = (grams / base).quantize(Decimal("0.000001")).normalize()
        text = _decimal(f"{number:f}", habit)
        return f"{text} {units[each]}" if habit.unit_in == "cell" else text
    if each in ("amount", "value"):
        text = f"{value:,.2f}" if not habit.comma else f"{value:.2f}".replace(".", ",")
        return f"{habit.money}{text}" if habit.money else text
    if "phone" in each:
        return _phone(value.rpartition(":")[2], habit.phones)
    if "plate" in each or (each == "claimed" and "plate" in value):
        number = value.rpartition(":")[2]
        return f"{number[:4]} {number[4:]}" if draw.random() < 0.5 else number
    if each in WORDS:
        return draw.choice(WORDS[each][value][min(held, 2)])
    if each in ("payer", "payee", "claimed", "subject"):
        return value.rpartition(":")[2]
    if each == "course":
        return _decimal(f"{value:f}", habit)
    return str(value)


def _decimal(text: str, habit: Habit) -> str:
    return text.replace(".", ",") if habit.comma else text


def _date(day: datetime, form: str, lang: str) -> str:
    month = MONTHS[lang][day.month - 1]
    return {
        "iso": f"{day:%Y-%m-%d}",
        "dmy": f"{day:%d/%m/%Y}",
        "mdy": f"{day:%m/%d/%Y}",
        "dmy2": f"{day:%d-%m-%y}",
        "dots": f"{day:%d.%m.%Y}",
        "abbr": f"{day.day:02}-{MONTHS['en'][day.month - 1][:3]}-{day.year}",
        "long": f"{day.day} {month} {day.year}" if lang == "fr" else f"{month} {day.day}, {day.year}",
    }[form]


def _phone(digits: str, how: str) -> str:
    area, first, last = digits[1:4], digits[4:7], digits[7:]
    return {
        "dash": f"{area}-{first}-{last}",
        "brackets": f"({area}) {first}-{last}",
        "plus": f"+1 {area} {first} {last}",
        "dots": f"{area}.{first}.{last}",
    }[how]


def _zone(longitude: Decimal) -> int:
    return int((float(longitude) + 180) // 6) + 1


def _coordinate(each: str, row: dict[str, Any], habit: Habit) -> str:
    value = row[each]
    size, letter = abs(value), ("N" if each == "latitude" else "W")
    if habit.coordinates in ("dms", "minutes"):
        degrees = int(size)
        minutes = (size - degrees) * 60
        whole = int(minutes)
        seconds = (minutes - whole) * 60
        if habit.coordinates == "minutes":
            return f"{degrees} {minutes:.4f}{letter}"
        return f"{degrees}°{whole:02}'{seconds:04.1f}\"{letter}"
    if habit.coordinates == "letters":
        return f"{size} {letter}"
    if habit.coordinates == "pair":
        return f"{row['latitude']}, {row['longitude']}"
    if habit.coordinates == "utm":
        east, north = _utm(float(row["latitude"]), float(row["longitude"]))
        return f"{north:.1f}" if each == "latitude" else f"{east:.1f}"
    return _decimal(str(value), habit)


def _utm(latitude: float, longitude: float) -> tuple[float, float]:
    """Easting and northing by Snyder's series (USGS Professional Paper 1395, 1987, equations 8-9 to 8-15)."""
    a, e2 = 6378137.0, 0.00669437999014
    lat, away = math.radians(latitude), math.radians(longitude - (6 * _zone(Decimal(str(longitude))) - 183))
    n = a / math.sqrt(1 - e2 * math.sin(lat) ** 2)
    t, c, big = math.tan(lat) ** 2, e2 / (1 - e2) * math.cos(lat) ** 2, away * math.cos(lat)
    m = a * (
        (1 - e2 / 4 - 3 * e2**2 / 64 - 5 * e2**3 / 256) * lat
        - (3 * e2 / 8 + 3 * e2**2 / 32 + 45 * e2**3 / 1024) * math.sin(2 * lat)
        + (15 * e2**2 / 256 + 45 * e2**3 / 1024) * math.sin(4 * lat)
        - 35 * e2**3 / 3072 * math.sin(6 * lat)
    )
    ep2 = e2 / (1 - e2)
    cubic = (1 - t + c) * big**3 / 6 + (5 - 18 * t + t * t + 72 * c - 58 * ep2) * big**5 / 120
    quartic = (5 - t + 9 * c + 4 * c * c) * big**4 / 24 + (
        61 - 58 * t + t * t + 600 * c - 330 * ep2
    ) * big**6 / 720
    return 0.9996 * n * (big + cubic) + 500_000, 0.9996 * (m + n * math.tan(lat) * (big**2 / 2 + quartic))


def _bytes(
    heads: list[tuple[str, str | None]],
    body: list[list[str]],
    habit: Habit,
    units: dict[str, str],
    draw: random.Random,
) -> tuple[bytes, str]:
    titles = [["Border office, working copy"], ["Printed 2026-11-30"], []][: habit.titles]
    rows = [*titles, [name for name, _ in heads]]
    if habit.units_row:
        rows.append([_unit_of(each, units) for _, each in heads])
    rows += body
    if habit.footer:
        rows.append(["Total", *[""] * (len(heads) - 2), str(len(body))])
    if habit.sheets:
        notes = [["About this workbook"], ["Kept by the office; ask the clerk"]]
        return xlsx(Notes=notes, Data=rows), ".xlsx"
    del draw
    text = io.StringIO()
    csv.writer(text, delimiter=habit.delimiter).writerows(rows)
    return text.getvalue().encode(), ".csv"


def _unit_of(each: str | None, units: dict[str, str]) -> str:
    return f"({units[each]})" if each in units else ""


@dataclass
class Verdict:
    """What a person gets who takes the proposal as it is.

    Attributes:
        columns: of the table, `right`: that fill what they say.
        rows: that can be read, `read`: that are read and say what the table says.
        silent: values that are read otherwise than written, of which nothing was said.
        why: what is not right.
    """

    columns: int = 0
    right: int = 0
    rows: int = 0
    read: int = 0
    silent: list[str] = field(default_factory=list)
    why: list[str] = field(default_factory=list)


def judged(one: Office, directory: Path) -> Verdict:
    """Propose a mapping to a table, read it so, and hold both to what the table says."""
    path = directory / one.name
    path.write_bytes(one.data)
    found = proposed(look(path, one.name, Mapping(one.kind)), one.name, one.kind)
    verdict = Verdict()
    uses: dict[str, set[str]] = {}
    for name, column in found.mapping.columns():
        uses.setdefault(column, set()).add(name)
    systems = {source.names[0]: source.system for source in found.mapping.sources("identifiers")}
    for column, wanted in one.columns.items():
        verdict.columns += 1
        if _fits(column, wanted, uses.get(column, set()), systems, one.ask):
            verdict.right += 1
        else:
            verdict.why.append(f"{column!r} is {wanted}, fills {sorted(uses.get(column, ()))}")
    if one.ask:
        dated = [column for column, wanted in one.columns.items() if wanted in ("observed_at", "birth_date")]
        verdict.silent += [f"{column}: its order was guessed" for column in dated if column in uses]
        return verdict
    good = sum(row is not None for row in one.rows)
    verdict.rows = good
    if found.missing:
        verdict.why.append(f"missing {found.missing}: {list(found.notes)}")
        return verdict
    pieces = list(read(found.mapping, BytesIO(one.data), one.name))
    rows = [row for piece in pieces if isinstance(piece, Batch) for row in piece.rows.to_pylist()]
    faults = [piece for piece in pieces if not isinstance(piece, Batch)]
    every = [*(row["locator"] for row in rows), *(fault.locator for fault in faults)]
    places = sorted(int(each.split()[-1]) for each in every)
    verdict.why += [f"{fault.locator}: {fault.reason}" for fault in faults[:3]]
    for row in rows:
        at = places.index(int(row["locator"].split()[-1]))
        truth = one.rows[at] if at < len(one.rows) else None
        if truth is None:
            verdict.silent.append(f"{row['locator']}: is read, and cannot be")
            continue
        wrong = [name for name, value in truth.items() if not _says(row, name, value)]
        verdict.read += not wrong
        for name in wrong:
            said = _value(row, name)
            verdict.why.append(f"{name}: {said!r} for {truth[name]!r}")
            if said not in (None, [], ""):
                verdict.silent.append(f"{name}: {said!r} for {truth[name]!r}")
    return verdict


def _fits(column: str, wanted: str | None, uses: set[str], systems: dict[str, str | None], ask: bool) -> bool:
    if wanted is None:
        return not uses
    if ask and wanted in ("observed_at", "birth_date"):
        return not uses
    if wanted in ("unit of", "zone of"):
        return bool(uses)
    name, _, system = wanted.partition(".")
    if system:
        return name in uses and systems.get(column) == system
    if {"latitude", "longitude"} & uses and wanted in ("latitude", "longitude"):
        return wanted in uses
    return name in uses


def _value(row: dict[str, Any], name: str) -> Any:
    if name == "text":
        return " ".join(one["text"] for one in row["portions"])
    if "portions" in row and name in ("phone", "plate"):
        return [one for one in row["subjects"] or [] if name in one]
    if name.startswith("identifiers."):
        system = name.partition(".")[2]
        return [one["number"] for one in row["identifiers"] or [] if one["system"] == system]
    return row.get(name)


def _says(row: dict[str, Any], name: str, truth: Any) -> bool:
    said = _value(row, name)
    if said in (None, [], ""):
        return False
    if isinstance(truth, datetime):
        return bool(said == truth if isinstance(said, datetime) else said == f"{truth:%Y-%m-%d}")
    if isinstance(truth, Decimal):
        near = Decimal("0.0002") if name in ("latitude", "longitude") else abs(truth) * Decimal("0.00001")
        return abs(Decimal(str(said)) - truth) <= near
    if name == "text":
        return truth in said
    if name == "place" and isinstance(said, str):
        return bool(said == truth)
    if name.startswith("identifiers."):
        return _bare(said[0])[-10:] == _bare(truth.rpartition(":")[2])[-10:]
    if name == "consignee_phone":
        return _bare(said)[-10:] == _bare(truth)[-10:]
    if name in ("payer", "payee"):
        return bool(said.rpartition(":")[2] == truth.rpartition(":")[2])
    return bool(said == [truth] if isinstance(said, list) else said == truth)


def _bare(text: str) -> str:
    return "".join(char for char in text if char.isalnum()).upper()
