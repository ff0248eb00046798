"""Files of names in many encodings, drawn from a seed: some to develop on, others kept apart to check with.

The names to develop on are those of `names.toml`, and of countries, languages, cities and writing systems in
Unicode's CLDR. Those kept apart are CLDR's names of time zones, units of measure, months and days; no rule
was changed for them.
"""

import random
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

ENCODINGS: Final = {
    "cp1251": "ru",
    "koi8_r": "ru",
    "gb18030": "zh",
    "shift_jis": "ja",
    "big5": "zh_Hant",
    "euc_kr": "ko",
    "cp1256": "ar",
    "iso8859_2": "pl",
}
"""The eight encodings of the goal, and the language that its files are in."""

MORE: Final = {
    "cp1250": "cs",
    "iso8859_2 (cs)": "cs",
    "iso8859_2 (hu)": "hu",
    "cp1250 (pl)": "pl",
    "cp1252 (de)": "de",
    "cp1254": "tr",
    "cp866": "ru",
    "cp1253": "el",
    "cp1255": "he",
}
WESTERN: Final = ("fr", "es", "pt")
ORIGINS: Final = ("written", "cldr", "held-out")

WRITTEN: Final = tomllib.loads(Path(__file__).with_name("names.toml").read_text(encoding="utf-8"))


class Sample(NamedTuple):
    """A file with what it is a file of: a label, its true encoding and its text."""

    label: str
    encoding: str
    text: str

    @property
    def data(self) -> bytes:
        """The bytes as delivered."""
        return self.text.encode(self.encoding)


@cache
def names(language: str, origin: str) -> tuple[str, ...]:
    """Names in a language, some hundred of them; the origin is one of `ORIGINS`."""
    if origin == "written":
        given, family = (WRITTEN[language][part].split() for part in ("given", "family"))
        together = "{1}{0}" if language in ("zh", "zh_Hant", "ko") else "{0} {1}"
        return tuple(together.format(one, other) for one in given for other in family)
    import icu

    locale = icu.Locale(language)
    if origin == "cldr":
        found = [icu.Locale("", code).getDisplayCountry(locale) for code in icu.Locale.getISOCountries()]
        found += [icu.Locale(code).getDisplayLanguage(locale) for code in icu.Locale.getISOLanguages()]
        zones = icu.TimeZoneNames.createInstance(locale)
        found += [zones.getExemplarLocationName(zone) for zone in icu.TimeZone.createEnumeration()]
        scripts = {icu.Script.getScript(chr(code)).getShortName() for code in range(0xA0, 0x11000)}
        found += [icu.Locale(f"und_{one}").getDisplayScript(locale) for one in sorted(scripts)]
    else:
        long = icu.TimeZone.LONG
        zones = [icu.TimeZone.createTimeZone(zone) for zone in icu.TimeZone.createEnumeration()]
        found = [zone.getDisplayName(summer, long, locale) for zone in zones for summer in (False, True)]
        units = icu.MeasureFormat(locale, icu.UMeasureFormatWidth.WIDE)
        for sort in icu.MeasureUnit.getAvailableTypes():
            found += [units.getUnitDisplayName(unit) for unit in icu.MeasureUnit.getAvailable(sort)]
        days = icu.DateFormatSymbols(locale)
        found += [*days.getMonths(), *days.getWeekdays(), *days.getEras(), *days.getEraNames()]
    return tuple(name for name in dict.fromkeys(found) if name and (len(name) > 3 or not name.isascii()))


def files(table: dict[str, str], lines: int, count: int, shape: str, *, origin: str) -> Iterator[Sample]:
    """`count` files of so many lines of each encoding: `names` alone, or a `csv` with columns in ASCII."""
    for label, language in table.items():
        encoding = label.split(" ")[0]
        rng = random.Random(f"{label} {lines} {shape} {origin}")
        writable = [name for name in names(language, origin) if _writable(name, encoding)]
        for _ in range(count):
            found = rng.sample(writable, min(lines, len(writable)))
            if all(name.isascii() for name in found):
                found[0] = next(name for name in writable if not name.isascii())
            yield Sample(label, encoding, _shaped(found, shape, rng))


def western(count: int, *, origin: str) -> Iterator[Sample]:
    """Short French, Spanish and Portuguese files in Windows-1252, of one to five lines, `count` in all."""
    for at in range(count):
        language = WESTERN[at % len(WESTERN)]
        yield from files({f"cp1252 ({language})": language}, 1 + at % 5, 1, f"short{at}", origin=origin)


def mixed(count: int, lines: int, *, origin: str) -> Iterator[Sample]:
    """Files in Windows-1252 with French, Spanish, Portuguese and German names side by side."""
    rng = random.Random(f"mixed {lines} {origin}")
    every = [
        name for language in (*WESTERN, "de") for name in names(language, origin) if _writable(name, "cp1252")
    ]
    for _ in range(count):
        yield Sample("cp1252 (mixed)", "cp1252", _shaped(rng.sample(every, lines), "csv", rng))


def _shaped(found: list[str], shape: str, rng: random.Random) -> str:
    if shape == "csv":
        rows = (
            f"{at},{name},CA,{1950 + rng.randrange(50)}-01-02,Main Street {at}"
            for at, name in enumerate(found)
        )
        return "id,name,country,birth_date,address\n" + "".join(f"{row}\n" for row in rows)
    return "".join(f"{name}\n" for name in found)


def _writable(name: str, encoding: str) -> bool:
    """Whether an encoding has all letters of a name; in Korean, as the letters that all programs write."""
    try:
        return name.encode(encoding) == name.encode("cp949" if encoding == "euc_kr" else encoding)
    except UnicodeEncodeError:
        return False
