"""Early stopping: a training ends when the validation loss has not fallen for some epochs, and its best weights are restored."""

from typing import Annotated

from pydantic import Field

from gdsim.simulation.complaints import Allowed
from gdsim.simulation.table import Model, Number

AN_EARLY_STOP = "a table such as { patience = 10, min_delta = 0.0 }"
MOST_PATIENCE = 1_000_000


class EarlyStopping(Model):
    """The training ends once the validation loss has not fallen by more than ``min_delta`` below its least for ``patience`` epochs."""

    patience: Annotated[int, Field(strict=True, ge=1, le=MOST_PATIENCE), Allowed(f"a whole number from 1 to {MOST_PATIENCE:,}")] = Field(
        default=10, description="epochs without a better validation loss after which the training ends"
    )
    min_delta: Annotated[Number, Field(ge=0), Allowed("a number >= 0")] = Field(
        default=0.0, description="a validation loss is better if it is lower by more than this"
    )
