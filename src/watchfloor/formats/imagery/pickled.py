"""Arrays inside a pickled .npy file, read without running anything that the file names.

NumPy writes arrays of objects as a pickle, and a pickle may call any function. This reader knows the few
opcodes that lists, dictionaries, numbers and arrays are written with, builds them itself, and refuses the
rest.
"""

import pickletools
from typing import Any, Final

import numpy as np

MOST_BYTES: Final = 64 << 20
MOST_STEPS: Final = 5_000_000
DEEPEST: Final = 20
PLAIN: Final = frozenset("biuf")
"""Kinds of numbers: booleans, integers, floats."""

_MARK: Final = object()
_ARRAY, _DTYPE, _SCALAR, _ENCODE, _CLASS = "array", "dtype", "scalar", "encode", "class"
_NAMES: Final = {
    "numpy.core.multiarray _reconstruct": _ARRAY,
    "numpy._core.multiarray _reconstruct": _ARRAY,
    "numpy.core.multiarray scalar": _SCALAR,
    "numpy._core.multiarray scalar": _SCALAR,
    "numpy dtype": _DTYPE,
    "numpy ndarray": _CLASS,
    "_codecs encode": _ENCODE,
}


class PickledError(ValueError):
    """A pickle that holds more than numbers, texts, lists, dictionaries and arrays of numbers."""


class _Array:
    """An array on its way: made by one opcode, filled by a later one."""

    def __init__(self) -> None:
        self.value: Any = None


class _Dtype:
    """A type of numbers, whose byte order comes by a later opcode."""

    def __init__(self, name: str) -> None:
        self.dtype = np.dtype(name)
        if self.dtype.kind not in {*PLAIN, "O"}:
            raise PickledError(name)


def objects(data: bytes) -> Any:
    """Return what a pickle holds. Raises `PickledError`."""
    if len(data) > MOST_BYTES:
        raise PickledError("too large")
    try:
        return _Copy().plain(_Machine().run(data), 0)
    except PickledError:
        raise
    except (
        ValueError,
        TypeError,
        IndexError,
        KeyError,
        AttributeError,
        OverflowError,
        UnicodeError,
    ) as error:
        raise PickledError(str(error)) from None


class _Machine:
    """A stack machine for the opcodes of plain data."""

    def __init__(self) -> None:
        self.stack: list[Any] = []
        self.memo: dict[int, Any] = {}

    def run(self, data: bytes) -> Any:
        """Return the object that is left at the end."""
        for steps, (opcode, argument, _) in enumerate(pickletools.genops(data)):
            if steps > MOST_STEPS:
                raise PickledError("too many steps")
            if opcode.name == "STOP":
                return self.stack.pop()
            self.step(opcode.name, argument)
        raise PickledError("cut short")

    def step(self, name: str, argument: Any) -> None:
        """Do one opcode."""
        stack = self.stack
        match name:
            case "PROTO" | "FRAME":
                pass
            case "MARK":
                stack.append(_MARK)
            case "NONE":
                stack.append(None)
            case "NEWTRUE" | "NEWFALSE":
                stack.append(name == "NEWTRUE")
            case "EMPTY_LIST":
                stack.append([])
            case "EMPTY_DICT":
                stack.append({})
            case "EMPTY_TUPLE":
                stack.append(())
            case "GLOBAL":
                stack.append(self.named(str(argument)))
            case "STACK_GLOBAL":
                second, first = stack.pop(), stack.pop()
                stack.append(self.named(f"{first} {second}"))
            case "BINPUT" | "LONG_BINPUT" | "PUT":
                self.memo[int(argument)] = stack[-1]
            case "MEMOIZE":
                self.memo[len(self.memo)] = stack[-1]
            case "BINGET" | "LONG_BINGET" | "GET":
                stack.append(self.memo[int(argument)])
            case "TUPLE1" | "TUPLE2" | "TUPLE3":
                count = int(name[-1])
                stack[-count:] = [tuple(stack[-count:])]
            case "TUPLE":
                stack.append(tuple(self.marked()))
            case "APPEND":
                stack[-2].append(stack.pop())
            case "APPENDS":
                items = self.marked()
                stack[-1].extend(items)
            case "SETITEM":
                value, key = stack.pop(), stack.pop()
                stack[-1][key] = value
            case "SETITEMS":
                items = self.marked()
                stack[-1].update(zip(items[::2], items[1::2], strict=True))
            case "REDUCE":
                arguments, of = stack.pop(), stack.pop()
                stack.append(_made(of, arguments))
            case "BUILD":
                state = stack.pop()
                _fill(stack[-1], state)
            case _ if argument is not None and isinstance(argument, int | float | str | bytes):
                stack.append(argument)
            case _:
                raise PickledError(name)

    def named(self, name: str) -> str:
        """Return which of the few things that may be named is."""
        if name not in _NAMES:
            raise PickledError(name)
        return _NAMES[name]

    def marked(self) -> list[Any]:
        """Take what lies above the last mark."""
        at = len(self.stack) - 1
        while self.stack[at] is not _MARK:
            at -= 1
        items = self.stack[at + 1 :]
        del self.stack[at:]
        return items


def _made(of: Any, arguments: tuple[Any, ...]) -> Any:
    match of:
        case "encode":
            text, encoding = arguments
            if encoding not in ("latin1", "latin-1"):
                raise PickledError(encoding)
            return text.encode("latin-1")
        case "dtype":
            return _Dtype(_text(arguments[0]))
        case "scalar":
            kind, data = arguments
            if kind.dtype.kind not in PLAIN:
                raise PickledError("scalar")
            return np.frombuffer(_bytes(data), kind.dtype, 1)[0].item()
        case "array":
            return _Array()
    raise PickledError(str(of))


def _fill(one: Any, state: tuple[Any, ...]) -> None:
    if isinstance(one, _Dtype):
        order = _text(state[1])
        if order in ("<", ">"):
            one.dtype = one.dtype.newbyteorder(order)  # type: ignore[arg-type] # one of the two
        return
    if not isinstance(one, _Array):
        raise PickledError("state")
    _, shape, kind, fortran, data = state
    if kind.dtype.kind == "O":
        if not isinstance(data, list) or int(np.prod(shape)) != len(data):
            raise PickledError("objects")
        one.value = data
        return
    values = np.frombuffer(_bytes(data), kind.dtype)
    one.value = values.reshape(shape, order="F" if fortran else "C")


def _text(one: Any) -> str:
    return one.decode("latin-1") if isinstance(one, bytes) else str(one)


def _bytes(one: Any) -> bytes:
    return one.encode("latin-1") if isinstance(one, str) else bytes(one)


class _Copy:
    """A copy of plain data, bounded: a pickle may name one list over and over."""

    def __init__(self) -> None:
        self.left = MOST_STEPS

    def plain(self, one: Any, depth: int) -> Any:
        """Return it with arrays in the place of those on their way."""
        self.left -= 1
        if depth > DEEPEST or self.left < 0:
            raise PickledError("too deep")
        if isinstance(one, _Array):
            return self.plain(one.value, depth + 1)
        if isinstance(one, dict):
            return {_text(key): self.plain(value, depth + 1) for key, value in one.items()}
        if isinstance(one, list | tuple):
            return [self.plain(each, depth + 1) for each in one]
        if isinstance(one, str | bytes | int | float | np.ndarray) or one is None:
            return one
        raise PickledError(type(one).__name__)
