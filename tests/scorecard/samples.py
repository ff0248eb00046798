"""Findings, lines and scorecards to test pages, papers, twins and acts with, without computing them.

The numbers are those of the real files where they are small; what is made up says so in its name.
"""

from datetime import date
from hashlib import sha256

import msgspec

from watchfloor.scorecard.bilingual import Text, number, percent, same
from watchfloor.scorecard.findings import (
    CellFigure,
    Compared,
    Curve,
    Evidence,
    Figure,
    Finding,
    Interval,
    Line,
    Plot,
    Scorecard,
    Warned,
)

ON = date(2025, 3, 7)
FIRST, SECOND = date(2026, 1, 20), date(2026, 5, 19)
"""Days of the two vintages of seizures."""

POUNDS = Text("lb", "lb")
SHARE = (
    *(0.152, 0.0, 0.049, 0.051, 0.136, 0.25, 0.039, 0.056, 0.426, 0.604, 0.077, 0.324),
    *(0.196, 0.402, 0.086, 0.003, 0.186, 0.024, 3.477, 4.435, 0.429, 0.035, 0.297, 0.022),
)
"""Northern share of fentanyl by weight in per cent, October 2023 to September 2025."""
SWANTON = (
    *(6683, 5945, 6089, 5991, 6044, 6845, 6217, 8995, 8926, 8411, 8783, 6809),
    *(5978, 4266, 3568, 1460, 892, 1031, 1252, 1342, 1691, 2290, 2653, 1443),
)
"""Encounters of others than Canadians in Vermont, New York and New Hampshire, October 2023 on."""
SOUTHWEST = (
    *(240927, 242399, 301981, 176195, 189913, 189359, 179737, 170716, 130415, 104100, 107473, 101790),
    *(106316, 94183, 96033, 61445, 11710, 11011, 12023, 12450, 9300, 7822, 9731, 11647),
)
"""Encounters at the southwest land border in the same months."""


def digest(text: str) -> str:
    """A digest that looks like one."""
    return sha256(text.encode()).hexdigest()


def figure(name: str, en: str, fr: str, value: float | None, shown: Text, **more) -> Figure:
    """A figure of the drug series; `more` are fields that differ."""
    usual = {"measure": "share", "series": "cbp-drugs", "vintages": (FIRST, SECOND), "rows": 212}
    return Figure(name, Text(en, fr), value=value, shown=shown, **(usual | {"digest": digest(name)} | more))


def of(part: float, whole: float, digits: int, share: float, places: int, unit: str = "") -> Text:
    """The arithmetic of a share: `43.04 of 21,889.21 lb = 0.197 %`."""
    a, b, c = number(part, digits), number(whole, digits), percent(share, places)
    unit = f" {unit}" if unit else ""
    return Text(f"{a.en} of {b.en}{unit} = {c.en}", f"{a.fr} sur {b.fr}{unit} = {c.fr}")


def share_plot() -> Plot:
    """Northern share of fentanyl, with a threshold, a band, a month that is not published and two marks."""
    values = (*SHARE[:20], None, *SHARE[21:])
    ours = Curve(
        Text("Northern share by weight", "Part du nord, au poids"),
        "ours",
        Text("%", "%"),
        "2023-10",
        values,
        tuple(None if v is None else v * 0.6 for v in values),
        tuple(None if v is None else v * 1.5 for v in values),
    )
    return Plot(
        "share",
        Text(
            "Northern border’s share of fentanyl seized, by month",
            "Part de la frontière nord dans le fentanyl saisi, par mois",
        ),
        Text(
            "The share stays below 1 % except in April and May 2025, when it reaches 3.5 and 4.4 %.",
            "La part reste sous 1\u00a0% sauf en avril et en mai 2025, où elle atteint 3,5 et 4,4\u00a0%.",
        ),
        (ours,),
        {"2025-03": Text("said", "affirmation")},
        1.0,
    )


def change_plot() -> Plot:
    """Crossings beside the control, both as indices of June 2024, with baseline and end."""
    index = Text("June 2024 = 100", "juin 2024 = 100")
    ours = Curve(
        Text("Vermont, New York, New Hampshire", "Vermont, New York, New Hampshire"),
        "ours",
        index,
        "2023-10",
        tuple(100 * v / 8926 for v in SWANTON),
    )
    control = Curve(
        Text("Southwest border (control)", "Frontière sud-ouest (témoin)"),
        "control",
        index,
        "2023-10",
        tuple(100 * v / 130415 for v in SOUTHWEST),
    )
    return Plot(
        "change",
        Text(
            "Encounters since June 2024, beside the control", "Interceptions depuis juin 2024, et le témoin"
        ),
        Text(
            "Both curves fall: ours from June 2024, the control by a half by January and by 91 % in "
            "February.",
            "Les deux courbes baissent\u00a0: la nôtre dès juin 2024, le témoin de moitié jusqu’en janvier "
            "et de "
            "91\u00a0% en février.",
        ),
        (ours, control),
        {"2024-06": Text("baseline", "référence"), "2025-02": Text("end", "fin")},
    )


def count_plot() -> Plot:
    """Counts in the tens of thousands with an expected band: thousands in both languages."""
    encounters = Text("encounters a month", "interceptions par mois")
    ours = Curve(Text("Observed", "Observées"), "ours", encounters, "2023-10", tuple(map(float, SWANTON)))
    level = 7000.0
    expected = Curve(
        Text("Expected, from the control", "Attendues, selon le témoin"),
        "expected",
        encounters,
        "2024-10",
        tuple(level - 120 * k for k in range(12)),
        tuple(level - 120 * k - 900 for k in range(12)),
        tuple(level - 120 * k + 900 for k in range(12)),
    )
    return Plot(
        "counts",
        Text(
            "Encounters observed, and expected from the control",
            "Interceptions observées, et attendues selon le témoin",
        ),
        Text(
            "From October 2024 what was observed lies below what the control lets expect.",
            "Dès octobre 2024, les interceptions observées sont inférieures à celles que le témoin laisse "
            "attendre.",
        ),
        (ours, expected),
        {"2024-10": Text("measures begin", "début des mesures")},
    )


def fentanyl() -> Finding:
    """“Well under one per cent of fentanyl seized at the northern border”: ill-formed."""
    figures = (
        figure(
            "weight-fy2024",
            "By weight, fiscal 2024",
            "Au poids, exercice 2024",
            0.00196626,
            of(43.04, 21889.21, 2, 0.00196626, 3, "lb"),
            holds=True,
        ),
        figure(
            "events-fy2024",
            "By number of seizures, fiscal 2024",
            "En nombre de saisies, exercice 2024",
            82 / 1116,
            of(82, 1116, 0, 82 / 1116, 2),
            interval=Interval(0.0596, 0.0903, 0.95, "Clopper–Pearson"),
            holds=False,
            vintages=(FIRST,),
        ),
        figure(
            "weight-fy2025",
            "By weight, fiscal 2025",
            "Au poids, exercice 2025",
            0.00641,
            of(73.97, 11540.2, 2, 0.00641, 3, "lb"),
            holds=True,
        ),
        figure(
            "months",
            "Months above 1 %",
            "Mois au-dessus de 1\u00a0%",
            7.0,
            Text("7 of 91 months", "7 mois sur 91"),
            measure="months",
            rows=91,
        ),
        figure(
            "weight-2026-10",
            "By weight, October 2026",
            "Au poids, octobre 2026",
            None,
            Text("not published: October 2026", "non publié\u00a0: octobre 2026"),
            rows=0,
            digest="",
            vintages=(),
        ),
    )
    largest = figure(
        "largest-cell",
        "Largest cell of fiscal 2024: Spokane sector",
        "Cellule la plus grande de l’exercice 2024\u00a0: secteur de Spokane",
        0.345,
        of(14.85, 43.04, 2, 0.345, 1, "lb"),
        measure="largest",
        rows=1,
    )
    return Finding(
        "fentanyl-northern-share",
        Text("Fentanyl share", "Part du fentanyl"),
        Text(
            "Canada accounts for well under one per cent of the fentanyl seized at the northern border.",
            "Le Canada représente bien moins d’un pour cent du fentanyl saisi à la frontière nord.",
        ),
        Text("Prime Minister", "premier ministre"),
        date(2025, 3, 4),
        "CBSA",
        "ill-formed",
        Text(
            "As printed it has no truth value: of what is seized at the northern border, all is northern. "
            "Read "
            "as a share of all U.S. seizures, it holds by weight and fails by number of seizures.",
            "Telle quelle, l’affirmation n’a pas de valeur de vérité\u00a0: ce qui est saisi à la "
            "frontière nord "
            "est du nord en totalité. Lue comme une part de toutes les saisies américaines, elle tient au "
            "poids et "
            "ne tient pas en nombre de saisies.",
        ),
        Text(
            "High for the weights; they are published to the ounce and revised seldom.",
            "Élevée pour les poids\u00a0: ils sont publiés à l’once près et rarement révisés.",
        ),
        figures,
        (largest,),
        (),
        (
            Warned(
                "window",
                Text(
                    "April and May 2025 were above 1 %; fiscal 2024 was the lowest year but one.",
                    "Avril et mai 2025 ont dépassé 1\u00a0%; l’exercice 2024 est l’avant-dernière année la "
                    "plus basse.",
                ),
            ),
            Warned(
                "cell",
                Text(
                    "One cell, the Spokane sector, is 34.5\u00a0% of the year.",
                    "Une seule cellule, le secteur de Spokane, fait 34,5\u00a0% de l’année.",
                ),
            ),
        ),
        None,
        (
            Text(
                "“Region” is where a seizure was made, not where the drug came from.",
                "«\u00a0Région\u00a0» désigne le lieu de la saisie, non la provenance de la drogue.",
            ),
        ),
        Text(
            "The same months of the five years before lay between 0.01 and 0.19 %.",
            "Les mêmes mois des cinq années précédentes se situaient entre 0,01 et 0,19\u00a0%.",
        ),
        plots=(share_plot(),),
    )


def reduction() -> Finding:
    """“90 per cent reduction since June 2024”: depends on the definition, with a control and a search."""
    border = {"measure": "change", "series": "cbp-encounters", "rows": 96, "vintages": (date(2025, 10, 31),)}
    figures = (
        figure(
            "all-northern",
            "All northern encounters, June 2024 to February 2025",
            "Toutes les interceptions au nord, de juin 2024 à février 2025",
            0.769,
            Text("17,700 to 4,091 = 76.9\u00a0%", "de 17\u00a0700 à 4\u00a0091 = 76,9\u00a0%"),
            holds=False,
            **border,
        ),
        figure(
            "vt-ny-nh",
            "Vermont, New York, New Hampshire, other than Canadians",
            "Vermont, New York, New Hampshire, sauf Canadiens",
            0.9,
            Text("8,926 to 892 = 90.0\u00a0%", "de 8\u00a0926 à 892 = 90,0\u00a0%"),
            holds=True,
            **border,
        ),
    )
    compared = (
        Compared(Text("to January 2025", "jusqu’en janvier 2025"), 0.836, 0.529, 0.307),
        Compared(Text("to February 2025", "jusqu’en février 2025"), 0.9, 0.91, -0.01),
    )
    return Finding(
        "crossings-reduction",
        Text("Ninety per cent", "Quatre-vingt-dix pour cent"),
        Text(
            "Illegal crossings from Canada fell by 90 per cent since June 2024.",
            "Les passages illégaux depuis le Canada ont baissé de 90 pour cent depuis juin 2024.",
        ),
        Text("Government of Canada", "gouvernement du Canada"),
        date(2025, 3, 4),
        "PS",
        "definition-dependent",
        Text(
            "Under one of four definitions the fall is 90.0 %, under the others between 76.9 and 86.9 %.",
            "Selon l’une de quatre définitions, la baisse est de 90,0\u00a0%; selon les autres, de 76,9 à "
            "86,9\u00a0%.",
        ),
        Text(
            "Moderate: the counts are complete, the baseline is the peak.",
            "Moyenne\u00a0: les décomptes sont complets, la référence est le sommet.",
        ),
        figures,
        compared=compared,
        warnings=(
            Warned("baseline", Text("June 2024 is the peak month.", "Juin 2024 est le mois du sommet.")),
        ),
        tried=Text(
            "Of 96 definitions tried, 3 give 90 % or more.",
            "Des 96 définitions essayées, 3 donnent 90\u00a0% ou plus.",
        ),
        interrupted=Text(
            "Beyond the control, the level fell by 2,100 a month (95 % interval 1,400 to 2,800).",
            "Par rapport au témoin, le niveau a baissé de 2\u00a0100 par mois (intervalle à "
            "95\u00a0%\u00a0: de "
            "1\u00a0400 à 2\u00a0800).",
        ),
        nowcast=Text(
            "March 2025 is expected between 600 and 1,300 (90 %).",
            "On attend de 600 à 1\u00a0300 en mars 2025 (90\u00a0%).",
        ),
        plots=(change_plot(), count_plot()),
    )


def removals() -> Finding:
    """A claim that no published series answers."""
    return Finding(
        "removals",
        Text("Removals", "Renvois"),
        Text(
            "Removals of failed asylum claimants increased.",
            "Les renvois de demandeurs d’asile déboutés ont augmenté.",
        ),
        Text("Government of Canada", "gouvernement du Canada"),
        date(2025, 3, 4),
        "IRCC",
        "not-computed",
        Text("No series of removals has been handed in.", "Aucune série sur les renvois n’a été remise."),
        Text("Not at all: there is nothing to compute from.", "Aucune\u00a0: il n’y a rien à calculer."),
        (
            Figure(
                "removals-year",
                Text("Removals, 2024 to 2025", "Renvois, de 2024 à 2025"),
                "change",
                None,
                Text("not published", "non publié"),
                department="IRCC",
            ),
        ),
    )


def lines() -> tuple[Line, ...]:
    """Lines of every kind and of most states."""
    press = Evidence(same("The Canadian Press"), "report", date(2025, 3, 4), 15.0)
    return (
        Line(
            "5",
            "statement",
            Text("The border is already safe and secure.", "La frontière est déjà sûre."),
            "PS",
            agreement="not-needed",
        ),
        Line(
            "6a",
            "figure",
            Text(
                "Well under one per cent of fentanyl at the northern border.",
                "Bien moins d’un pour cent du fentanyl à la frontière nord.",
            ),
            "CBSA",
            claim="fentanyl-northern-share",
            verdict="ill-formed",
            agreement="attested",
        ),
        Line(
            "14a",
            "commitment",
            Text("Fifteen surveillance towers.", "Quinze tours de surveillance."),
            "RCMP",
            unit=Text("towers", "tours"),
            announced=15.0,
            delivered=6.0,
            announced_on=date(2024, 12, 17),
            due=date(2025, 2, 28),
            state="late",
            evidence=(press,),
            agreement="called",
            verdict="late",
        ),
        Line(
            "14b",
            "commitment",
            Text("Nine detector dog teams.", "Neuf équipes cynophiles."),
            "CBSA",
            unit=Text("teams", "équipes"),
            announced=9.0,
            delivered=9.0,
            in_service=9.0,
            announced_on=date(2024, 12, 17),
            state="in-service",
            evidence=(
                Evidence(Text("Signed form", "Formulaire signé"), "form:cbsa-2025-03", date(2025, 3, 5), 9.0),
            ),
            agreement="approved",
        ),
        Line(
            "14c",
            "commitment",
            Text("One hundred handheld analysers.", "Cent analyseurs portatifs."),
            "CBSA",
            unit=Text("analysers", "analyseurs"),
            announced=100.0,
            state="no-evidence",
        ),
        Line(
            "17",
            "figure",
            Text("An RCMP effort led to 524 arrests.", "Une opération de la GRC a mené à 524 arrestations."),
            "RCMP",
            agreement="embargoed",
            until=date(2025, 3, 31),
            shown=False,
        ),
        Line(
            "22",
            "uncheckable",
            Text("We can always do better.", "On peut toujours faire mieux."),
            "PCO",
            found=Text(
                "It says nothing that could be false.", "Rien dans cette phrase ne pourrait être faux."
            ),
            agreement="not-needed",
        ),
    )


def cell() -> tuple[CellFigure, ...]:
    """Figures of the cell: one that is there, one that is not yet."""
    return (
        CellFigure(
            "brier",
            Text("Calibration", "Étalonnage"),
            Text("Brier score 0.081 over 412 leads.", "Score de Brier de 0,081 sur 412 signalements."),
            0.081,
            Interval(0.066, 0.097, 0.95, "bootstrap"),
        ),
        CellFigure(
            "audit",
            Text("Audit sample", "Échantillon de contrôle"),
            Text(
                "No outcome of the audit sample yet.", "Aucun résultat de l’échantillon de contrôle encore."
            ),
        ),
    )


def scorecard(**changes) -> Scorecard:
    """A working edition with everything in it; `changes` are fields that differ."""
    usual = Scorecard(
        ON,
        "working",
        "U//TLP:AMBER",
        Text("facts of the package", "faits livrés avec le programme"),
        digest("facts"),
        (
            Text(
                "Fiscal 2025 seizures were revised: 68 weights and 201 numbers of seizures changed.",
                "Les saisies de l’exercice 2025 ont été révisées\u00a0: 68 poids et 201 nombres de saisies "
                "ont changé.",
            ),
            Text(
                "The Canada Border Services Agency approved line 14b.",
                "L’Agence des services frontaliers du Canada a approuvé la ligne 14b.",
            ),
        ),
        ("14a",),
        (fentanyl(), reduction(), removals()),
        lines(),
        cell(),
        1,
        "0.1.0",
    )
    return msgspec.structs.replace(usual, **changes)


def public() -> Scorecard:
    """A public edition: what was not agreed to is not in it."""
    return scorecard(edition="public", marking="U//TLP:CLEAR", withheld=3, findings=(fentanyl(),))


def empty() -> Scorecard:
    """A scorecard of nothing."""
    return scorecard(changed=(), late=(), findings=(), lines=(), cell=(), withheld=0)
