"""A user's code: run because the user named it, and never the reason for a traceback."""

import importlib.util
import inspect
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from gdsim.harness.target import TargetError
from gdsim.plugins import PluginError, load_file


@contextmanager
def running(name: str, file: str | None = None) -> Iterator[None]:
    """Whatever goes wrong inside becomes a TargetError that names the target ``name`` and the line of ``file``.

    NumPy's warnings are silenced: numbers that are not finite are results, which trials look at.
    """
    try:
        with np.errstate(all="ignore"):
            yield
    except TargetError:
        raise
    except (Exception, SystemExit) as error:
        frames = traceback.extract_tb(error.__traceback__)
        own = [frame for frame in frames if frame.filename == file]
        where = f"{own[-1].filename}, line {own[-1].lineno}: " if own else ""
        raise TargetError(f"{name}: {where}{type(error).__name__}: {error}") from error


def module_of(path: str) -> ModuleType:
    """The module that the file ``path`` is, run once for as long as it stays the same. Raises TargetError with what went wrong."""
    file = Path(path)
    if not file.is_file():
        raise TargetError(f"{path}: there is no such file; allowed: FILE.py:NAME, with a file that there is")
    told = file.stat()
    return _module(path, told.st_mtime_ns, told.st_size)


@lru_cache(maxsize=64)
def _module(path: str, _changed: int, _size: int) -> ModuleType:
    folder = str(Path(path).resolve().parent)
    sys.path.insert(0, folder)  # as for a program that is run: what lies beside it can be imported
    try:
        load_file(path)
    except PluginError as error:
        raise TargetError(str(error)) from None
    finally:
        sys.path.remove(folder)
    return sys.modules[f"gdsim_plugin_{Path(path).stem}"]


def found_in(path: str, name: str) -> Any:
    """What ``name`` is in the file ``path``. Raises TargetError with the names that there are."""
    module = module_of(path)
    try:
        return getattr(module, name)
    except AttributeError:
        there = [key for key, value in vars(module).items() if _is_own(module, value) and not key.startswith("_")]
        allowed = ", ".join(there) if there else "nothing in it can be tried"
        raise TargetError(f"{path}: there is no {name!r} in it; allowed: {allowed}") from None


def _is_own(module: ModuleType, value: Any) -> bool:
    return callable(value) and getattr(value, "__module__", None) == module.__name__


def file_of(thing: Any) -> str | None:
    """The source file of a function, a class, or an object's class; None where there is none."""
    for one in (thing, type(thing)):
        try:
            return inspect.getsourcefile(one)
        except TypeError:
            continue
    return None


def uses(thing: Any, package: str) -> bool:
    """Whether a class or function comes from ``package`` or stands in a module that has something of it."""
    bases = inspect.getmro(thing) if inspect.isclass(thing) else ()
    scope: dict[str, Any] = getattr(sys.modules.get(getattr(thing, "__module__", "")), "__dict__", {})
    homes = [getattr(base, "__module__", "") for base in bases]
    homes += [value.__name__ if isinstance(value, ModuleType) else getattr(value, "__module__", "") for value in list(scope.values())]
    return any(str(home).partition(".")[0] == package for home in homes)


def needs(package: str, install: str) -> Callable[[], ModuleType]:
    """Imports ``package`` when called. Raises TargetError with what to install where it is missing."""

    def imported() -> ModuleType:
        if importlib.util.find_spec(package) is None:
            raise TargetError(f"{package} is not installed here: pip install {install}")
        return importlib.import_module(package)

    return imported
