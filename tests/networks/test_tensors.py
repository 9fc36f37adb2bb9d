"""Tensors in safetensors files: read and written as the reference library does, and no bad file does harm or passes."""

import json
import os
import tracemalloc

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from gdsim.networks.tensors import MOST_BYTES, MOST_HEADER, TYPES, WeightsError, from_bytes, load_tensors, save_tensors, to_bytes

KINDS = [np.dtype(spelling) for spelling in TYPES.values()]
ARRAYS = st.sampled_from(KINDS).flatmap(lambda kind: hnp.arrays(kind, hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4)))
NAMES = st.text(st.characters(codec="utf-8", categories=("L", "N", "P")), min_size=1, max_size=12).filter(
    lambda name: name != "__metadata__"
)
TENSORS = st.dictionaries(NAMES, ARRAYS, max_size=4)
METADATA = st.dictionaries(st.text(max_size=8), st.text(st.characters(codec="utf-8"), max_size=30), max_size=3)


def same(left, right):
    assert left.keys() == right.keys()
    for name, array in left.items():
        assert array.dtype == right[name].dtype
        assert array.shape == right[name].shape
        assert array.tobytes() == right[name].tobytes()


@settings(max_examples=60, deadline=None)
@given(TENSORS, METADATA)
def test_what_is_written_is_read_here_and_by_the_reference(tensors, metadata):
    content = to_bytes(tensors, metadata)
    found, also = from_bytes(content)
    same(found, tensors)
    same(safetensors.numpy.load(content), tensors)
    assert also == metadata


@settings(max_examples=60, deadline=None)
@given(TENSORS, METADATA)
def test_what_the_reference_writes_is_read(tensors, metadata):
    found, also = from_bytes(safetensors.numpy.save(tensors, metadata or None))
    same(found, tensors)
    assert also == metadata


def test_numbers_are_whole_aligned_and_our_own():
    tensors = {"count": np.array(3, dtype=np.uint8), "w": np.arange(6.0).reshape(2, 3), "b": np.ones(3, dtype=np.float32)}
    content = to_bytes(tensors)
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    for name, array in tensors.items():
        assert (8 + length + header[name]["data_offsets"][0]) % array.itemsize == 0
    found, _ = from_bytes(content)
    found["w"][0, 0] = 7.0
    assert from_bytes(content)[0]["w"][0, 0] == 0.0


def made(header, numbers=b"", length=None):
    """A file with this header (a table, or text, or bytes)."""
    if isinstance(header, dict):
        header = json.dumps(header)
    text = header.encode() if isinstance(header, str) else header
    return (len(text) if length is None else length).to_bytes(8, "little") + text + numbers


def entry(kind="F64", shape=(2,), offsets=(0, 16), **others):
    return {"dtype": kind, "shape": list(shape), "data_offsets": list(offsets), **others}


GOOD = to_bytes({"0.weight": np.arange(6.0).reshape(2, 3), "0.bias": np.arange(2.0)}, {"a": "b"})
HEADER = int.from_bytes(GOOD[:8], "little")
TWO = np.arange(2.0).tobytes()

BAD = {
    "empty": b"",
    "one byte": GOOD[:1],
    "seven bytes": GOOD[:7],
    "the length alone": GOOD[:8],
    "one byte of header": GOOD[:9],
    "half the header": GOOD[: 8 + HEADER // 2],
    "all but one byte of header": GOOD[: 7 + HEADER],
    "the header alone": GOOD[: 8 + HEADER],
    "half the numbers": GOOD[: 8 + HEADER + 32],
    "all but one byte": GOOD[:-1],
    "a byte too much": GOOD + b"\0",
    "another file behind": GOOD + GOOD,
    "zeros": bytes(64),
    "header of no length": made(b"", TWO),
    "header of 2^64 - 1 bytes": made({"w": entry()}, TWO, length=2**64 - 1),
    "header of 2^63 bytes": made({"w": entry()}, TWO, length=2**63),
    "header longer than allowed": made(b"{" + b" " * MOST_HEADER + b"}"),
    "header a byte short": made({"w": entry()}, TWO, length=len(json.dumps({"w": entry()})) - 1),
    "header into the numbers": made({"w": entry()}, TWO, length=len(json.dumps({"w": entry()})) + 4),
    "not JSON": made(b"{weights}", TWO),
    "not UTF-8": made(b'{"\xff\xfe": 1}', TWO),
    "half a surrogate": made(b'{"\\ud800": {"dtype": "F64", "shape": [2], "data_offsets": [0, 16]}}', TWO),
    "an array as header": made(b"[1, 2, 3]", TWO),
    "a number as header": made(b"12345678", TWO),
    "deep arrays": made(b'{"w":' + b"[" * 100_000 + b"]" * 100_000 + b"}", TWO),
    "deep tables": made(b'{"w":' * 100_000 + b"1" + b"}" * 100_000, TWO),
    "deep shape": made(b'{"w":{"dtype":"F64","shape":' + b"[" * 500 + b"]" * 500 + b',"data_offsets":[0,16]}}', TWO),
    "a number of many digits": made(b'{"w":{"dtype":"F64","shape":[' + b"9" * 5000 + b'],"data_offsets":[0,16]}}', TWO),
    "the same name twice": made(f'{{"w": {json.dumps(entry())}, "w": {json.dumps(entry())}}}', TWO),
    "a key twice": made(b'{"w":{"dtype":"F64","shape":[2],"shape":[2],"data_offsets":[0,16]}}', TWO),
    "many names twice": made("{" + ",".join(f'"w{i}":1,"w{i}":1' for i in range(20_000)) + "}", TWO),
    "too many tensors": made({f"w{i}": entry(shape=(0,), offsets=(0, 0)) for i in range(5000)}),
    "no dtype": made({"w": {"shape": [2], "data_offsets": [0, 16]}}, TWO),
    "a key too many": made({"w": entry(more=1)}, TWO),
    "an entry that is a number": made({"w": 3}, TWO),
    "an entry that is null": made({"w": None}, TWO),
    "unknown dtype": made({"w": entry("X64")}, TWO),
    "half precision": made({"w": entry("F16", (8,))}, TWO),
    "dtype a number": made({"w": entry(64)}, TWO),
    "dtype a table": made({"w": entry({})}, TWO),
    "negative shape": made({"w": entry(shape=(-2,))}, TWO),
    "negative shapes whose product fits": made({"w": entry(shape=(-1, -2))}, TWO),
    "a shape of fractions": made({"w": entry(shape=(2.0,))}, TWO),
    "a shape of booleans": made({"w": entry(shape=(2, True))}, TWO),
    "a shape of texts": made({"w": entry(shape=("2",))}, TWO),
    "a shape too small": made({"w": entry(shape=(1,))}, TWO),
    "a shape too large": made({"w": entry(shape=(3,))}, TWO),
    "a shape that wraps round": made({"w": entry(shape=(2**61 + 2, 1))}, TWO),
    "a huge shape without numbers": made({"w": entry(shape=(2**62, 2**62, 0), offsets=(0, 0))}),
    "a shape of too many axes": made({"w": entry(shape=(2,) + (1,) * 40)}, TWO),
    "offsets reversed": made({"w": entry(offsets=(16, 0))}, TWO),
    "negative offsets": made({"w": entry(offsets=(-16, 0))}, TWO),
    "offsets beyond the end": made({"w": entry(offsets=(0, 2**40), shape=(2**37,))}, TWO),
    "offsets beyond 64 bits": made({"w": entry(offsets=(2**70, 2**70 + 16))}, TWO),
    "one offset": made({"w": entry(offsets=(16,))}, TWO),
    "three offsets": made({"w": entry(offsets=(0, 8, 16))}, TWO),
    "offsets of fractions": made({"w": entry(offsets=(0.0, 16.0))}, TWO),
    "overlapping": made({"a": entry(), "b": entry(offsets=(8, 24))}, TWO + bytes(8)),
    "the same numbers twice": made({"a": entry(), "b": entry()}, TWO),
    "a hole": made({"a": entry(), "b": entry(offsets=(24, 40))}, TWO + bytes(24)),
    "a hole before the first": made({"a": entry(offsets=(8, 24))}, bytes(8) + TWO),
    "numbers of nobody": made({}, TWO),
    "metadata that is an array": made({"__metadata__": [], "w": entry()}, TWO),
    "metadata that holds a number": made({"__metadata__": {"a": 1}, "w": entry()}, TWO),
    "metadata that holds a table": made({"__metadata__": {"a": {}}, "w": entry()}, TWO),
    "a name of nothing": made({"": entry()}, TWO),
    "a name that a terminal obeys": made({"\x1b[2J": entry()}, TWO),
    "a name of many characters": made({"w" * 10_000: entry()}, TWO),
    "a pickle": b"\x80\x02}q\x00X\x01\x00\x00\x00wq\x01K\x01s." + bytes(40),
    "a file of torch.save": b"PK\x03\x04\x00\x00\x08\x08\x00\x00\x00\x00archive/data.pkl" + bytes(40),
    "an array of NumPy": b"\x93NUMPY\x01\x00v\x00{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }" + TWO,
    "an HDF5 file": b"\x89HDF\r\n\x1a\n" + bytes(64),
    "a Parquet file": b"PAR1" + bytes(64) + b"PAR1",
    "a text": b"0.weight,0.bias\n1,2\n3,4\n",
    "a JSON text": b'{"0.weight": [1, 2, 3]}',
    "a picture": b"\x89PNG\r\n\x1a\n" + bytes(64),
}


@pytest.mark.parametrize("content", BAD.values(), ids=BAD)
def test_a_bad_file_is_refused_with_a_reason(content, tmp_path):
    file = tmp_path / "weights.safetensors"
    file.write_bytes(content)
    tracemalloc.start()
    try:
        with pytest.raises(WeightsError) as caught:
            load_tensors(file)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    error = caught.value
    assert peak < 30 * len(content) + 1_000_000
    assert error.file == str(file)
    assert error.found
    assert error.allowed
    assert f"found {error.found}; allowed: {error.allowed}" in str(error)
    assert str(error).isprintable()
    assert len(str(error)) < 1000


@pytest.mark.parametrize("name", ["a pickle", "a file of torch.save"])
def test_a_pickle_is_told_how_to_be_saved(name):
    with pytest.raises(WeightsError, match=r"it is not opened.*safetensors\.torch\.save_file\(model\.state_dict\(\)"):
        from_bytes(BAD[name], "model.pt")


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_damaged_file_is_read_or_refused_and_nothing_else(data):
    content = bytearray(GOOD)
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(content)))
    for each in (bytes(content), bytes(content[:cut])):
        try:
            tensors, metadata = from_bytes(each)
        except WeightsError:
            continue
        assert sum(array.nbytes for array in tensors.values()) <= len(each)
        assert all(isinstance(value, str) for value in metadata.values())


def test_a_file_too_large_is_not_read(tmp_path):
    file = tmp_path / "large.safetensors"
    with open(file, "wb") as stream:
        stream.truncate(MOST_BYTES + 1)  # a hole: no disk and no memory
    with pytest.raises(WeightsError, match=f"{MOST_BYTES + 1:,} bytes"):
        load_tensors(file)


@pytest.mark.parametrize("make", [os.mkdir, os.mkfifo, lambda path: None], ids=["a folder", "a pipe", "nothing"])
def test_what_is_no_file_is_refused(make, tmp_path):
    make(tmp_path / "w")
    with pytest.raises(WeightsError, match="found"):
        load_tensors(tmp_path / "w")


@pytest.mark.parametrize("array", [np.zeros(2, dtype=np.float16), np.zeros(2, dtype=complex), np.array(["a"]), np.array([True])])
def test_other_types_are_not_written(array, tmp_path):
    with pytest.raises(WeightsError, match="numbers of type"):
        save_tensors(tmp_path / "w", {"w": array})
    assert not list(tmp_path.iterdir())


def test_a_file_that_cannot_be_written_leaves_the_old_one(tmp_path, monkeypatch):
    file = tmp_path / "w.safetensors"
    save_tensors(file, {"w": np.zeros(2)})
    before = file.read_bytes()
    monkeypatch.setattr(os, "fsync", lambda handle: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(OSError, match="No space"):
        save_tensors(file, {"w": np.ones(2)})
    assert file.read_bytes() == before
    assert os.listdir(tmp_path) == [file.name]
