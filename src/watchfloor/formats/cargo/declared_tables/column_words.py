"""Names of the columns of such tables, in English and French, without accents and case."""

from collections.abc import Mapping
from typing import Final

PLAIN: Final[Mapping[str, tuple[str, ...]]] = {
    "line": ("line", "line number", "content line", "ligne", "no de ligne"),
    "date": (
        *("date", "date of posting", "posted at", "posting date", "observed at", "declared at", "date time"),
        *("release date", "submission date", "export date", "date de depot", "date d exportation"),
    ),
    "goods": (
        *("description", "detailed description", "detailed description of contents", "contents", "goods"),
        *(
            "description of goods",
            "commodity description",
            "cargo description",
            "designation detaillee du contenu",
        ),
        *("description des marchandises", "contenu", "marchandises"),
    ),
    "quantity": ("quantity", "qty", "number of articles", "quantite"),
    "unit": ("unit of measure", "uom", "quantity unit", "unite de mesure"),
    "pieces": ("pieces", "packages", "number of packages", "number of pieces", "nombre de colis"),
    "net": (
        "net weight",
        "net mass",
        "net weight kg",
        "net mass kg",
        "net weight in kg",
        "poids net",
        "masse nette",
    ),
    "gross": (
        *("gross weight", "gross mass", "weight", "weight kg", "gross weight kg", "gross mass kg"),
        *("total gross weight", "total weight", "poids brut", "poids", "masse brute"),
    ),
    "mass_unit": ("weight unit", "unit of weight", "weight uom", "unite de poids"),
    "value": (
        *("value", "declared value", "customs value", "value for duty", "estimated value for duty"),
        *("value cad", "value fob", "fob value", "value fob place of exit", "valeur", "valeur declaree"),
    ),
    "currency": ("currency", "currency code", "devise", "monnaie"),
    "hs": (
        *("hs", "hs code", "hs number", "hs tariff number", "tariff number", "export code", "hs export code"),
        *("tariff classification", "no tarifaire du sh", "code sh", "numero tarifaire"),
    ),
    "origin": (
        "country of origin",
        "country of origin of goods",
        "origin",
        "pays d origine",
        "pays d origine des marchandises",
    ),
    "category": (
        "category",
        "category of item",
        "type of item",
        "nature of transaction",
        "categorie",
        "categorie de l envoi",
    ),
    "direction": ("direction", "flow", "sens"),
    "mode": ("mode", "mode of transport", "mode of transportation", "mode de transport"),
    "departure": ("country of export", "country of departure", "country of loading", "pays d exportation"),
    "destination": (
        *("country of destination", "country of final destination", "destination country"),
        *("pays de destination", "pays de destination finale"),
    ),
    "office": (
        *(
            "office",
            "port of release",
            "release office",
            "first port of arrival",
            "port of arrival",
            "place of exit",
        ),
        *(
            "port of exit",
            "exit office",
            "office of exchange",
            "bureau",
            "lieu de sortie",
            "bureau de mainlevee",
        ),
    ),
    "handler": (
        "office of origin",
        "office of posting",
        "courier",
        "courier name",
        "freight forwarder",
        "bureau d origine",
    ),
    "carrier": (
        "carrier code",
        "carrier",
        "scac",
        "exporting carrier",
        "code du transporteur",
        "transporteur",
    ),
    "conveyance": (
        *(
            "conveyance reference number",
            "conveyance",
            "crn",
            "flight",
            "flight number",
            "trip number",
            "train",
        ),
        *("vehicle identification number", "vessel", "voyage", "moyen de transport"),
    ),
    "document": ("transport document number", "transportation document number", "bill of lading", "waybill"),
    "master": (
        "master bill",
        "primary cargo control number",
        "previous cargo control number",
        "receptacle",
        "dispatch",
    ),
    "expected_at": ("eta", "estimated time of arrival", "expected at", "heure d arrivee prevue"),
    "page": ("url", "page", "seller page", "product url"),
    "container": ("container", "container number", "conteneur"),
    "comments": ("comments", "observations", "remarks"),
    "licence": ("licence", "licence number", "license", "permit number", "no de licence"),
    "certificate": ("certificate", "certificate number", "no de certificat"),
    "invoice": ("invoice", "invoice number", "no de facture"),
    "postage": ("postage", "postal charges", "postal charges fees", "frais de port"),
    "reason": ("reason for export", "no declaration required", "ndr", "raison de l exportation"),
}
"""By our word: what a column may be called."""

SIDES: Final[Mapping[str, tuple[str, ...]]] = {
    "shipper": ("sender", "from", "shipper", "consignor", "vendor", "exporter", "expediteur", "exportateur"),
    "consignee": ("addressee", "to", "consignee", "recipient", "destinataire"),
    "importer": ("importer", "importateur"),
    "declarant": ("broker", "customs broker", "customs service provider", "csp", "courtier"),
}
"""By our word for a party: what it may be called."""

PARTS: Final[Mapping[str, tuple[str, ...]]] = {
    "name": ("{}", "{} name", "nom du {}", "nom de l {}", "{} nom"),
    "address": ("{} address", "{} street", "adresse du {}", "adresse de l {}", "{} adresse"),
    "city": ("{} city", "{} town", "ville du {}", "ville de l {}", "{} ville"),
    "region": ("{} province", "{} state", "province du {}", "province de l {}"),
    "postcode": ("{} postcode", "{} postal code", "{} zip", "code postal du {}", "code postal de l {}"),
    "country": ("{} country", "pays du {}", "pays de l {}", "{} pays"),
    "phone": ("{} phone", "{} telephone", "{} tel no", "telephone du {}", "telephone de l {}"),
    "bn": ("{} bn", "{} business number", "ne du {}", "ne de l {}", "numero d entreprise de l {}"),
}
"""By our word for what is said of a party: how its column is called, around the party's name."""


WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    **PLAIN,
    **{
        f"{side}_{part}": tuple(form.format(name) for name in called for form in forms)
        for side, called in SIDES.items()
        for part, forms in PARTS.items()
    },
}
"""By our word what its column may be called; `shipper_name`, `consignee_bn` for parties."""
