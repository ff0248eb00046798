"""Memory asked for before it is needed.

Payments name accounts in no order, so the rows that one touches lie all over memory, and each would be waited
for by itself. Here those of payments some steps on are asked for while the present one is computed: what a
payment costs falls by a third. Nothing is read or written, so no answer depends on it.
"""

from typing import Any, Final

from watchfloor.core.kernels import intrinsic
from watchfloor.desks.finance.engine.graph import home
from watchfloor.desks.finance.engine.kernel import kernel

FAR: Final = 8
"""Payments from the present one to that whose accounts are asked for."""
NEAR: Final = 4
"""Payments to that whose pair is asked for, where its place in the table of hashes has arrived."""
LINE: Final = 64
"""Bytes that come at once."""
NAME: Final = "llvm.prefetch.p0"


@intrinsic(prefer_literal=True)
def fetch(_typing: Any, array: Any, row: Any, lines: Any) -> Any:
    """Ask for the first `lines` lines of a row of an array; `lines` is a literal."""
    from llvmlite import ir
    from numba.core import types

    many = lines.literal_value

    def code(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        made = context.make_array(signature.args[0])(context, builder, given[0])
        stride = builder.extract_value(made.strides, 0)
        at = builder.mul(context.cast(builder, given[1], signature.args[1], types.intp), stride)
        byte, word = ir.IntType(8).as_pointer(), ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), (byte, word, word, word))
        prefetch = builder.module.globals.get(NAME) or ir.Function(builder.module, kind, NAME)
        start = builder.bitcast(made.data, byte)
        for line in range(many):
            place = builder.gep(start, [builder.add(at, ir.Constant(at.type, line * LINE))])
            builder.call(prefetch, [place, word(1), word(3), word(1)])
        return context.get_dummy_value()

    return types.void(array, row, lines), code


@kernel(inline="always")
def far(graph: Any, payer: int, payee: int) -> None:
    """Ask for the accounts of a payment to come, and of the next to leave a window."""
    _accounts(graph, payer, payee)
    if graph.keep[0].ever:
        for one in (payer, payee):
            fetch(graph.heaps, one, 1)
            fetch(graph.ways, one, 2)
    if graph.keep[0].recent:
        fetch(graph.recent, payer, 4)
        fetch(graph.recent, payee, 4)
    if graph.keep[0].around:
        fetch(graph.around, payer, 4)
        fetch(graph.around, payee, 4)
    fetch(graph.slots, _place(graph, payer, payee), 1)
    for w in range(len(graph.windows)):
        e = graph.windows[w].low - graph.clock[0].base + FAR
        if e < len(graph.edges):
            edge = graph.edges[e]
            fetch(graph.pairs, edge.pair, 1)
            _accounts(graph, edge.payer, edge.payee)


@kernel(inline="always")
def _accounts(graph: Any, payer: int, payee: int) -> None:
    for one in (payer, payee):
        fetch(graph.sides, one, 1)
        if graph.keep[0].sums:
            for w in range(len(graph.windows)):
                fetch(graph.sums[one], w, 3)


@kernel(inline="always")
def _place(graph: Any, payer: int, payee: int) -> Any:
    return home(payer, payee) & (len(graph.slots) - 1)


@kernel(inline="always")
def near(graph: Any, payer: int, payee: int) -> None:
    """Ask for the pair of a payment to come."""
    p = graph.slots[_place(graph, payer, payee)]
    if p >= 0:
        fetch(graph.pairs, p, 1)
