"""What gdsim adds to pytest: fixtures and a mark for tests of optimizers, landscapes and gradients (docs/harness.md).

pytest imports this file wherever gdsim is installed, so nothing else is imported before a test asks for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from gdsim.landscapes import Landscape
    from gdsim.simulation.trajectory import Steps

MARK = "gdsim_landscapes"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        f"{MARK}(*names, family=None, dim=None): run the test, which has the fixture landscape, on each of these landscapes of gdsim's"
        " catalogue; on all of a family or with so many weights, if no name is given",
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    mark = metafunc.definition.get_closest_marker(MARK)
    if mark is None or "landscape" not in metafunc.fixturenames:
        return
    try:
        names = chosen(*mark.args, **mark.kwargs)
    except ValueError as error:
        raise pytest.UsageError(f"{metafunc.definition.nodeid}: {error}") from None
    metafunc.parametrize("landscape", names, indirect=True)


def chosen(*names: str, family: str | None = None, dim: int | None = None) -> list[str]:
    """The names of the landscapes that a mark means. Raises ValueError where there is none of them."""
    from gdsim.landscapes import LANDSCAPES

    for name in names:
        if name not in LANDSCAPES:
            raise ValueError(f"there is no landscape {name!r} (gdsim list landscapes)")
    found = [
        name
        for name in names or LANDSCAPES
        if (family is None or LANDSCAPES[name].family == family) and (dim is None or LANDSCAPES[name].dim == dim)
    ]
    if not found:
        raise ValueError(f"no landscape has family={family!r} and dim={dim!r}")
    return found


@pytest.fixture
def landscape(request: pytest.FixtureRequest) -> Landscape:
    """The landscape of this test: each of those that the mark ``gdsim_landscapes`` names."""
    from gdsim.landscapes import LANDSCAPES

    name = getattr(request, "param", None)
    if name is None:
        raise pytest.UsageError(f"the fixture landscape needs the mark {MARK}: @pytest.mark.{MARK}('rosenbrock', 'himmelblau')")
    return LANDSCAPES[name]


@pytest.fixture
def gradient_descent_run() -> Callable[..., Steps]:
    """``gradient_descent_run(optimizer, landscape, start=None, steps=1000, **values) -> Steps``: every step of a run.

    ``optimizer`` is a name of the catalogue, ``my.py:MyAdam``, ``torch:Adam``, ``optax:adam``, a class with the shape of
    ``torch.optim.Optimizer``, a transformation of optax or a function ``step(weights, gradient, state)``; ``values`` are its
    hyper-parameters. ``landscape`` is a name or a record.
    """

    def run(
        optimizer: Any, landscape: str | Landscape, *, start: Iterable[float] | None = None, steps: int = 1000, **values: float | bool
    ) -> Steps:
        from gdsim.harness.course import course
        from gdsim.harness.targets import target

        return course(target(optimizer, **values), record_of(landscape), start, steps)

    return run


@pytest.fixture
def assert_converges(gradient_descent_run: Callable[..., Steps]) -> Callable[..., Steps]:
    """``assert_converges(optimizer, landscape, start=None, steps=1000, tolerance=1e-3, to=None, **values) -> Steps``: a run ends within
    ``tolerance`` of a minimum that is known (of ``to="global minimum"``, say).
    """

    def check(
        optimizer: Any,
        landscape: str | Landscape,
        *,
        start: Iterable[float] | None = None,
        steps: int = 1000,
        tolerance: float = 1e-3,
        to: str | None = None,
        **values: float | bool,
    ) -> Steps:
        __tracebackhide__ = True
        from gdsim.harness.course import where_it_ended

        way = gradient_descent_run(optimizer, landscape, start=start, steps=steps, **values)
        distance, sentence = where_it_ended(way, record_of(landscape), to)
        if not distance <= tolerance:
            raise AssertionError(f"{sentence}, which is more than {tolerance:.3g}")
        return way

    return check


def record_of(landscape: str | Landscape) -> Landscape:
    """The landscape of this name, or the record itself. Raises ValueError for a name that there is not."""
    if not isinstance(landscape, str):
        return landscape
    from gdsim.landscapes import LANDSCAPES

    return LANDSCAPES[chosen(landscape)[0]]
