"""What a child may write into its socket: the judge's side reads it as data, or ends the child."""

import json
import struct

import numpy as np
import pytest

from bplib.grading.engine import Budget, Call, Engine
from bplib.grading.engine.answering import outcome
from bplib.grading.engine.arrays import REAL, Unpacker, pack
from bplib.grading.engine.frames import Broken, Frame, Reader, encode, nonce
from bplib.grading.engine.helpers import Helpers
from bplib.grading.engine.text import clean
from bplib.nn import activation

BUDGET = Budget(cell_cpu=2.0, cells_wall=30.0, asks_wall=40.0)

# A student's own way to the socket: the stream knows its outlet.
REACH = """
import json, struct, sys
OUT = type(sys.stdout).write.__globals__["OUTLET"]
SOCKET = OUT._sendall.__self__
def frame(header, payload=b"", mark=None):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("!16sII", mark or OUT._mark, len(text), len(payload)) + text + payload
def forge(*parts):
    for part in parts:
        SOCKET.sendall(part)
def reply(tree, payload=b""):
    return frame({"kind": "reply", "how": "answer", "tree": tree, "notes": []}, payload)
"""

REPLIES = {
    "800 MB reply": (
        "forge(struct.pack('!16sII', OUT._mark, 2, 800 << 20), b'{}', bytes(800 << 20))"
    ),
    "endless stream": "while True: forge(bytes(1 << 20))",
    "endless frames": "while True: forge(frame({'kind': 'reply'}, mark=bytes(16)) * 1000)",
    "deep nesting": "forge(frame(b'[' * 100000 + b']' * 100000))",
    "deep nesting in the tree": "t = []\nfor _ in range(900): t = [t]\nforge(reply(t))",
    "a million by a million": "forge(reply(['array', '<f8', [10**6, 10**6]], bytes(8)))",
    "no such length": "forge(reply(['array', '<f8', [-3]], bytes(24)))",
    "too many axes": "forge(reply(['array', '<f8', [1] * 99], bytes(8)))",
    "overflowing axes": "forge(reply(['array', '<f8', [1 << 40, 1 << 40, 0]]))",
    "length that is no number": "forge(reply(['array', '<f8', [True, 3.0]], bytes(24)))",
    "bytes left over": "forge(reply(['array', '<f8', [3]], bytes(32)))",
    "bytes missing": "forge(reply(['array', '<f8', [3]], bytes(8)))",
    "dtype object": "forge(reply(['array', '|O', [3]], bytes(24)))",
    "dtype complex": "forge(reply(['array', '<c16', [3]], bytes(48)))",
    "dtype with fields": "forge(reply(['array', [['a', '<f8']], [3]], bytes(24)))",
    "no JSON": "forge(frame(b'pickle'))",
    "no UTF-8": "forge(frame(b'\\xff\\xfe'))",
    "huge number": "forge(frame(b'{\"kind\": ' + b'9' * 100000 + b'}'))",
    "not an object": "forge(frame(b'[1]'))",
    "unknown kind": "forge(frame({'kind': 'score', 'points': 4}))",
    "unknown way": "forge(frame({'kind': 'reply', 'how': 'right'}))",
    "notes that are no text": (
        "forge(frame({'kind': 'reply', 'how': 'answer', 'tree': ['none'], 'notes': [[1]]}))"
    ),
    "too large header": "forge(struct.pack('!16sII', OUT._mark, 1 << 31, 0))",
    "call of an object it was not given": (
        "forge(frame({'kind': 'call', 'object': 5, 'method': 'call', 'arguments': []}))"
    ),
    "closed socket": "SOCKET.close()",
    "half a frame": "forge(b'12345'); SOCKET.close()",
}


@pytest.mark.parametrize("name", REPLIES)
def test_malformed_reply_is_an_outcome_without_arrays(engine: Engine, name: str) -> None:
    source = REPLIES[name].replace("\n", "\n    ")
    with engine.session(budget=BUDGET) as session:
        assert session.run_cell(REACH).outputs == []
        session.run_cell(f"def f(x):\n    {source}\n    import os; os._exit(0)")
        session.run_cell("def g(x):\n    return x")
        bad = session.ask("f", {"x": np.ones(3)}, {"y": (3,)}, "y", 1.0)
        assert not bad.arrays
        cause = "(it " if "close()" in source else "(stopped: it "
        assert cause in bad.message
        good = session.ask("g", {"x": np.ones(3)}, {"y": (3,)}, "y", 1.0)
        assert np.array_equal(good.arrays["y"], np.ones(3))


def test_a_reply_cannot_be_replayed_or_sent_ahead(engine: Engine) -> None:
    with engine.session(budget=BUDGET) as session:
        assert session.run_cell(REACH).outputs == []
        # Keeps a right reply to the first question, and sends it before each later answer.
        session.run_cell(
            "kept = []\n"
            "def f(x):\n"
            "    if not kept:\n"
            "        kept.append(reply(['array', '<f8', [3]], x.tobytes()))\n"
            "    forge(*kept)\n"
            "    return -x"
        )
        first = session.ask("f", {"x": np.ones(3)}, {"y": (3,)}, "y", 1.0)
        assert np.array_equal(first.arrays["y"], np.ones(3))  # its own answer, only written by hand
        second = session.ask("f", {"x": np.full(3, 2.0)}, {"y": (3,)}, "y", 1.0)
        assert np.array_equal(second.arrays["y"], np.full(3, -2.0))


def test_a_reply_counts_for_one_of_the_questions_sent_together(engine: Engine) -> None:
    with engine.session(budget=BUDGET) as session:
        assert session.run_cell(REACH).outputs == []
        # Answers the first question three times over: for itself, and for those that follow.
        session.run_cell(
            "def f(x):\n"
            "    if x[0] == 1:\n"
            "        for _ in range(3):\n"
            "            forge(reply(['array', '<f8', [3]], x.tobytes()))\n"
            "    return -x"
        )
        calls = [Call({"x": np.full(3, n)}, {"y": (3,)}, "y") for n in (1.0, 2.0, 3.0)]
        found = [outcome.arrays["y"][0] for outcome in session.ask_all("f", calls, 1.0)]
        assert found == [1, -2, -3]


def test_a_thread_that_floods_the_socket_earns_nothing(engine: Engine) -> None:
    with engine.session(budget=BUDGET) as session:
        assert session.run_cell(REACH).outputs == []
        session.run_cell(
            "import threading, time\n"
            "def flood():\n"
            "    while True:\n"
            "        forge(reply(['array', '<f8', [3]], struct.pack('<3d', 1, 1, 1)))\n"
            "        time.sleep(0.001)\n"
            "threading.Thread(target=flood, daemon=True).start()\n"
            "def f(x):\n    raise ValueError"
        )
        rng = np.random.default_rng(0)
        for _ in range(5):
            x = rng.normal(size=3)
            outcome = session.ask("f", {"x": x}, {"y": (3,)}, "y", 1.0)
            assert not np.array_equal(outcome.arrays.get("y"), x)


# --- the reader by itself ------------------------------------------------------------------------


def test_reader_takes_frames_in_any_portions() -> None:
    mark = nonce()
    wire = encode(mark, {"kind": "a"}, b"12") + encode(mark, {"kind": "b"})
    reader, seen = Reader(100, 100), []
    reader.allow(1000, 10)
    for at in range(len(wire)):
        reader.feed(wire[at : at + 1])
        seen += list(reader.frames(mark))
    assert [(f.header["kind"], f.payload) for f in seen] == [("a", b"12"), ("b", b"")]


def test_reader_drops_frames_of_other_requests() -> None:
    mark, reader = nonce(), Reader(100, 100)
    reader.allow(1000, 10)
    reader.feed(encode(nonce(), {"kind": "old"}) + encode(mark, {"kind": "new"}))
    assert [f.header["kind"] for f in reader.frames(mark)] == ["new"]


@pytest.mark.parametrize(
    ("wire", "allowed"),
    [
        (bytes(50), (49, 5)),
        (struct.pack("!16sII", bytes(16), 101, 0), (500, 5)),
        (struct.pack("!16sII", bytes(16), 0, 101), (500, 5)),
        (encode(bytes(16), {"kind": "x"}) * 6, (500, 5)),
        (encode(bytes(16), {"kind": 1}), (500, 5)),
        (encode(bytes(16), {"sort": "x"}), (500, 5)),
    ],
)
def test_reader_refuses(wire: bytes, allowed: tuple[int, int]) -> None:
    reader = Reader(100, 100)
    reader.allow(*allowed)

    def read() -> None:
        reader.feed(wire)
        list(reader.frames(bytes(16)))

    with pytest.raises(Broken):
        read()


@pytest.mark.parametrize("dtype", sorted(REAL))
def test_arrays_survive_the_way(dtype: str) -> None:
    values = np.arange(6).reshape(2, 3).astype(dtype)
    description, raw = pack(values)
    source = Unpacker(raw, REAL)
    back = source.take(*json.loads(json.dumps(description)))
    source.finish()
    assert back.dtype == values.dtype
    assert np.array_equal(back, values)


def test_empty_and_long_arrays() -> None:
    description, raw = pack(np.zeros((0, 3), np.longdouble))
    assert Unpacker(raw, REAL).take(*description).shape == (0, 3)


def test_truth_values_are_zero_or_one() -> None:
    back = Unpacker(b"\x00\x02\xff", REAL).take("|b1", [3])
    assert back.astype(int).tolist() == [0, 1, 1]


def test_pack_refuses_what_is_no_number() -> None:
    with pytest.raises(TypeError, match="expected numbers"):
        pack(np.array(["a"]))


@pytest.mark.parametrize(
    "header",
    [
        {"how": "answer", "tree": ["parts", [["none"]]]},
        {"how": "answer", "tree": ["array", "<f8", [1]]},
        {"how": "answer"},
        {"how": "raised", "type": "E", "text": 3},
        {"how": "answer", "tree": ["none"], "notes": ["n"] * 21},
    ],
)
def test_reply_of_no_known_form(header: dict[str, object]) -> None:
    with pytest.raises(Broken):
        outcome(
            Frame(b"", {"kind": "reply", **header}, b""), {"a": (1,), "b": (1,)}, ["a", "b"], False
        )


@pytest.mark.parametrize(
    "header",
    [
        {"object": 1, "method": "call", "arguments": []},
        {"object": True, "method": "call", "arguments": []},
        {"object": 0, "method": "__init__", "arguments": []},
        {"object": 0, "method": "gradient", "arguments": []},
        {"object": 0, "method": "call", "arguments": [["<f8", [1]], ["<f8", [1]], ["<f8", [1]]]},
        {"object": 0, "method": "call", "arguments": [["|O", [1]]]},
        {"object": 0, "method": "call", "arguments": [3]},
        {"object": 0, "method": ["call"], "arguments": []},
    ],
)
def test_calls_that_there_are_not(header: dict[str, object]) -> None:
    with pytest.raises(Broken):
        Helpers([activation("relu")], 1.0).answer(Frame(b"", {"kind": "call", **header}, bytes(24)))


def test_calls_with_more_numbers_than_are_accepted() -> None:
    call = {"kind": "call", "object": 0, "method": "call", "arguments": [["|b1", [5 << 20]]]}
    with pytest.raises(Broken, match="too large"):
        Helpers([activation("relu")], 1.0).answer(Frame(b"", call, bytes(5 << 20)))


def test_calls_have_an_end() -> None:
    helpers = Helpers([activation("relu")], -1.0)
    call = {"kind": "call", "object": 0, "method": "call", "arguments": [["<f8", [1]]]}
    header, _ = helpers.answer(Frame(b"", call, bytes(8)))
    assert header["type"] == "RuntimeError"


def test_text_is_made_harmless() -> None:
    assert clean("a\ud800\x00\x07\u202eb\nc\x1b[0m", 100) == "a?b\nc\x1b[0m"
    assert clean("abc", 2) == "ab"
