"""matplotlib's SVG as a page may hold it: no prologue, no ids of its own, no style that reaches beyond it.

Styles become attributes, so that the strictest policy of a page lets them stand, and only what is referred to
keeps an id, which begins with the picture's own name.
"""

import re
from collections.abc import Sequence
from typing import Final

from lxml import etree

SVG: Final = "http://www.w3.org/2000/svg"
XLINK: Final = "http://www.w3.org/1999/xlink"
_URL: Final = re.compile(r"url\(#([^)]+)\)")
_NUMBER: Final = re.compile(r"-?\d+\.\d{3,}")
_UNWRITABLE: Final = re.compile("[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_STILL: Final = re.compile(r"rotate\(-?0 ")
_DROPPED: Final = frozenset({"font-family", "font"})


def clean(
    text: str,
    name: str,
    told: tuple[str, str],
    said: Sequence[str],
    family: str,
    size: tuple[float, float],
) -> str:
    """The `<svg>` element alone, named and described for who does not see it.

    Args:
        text: as matplotlib wrote it.
        name: ids begin with it.
        told: name and description.
        said: its texts, which stand in it as their numbers.
        family: fonts of its text.
        size: width and height.
    """
    root = etree.fromstring(text.encode(), etree.XMLParser(remove_comments=True, remove_blank_text=True))
    for one in [*root.iter(f"{{{SVG}}}metadata"), *root.iter(f"{{{SVG}}}style")]:
        one.getparent().remove(one)
    for one in root.iter(f"{{{SVG}}}*"):
        _flatten(one)
    for one in root.iter(f"{{{SVG}}}text"):
        one.text = _writable(said[int(one.text or "")])
    _rename(root, name)
    _hollow(root)
    wide, high = (f"{side:g}" for side in size)
    root.attrib.clear()
    attributes = {
        "viewBox": f"0 0 {wide} {high}",
        "width": wide,
        "height": high,
        "role": "img",
        "aria-labelledby": f"{name}-title {name}-desc",
        "font-family": family,
        "stroke-linejoin": "round",
        "stroke-linecap": "butt",
    }
    for key, value in attributes.items():
        root.set(key, value)
    for at, (tag, words) in enumerate(zip(("title", "desc"), told, strict=True)):
        element = etree.Element(f"{{{SVG}}}{tag}", id=f"{name}-{tag}")
        element.text = _writable(words)
        root.insert(at, element)
    etree.cleanup_namespaces(root)
    return etree.tostring(root, encoding="unicode")


def _writable(text: str) -> str:
    """A text as XML may hold it: a control character stands as the sign for what cannot be shown."""
    return _UNWRITABLE.sub("\ufffd", text)


def _flatten(one: etree._Element) -> None:
    """Its style as attributes; coordinates to a hundredth of a pixel."""
    for rule in filter(None, (part.strip() for part in str(one.attrib.pop("style", "")).split(";"))):
        key, _, value = rule.partition(":")
        if key.strip() not in _DROPPED:
            one.set(key.strip(), value.strip().removesuffix("px"))
    for key in ("d", "x", "y", "width", "height", "transform"):
        if key in one.attrib:
            one.set(key, " ".join(_NUMBER.sub(_short, str(one.attrib[key])).split()))
    if _STILL.match(str(one.get("transform", ""))):
        del one.attrib["transform"]


def _short(found: re.Match[str]) -> str:
    return f"{float(found[0]):.2f}".rstrip("0").rstrip(".")


def _rename(root: etree._Element, name: str) -> None:
    """Ids that are referred to begin with the picture's name and count on; the others go."""
    used: dict[str, str] = {}
    for one in root.iter(f"{{{SVG}}}*"):
        for key, value in one.attrib.items():
            for wanted in _URL.findall(str(value)) + (
                [str(value)[1:]] if key == f"{{{XLINK}}}href" and str(value).startswith("#") else []
            ):
                used.setdefault(wanted, f"{name}-{len(used) + 1}")
    for one in root.iter(f"{{{SVG}}}*"):
        id_ = str(one.attrib.pop("id", ""))
        if id_ in used:
            one.set("id", used[id_])
        for key, value in list(one.attrib.items()):
            if key == f"{{{XLINK}}}href":
                del one.attrib[key]
                one.set("href", f"#{used[str(value)[1:]]}")
            else:
                one.set(key, _URL.sub(lambda found: f"url(#{used[found[1]]})", str(value)))


def _hollow(root: etree._Element) -> None:
    """Groups that hold nothing, definitions of nothing and lines from nowhere go."""
    for line in list(root.iter(f"{{{SVG}}}path")):
        owner = line.getparent()
        if owner is not None and not line.get("d"):
            owner.remove(line)
    for one in reversed(list(root.iter(f"{{{SVG}}}g", f"{{{SVG}}}defs"))):
        parent = one.getparent()
        if len(one) == 0 and parent is not None:
            parent.remove(one)
        elif parent is not None and one.tag == f"{{{SVG}}}g" and not one.attrib:
            at = parent.index(one)
            for child in list(one):
                parent.insert(at, child)
                at += 1
            parent.remove(one)
