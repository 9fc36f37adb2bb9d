"""CSV files: good ones come back as they were written, bad ones are refused with the place and the reason."""

import contextlib
import csv
import io
import os
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gdsim.networks import csv_file, csv_text
from gdsim.networks.csv_file import read, read_inputs
from gdsim.networks.dataset import DataError, Dataset


@pytest.fixture
def file(tmp_path):
    def write(content):
        path = tmp_path / "data.csv"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


WORDS = "\n".join(f"{i},w{i}" for i in range(70))
BAD = {
    "empty": ("", "empty file"),
    "only a mark": (b"\xef\xbb\xbf", "empty file"),
    "only empty lines": ("\n\n\r\n", "empty file"),
    "only names": ("a,b\n", "names of columns and nothing else"),
    "names and empty lines": ("a,b\n\n\n", "names of columns and nothing else"),
    "one column": ("a\n1\n2\n", "one column"),
    "no delimiter": ("a b c\n1 2 3\n", "one column"),
    "a zero byte": (b"a,b\n1,2\n3,\x004\n", "line 3: found a zero byte"),
    "a picture": (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "line 1: found byte 0x89"),
    "compressed": (b"\x1f\x8b\x08\x08abcd\xff\xfe", "line 1: found byte 0x8b"),
    "Latin-1": ("größe,y\n1,2\n".encode("latin-1"), "line 1: found byte 0xf6, which is not UTF-8"),
    "Latin-1, later": (b"a,y\n1,2\n\n3,\xe9\n", "line 4: found byte 0xe9"),
    "UTF-16": ("a,b\n1,2\n".encode("utf-16"), "UTF-16"),
    "UTF-16, big end first": (b"\xfe\xff" + "a,b\n1,2\n".encode("utf-16-be"), "UTF-16"),
    "half a sign at the end": (b"a,b\n1,2\n3,\xc3", "line 3: found byte 0xc3"),
    "a short row": ("a,b,c\n1,2,3\n4,5\n", "line 3: found 2 values; allowed: 3"),
    "a long row": ("a,b\n1,2\n3,4\n5,6,7\n", "line 4: found 3 values; allowed: 2"),
    "a short row after empty lines": ("\n\na,b\n1,2\n\n3\n", "line 6: found 1 value; allowed: 2"),
    "a ragged file without names": ("1,2\n3,4\n\n5,6,7\n", "line 4: found 3 values"),
    "names twice": ("a,b,a\n1,2,3\n", "first line: found the name 'a' for the columns 1, 3"),
    "names twice but for spaces": ("a,b, a\n1,2,3\n", "columns 1, 3"),
    "an open quote": ('a,b\n1,"2\n3,4\n5,6\n', "line 2, column 'b': found a value over several lines"),
    "a quote over lines": ('a,b\n1,x\n2,"x\ny"\n', "line 3, column 'b': found a value over several lines"),
    "an open quote in the names": ('"a,b\n1,2\n3,4\n', "quotes that are closed"),
    "infinite": ("a,b\n1,2\n3,inf\n", "line 3, column 'b': found inf; allowed: finite numbers"),
    "minus infinite": ("a,b\n1,2\n\n-Infinity,4\n", "line 4, column 'a': found -inf"),
    "too large": ("a,b\n1,2\n3,1e999\n", "line 3, column 'b': found inf"),
    "no targets": ("a,b\n1,\n3,NA\n", "column 'b': found no value at all"),
    "no inputs": ("a,b\n,1\n?,2\n", "column 'a': found no value at all"),
    "never complete": ("a,b,y\n1,,3\n,2,4\n", "every point lacks a value"),
    "one class": ("a,y\n1,red\n2,red\n", "column 'y': found only one class, 'red'"),
    "too many categories": (
        f"a,w,y\n{re.sub('$', ',1', WORDS, flags=re.MULTILINE)}\n",
        "column 'w': found more than 64 different words ('w0'",
    ),
    "an input called like a category": ("c,c=x,y\nx,1,2\nz,2,3\n", "two inputs would be called 'c=x'"),
    "carriage returns alone": ("a,b\r1,2\r3,4\r", "carriage return alone"),
    "a huge line": (b"a,b\n1," + b"2" * (csv_text.LONGEST_LINE + 1) + b"\n", "line 2: found more than 1,048,576 bytes"),
    "a huge line without an end": (b"a,b\n1,2\n" + b"x" * (csv_text.LONGEST_LINE + 2), "line 3: found more than"),
    "a huge value in the first line": (b'"' + b"a" * 140_000 + b'",b\n1,2\n', "no row of values"),
    "too many columns": (",".join(["1"] * 4097) + "\n", "4,097 columns; allowed: at most 4,096"),
    "spaces in a line": ("a,b\n1,2\n \n3,4\n", "line 3: found 1 value; allowed: 2"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_files_are_refused_with_place_and_reason(name, file):
    content, words = BAD[name]
    path = file(content)
    with pytest.raises(DataError) as caught:
        read(path)
    text = str(caught.value)
    assert text.startswith(f"{path}: ")
    assert words in text
    assert len(text) < 600
    assert text.isprintable()


def test_a_category_that_is_not_told_apart_costs_no_memory(file):
    path = file("w,y\n" + "".join(f"w{i},1.5\n" for i in range(5000)))
    with pytest.raises(DataError, match="more than 64 different words"):
        read(path)
    with pytest.raises(DataError, match="more than 1,000 classes"):
        read(path, "w")


CAPS = {
    "MOST_BYTES": (10, "found 12 bytes; allowed: at most 10"),
    "MOST_ROWS": (1, "more than 1 lines"),
}


@pytest.mark.parametrize("name", CAPS)
def test_caps_hold_before_anything_is_read(name, file, monkeypatch):
    most, words = CAPS[name]
    path = file("a,b\n1,2\n3,4\n")
    monkeypatch.setattr(csv_text, name, most)
    monkeypatch.setattr(csv_file, "_table", None)
    with pytest.raises(DataError, match=words):
        read(path)


def test_the_cap_of_numbers_holds_before_and_after_categories(file, monkeypatch):
    path = file("a,b\nx,2\ny,4\nz,5\nx,6\n")
    monkeypatch.setattr(csv_file, "MOST_NUMBERS", 11)
    with pytest.raises(DataError, match="4 points of 3 inputs"):
        read(path)
    monkeypatch.setattr(csv_file, "MOST_NUMBERS", 9)
    monkeypatch.setattr(csv_file, "_table", None)
    with pytest.raises(DataError, match="5 lines of 2 values"):
        read(path)


def test_what_is_no_file_is_refused(tmp_path):
    with pytest.raises(DataError, match="found a folder; allowed: a CSV file"):
        read(tmp_path)
    with pytest.raises(DataError, match="there is no such file"):
        read(tmp_path / "none.csv")
    with pytest.raises(DataError, match="there is no such file"):
        read(tmp_path / "none.csv" / "deeper")
    with pytest.raises(DataError, match="cannot be read"):
        read("a\0b")
    with pytest.raises(DataError, match="not a regular file"):
        read(os.devnull)
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
        with pytest.raises(DataError, match="not a regular file"):
            read(tmp_path / "pipe")


@pytest.mark.parametrize(("target", "hint"), [("price", ""), ("colur", "did you mean 'colour'"), ("", "")])
def test_an_unknown_target_is_refused_with_what_there_is(target, hint, file):
    with pytest.raises(DataError) as caught:
        read(file("size,colour\n1,2\n"), target)
    assert hint in str(caught.value)
    assert "found: 'size', 'colour'" in str(caught.value)


def test_names_that_a_terminal_would_obey_are_shown_as_what_they_are(file):
    with pytest.raises(DataError) as caught:
        read(file("\x1b[31mred,b\n1,2\n"), "c")
    assert "\x1b" not in str(caught.value)


LAYOUTS = {
    "commas": "x,y\n1,2\n3,4\n",
    "semicolons": "x;y\n1;2\n3;4\n",
    "tabs": "x\ty\n1\t2\n3\t4\n",
    "with a mark": "\ufeffx,y\n1,2\n3,4\n",
    "no line feed at the end": "x,y\n1,2\n3,4",
    "Windows": "x,y\r\n1,2\r\n3,4\r\n",
    "empty lines": "\n\nx,y\n\n1,2\n\r\n3,4\n\n",
    "spaces": "x, y\n1 , 2\n 3,4 \n",
    "quotes": '"x","y"\n"1","2"\n3,"4"\n',
    "decimals": "x,y\n1.0,2.000\n3e0,.4e1\n",
    "plus signs": "x,y\n+1,+2.0\n3,+4\n",
    "decimal commas": "x;y\n1,0;2,0\n3,0;4\n",
    "decimal commas and tabs": "x\ty\n1,0\t2\n3\t4,0\n",
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_layouts_are_found_out(name, file):
    data = read(file(LAYOUTS[name]))
    assert (data.features, data.target, data.classes, data.name, data.notes) == (("x",), "y", (), "data.csv", ())
    assert data.inputs.tolist() == [[1.0], [3.0]]
    assert data.targets.tolist() == [[2.0], [4.0]]


@pytest.mark.parametrize(
    ("content", "features"),
    [
        ("1,2\n3,4\n", ("column1",)),
        ("x,2\ny,4\n", ("column1=x", "column1=y")),
        ("NA,2\n3,4\n5,6\n", ("column1",)),
        ("x,y\n1,2\n3,4\n", ("x",)),
        (",y\n1,2\n3,4\n", ("column1",)),
        ("2020,y\n1,2\n3,4\n", ("2020",)),
        ("x,y\na,b\nc,d\n", ("x=a", "x=c")),
    ],
)
def test_headers_are_found_out(content, features, file):
    assert read(file(content)).features == features


def test_what_is_told_is_not_found_out(file):
    assert read(file("a,b\nc,d\ne,f\n"), header=False).features == ("column1=a", "column1=c", "column1=e")
    assert read(file("1,2\n3,4\n"), header=True).features == ("1",)
    assert read(file("a;b,c;d\n1;2,3;4\n5;6,7;8\n"), delimiter=",").features == ("a;b=1;2", "a;b=5;6")
    with pytest.raises(DataError, match=r"delimiter '\|'"):
        read(file("a|b\n1|2\n"), delimiter="|")
    with pytest.raises(ValueError, match="missing is 'zero'"):
        read(file("a,b\n1,2\n"), missing="zero")


def test_words_become_inputs_and_classes(file):
    path = file("size,colour,sold\n1.5,red,yes\n2.5, blue ,no\n3,red,yes\n")
    data = read(path)
    assert data.features == ("size", "colour=blue", "colour=red")
    assert data.inputs.tolist() == [[1.5, 0, 1], [2.5, 1, 0], [3, 0, 1]]
    assert (data.classes, data.targets.tolist(), data.target) == (("no", "yes"), [1, 0, 1], "sold")
    assert read(path, "colour").classes == ("blue", "red")
    assert Dataset.from_csv(path, "size").features == ("colour=blue", "colour=red", "sold=no", "sold=yes")
    assert read(file("flag,y\ntrue,1.5\nfalse,2\n")).features == ("flag=false", "flag=true")


@pytest.mark.parametrize(("numbers", "classes"), [("0,1,1", ("0", "1")), ("-1,+1,-1", ("-1", "1")), ("10,9,1.5", ("1.5", "9", "10"))])
def test_numbers_are_classes_only_if_asked_for(numbers, classes, file):
    path = file("x,y\n" + "".join(f"{i},{number}\n" for i, number in enumerate(numbers.split(","))))
    assert not read(path).is_classification
    data = read(path, classification=True)
    assert data.classes == classes
    assert [float(data.classes[number]) for number in data.targets] == [float(number) for number in numbers.split(",")]


@pytest.mark.parametrize("absent", [*csv_text.ABSENT, " NA ", '""'])
def test_missing_values_are_left_out_or_filled_in(absent, file):
    lines = ["1,red,10", f"{absent},red,20", f"3,{absent},30", "4,blue,40", f"5,blue,{absent}", f"{absent},{absent},{absent}", "10,red,60"]
    path = file("x,c,y\n" + "\n".join(lines) + "\n")
    left = read(path)
    assert left.inputs.tolist() == [[1, 0, 1], [4, 1, 0], [10, 0, 1]]
    assert left.notes == ("2 points without a target left out", "2 points without one of the inputs left out")
    filled = read(path, missing="mean")
    assert filled.inputs.tolist() == [[1, 0, 1], [4.5, 0, 1], [3, 0, 1], [4, 1, 0], [10, 0, 1]]
    assert filled.targets[:, 0].tolist() == [10, 20, 30, 40, 60]
    assert filled.notes[1].startswith("2 missing inputs replaced by the mean or the most frequent category")


def test_categories_of_points_left_out_are_no_inputs(file):
    assert read(file("c,y\nred,1\nblue,NA\ngreen,3\n")).features == ("c=green", "c=red")


NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
TEXTS = st.text("abcXYZ äß€=;\t'\"0", min_size=1, max_size=8).map(lambda text: f"w{text}w")


def written(rows, delimiter, end):
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator=end).writerows(rows)
    return text.getvalue().encode()


@settings(max_examples=60, deadline=None)
@given(st.data(), st.integers(1, 4), st.integers(1, 30), st.sampled_from([",", ";", "\t"]), st.sampled_from(["\n", "\r\n"]))
def test_numbers_come_back_to_the_bit(tmp_path_factory, data, columns, rows, delimiter, end):
    table = data.draw(st.lists(st.lists(NUMBERS, min_size=columns + 1, max_size=columns + 1), min_size=rows, max_size=rows))
    path = tmp_path_factory.getbasetemp() / "numbers.csv"
    path.write_bytes(written([[f"n{i}" for i in range(columns + 1)], *table], delimiter, end))
    found = read(path)
    assert np.array_equal(found.inputs, np.array(table)[:, :-1])
    assert np.array_equal(found.targets, np.array(table)[:, -1:])
    assert np.array_equal(read_inputs(path, found.features), found.inputs)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(TEXTS, NUMBERS, TEXTS), min_size=2, max_size=40), st.sampled_from([",", ";", "\t"]))
def test_words_come_back_as_they_were(tmp_path_factory, rows, delimiter):
    path = tmp_path_factory.getbasetemp() / "words.csv"
    path.write_bytes(written([["first", "second", "third"], *rows], delimiter, "\n"))
    if len({row[2] for row in rows}) == 1:
        with pytest.raises(DataError, match="only one class"):
            read(path, delimiter=delimiter)
        return
    found = read(path, delimiter=delimiter)
    assert [found.classes[number] for number in found.targets] == [row[2] for row in rows]
    hot = [name.removeprefix("first=") for name in found.features[:-1]]
    assert hot == sorted({row[0] for row in rows})
    assert [hot[place] for place in found.inputs[:, :-1].argmax(axis=1)] == [row[0] for row in rows]
    assert (found.inputs[:, :-1].sum(axis=1) == 1.0).all()
    assert np.array_equal(read_inputs(path, found.features, delimiter=delimiter), found.inputs)


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.binary(max_size=200), st.text(',;\t\n\r"1.-eaN ?', max_size=80).map(str.encode)))
def test_no_content_does_anything_but_be_read_or_refused(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "anything.csv"
    path.write_bytes(content)
    with contextlib.suppress(DataError):
        assert np.isfinite(read(path, missing="mean").inputs).all()


def test_new_points_get_the_inputs_of_those_that_were_learned(file):
    learned = read(file("size,colour,y\n1,red,1\n2,blue,2\n3,green,3\n"))
    path = file("id,colour,size\nq,blue,7\nr,red,8\n")
    assert read_inputs(path, learned.features).tolist() == [[7, 1, 0, 0], [8, 0, 0, 1]]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("colour,id\nred,1\n", "there is no column 'size'"),
        ("sise,colour\n1,red\n", "did you mean 'sise'"),
        ("size,colour\n1,red\n,red\n", "column 'size': found no value for point 2"),
        ("size,colour\n1,pink\n", "column 'colour': found 'pink'; allowed: 'blue', 'red'"),
        ("size,colour\nlarge,red\n", "column 'size': found words, such as 'large'"),
        ("size,colour\n1,5\n", "column 'colour': found '5'; allowed"),
    ],
)
def test_new_points_that_do_not_fit_are_refused(content, words, file):
    with pytest.raises(DataError) as caught:
        read_inputs(file(content), ("size", "colour=blue", "colour=red"))
    assert words in str(caught.value)
