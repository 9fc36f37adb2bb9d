"""Icons from the fonts that qtawesome ships, in the colours of a theme."""

import qtawesome  # type: ignore[import-untyped]
from PySide6.QtGui import QIcon

from gdsim.gui.palette import Theme
from gdsim.gui.style import blend


def icon(name: str, theme: Theme, colour: str | None = None) -> QIcon:
    """The Material Design icon ``name`` in the theme's text colour, or in ``colour``."""
    faint = blend(theme.muted, theme.panel, 0.4)
    drawn: QIcon = qtawesome.icon(f"mdi6.{name}", color=colour or theme.text, color_disabled=faint)
    return drawn
