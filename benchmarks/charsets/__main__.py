"""`python -m benchmarks.charsets`: files whose encoding is found, of all, beside two detectors as they come.

A file is right where its text comes out as it was written. `unsure` counts the files of which our reader says
that it may be wrong; a wrong one among those is told, and not read in silence.
"""

import argparse
from collections import Counter
from collections.abc import Callable, Iterable
from functools import partial

import chardet
import charset_normalizer

from benchmarks.charsets import samples
from benchmarks.charsets.samples import ENCODINGS, MORE, ORIGINS, Sample
from watchfloor.formats.encoding.charset import detect


def main() -> None:
    """Print right of all for each encoding."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.charsets", description=main.__doc__)
    parser.add_argument("--origin", choices=ORIGINS, default="held-out", help="which names the files hold")
    parser.add_argument("--files", type=int, default=10, help="files of each encoding and size")
    asked = parser.parse_args()
    make = partial(samples.files, origin=asked.origin)
    for shape in ("names", "csv"):
        for lines in (50, 200, 3):
            for table, title in ((ENCODINGS, "the eight"), (MORE, "more")):
                _print(f"{title}, {shape}, {lines} lines", make(table, lines, asked.files, shape))
    _print("200 short files, one to five lines", samples.western(200, origin=asked.origin))
    western = {f"cp1252 ({language})": language for language in samples.WESTERN}
    _print("csv, 50 lines", make(western, 50, asked.files, "csv"))
    _print("four languages, 50 lines", samples.mixed(asked.files, 50, origin=asked.origin))


def _print(title: str, files: Iterable[Sample]) -> None:
    count, right = Counter[str](), Counter[tuple[str, str]]()
    for one in files:
        count[one.label] += 1
        for name, read in READERS.items():
            right[one.label, name] += _text(one.data, read) == one.text
        right[one.label, "unsure"] += bool(detect(one.data).rival)
    columns = (*READERS, "unsure")
    print(f"{title:<34}" + "".join(f"{name:>20}" for name in columns))
    for label, of in count.items():
        print(f"  {label:<32}" + "".join(f"{right[label, name]:>14} of {of:<3}" for name in columns))
    sums = (sum(right[label, name] for label in count) for name in columns)
    print(f"  {'all':<32}" + "".join(f"{one:>14} of {count.total():<3}" for one in sums), flush=True)


def _text(data: bytes, read: Callable[[bytes], str | None]) -> str | None:
    try:
        return data.decode(read(data) or "ascii")
    except (UnicodeError, LookupError):
        return None


def _normalizer(data: bytes) -> str | None:
    best = charset_normalizer.from_bytes(data).best()
    return best.encoding if best else None


READERS = {
    "watchfloor": lambda data: detect(data).encoding,
    "chardet": lambda data: chardet.detect(data)["encoding"],
    "charset-normalizer": _normalizer,
}

if __name__ == "__main__":
    main()
