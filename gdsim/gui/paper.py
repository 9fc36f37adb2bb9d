"""What a picture is put on, as the bytes of a file: pixels, a drawing, or a page to be printed."""

from collections.abc import Callable

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QRect, QSize, QSizeF
from PySide6.QtGui import QImage, QImageWriter, QPageSize, QPaintDevice, QPdfWriter
from PySide6.QtSvg import QSvgGenerator

POINTS = 72
"""Points an inch."""

Paint = Callable[[QPaintDevice], None]


def _written(write: Callable[[QBuffer], None]) -> bytes:
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    write(buffer)
    return bytes(content.data())


def png(image: QImage) -> bytes:
    """Raises OSError if it cannot be encoded."""

    def write(buffer: QBuffer) -> None:
        if not QImageWriter(buffer, QByteArray(b"png")).write(image):
            raise OSError("the picture could not be encoded")

    return _written(write)


def svg(size: tuple[int, int], title: str, paint: Paint, density: int = POINTS) -> bytes:
    """``size`` in pixels, ``density`` of them an inch."""

    def write(buffer: QBuffer) -> None:
        drawing = QSvgGenerator()
        drawing.setOutputDevice(buffer)
        drawing.setSize(QSize(*size))
        drawing.setViewBox(QRect(0, 0, *size))
        drawing.setResolution(density)
        drawing.setTitle(title)
        drawing.setDescription("gdsim")
        paint(drawing)

    return _written(write)


def pdf(size: tuple[int, int], title: str, paint: Paint, density: int = POINTS) -> bytes:
    """One page of ``size`` pixels, ``density`` of them an inch."""

    def write(buffer: QBuffer) -> None:
        page = QPdfWriter(buffer)
        points = POINTS / density
        page.setPageSize(QPageSize(QSizeF(size[0] * points, size[1] * points), QPageSize.Unit.Point))
        page.setPageMargins(QMarginsF(0, 0, 0, 0))
        page.setResolution(density)
        page.setTitle(title)
        page.setCreator("gdsim")
        paint(page)

    return _written(write)
