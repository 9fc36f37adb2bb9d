"""What is minimised, as a scenario says it: a landscape by name, a typed formula, or a prototype."""

from collections.abc import Hashable
from functools import cache
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, SerializeAsAny, ValidationError, create_model
from pydantic_core import InitErrorDetails

from gdsim.landscapes import LANDSCAPES, Landscape, StationaryPoint
from gdsim.landscapes.formula import FormulaError, parse
from gdsim.landscapes.formula.record import domain_problem, landscape
from gdsim.landscapes.prototypes import COMBINATIONS, SCALES, PrototypeError
from gdsim.landscapes.prototypes.record import landscape as prototypes
from gdsim.simulation import complaints
from gdsim.simulation.complaints import Allowed
from gdsim.simulation.disturbed import SomeMotion, SomeNoise, impossible
from gdsim.simulation.table import Model, Number, fields, item

A_FORMULA = 'a formula of x and y, such as "(1 - x)^2 + 100*(y - x^2)^2"'
A_PROTOTYPE = 'the names of prototypes joined by "-", such as "quad_bowl-cliff", and two curves separated by "|"'
A_DOMAIN = "an array [low, high] for each weight, such as [[-2, 2], [-1, 3]]"


class Problem(Model):
    """What is minimised: a landscape by name, with its parameters. ``FormulaProblem`` and ``PrototypeProblem`` have no ``landscape``.

    ``KEYS`` are the keys that say what is minimised, but for the parameters.
    """

    KEYS: ClassVar[tuple[str, ...]] = ("landscape",)

    landscape: Annotated[
        Annotated[str, Field(strict=True)] | None,
        Allowed('the name of a landscape (gdsim list landscapes), or formula = "..." or prototype = "..." in its place'),
    ]
    parameters: SerializeAsAny[Model] = Model()
    noise: SomeNoise = ()
    motion: SomeMotion = None

    @property
    def record(self) -> Landscape:
        landscape = self.at_rest
        for each in self.noise:
            landscape = landscape.with_noise(each.record)
        return landscape.moving(self.motion.record) if self.motion else landscape

    @property
    def at_rest(self) -> Landscape:
        """The landscape without the scenario's noise and motion."""
        return LANDSCAPES[str(self.landscape)].with_parameters(**self.parameters.model_dump())

    @property
    def ground(self) -> Hashable:
        """Equal for two problems that differ in the values of parameters, in noise and in motion at most."""
        return self.landscape

    @property
    def is_network(self) -> bool:
        """Whether a network is trained (``NetworkProblem``), and there is no ``record``."""
        return False

    @property
    def dim(self) -> int:
        """How many weights a position has: those of the landscape, or 0 where there are too many to record, as of a network."""
        return self.record.dim

    @property
    def title(self) -> str:
        return self.record.title

    @property
    def formula_shown(self) -> str:
        """The loss as a formula, to be read."""
        return self.record.formula

    @property
    def minima(self) -> tuple[StationaryPoint, ...]:
        """The minima that are known, lowest first."""
        return self.record.minima

    @classmethod
    def conflicts(cls, data: Any, bad: set[str]) -> list[InitErrorDetails]:
        weights = weights_of(data)
        return impossible(data, *weights) if weights and "noise" not in bad else []


class FormulaProblem(Problem):
    """What is minimised: a formula. Its parameters are fields of the model made by ``formula_model``."""

    KEYS: ClassVar[tuple[str, ...]] = ("formula", "domain")

    landscape: None = None
    formula: Annotated[str, Field(strict=True), Allowed(A_FORMULA)] = Field(description="the loss, a formula of x and y")
    domain: Annotated[tuple[tuple[Number, Number], ...] | None, Allowed(A_DOMAIN)] = Field(
        default=None, description="the part of the plane to show, an interval for each weight; without it [-5, 5]"
    )

    @property
    def at_rest(self) -> Landscape:
        return landscape(self.formula, self.domain, tuple(sorted(self.parameters.model_dump().items())))

    @property
    def ground(self) -> Hashable:
        return self.formula, self.domain

    @classmethod
    def conflicts(cls, data: Any, bad: set[str]) -> list[InitErrorDetails]:
        found = super().conflicts(data, bad)
        domain, weights = item(data, "domain"), weights_of(data)
        if domain is None or weights is None or "domain" in bad:
            return found
        text = domain_problem(tuple((float(low), float(high)) for low, high in domain), weights[0])
        return [*found, complaints.line(("domain",), text, domain)] if text else found


class PrototypeProblem(Problem):
    """What is minimised: prototypes, joined and combined. Its parameters are fields of the model made by ``prototype_model``."""

    KEYS: ClassVar[tuple[str, ...]] = ("prototype", "combine", "scale")

    landscape: None = None
    prototype: Annotated[str, Field(strict=True), Allowed(A_PROTOTYPE)] = Field(description="pieces of a curve, or of one for each weight")
    combine: Annotated[Literal[COMBINATIONS] | None, Allowed(f"one of {', '.join(COMBINATIONS)}")] = Field(  # type: ignore[valid-type]
        default=None, description="the norm that makes a landscape of two weights of curves"
    )
    scale: Annotated[Literal[tuple(SCALES)], Allowed(f"one of {', '.join(SCALES)}")] = Field(  # type: ignore[valid-type]
        default="normal", description="how high and how steep curves begin"
    )

    @property
    def at_rest(self) -> Landscape:
        values = self.parameters.model_dump()
        return prototypes(self.prototype, self.combine, self.scale, values.get("angle", 0.0)).with_parameters(**values)

    @property
    def ground(self) -> Hashable:
        return self.prototype, self.combine, self.scale


@cache
def problem_model(name: str) -> type[Problem]:
    """The Problem of one landscape: its parameters are checked against their Params."""
    parameters: Any = create_model(f"{name}_parameters", __base__=Model, **fields(LANDSCAPES[name].parameters))
    table = Annotated[parameters, Allowed("a table of the landscape's parameters")]
    own: dict[str, Any] = {"landscape": (Literal[name], ...), "parameters": (table, parameters())}
    return create_model(f"{name}_problem", __base__=Problem, **own)


@cache
def any_problem_model() -> type[Problem]:
    """Checks what can be checked while nobody knows which landscape is meant."""
    return create_model("any_problem", __base__=Problem, parameters=(Any, None))


@cache
def formula_model(names: tuple[str, ...]) -> type[FormulaProblem]:
    """The FormulaProblem of the formulas with these parameters, all of which need a value."""
    own: dict[str, Any] = {name: (Annotated[Number, Allowed("a finite number")], ...) for name in names}
    parameters: Any = create_model("formula_parameters", __base__=Model, **own)
    table = Annotated[parameters, Allowed("a table of the formula's parameters")]
    changed: dict[str, Any] = {"parameters": (table, ... if names else parameters())}
    return create_model("formula_problem", __base__=FormulaProblem, **changed)


@cache
def any_formula_model() -> type[FormulaProblem]:
    """Checks what can be checked while the formula is not understood."""
    return create_model("any_formula_problem", __base__=FormulaProblem, formula=(Any, None), parameters=(Any, None))


def formula_problem(table: dict[str, Any]) -> FormulaProblem:
    """The problem in a table with the key ``formula``. Raises pydantic.ValidationError."""
    found = []
    rest = {key: value for key, value in table.items() if key != "landscape"}
    if table.get("landscape") is not None:
        found.append(complaints.line(("landscape",), "found a landscape and a formula; allowed: one of them", table["landscape"]))
    model = formula_model(())
    if isinstance(text := table["formula"], str):
        try:
            model = formula_model(_parameters(text, item(table, "parameters")))
        except FormulaError as error:
            found.append(complaints.line(("formula",), str(error), text))
            model = any_formula_model()
    try:
        valid = model.model_validate(rest)
        if not found:
            _ = valid.record  # what only the numbers tell: a formula that is finite nowhere
    except FormulaError as error:
        found.append(complaints.line(("formula",), str(error), text))
    except ValidationError as error:
        found += complaints.lines(error)
    if found:
        raise complaints.together("problem", found)
    return valid


def _parameters(text: str, given: Any) -> tuple[str, ...]:
    """The names of the parameters of the formula. Raises FormulaError where it is none, or where one of them is not ``given``."""
    parsed = parse(text)
    for name in parsed.parameters:
        if hasattr(Model, name) or name.startswith("model_"):
            raise FormulaError(f"'{name}' cannot be the name of a parameter; take another", text, parsed.places[name])
    names = given if isinstance(given, dict) else type(given).model_fields if isinstance(given, Model) else ()
    parsed.require(names)
    return parsed.parameters


@cache
def prototype_model(text: str, combine: str | None, scale: str) -> type[PrototypeProblem]:
    """The PrototypeProblem with these keys: its parameters are checked against their Params. Raises PrototypeError."""
    own = fields(prototypes(text, combine, scale, 0.0).parameters)
    parameters: Any = create_model("prototype_parameters", __base__=Model, **own)
    table = Annotated[parameters, Allowed("a table of the prototype's parameters")]
    changed: dict[str, Any] = {"parameters": (table, parameters())}
    return create_model("prototype_problem", __base__=PrototypeProblem, **changed)


@cache
def any_prototype_model() -> type[PrototypeProblem]:
    """Checks what can be checked while the prototype is not understood."""
    return create_model("any_prototype_problem", __base__=PrototypeProblem, prototype=(Any, None), parameters=(Any, None))


def prototype_problem(table: dict[str, Any]) -> PrototypeProblem:
    """The problem in a table with the key ``prototype``. Raises pydantic.ValidationError."""
    others = [key for key in ("landscape", "formula") if table.get(key) is not None]
    found = [complaints.line((key,), f"found a {key} and a prototype; allowed: one of them", table[key]) for key in others]
    rest = {key: value for key, value in table.items() if key not in ("landscape", "formula")}
    text, combine, scale = table["prototype"], table.get("combine"), table.get("scale")
    model: type[PrototypeProblem] = any_prototype_model()
    try:
        if not isinstance(text, str):
            raise PrototypeError(complaints.out_of_place(text, A_PROTOTYPE))
        # What is wrong with the other two keys is said of them; the text and the parameters are checked all the same.
        model = prototype_model(text, combine if combine in COMBINATIONS else None, scale if scale in list(SCALES) else "normal")
    except PrototypeError as error:
        found.append(complaints.line(("prototype",), str(error), text))
    try:
        valid = model.model_validate(rest)
    except ValidationError as error:
        found += complaints.lines(error)
    if found:
        raise complaints.together("problem", found)
    return valid


def weights_of(problem: Any) -> tuple[int, str] | None:
    """How many weights a problem has, validated or not, and what it is called; None where nobody can tell."""
    if isinstance(problem, Problem):
        return None if problem.is_network else (problem.record.dim, problem.record.name)
    if isinstance(text := item(problem, "formula"), str):
        try:
            parsed = parse(text)
        except FormulaError:
            return None
        return (parsed.dim, "this formula") if parsed.dim else None
    if isinstance(text := item(problem, "prototype"), str):
        return (2, "this prototype") if "|" in text or item(problem, "combine") is not None else (1, "this prototype")
    if item(problem, "model") is not None:
        return 2, "a model of two weights"
    known = LANDSCAPES.get(str(item(problem, "landscape")))
    return (known.dim, known.name) if known else None
