"""The JSON Schema of scenario files, made from the same models that validate them."""

from typing import Any

from pydantic import BaseModel

from gdsim.landscapes import LANDSCAPES
from gdsim.landscapes.formula.grammar import LONGEST
from gdsim.landscapes.formula.parsing import MOST_PARAMETERS
from gdsim.landscapes.motion import MOTIONS
from gdsim.landscapes.noise import NOISES
from gdsim.landscapes.prototypes.text import LONGEST as LONGEST_PROTOTYPE
from gdsim.networks.generators import DATASETS
from gdsim.optimizers import OPTIMIZERS
from gdsim.schedules import SCHEDULES
from gdsim.schedules.batch_size import BATCH_SCHEDULES
from gdsim.simulation.data_problem import DataProblem
from gdsim.simulation.data_source import SOURCES, DataSource, data_model
from gdsim.simulation.disturbed import MOST_NOISES, motion_model, noise_model
from gdsim.simulation.network_problem import NetworkProblem
from gdsim.simulation.problem import FormulaProblem, PrototypeProblem, problem_model, prototype_model
from gdsim.simulation.run_batch_schedule import batch_schedule_model
from gdsim.simulation.run_schedule import schedule_model
from gdsim.simulation.scenario import Scenario, run_model

PLACE = "#/$defs/{model}"


def schema() -> dict[str, Any]:
    """A JSON Schema (draft 2020-12). Runs are told apart by ``optimizer``, problems by ``landscape``, a ``formula``, a ``prototype``, or
    data with a ``model`` or a ``network``.

    It describes each key; what concerns several keys at once (the dimension of a start, too many points, rules between an optimizer's
    parameters) only gdsim itself can tell.
    """
    whole = Scenario.model_json_schema(ref_template=PLACE)
    definitions = whole["$defs"]
    for name in ("Model", "Problem", "Run"):
        definitions.pop(name, None)
    problems = {name: _define(definitions, problem_model(name)) for name in LANDSCAPES}
    runs = {name: _define(definitions, run_model(name)) for name in OPTIMIZERS}
    whole["properties"]["problem"] = _one_of("landscape", problems)
    whole["properties"]["problem"]["oneOf"] += [{"$ref": _define_formula(definitions)}, {"$ref": _define_prototype(definitions)}]
    whole["properties"]["problem"]["oneOf"] += [{"$ref": _define_data(definitions, model)} for model in (DataProblem, NetworkProblem)]
    whole["properties"]["runs"]["items"] = _one_of("optimizer", runs)
    _define_disturbances(definitions)
    _define_schedules(definitions)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **whole, "title": "gdsim scenario"}


def _define(definitions: dict[str, Any], model: type[BaseModel]) -> str:
    """Adds the model, and those that it uses, to the definitions. Returns the reference to it."""
    own = model.model_json_schema(ref_template=PLACE)
    definitions |= own.pop("$defs", {})
    definitions[model.__name__] = own
    return PLACE.format(model=model.__name__)


def _define_formula(definitions: dict[str, Any]) -> str:
    """The problem with a formula in place of a landscape; which parameters it has, the formula decides."""
    reference = _define(definitions, FormulaProblem)
    own = definitions["FormulaProblem"]
    del own["properties"]["landscape"]
    definitions.pop("Model", None)
    own["properties"]["formula"]["maxLength"] = LONGEST
    own["properties"]["parameters"] = {"type": "object", "additionalProperties": {"type": "number"}, "maxProperties": MOST_PARAMETERS}
    return reference


def _define_prototype(definitions: dict[str, Any]) -> str:
    """The problem with a prototype in place of a landscape; curves have no angle."""
    reference = _define(definitions, PrototypeProblem)
    own = definitions["PrototypeProblem"]
    del own["properties"]["landscape"]
    definitions.pop("Model", None)
    _define(definitions, prototype_model("line", "l1", "normal"))
    definitions.pop("prototype_problem")
    own["properties"]["parameters"] = {"$ref": PLACE.format(model="prototype_parameters")}
    own["properties"]["prototype"]["maxLength"] = LONGEST_PROTOTYPE
    return reference


def _define_data(definitions: dict[str, Any], model: type[DataSource]) -> str:
    """A problem made of data: the table of parameters is that of the data set named."""
    reference = _define(definitions, model)
    own = definitions[model.__name__]
    refused = ("landscape", "parameters") if model is DataProblem else ("landscape", "parameters", "noise", "motion")
    for name in refused:
        del own["properties"][name]
    definitions.pop("Model", None)
    tables = {name: _define(definitions, data_model(name)) for name in DATASETS}
    own["properties"]["dataset"] = {"enum": list(DATASETS), "description": own["properties"]["dataset"]["description"]}
    own["properties"]["data"] = {"type": "object", "description": own["properties"]["data"]["description"]}
    own["allOf"] = [
        {"if": {"properties": {"dataset": {"const": name}}, "required": ["dataset"]}, "then": {"properties": {"data": {"$ref": table}}}}
        for name, table in tables.items()
    ]
    own["oneOf"] = [{"required": [name]} for name in SOURCES]
    return reference


def _define_disturbances(definitions: dict[str, Any]) -> None:
    """Noise and motion, told apart by ``kind``: the same in every problem."""
    noise = _one_of("kind", {name: _define(definitions, noise_model(name)) for name in NOISES})
    several = {"type": "array", "items": noise, "maxItems": MOST_NOISES}
    definitions["noise"] = {"oneOf": [*noise["oneOf"], several]}
    motion = _one_of("kind", {name: _define(definitions, motion_model(name)) for name in MOTIONS})
    definitions["motion"] = motion
    for definition in definitions.values():
        for name in ("noise", "motion"):
            if "motion" in definition.get("properties", {}):  # noise alone is a number in the table of a data set
                own = definition["properties"][name]
                definition["properties"][name] = {"$ref": PLACE.format(model=name), "description": own["description"]}
    for name in ("NoiseTable", "MotionTable"):
        definitions.pop(name, None)


def _define_schedules(definitions: dict[str, Any]) -> None:
    """Schedules of rates and of batches, told apart by ``name``; the parts of combined ones are those that go together."""
    references = {name: _define(definitions, schedule_model(name)) for name in SCHEDULES}
    for name, record in SCHEDULES.items():
        if record.parts:
            parts = {part: references[part] for part in record.parts}
            definitions[f"{name}_schedule"]["properties"]["parts"]["items"] = _one_of("name", parts)
    definitions["schedule"] = _one_of("name", references)
    growths = {name: _define(definitions, batch_schedule_model(name)) for name in BATCH_SCHEDULES}
    definitions["batch_schedule"] = _one_of("name", growths)
    for definition in definitions.values():
        for name in ("schedule", "batch_schedule"):
            if own := definition.get("properties", {}).get(name):
                definition["properties"][name] = {"$ref": PLACE.format(model=name), "description": own["description"]}
    for name in ("RunSchedule", "RunBatchSchedule"):
        definitions.pop(name, None)


def _one_of(key: str, references: dict[str, str]) -> dict[str, Any]:
    return {"discriminator": {"propertyName": key, "mapping": references}, "oneOf": [{"$ref": each} for each in references.values()]}
