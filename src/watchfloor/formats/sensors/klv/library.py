"""Parts of the package stanag4609, imported late: it is large, and an extra."""

from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any, NamedTuple

from watchfloor.core.extras import MissingExtraError
from watchfloor.formats.base import FormatError


class Library(NamedTuple):
    """Parts of stanag4609.

    Attributes:
        decode: key, octets of the length, and value of a packet whose checksum holds, to its fields; a field
            that cannot be read is among its `issues`.
        placed: `resolve_vtarget_location`.
        demuxer: makes a new demultiplexer of transport streams.
        cells: the cells of a metadata access unit.
        errors: what its functions raise for data that are not as they should be.
    """

    decode: Callable[[bytes, bytes, bytes], Any]
    placed: Callable[..., Any]
    demuxer: Callable[[], Any]
    cells: Callable[[bytes], Any]
    errors: tuple[type[Exception], ...]


@cache
def library() -> Library:
    """The parts. Raises `FormatError` where the package is not installed."""
    try:
        uas, klv = import_module("stanag4609.st0601"), import_module("stanag4609.klv")
        vmti, transport = import_module("stanag4609.st0903"), import_module("stanag4609.transport")
        errors = import_module("stanag4609.errors")
    except ImportError as error:
        raise FormatError(str(MissingExtraError("stanag4609"))) from error
    lenient = {
        "verify_checksum": False,  # it was verified before
        "require_version": False,
        "field_decoding": uas.FieldDecodingMode.PRESERVE,
    }

    def decode(key: bytes, size: bytes, value: bytes) -> Any:
        """Fields; where lengths or tags are longer than they need be, of the packet with short ones."""
        try:
            return uas.decode_uas_local_set(klv.KLVPacket(key, value, size), **lenient)
        except errors.DecodeError:
            items = klv.parse_local_set(value, canonical=False).items
            short = klv.encode_local_set(items, canonical=True)
            if short == value:
                raise
            return uas.decode_uas_local_set(klv.KLVPacket(key, short, size), **lenient)

    return Library(
        decode,
        vmti.resolve_vtarget_location,
        lambda: transport.TransportDemuxer(recover_transport=True),
        transport.parse_metadata_au_cells,
        (errors.Stanag4609Error, ValueError, ArithmeticError, LookupError, TypeError),
    )
