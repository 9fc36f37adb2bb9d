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
            from gdsim.simulation.complaints import unknown_name

            raise ValueError(unknown_name("landscape", name, LANDSCAPES))
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

    def run(optimizer: Any, landscape: str | Landscape, *, start: Iterable[float] | None = None, steps: int = 1000, **values: Any) -> Steps:
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
        **values: Any,
    ) -> Steps:
        __tracebackhide__ = True
        from gdsim.harness.course import where_it_ended

        way = gradient_descent_run(optimizer, landscape, start=start, steps=steps, **values)
        distance, sentence = where_it_ended(way, record_of(landscape), to)
        if not distance <= tolerance:
            raise AssertionError(f"{sentence}, which is more than {tolerance:.3g}")
        return way

    return check


@pytest.fixture
def assert_follows() -> Callable[..., None]:
    """``assert_follows(optimizer, other, landscape=None, steps=200, tolerance=1e-9, **values)``: both take the same steps, to ``tolerance``
    of the way that they come.

    ``other`` gets the hyper-parameters of ``optimizer`` wherever it has such. Both meet the gradients that ``optimizer`` meets on
    ``landscape``, or drawn ones.
    """

    def check(
        optimizer: Any,
        other: Any,
        *,
        landscape: str | Landscape | None = None,
        steps: int = 200,
        tolerance: float = 1e-9,
        **values: Any,
    ) -> None:
        __tracebackhide__ = True
        from gdsim.harness.differential import compare, like
        from gdsim.harness.targets import target

        mine = target(optimizer, **values)
        theirs = like(other, mine) if isinstance(other, str) else target(other, **values)
        ground = None if landscape is None else record_of(landscape)
        comparison = compare(mine, theirs, ground, steps, tolerance)
        if comparison.difference is not None:
            raise AssertionError(comparison.sentence)

    return check


@pytest.fixture
def assert_gradient() -> Callable[..., None]:
    """``assert_gradient(function, at=None)``: a gradient is that of its loss, in every part at every point, by complex steps and
    extrapolated differences.

    ``function`` is a landscape (its name, a formula or a record), or ``function(weights) -> (loss, gradient)``, for which ``at`` has a
    point (n,) or several (m, n).
    """

    def check(function: Any, at: Any = None) -> None:
        __tracebackhide__ = True
        from gdsim.harness.gradient_sentence import judged, sentence

        found = judged(function, at)
        if not found.passed:
            raise AssertionError(sentence(found))

    return check


def record_of(landscape: str | Landscape) -> Landscape:
    """The landscape of this name, or the record itself. Raises ValueError for a name that there is not."""
    if not isinstance(landscape, str):
        return landscape
    from gdsim.landscapes import LANDSCAPES

    return LANDSCAPES[chosen(landscape)[0]]
