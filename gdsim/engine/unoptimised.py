"""How numba compiles a leaf: to intermediate code as it stands.

Numba runs all of LLVM's passes over every function by itself, and again over whatever it is inlined into: five calls deep a loop is
unrolled and vectorised five times, each time from what the last left. A leaf runs nowhere but in a kernel, whose own passes see it all.
"""

# mypy: disable-error-code="no-untyped-call"

from typing import Any

from numba.core.compiler import Compiler


class LeafCompiler(Compiler):
    def __init__(self, typing: Any, target: Any, library: Any, *others: Any) -> None:
        if library is None:
            library = target.codegen().create_library("leaf")
            library._optimize_final_module = do_nothing
        super().__init__(typing, target, library, *others)


def do_nothing() -> None:
    pass
