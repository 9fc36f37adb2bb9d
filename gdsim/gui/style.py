"""The style sheet of the window, made from a Theme. Distances are multiples of half of ``SPACE``."""

from PySide6.QtGui import QColor

from gdsim.gui.palette import Theme

SPACE = 8
RADIUS = 8
CONTROL = 28
"""Height of a control in pixels."""
BODY, CAPTION, HEADING = 13, 12, 15
"""Sizes of type in pixels."""


def blend(colour: str, over: str, share: float) -> str:
    """``colour`` laid over ``over`` with opacity ``share``, as ``#rrggbb``."""
    top, ground = QColor(colour), QColor(over)
    channels = ((top.red(), ground.red()), (top.green(), ground.green()), (top.blue(), ground.blue()))
    return QColor(*(round(g + (t - g) * share) for t, g in channels)).name()


def style_sheet(theme: Theme) -> str:
    """The look of every widget of the window."""
    hover = blend(theme.text, theme.panel, 0.07)
    pressed = blend(theme.text, theme.panel, 0.14)
    faint = blend(theme.muted, theme.panel, 0.5)
    tint = blend(theme.accent, theme.raised, 0.16)
    error_tint = blend(theme.error, theme.raised, 0.10)
    return f"""
QWidget {{ color: {theme.text}; outline: none; }}
QMainWindow, QDialog, #ground {{ background: {theme.window}; }}
QWidget#header, QWidget#transport {{ background: {theme.panel}; }}
QWidget#header {{ border-bottom: 1px solid {theme.border}; }}
QWidget#transport {{ border-top: 1px solid {theme.border}; }}
QFrame#plots, QFrame#card {{ background: {theme.panel}; border: 1px solid {theme.border}; border-radius: {RADIUS}px; }}
QFrame#card[chosen="true"] {{ background: {theme.raised}; border: 1px solid {theme.accent}; }}
QFrame#card:focus {{ border: 2px solid {theme.accent}; }}
QScrollArea, QScrollArea > QWidget > QWidget#column {{ background: transparent; border: none; }}

QLabel {{ background: transparent; }}
QLabel[role="caption"] {{ color: {theme.muted}; font-size: {CAPTION}px; }}
QLabel[role="heading"] {{ font-size: {HEADING}px; font-weight: 600; }}
QLabel[role="error"] {{ color: {theme.error}; font-size: {CAPTION}px; }}
QLabel[role="key"] {{ background: {hover}; border-radius: 4px; padding: 1px 6px; font-size: {CAPTION}px; }}
QLabel#wordmark {{ font-size: 17px; font-weight: 700; color: {theme.accent}; }}

QToolButton, QPushButton {{
    background: transparent; border: 1px solid transparent; border-radius: 6px; padding: 4px 6px; min-height: {CONTROL - 10}px;
}}
QToolButton:hover, QPushButton:hover {{ background: {hover}; }}
QToolButton:pressed, QPushButton:pressed, QToolButton:open {{ background: {pressed}; }}
QToolButton:focus, QPushButton:focus {{ border: 1px solid {theme.accent}; }}
QToolButton:disabled, QPushButton:disabled {{ color: {faint}; }}
QToolButton::menu-indicator {{ image: none; }}
QToolButton[role="text"] {{ padding: 4px 10px; }}
QToolButton[role="small"] {{ padding: 2px; min-height: 18px; }}
QToolButton[role="disclosure"] {{ color: {theme.muted}; font-size: {CAPTION}px; padding: 1px 6px 1px 0; min-height: 16px; }}
QToolButton[role="disclosure"]:checked {{ background: transparent; }}
QToolButton[role="small"]:checked {{ background: {tint}; }}
QPushButton[role="plain"], QToolButton[role="field"] {{ background: {theme.raised}; border: 1px solid {theme.border}; padding: 4px 12px; }}
QPushButton[role="plain"]:hover, QToolButton[role="field"]:hover {{ background: {hover}; }}
QPushButton[role="plain"]:focus, QToolButton[role="field"]:focus, QToolButton[role="field"]:open {{ border: 1px solid {theme.accent}; }}
QToolButton[role="field"] {{ font-weight: 600; text-align: left; padding-right: 26px; }}
QToolButton[role="choice"] {{ background: {theme.raised}; border: 1px solid {theme.border}; padding: 2px 22px 2px 8px; text-align: left; }}
QToolButton[role="choice"]:hover {{ border: 1px solid {blend(theme.text, theme.border, 0.25)}; }}
QToolButton[role="choice"]:focus, QToolButton[role="choice"]:open {{ border: 1px solid {theme.accent}; }}
QToolButton#play {{ background: {theme.accent}; border: 2px solid {theme.accent}; border-radius: 20px; padding: 0; }}
QToolButton#play:hover {{ background: {blend(theme.text, theme.accent, 0.18)}; }}
QToolButton#play:focus {{ border: 2px solid {theme.text}; }}
QPushButton[role="preset"] {{ color: {theme.muted}; font-size: {CAPTION}px; padding: 1px 6px; min-height: 16px; }}
QPushButton[role="preset"]:checked {{ color: {theme.text}; background: {tint}; font-weight: 600; }}
QPushButton[role="preset"]:focus {{ border: 1px solid {theme.accent}; }}
QDialogButtonBox QPushButton, QMessageBox QPushButton {{
    background: {theme.raised}; border: 1px solid {theme.border}; padding: 4px 16px; min-width: 80px;
}}

QTabBar::tab {{
    color: {theme.muted}; background: transparent; border: 1px solid transparent; border-radius: 6px;
    padding: 3px 8px; margin: 2px 2px 2px 0;
}}
QTabBar::tab:hover {{ background: {hover}; }}
QTabBar::tab:selected {{ color: {theme.text}; background: {tint}; font-weight: 600; }}
QTabBar::tab:selected:focus {{ border: 1px solid {theme.accent}; }}

QLineEdit, QSpinBox, QComboBox {{
    background: {theme.raised}; border: 1px solid {theme.border}; border-radius: 6px; padding: 2px 6px; min-height: {CONTROL - 6}px;
    selection-background-color: {theme.accent}; selection-color: {theme.accent_text};
}}
QLineEdit:hover, QSpinBox:hover, QComboBox:hover {{ border: 1px solid {blend(theme.text, theme.border, 0.25)}; }}
QLineEdit:focus, QSpinBox:focus, QComboBox:focus, QComboBox:on {{ border: 1px solid {theme.accent}; }}
QLineEdit[refused="true"] {{ border: 1px solid {theme.error}; background: {error_tint}; }}
QLineEdit[role="title"] {{ background: transparent; border: 1px solid transparent; font-weight: 600; }}
QLineEdit[role="title"]:hover {{ border: 1px solid {theme.border}; }}
QLineEdit[role="title"]:focus {{ border: 1px solid {theme.accent}; background: {theme.raised}; }}
QComboBox::drop-down {{ border: none; width: 22px; }}
QComboBox QAbstractItemView {{
    background: {theme.raised}; border: 1px solid {theme.border}; padding: 4px;
    selection-background-color: {tint}; selection-color: {theme.text};
}}
QComboBox QAbstractItemView::item {{ min-height: 24px; border-radius: 4px; }}
QSpinBox QLineEdit, QSpinBox QLineEdit:hover, QSpinBox QLineEdit:focus {{
    border: none; background: transparent; padding: 0;
}}
QSpinBox::up-button, QSpinBox::down-button {{ width: 0; border: none; }}

QCheckBox {{ spacing: 8px; background: transparent; }}
QCheckBox::indicator {{ width: 14px; height: 14px; border-radius: 4px; border: 1px solid {theme.muted}; background: {theme.raised}; }}
QCheckBox::indicator:checked {{ background: {theme.accent}; border: 1px solid {theme.accent}; }}
QCheckBox:focus {{ color: {theme.accent}; }}
QCheckBox::indicator:focus {{ border: 1px solid {theme.text}; }}

QSlider {{ background: transparent; min-height: 20px; }}
QSlider::groove:horizontal {{ height: 4px; border-radius: 2px; background: {blend(theme.text, theme.panel, 0.14)}; }}
QSlider::sub-page:horizontal {{ height: 4px; border-radius: 2px; background: {theme.accent}; }}
QSlider::handle:horizontal {{
    width: 12px; height: 12px; margin: -5px 0; border-radius: 7px; background: {theme.raised}; border: 1px solid {theme.muted};
}}
QSlider::handle:horizontal:hover {{ border: 1px solid {theme.accent}; }}
QSlider::handle:horizontal:focus {{ border: 2px solid {theme.accent}; width: 10px; height: 10px; }}
QSlider::sub-page:horizontal:disabled {{ background: {faint}; }}

QScrollBar:vertical {{ background: transparent; width: 10px; margin: 0; }}
QScrollBar::handle:vertical {{ background: {blend(theme.text, theme.window, 0.18)}; border-radius: 3px; min-height: 32px; margin: 0 2px; }}
QScrollBar::handle:vertical:hover {{ background: {blend(theme.text, theme.window, 0.35)}; }}
QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page {{ background: none; height: 0; }}

QScrollBar:horizontal {{ background: transparent; height: 10px; margin: 0; }}
QScrollBar::handle:horizontal {{
    background: {blend(theme.text, theme.window, 0.18)}; border-radius: 3px; min-width: 32px; margin: 2px 0;
}}
QScrollBar::handle:horizontal:hover {{ background: {blend(theme.text, theme.window, 0.35)}; }}
QScrollBar::add-line:horizontal, QScrollBar::sub-line:horizontal {{ width: 0; }}

QMenu {{ background: {theme.raised}; border: 1px solid {theme.border}; padding: 6px; }}
QMenu::item {{ padding: 6px 24px 6px 12px; border-radius: 4px; }}
QMenu::item:selected {{ background: {tint}; }}
QMenu::item:disabled {{ color: {faint}; }}
QMenu::icon {{ padding-left: 8px; }}
QMenu::separator {{ height: 1px; background: {theme.border}; margin: 6px 4px; }}
QToolTip {{ background: {theme.raised}; color: {theme.text}; border: 1px solid {theme.border}; padding: 6px; font-size: {CAPTION}px; }}

QFrame#popup {{ background: {theme.raised}; border: 1px solid {theme.border}; border-radius: {RADIUS}px; }}
QListView {{ background: transparent; border: none; }}
QFrame#banner {{ background: {theme.raised}; border: 1px solid {theme.accent}; border-radius: {RADIUS}px; }}
QFrame#banner[error="true"] {{ border: 1px solid {theme.error}; }}
QProgressBar {{ background: {blend(theme.text, theme.panel, 0.14)}; border: none; border-radius: 2px; max-height: 4px; min-height: 4px; }}
QProgressBar::chunk {{ background: {theme.accent}; border-radius: 2px; }}
QSplitter::handle {{ background: transparent; }}
"""
