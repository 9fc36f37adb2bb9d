"""The application's set-up: number format, font, theme, and the check of PySide6 against Python."""

import ctypes
import locale
import sys

import pytest
from PySide6.QtCore import QLocale
from PySide6.QtGui import QFontInfo, QPalette
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gdsim.gui.application import FONT, BadPair, application, check_pair, qt_palette, theme_of
from gdsim.gui.palette import DARK, LIGHT


def test_this_pair_is_good() -> None:
    check_pair()


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="None is immortal from Python 3.12 on")
def test_a_call_that_eats_none_is_refused() -> None:
    eaten = 0

    def leak() -> None:
        nonlocal eaten
        eaten += 1
        ctypes.pythonapi.Py_DecRef(ctypes.py_object(None))

    try:
        with pytest.raises(BadPair, match=r"PySide6 \d.* and Python 3\.11.*pip install"):
            check_pair(leak)
    finally:
        for _ in range(eaten):
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(None))


def test_application_is_one_and_keeps_the_decimal_point(qtbot: QtBot) -> None:
    app = application()
    assert app is QApplication.instance()
    assert application() is app
    assert locale.setlocale(locale.LC_NUMERIC) == "C"
    assert QLocale().decimalPoint() == "."
    assert app.style().objectName().lower() == "fusion"


def test_text_has_the_bundled_font(qtbot: QtBot) -> None:
    assert QFontInfo(application().font()).family() == FONT


def test_themes(qtbot: QtBot) -> None:
    app = application()
    assert theme_of("light", app) is LIGHT
    assert theme_of("dark", app) is DARK
    assert theme_of("system", app) in (LIGHT, DARK)
    for theme in (LIGHT, DARK):
        assert qt_palette(theme).color(QPalette.ColorRole.Window).name() == theme.window
