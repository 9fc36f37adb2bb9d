"""Lookahead round a run's optimizer, as a scenario says it."""

from typing import Annotated, Any

from pydantic import Field

from gdsim.optimizers import OPTIMIZERS, Optimizer
from gdsim.optimizers.lookahead import ALPHA, K, lookahead
from gdsim.simulation.complaints import Allowed
from gdsim.simulation.table import Model, Number, item

A_LOOKAHEAD = "a table such as { k = 5, alpha = 0.5 }"


class RunLookahead(Model):
    """After every ``k`` steps the weights return part of the way: ``alpha`` of it is kept (see ``gdsim.optimizers.lookahead``)."""

    k: Annotated[int, Field(strict=True, ge=1, le=int(K.high)), Allowed(f"a whole number from 1 to {int(K.high):,}")] = Field(
        default=int(K.default), description=K.doc
    )
    alpha: Annotated[Number, Field(ge=ALPHA.low, le=ALPHA.high), Allowed(ALPHA.allowed)] = Field(
        default=float(ALPHA.default), description=ALPHA.doc
    )

    @property
    def values(self) -> dict[str, float]:
        """The values of the parameters that ``lookahead`` adds."""
        return {K.name: float(self.k), ALPHA.name: self.alpha}


def wrapped(optimizer: Optimizer, around: RunLookahead | None) -> Optimizer:
    """``optimizer`` with what a run wraps round it."""
    return lookahead(optimizer) if around else optimizer


def misfit_of_lookahead(run: Any) -> str | None:
    """Why the lookahead of a run's table, validated or not, does not go with its optimizer; None where it does."""
    rule = OPTIMIZERS.get(str(item(run, "optimizer")))
    if rule is None or rule.is_elementwise or item(run, "lookahead") is None:
        return None
    return f"lookahead goes with rules that treat every weight on its own, and {rule.name} looks at all of them together"
