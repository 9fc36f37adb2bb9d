"""Where Tab goes: through the controls in the order in which they stand, whenever they were made."""

from collections.abc import Iterator

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLayout, QSplitter, QWidget


def tab_stops(within: QWidget) -> Iterator[QWidget]:
    """The widgets in ``within`` that Tab reaches now."""
    for part in arranged(within):
        if not part.isVisible() or not part.isEnabled():
            continue
        if part.focusPolicy() & Qt.FocusPolicy.TabFocus == Qt.FocusPolicy.TabFocus and part.focusProxy() is None:
            yield part
        yield from tab_stops(part)


def arranged(parent: QWidget) -> list[QWidget]:
    """Its children as its layout or splitter has them; those that neither holds come last."""
    split = [parent.widget(place) for place in range(parent.count())] if isinstance(parent, QSplitter) else []
    laid_out = {part: place for place, part in enumerate((*split, *held(parent.layout())))}
    children = [child for child in parent.children() if isinstance(child, QWidget) and not child.isWindow()]
    return sorted(children, key=lambda child: laid_out.get(child, len(laid_out)))


def held(layout: QLayout | None) -> Iterator[QWidget]:
    """The widgets of a layout and of the layouts in it."""
    if layout is None:
        return
    for place in range(layout.count()):
        item = layout.itemAt(place)
        assert item is not None
        widget = item.widget()
        if widget is not None:
            yield widget
        else:
            yield from held(item.layout())


def go_on(within: QWidget, *, forward: bool) -> bool:
    """Gives the keyboard to the next control, or the one before; after the last comes the first. False where there is none."""
    stops = list(tab_stops(within))
    if not stops:
        return False
    focus = within.focusWidget()
    step = 1 if forward else -1
    place = stops.index(focus) + step if focus in stops else min(step, 0)
    stops[place % len(stops)].setFocus(Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason)
    return True
