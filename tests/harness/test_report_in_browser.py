"""The report's page in Chromium, where there is one: read, walked through with keys, on a phone, and full of a stranger's text."""

import json
from urllib.parse import quote

import pytest

from gdsim.harness.report_html import write_html
from tests.harness.browser import BROWSER, Browser
from tests.harness.made_up import HOSTILE, report

pytestmark = pytest.mark.skipif(BROWSER is None, reason="no Chromium here")

PANEL = "document.getElementById('run')"
HERE = "document.activeElement"
SPOKEN = "document.getElementById('spoken').textContent"


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    made = Browser(tmp_path_factory.mktemp("profile"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Addresses of one report, of three side by side, and of one by a stranger."""
    folder = tmp_path_factory.mktemp("pages")
    reports = {
        "one": [report("adam", 300)],
        "three": [report("adam", 300), report("sgd", 300, salt=1), report("my.py:Mine", 200, salt=2)],
        "hostile": [report("adam", 60, hostile=HOSTILE)],
    }
    for name, some in reports.items():
        write_html(some, folder / f"{name}.html")
    return {name: ((folder / f"{name}.html").as_uri(), some) for name, some in reports.items()}


@pytest.mark.parametrize("name", ["one", "three", "hostile"])
@pytest.mark.parametrize(("width", "dark"), [(1280, False), (360, True)], ids=["desk", "phone"])
def test_every_page_is_drawn_and_nothing_goes_wrong(browser, pages, name, width, dark):
    address, reports = pages[name]
    browser.open(address, width, 800, dark=dark, touch=width < 500)
    assert browser.faults == []
    groups = {(one.trial.family, one.trial.group) for each in reports for one in each.outcomes}
    sizes = browser.ask("[...document.querySelectorAll('#mosaic canvas')].map(one => [one.width, one.height])")
    assert len(sizes) == len(groups)
    assert min(min(size) for size in sizes) > 0
    assert browser.ask("document.documentElement.scrollWidth") <= width  # nothing sticks out at the side
    assert browser.ask("document.images.length + document.scripts.length") == 2


@pytest.mark.parametrize("name", ["one", "hostile"])
def test_the_address_names_a_run(browser, pages, name):
    address, (made,) = pages[name]
    broken = made.failures[0]
    browser.open(f"{address}#0/{quote(broken.trial.id, safe='')}")
    assert browser.ask(f"{PANEL}.hidden") is False
    text = browser.ask(f"{PANEL}.innerText").replace("\n", " ")
    assert broken.sentence.split("<")[0] in text
    assert "gdsim open --trial" in text
    assert browser.ask(f"{PANEL}.querySelectorAll('svg path.path, svg path.losses').length") == 2
    assert browser.ask(f"{PANEL}.querySelectorAll('script, img').length") == 0
    assert browser.faults == []


def test_keys_walk_and_open_and_close(browser, pages):
    address, (made,) = pages["one"]
    browser.open(address)
    browser.ask("document.querySelectorAll('#mosaic canvas')[1].focus()")
    group = [one for one in made.outcomes if one.trial.group == "one weight, no noise"]
    assert browser.ask(SPOKEN).startswith(f"{group[0].trial.title}. ")
    for key, index in (("ArrowDown", 1), ("ArrowDown", 2), ("ArrowUp", 1), ("End", len(group) - 1), ("Home", 0), ("ArrowUp", 0)):
        browser.press(key)
        assert browser.ask(SPOKEN).startswith(f"{group[index].trial.title}. ")
        assert group[index].sentence in browser.ask(SPOKEN)
    browser.press("Enter")
    browser.until(f"!{PANEL}.hidden")
    assert group[0].trial.title in browser.ask(f"{PANEL}.innerText")
    browser.press("Escape")
    assert browser.ask(f"{PANEL}.hidden") is True
    assert browser.ask(f"{HERE} === document.querySelectorAll('#mosaic canvas')[1]") is True


def test_a_click_opens_the_cell_under_it(browser, pages):
    address, reports = pages["three"]
    browser.open(address)
    browser.ask("document.querySelectorAll('#mosaic canvas')[0].scrollIntoView({block: 'center'})")
    left, top = browser.ask("(box => [box.left, box.top])(document.querySelectorAll('#mosaic canvas')[0].getBoundingClientRect())")
    for row, column in ((0, 0), (2, 1), (5, 2)):  # three columns of cells under their numbers
        browser.click(left + column * 15.5 + 7, top + 14 + row * 15.5 + 7)
        outcome = reports[column].outcomes[row]
        assert browser.ask("decodeURIComponent(location.hash)") == f"#{column}/{outcome.trial.id}"
        browser.until(f"!{PANEL}.hidden && {PANEL}.innerText.includes({json.dumps(outcome.sentence)})")
        browser.press("Escape")


def test_a_verdict_alone_and_a_word(browser, pages):
    browser.open(pages["one"][0])
    bright = (
        "(c => { let n = 0; const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;"
        " for (let k = 3; k < d.length; k += 4) n += d[k] > 200; return n; })(document.querySelectorAll('#mosaic canvas')[1])"
    )
    whole = browser.ask(bright)
    browser.ask("document.querySelectorAll('#legend button')[0].click()")
    assert 0 < browser.ask(bright) < whole
    assert browser.ask("document.querySelectorAll('#legend button')[0].ariaPressed") == "true"
    browser.ask("document.querySelectorAll('#legend button')[0].click()")
    assert browser.ask(bright) == whole
    browser.ask("(f => { f.value = 'Piece 4'; f.dispatchEvent(new Event('input')); })(document.getElementById('find'))")
    assert 0 < browser.ask(bright) < whole
