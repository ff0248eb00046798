"""Messages of the desk on a track, in English and in French.

One sentence a class, so that both languages name it: `who` in a text stands for "A boat (track 7)".
"""

from typing import Final

from watchfloor.core.messages import Message, declare

WHO: Final = {
    "person": ("A person", "Une personne"),
    "group": ("A group of persons", "Un groupe de personnes"),
    "vehicle": ("A vehicle", "Un véhicule"),
    "boat": ("A boat", "Un bateau"),
    "aircraft": ("An aircraft", "Un aéronef"),
    "drone": ("A drone", "Un drone"),
    "animal": ("What looks like an animal", "Ce qui semble être un animal"),
    "unknown": ("An object of unknown class", "Un objet de classe inconnue"),
}
"""Of each class, in English and in French, in the order of `events.points.CLASSES`."""


def _each(id_: str, en: str, fr: str) -> tuple[Message, ...]:
    """One message a class, in the order of their codes."""
    return tuple(
        declare(
            f"surveillance.{id_}.{klass}",
            en=en.replace("<who>", f"{WHO[klass][0]} (track {{track}})"),
            fr=fr.replace("<who>", f"{WHO[klass][1]} (piste {{track}})"),
        )
        for klass in WHO
    )


INTO_CANADA = _each(
    "into-canada",
    en="<who> crossed the line into Canada at kilometre {km} between {since} and {until}: a chance of"
    " {chance} %. Local traffic, class and weather leave {left} % of its strength.",
    fr="<who> franchit la ligne vers le Canada au kilomètre {km} entre {since} et {until} : probabilité de"
    " {chance} %. La circulation locale, la classe et la météo laissent {left} % de sa force.",
)
INTO_STATES = _each(
    "into-united-states",
    en="<who> crossed the line into the United States at kilometre {km} between {since} and {until}: a chance"
    " of {chance} %. Local traffic, class and weather leave {left} % of its strength.",
    fr="<who> franchit la ligne vers les États-Unis au kilomètre {km} entre {since} et {until} : probabilité"
    " de {chance} %. La circulation locale, la classe et la météo laissent {left} % de sa force.",
)
"""A border crossing with its direction, where the line is agreed."""

PASSED_INTO_CANADA = _each(
    "passed-into-canada",
    en="<who> crossed the line into Canada at kilometre {km} between {since} and {until}: a chance of"
    " {chance} %. It has not stood since, and one that passes need not report (Customs Act, s. 11). Local"
    " traffic, class, weather and this leave {left} % of its strength.",
    fr="<who> franchit la ligne vers le Canada au kilomètre {km} entre {since} et {until} : probabilité de"
    " {chance} %. Aucun arrêt depuis, et un simple passage n’est pas à déclarer (Loi sur les douanes, art."
    " 11). La circulation locale, la classe, la météo et cela laissent {left} % de sa force.",
)
PASSED_INTO_STATES = _each(
    "passed-into-united-states",
    en="<who> crossed the line into the United States at kilometre {km} between {since} and {until}: a chance"
    " of {chance} %. It has not stood since: boats and aircraft may only pass. Local traffic, class, weather"
    " and this leave {left} % of its strength.",
    fr="<who> franchit la ligne vers les États-Unis au kilomètre {km} entre {since} et {until} : probabilité"
    " de {chance} %. Aucun arrêt depuis : bateaux et aéronefs peuvent ne faire que passer. La circulation"
    " locale, la classe, la météo et cela laissent {left} % de sa force.",
)
"""The same of a boat or an aircraft that only passes so far."""

CROSSED_MARKED = _each(
    "crossed-marked",
    en="<who> passed a stretch of the line that is marked and not asserted ({marks}) between {since} and"
    " {until}: no crossing is asserted. Chance that it changed sides: {chance} %.",
    fr="<who> passe un secteur de la ligne qui est signalé sans être affirmé ({marks}) entre {since} et"
    " {until} : aucun franchissement n’est affirmé. Probabilité d’un changement de côté : {chance} %.",
)
"""The same where no boundary is agreed, and at Akwesasne."""

CAME_BACK = _each(
    "came-back",
    en="<who> was surely on its first side of the line again at {until}: the crossing is taken back.",
    fr="<who> se trouve de nouveau avec certitude du premier côté de la ligne à {until} : le franchissement"
    " est retiré.",
)
"""A crossing that was none."""

MEETING = _each(
    "rendezvous",
    en="<who> and track {other}, which began elsewhere, stayed within {metres} m of each other, slow, from"
    " {since} to {until}.",
    fr="<who> et la piste {other}, qui commence ailleurs, restent à moins de {metres} m l’une de l’autre, à"
    " faible vitesse, de {since} à {until}.",
)
"""A rendezvous."""

LOITERING = _each(
    "loitering",
    en="<who> stayed in one place {metres} m from the line from {since} to {until}, at {speed} m/s on"
    " average.",
    fr="<who> reste au même endroit à {metres} m de la ligne de {since} à {until}, à {speed} m/s en moyenne.",
)
"""Loitering."""

SILENT = _each(
    "gap",
    en="<who> reported itself regularly and has been silent since {since}: {chance} % of its expected reports"
    " came through before, one every {expected} s. Others are still heard.",
    fr="<who> se signalait régulièrement et se tait depuis {since} : {chance} % des messages attendus"
    " arrivaient auparavant, un toutes les {expected} s. D’autres sont toujours reçus.",
)
"""A gap that goes on."""

HEARD_AGAIN = _each(
    "gap-over",
    en="<who> was silent from {since} to {until}, and came back {metres} m away; {chance} % of its expected"
    " reports came through before.",
    fr="<who> se tait de {since} à {until}, et revient à {metres} m; {chance} % des messages attendus"
    " arrivaient auparavant.",
)
"""A gap that is over."""

COLD = _each(
    "cold",
    en="<who> has been on foot for {minutes} min at a wind chill of {chill}: life at risk. Bare skin freezes"
    " in 30 minutes at -28, in 10 at -40, in 5 at -48 (Environment and Climate Change Canada).",
    fr="<who> est à pied depuis {minutes} min à un refroidissement éolien de {chill} : vie en danger. La peau"
    " exposée gèle en 30 minutes à -28, en 10 à -40, en 5 à -48 (Environnement et Changement climatique"
    " Canada).",
)
"""Life at risk: cold."""

THIN_ICE = _each(
    "thin-ice",
    en="<who> is where the ice is {ice} cm thick; it needs {needs} cm: life at risk. On water: {water}.",
    fr="<who> se trouve où la glace a {ice} cm d’épaisseur; il en faut {needs} cm : vie en danger. Sur"
    " l’eau : {water}.",
)
"""Life at risk: thin ice."""

ADRIFT = _each(
    "adrift",
    en="<who> has gone with the wind ({wind} m/s) at {speed} m/s since {since}, as a boat without propulsion"
    " does: life may be at risk.",
    fr="<who> va avec le vent ({wind} m/s) à {speed} m/s depuis {since}, comme un bateau sans propulsion :"
    " une vie peut être en danger.",
)
"""Life at risk: a boat that drifts."""

WILL_ENTER_CANADA = _each(
    "predicted-canada",
    en="<who> is likely to cross the line into Canada within ten minutes, at about kilometre {km} in"
    " {minutes} min: {chance} % of where it may go meets the line.",
    fr="<who> franchira probablement la ligne vers le Canada d’ici dix minutes, vers le kilomètre {km} dans"
    " {minutes} min : {chance} % de ses trajets possibles la rencontrent.",
)
WILL_ENTER_STATES = _each(
    "predicted-united-states",
    en="<who> is likely to cross the line into the United States within ten minutes, at about kilometre {km}"
    " in {minutes} min: {chance} % of where it may go meets the line.",
    fr="<who> franchira probablement la ligne vers les États-Unis d’ici dix minutes, vers le kilomètre {km}"
    " dans {minutes} min : {chance} % de ses trajets possibles la rencontrent.",
)
"""A predicted crossing, where the line is agreed."""

WILL_PASS = _each(
    "predicted-marked",
    en="<who> is likely to reach a stretch of the line that is marked and not asserted ({marks}) within ten"
    " minutes: {chance} % of where it may go.",
    fr="<who> atteindra probablement d’ici dix minutes un secteur de la ligne qui est signalé sans être"
    " affirmé ({marks}) : {chance} % de ses trajets possibles.",
)
"""The same where no boundary is agreed, and at Akwesasne."""

NOT_MET = _each(
    "predicted-not",
    en="<who> no longer goes towards the line at {until}: the prediction is taken back.",
    fr="<who> ne se dirige plus vers la ligne à {until} : la prévision est retirée.",
)
"""A prediction that did not come true."""

DROP = _each(
    "drop",
    en="<who> stopped within {metres} m of where track {other} had stopped near the line, {minutes} min after"
    " that one left; it began elsewhere. A drop and a pick-up look so.",
    fr="<who> s’arrête à moins de {metres} m de l’endroit où la piste {other} s’est arrêtée près de la ligne,"
    " {minutes} min après son départ; son trajet commence ailleurs. Un dépôt suivi d’un ramassage se"
    " présente ainsi.",
)
"""Drop and pick-up."""

JUMP = _each(
    "jump",
    en="<who> gives an identity that was {km} km away {seconds} s before: no craft is so fast. The place or"
    " the identity is false, or two share it.",
    fr="<who> donne une identité qui se trouvait à {km} km {seconds} s plus tôt : aucun engin n’est si"
    " rapide. La position ou l’identité est fausse, ou deux engins la partagent.",
)
"""An identity that jumps."""

SHARED = _each(
    "shared",
    en="<who> gives an identity that has been reported from two places in turn since {since}, {km} km apart:"
    " two senders share it.",
    fr="<who> donne une identité signalée tour à tour de deux endroits depuis {since}, à {km} km l’un de"
    " l’autre : deux émetteurs la partagent.",
)
"""An identity in two places."""

ON_LAND = _each(
    "on-land",
    en="<who> reports itself as a vessel under way, on land: its place or its identity is false, or it is on"
    " a trailer.",
    fr="<who> se signale comme un bâtiment en route, sur la terre ferme : sa position ou son identité est"
    " fausse, ou il est sur une remorque.",
)
"""A vessel on land."""

DARK = _each(
    "dark",
    en="<who> has been seen for {minutes} min and does not report itself, where others are heard. Most small"
    " boats need not (SOR/2020-216).",
    fr="<who> est observé depuis {minutes} min sans se signaler, là où d’autres sont reçus. La plupart des"
    " petits bateaux n’y sont pas tenus (DORS/2020-216).",
)
"""A dark contact."""

LIGHT = _each(
    "dark-not",
    en="<who> reports itself now: it is no dark contact.",
    fr="<who> se signale maintenant : ce n’est pas un contact silencieux.",
)
"""A dark contact that was none."""

LOW_SLOW = _each(
    "low-slow",
    en="<who> flies low and slow near the line, away from any known aerodrome: {knots} knots, height in"
    " metres: {height}.",
    fr="<who> vole bas et lentement près de la ligne, loin de tout aérodrome connu : {knots} nœuds, hauteur"
    " en mètres : {height}.",
)
"""Low and slow."""

LANDED = _each(
    "landed",
    en="<who> flew and now stands away from any known aerodrome: {knots} knots, height in metres: {height}.",
    fr="<who> était en vol et se tient maintenant loin de tout aérodrome connu : {knots} nœuds, hauteur en"
    " mètres : {height}.",
)
"""A landing off an aerodrome."""

OUT_OF_HOURS = _each(
    "port-closed",
    en="<who> comes to the port of entry {port}, which is closed at {until}.",
    fr="<who> arrive au point d’entrée {port}, qui est fermé à {until}.",
)
"""An approach to a port of entry out of hours."""
