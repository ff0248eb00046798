"""Kinds of institutions that run a node; gateways name them as who discloses and who receives."""

from typing import Final, NamedTuple


class Institution(NamedTuple):
    """A kind of institution.

    Attributes:
        en: what it is, in English.
        fr: in French.
        abroad: whether it answers to another state.
    """

    en: str
    fr: str
    abroad: bool = False


INSTITUTIONS: Final = {
    "joint-cell": Institution("joint operational and intelligence cell", "cellule mixte"),
    "reporting-entity": Institution("bank or other reporting entity", "entité déclarante"),
    "financial-intelligence-unit": Institution("FINTRAC", "CANAFE"),
    "border-agency": Institution("border services agency", "agence des services frontaliers"),
    "targeting-centre": Institution("targeting centre of the border agency", "centre de ciblage"),
    "laboratory": Institution("laboratory of the border agency", "laboratoire de l’agence"),
    "coast-guard": Institution("Canadian Coast Guard", "Garde côtière canadienne"),
    "marine-operations-centre": Institution("marine operations centre", "centre des opérations maritimes"),
    "police": Institution("Royal Canadian Mounted Police", "Gendarmerie royale du Canada"),
    "provincial-police": Institution("provincial police force", "corps de police provincial"),
    "municipal-police": Institution("municipal police force", "corps de police municipal"),
    "security-service": Institution("security intelligence service", "service de renseignement de sécurité"),
    "signals-agency": Institution("signals intelligence agency", "centre de la sécurité des télécoms"),
    "revenue-agency": Institution("revenue agency", "agence du revenu"),
    "immigration-department": Institution("department of immigration", "ministère de l’Immigration"),
    "health-department": Institution("department of health", "ministère de la Santé"),
    "canada-post": Institution("Canada Post", "Postes Canada"),
    "other-department": Institution("other federal institution", "autre institution fédérale"),
    "prosecution-service": Institution("prosecution service", "service des poursuites pénales"),
    "review-body": Institution("review body or commissioner", "organisme de surveillance"),
    "foreign-partner": Institution("partner agency abroad", "organisme partenaire à l’étranger", abroad=True),
    "foreign-state": Institution("state that is no partner", "État non partenaire", abroad=True),
}
"""Kinds of institution by the name that `floor.toml` and gateways use."""
