"""The QApplication, made the one way that the window and pictures share: style, fonts, colours, number format."""

import locale
import os
import sys
from collections.abc import Callable

import pyqtgraph as pg
from PySide6 import __version__ as pyside_version
from PySide6.QtCore import QLocale, QObject, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication

from gdsim import shipped
from gdsim.app.state import ThemeChoice
from gdsim.gui.palette import DARK, LIGHT, Theme

FONT = "Inter"
PIXELS = 13


class BadPair(RuntimeError):
    """This PySide6 and this Python abort together after a few hundred repaints."""


def check_pair(call: Callable[[], object] | None = None) -> None:
    """Raises BadPair if a Qt call that returns nothing eats a reference to None, as PySide6 6.12.0 does before Python 3.12.

    Measured, not looked up, so that a repaired release is let through. ``call`` stands in for the Qt call in tests.
    """
    subject = QObject()
    call = call or (lambda: subject.setObjectName("pair"))
    calls = 200
    call()
    before = sys.getrefcount(None)
    for _ in range(calls):
        call()
    if before - sys.getrefcount(None) > calls // 2:
        python = ".".join(map(str, sys.version_info[:3]))
        raise BadPair(
            f"PySide6 {pyside_version} and Python {python} do not work together: each Qt call loses a reference to None, and the window "
            "would abort after some hundred repaints. Install another PySide6 (pip install 'PySide6-Essentials<6.12') or use Python 3.12 "
            "or later."
        )


def has_display() -> bool:
    """Whether a window could be shown: always, save on a Unix without X and Wayland."""
    return sys.platform in ("win32", "darwin") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def application(*, headless: bool = False) -> QApplication:
    """The one QApplication, set up. Made if there is none yet; ``headless`` then paints in memory where there is no display.

    Raises BadPair.
    """
    check_pair()
    if headless and not has_display():
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    existing = QApplication.instance()
    app = existing if isinstance(existing, QApplication) else QApplication(sys.argv[:1])
    # Qt sets the user's locale, and a decimal comma would reach LLVM's constants and every float that C code prints.
    locale.setlocale(locale.LC_NUMERIC, "C")
    QLocale.setDefault(QLocale(QLocale.Language.English, QLocale.Country.UnitedStates))
    if app.property("gdsim") is None:
        app.setProperty("gdsim", True)
        app.setApplicationName("gdsim")
        app.setApplicationDisplayName("gdsim")
        app.setStyle("Fusion")
        app.setFont(_font())
        pg.setConfigOptions(imageAxisOrder="row-major", antialias=True, useOpenGL=False)
    return app


def _font() -> QFont:
    """The bundled text font, so that pictures look alike everywhere and text is never boxes."""
    if FONT not in QFontDatabase.families():
        for file in sorted((shipped.assets() / "fonts").glob("*.otf")):
            QFontDatabase.addApplicationFont(str(file))
    font = QFont(FONT)
    font.setPixelSize(PIXELS)
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return font


def system_theme(app: QApplication) -> Theme:
    return DARK if app.styleHints().colorScheme() == Qt.ColorScheme.Dark else LIGHT


def theme_of(choice: ThemeChoice, app: QApplication) -> Theme:
    """The theme that the user chose, or the system's."""
    return {"light": LIGHT, "dark": DARK}.get(choice) or system_theme(app)


def qt_palette(theme: Theme) -> QPalette:
    """The theme for ordinary widgets in Fusion style."""
    roles = QPalette.ColorRole
    palette = QPalette()
    for role, colour in {
        roles.Window: theme.window,
        roles.WindowText: theme.text,
        roles.Base: theme.raised,
        roles.AlternateBase: theme.panel,
        roles.Text: theme.text,
        roles.Button: theme.raised,
        roles.ButtonText: theme.text,
        roles.BrightText: theme.error,
        roles.ToolTipBase: theme.raised,
        roles.ToolTipText: theme.text,
        roles.PlaceholderText: theme.muted,
        roles.Highlight: theme.accent,
        roles.HighlightedText: theme.accent_text,
        roles.Link: theme.accent,
        roles.Accent: theme.accent,
        roles.Light: theme.panel,
        roles.Midlight: theme.panel,
        roles.Mid: theme.border,
        roles.Dark: theme.border,
        roles.Shadow: theme.outline if theme.name == "dark" else theme.border,
    }.items():
        palette.setColor(role, QColor(colour))
    for role in (roles.WindowText, roles.Text, roles.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(theme.muted))
    return palette
