"""The matrix of evidence and hypotheses."""

from types import SimpleNamespace

from watchfloor.cell.weighing.matrix import matrix, of_one_matter


def contribution(signal_id, bits):
    return SimpleNamespace(signal_id=signal_id, bits=bits)


def lead(name, **bits):
    return SimpleNamespace(
        lead_id=name, hypothesis=name, also=(), contributions=[contribution(k, v) for k, v in bits.items()]
    )


def test_a_line_a_signal_with_its_bits_under_each_hypothesis_it_speaks_to():
    lines = matrix([lead("fraud", a=2.0, b=-1.0), lead("drugs", b=3.0, c=0.0)])
    assert [(line.signal.signal_id, dict(line.bits)) for line in lines] == [
        ("a", {"fraud": 2.0}),
        ("b", {"fraud": -1.0, "drugs": 3.0}),
        ("c", {"drugs": 0.0}),
    ]
    assert [line.tells(["fraud", "drugs"]) for line in lines] == [2.0, 4.0, 0.0]


def test_one_matter_is_its_head_and_what_else_it_may_be():
    also = lead("drugs", a=1.0)
    head = SimpleNamespace(lead_id="fraud", also=(also,))
    other = SimpleNamespace(lead_id="other", also=())
    assert of_one_matter([other, head], also) == [head, also]
    assert of_one_matter([other], also) == [also]
