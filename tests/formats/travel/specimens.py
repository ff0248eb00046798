"""Zones of ICAO Doc 9303's specimens (parts 3 to 7, 11; UTOPIA), and made-up ones. Nobody is real."""

from datetime import date

from watchfloor.formats.travel.layouts import LAYOUTS, check_digit

ON = date(2026, 12, 1)
NAMES = "ERIKSSON<<ANNA<MARIA"
TD3 = ("P<UTO" + NAMES.ljust(39, "<"), "L898902C36UTO7408122F1204159ZE184226B<<<<<10")
"""Part 4, appendix B."""
TD1 = ("I<UTOD231458907".ljust(30, "<"), "7408122F1204159UTO<<<<<<<<<<<6", NAMES.ljust(30, "<"))
"""Part 5, appendix B."""
TD2 = ("I<UTO" + NAMES.ljust(31, "<"), "D231458907UTO7408122F1204159<<<<<<<6")
"""Part 6, appendix B."""
MRV_A = ("V<UTO" + NAMES.ljust(39, "<"), "L8988901C4XXX4009078F96121096ZE184226B<<<<<<")
"""Part 7, appendix B."""
MRV_B = ("V<UTO" + NAMES.ljust(31, "<"), "L8988901C4XXX4009078F9612109<<<<<<<<")
TD1_LONG = (
    "I<UTOD23145890<7349".ljust(30, "<"),
    "3407127M9507122UTO<<<<<<<<<<<2",
    "STEVENSON<<PETER<JOHN".ljust(30, "<"),
)
"""Part 11, appendix D.2: a number of twelve signs."""
TD2_LONG = ("I<UTOSTEVENSON<<PETER<JOHN".ljust(36, "<"), "D23145890<UTO3407127M95071227349<<<8")
TD2_SHORT = ("I<UTO" + NAMES.ljust(31, "<"), "L898902C<3UTO6908061F9406236<<<<<<<8")
"""Part 11, appendix D.2, example 2: a number of eight signs."""

SPECIMENS = {
    "TD1": TD1,
    "TD2": TD2,
    "TD3": TD3,
    "MRV-A": MRV_A,
    "MRV-B": MRV_B,
    "TD1 long": TD1_LONG,
    "TD2 long": TD2_LONG,
}
HOLDERS = [
    ("ERIKSSON", "ANNA MARIA", "ERIKSSON<<ANNA<MARIA"),
    ("HENG", "DEBORAH MING LO", "HENG<<DEBORAH<MING<LO"),
    ("SMITH JONES", "SUSIE MARGARET", "SMITH<JONES<<SUSIE<MARGARET"),
    ("OCONNOR", "ENYA SIOBHAN", "OCONNOR<<ENYA<SIOBHAN"),
    ("VAN DER MUELLEN", "MARTIN", "VAN<DER<MUELLEN<<MARTIN"),
    ("AL BASRI", "HUDA MUHAMMAD JAWAD", "AL<BASRI<<HUDA<MUHAMMAD<JAWAD"),
    ("VILARCHAO FERNANDEZ", "JOSE RAMON", "VILARCHAO<FERNANDEZ<<JOSE<RAMON"),
    ("ARKFREITH", "", "ARKFREITH"),
    ("SATRIYA SUDARPA", "", "SATRIYA<SUDARPA"),
    ("NILAVADHANANANDA", "CHAYAPA DEJTHAMRONG K", "NILAVADHANANANDA<<CHAYAPA<DEJTHAMRONG<K"),
    ("NILAVADHANANANDA", "ARNPOL PETCH CHARONGU", "NILAVADHANANANDA<<ARNPOL<PETCH<CHARONGU"),
    ("BENNELONG WOOLOOMOOLOO WARRANDYTE W", "DI", "BENNELONG<WOOLOOMOOLOO<WARRANDYTE<W<<DI"),
    ("BENNELONG WOOLOOM WARRAND WARNAM", "DINGO", "BENNELONG<WOOLOOM<WARRAND<WARNAM<<DINGO"),
    ("BENNEL WOOLOO WARRAN WARNAM", "DINGO POTO", "BENNEL<WOOLOO<WARRAN<WARNAM<<DINGO<POTO"),
    ("PAPANDROPOULOUS", "JONATHON WARREN TREVOR", "PAPANDROPOULOUS<<JONATHON<WARREN<TREVOR"),
]
"""Part 4, 4.2.3, and part 7, 4.2.3: names as zones of 44 signs have them."""


def zone(
    layout="TD3", *, code="P<", issuer="UTO", number="L898902C3", names=NAMES, birth="740812", expiry="301130"
):
    """Return the lines of a made-up zone with every check digit right; nationality is that of the issuer."""
    of = LAYOUTS[layout]
    text = ["<"] * of.size
    said = {
        "code": code,
        "issuer": issuer,
        "number": number[:9],
        "names": names,
        "birth": birth,
        "expiry": expiry,
        "nationality": issuer,
        "optional": "",
        "sex": "<",
    }
    for field, written in said.items():
        start, end = of.fields[field]
        text[start:end] = written.ljust(end - start, "<")[: end - start]
    if len(number) > 9:
        start, _ = of.fields["optional"]
        rest = number[9:] + str(check_digit(number))
        text[start : start + len(rest)] = rest
    for check in of.checks:
        over = "".join("".join(text[start:end]) for start, end in check.spans)
        long = check.name == "number" and len(number) > 9
        text[check.at] = "<" if long else str(check_digit(over))
    whole = "".join(text)
    return tuple(whole[at : at + of.width] for at in range(0, of.size, of.width))


def changed(lines, line, column, sign):
    """Return lines with another sign at a place, counted from 1."""
    text = lines[line - 1]
    return (*lines[: line - 1], text[: column - 1] + sign + text[column:], *lines[line:])
