"""The script of a training: Dataset, DataLoader, Module, criterion, optimizer, scheduler, and the loops over epochs and batches."""

import textwrap
from collections.abc import Iterator

from gdsim.networks.batches import Batches
from gdsim.simulation.pytorch.exportable import LBFGS, ExportError, optimizer, scheduler
from gdsim.simulation.pytorch.lesson import Lesson, lesson_of
from gdsim.simulation.pytorch.own_optimizer import definition
from gdsim.simulation.pytorch.sampler import PHILOX, growing, sampler
from gdsim.simulation.pytorch.steps import LINES, step_of
from gdsim.simulation.pytorch.writing import WIDTH, heading, number
from gdsim.simulation.run_batches import batches_of, looks_at_all, steps_of
from gdsim.simulation.scenario import Run, Scenario

POINTS, FIRST, TRAINED = ".points.csv", ".first.safetensors", ".trained.safetensors"
"""Files beside the script, in the place of its ``.py``."""

EVALUATED_AT_ONCE = 1000


def script(scenario: Scenario, index: int, *, exact: bool) -> tuple[str, dict[str, bytes]]:
    """The script of run ``index``, and the files beside it by what stands in their names in the place of ``.py``. Raises ExportError."""
    writer = _Writer(scenario, index, exact)
    files = {POINTS: writer.lesson.points} | ({FIRST: writer.lesson.weights} if writer.lesson.weights else {})
    return writer.text(), files


class _Writer:
    """Everything that the pieces of the script depend on."""

    def __init__(self, scenario: Scenario, index: int, exact: bool) -> None:
        self.run: Run = scenario.runs[index]
        self.seed = scenario.seed
        self.title = scenario.title
        self.lesson: Lesson = lesson_of(scenario, index, exact=exact)
        train = self.lesson.parts.train
        self.batches: Batches = batches_of(self.run, len(train))
        self.steps = steps_of(scenario, index)
        self.epochs = self.batches.epoch(self.steps) + 1
        self.growing = bool(self.batches.later)
        if scenario.tolerance is not None:
            raise ExportError("found a tolerance, which ends a training within an epoch; allowed: a scenario of data without one")
        if self.run.optimizer == LBFGS:
            raise ExportError("torch's LBFGS looks at a batch several times a step; allowed: rules that look once, or a formula")
        if self.lesson.batch_norm and self._smallest_batch() == 1:
            raise ExportError("found a batch of one point, which torch's BatchNorm1d refuses; allowed: another batch_size, or drop_last")
        self.mixed = not looks_at_all(self.batches) and (self.batches.shuffle or self.batches.replacement)
        self.sampled = exact and self.mixed
        self.seeded = self.lesson.random or not exact
        self.cut = self.batches.until(self.epochs) != self.steps
        self.stopping = self.run.early_stopping
        self.validates = self.lesson.parts.validation is not None
        self.tests = self.lesson.parts.test is not None

    def _smallest_batch(self) -> int:
        whole = self.batches.drop_last or self.batches.replacement
        return min(size if whole else self.batches.count % size or size for size in self.batches.sizes)

    def text(self) -> str:
        blocks = [
            heading(self.title, f"{self.lesson.title}, trained with {self.run.rule.title}"),
            "\n".join(self._imports()),
            "\n".join(self._constants()),
            *self._sampler(),
            "\n" + "\n".join(self._points()),
            "\n" + "\n".join(self._network()),
            *(["\n" + "\n".join(self._penalty())] if self.lesson.l1 or self.lesson.l2 else []),
            *(["\n" + definition(self.run)] if definition(self.run) else []),
            *(["\n" + "\n".join(self._evaluate())] if self.validates or self.tests else []),
            "\n" + "\n".join(self._loaders()),
            "\n".join(self._objects()),
            "\n".join(self._training()),
            "\n".join(self._saving()),
        ]
        return "\n\n".join(blocks) + "\n"

    def _imports(self) -> Iterator[str]:
        yield "import csv"
        if self.cut:
            yield "from itertools import islice"
        yield "from pathlib import Path"
        yield ""
        yield "import torch"
        yield f"from safetensors.torch import {'load_file, ' if self.lesson.weights or self.tests else ''}save_file"
        yield "from torch import nn"
        own = self.sampled or self.growing
        drawing = self.batches.replacement and not own
        yield f"from torch.utils.data import DataLoader, Dataset{', RandomSampler' if drawing else ', Sampler' if own else ''}"

    def _constants(self) -> Iterator[str]:
        yield f'POINTS = Path(__file__).with_suffix("{POINTS}")'
        if self.lesson.weights:
            yield f'FIRST_WEIGHTS = Path(__file__).with_suffix("{FIRST}")'
        yield f'WEIGHTS = Path(__file__).with_suffix("{TRAINED}")'
        if self.sampled or self.seeded:
            yield f"SEED = {self.seed}"
        yield f"EPOCHS = {self.epochs}"
        if self.cut:
            yield f"STEPS = {self.steps}"
        if self.growing:
            pairs = ", ".join(str(pair) for pair in ((0, self.batches.size), *self._later()))
            lines = textwrap.wrap(pairs, WIDTH - 4, break_long_words=False)
            yield "# From which epoch on, counted from 0, a batch has how many points."
            yield from [f"BATCH_SIZES = [{lines[0]}]"] if len(lines) == 1 else ["BATCH_SIZES = [", *(f"    {each}" for each in lines), "]"]
        else:
            yield f"BATCH_SIZE = {self.batches.size}"
        yield ""
        if self.lesson.precision == "float64":
            yield "torch.set_default_dtype(torch.float64)"
        if self.seeded:
            yield "torch.manual_seed(SEED)"
        yield 'device = "cuda" if torch.cuda.is_available() else "cpu"'

    def _sampler(self) -> Iterator[str]:
        if self.sampled:
            yield "\n" + PHILOX.strip("\n")
            if not self.growing:
                yield "\n" + sampler(self.batches).strip("\n")
        if self.growing:
            yield "\n" + growing(self.batches, exact=self.sampled).strip("\n")

    def _later(self) -> list[tuple[int, int]]:
        """Epochs of the training at which the batches change, with their sizes."""
        return [(epoch, size) for epoch, size in self.batches.later if epoch < self.epochs]

    def _points(self) -> Iterator[str]:
        inputs = len(self.lesson.parts.train.features)
        numbered = self.lesson.loss == "cross_entropy"
        yield "class Points(Dataset):"
        yield f'    """One part of the data: {"inputs and numbers of classes" if numbered else "inputs and targets"}."""'
        yield ""
        yield "    def __init__(self, part):"
        yield '        with open(POINTS, newline="", encoding="utf-8") as file:'
        yield "            rows = [row[1:] for row in csv.reader(file) if row[0] == part]"
        yield f"        self.inputs = torch.tensor([[float(value) for value in row[:{inputs}]] for row in rows])"
        if numbered:
            yield f"        self.targets = torch.tensor([int(row[{inputs}]) for row in rows])"
        else:
            yield f"        self.targets = torch.tensor([[float(value) for value in row[{inputs}:]] for row in rows])"
        yield ""
        yield "    def __len__(self):"
        yield "        return len(self.inputs)"
        yield ""
        yield "    def __getitem__(self, index):"
        yield "        return self.inputs[index], self.targets[index]"

    def _network(self) -> Iterator[str]:
        yield "class Network(nn.Module):"
        yield "    def __init__(self):"
        yield "        super().__init__()"
        if len(self.lesson.modules) == 1:
            yield f"        self.layers = nn.Sequential({self.lesson.modules[0]})"
        else:
            yield "        self.layers = nn.Sequential("
            yield from (f"            {module}," for module in self.lesson.modules)
            yield "        )"
        yield from (f"        {line}" for line in self.lesson.first)
        yield ""
        yield "    def forward(self, inputs):"
        yield "        return self.layers(inputs)"

    def _penalty(self) -> Iterator[str]:
        terms = []
        if self.lesson.l1:
            terms.append(f"{number(self.lesson.l1)} * sum(weight.abs().sum() for weight in weights)")
        if self.lesson.l2:
            terms.append(f"{number(self.lesson.l2)} / 2 * sum((weight**2).sum() for weight in weights)")
        yield "def penalty(model):"
        yield f'    """{" and ".join(name for name, size in (("L1", self.lesson.l1), ("L2", self.lesson.l2)) if size)} of the weights."""'
        yield "    weights = [layer.weight for layer in model.layers if isinstance(layer, nn.Linear)]"
        if len(terms) == 1:
            yield f"    return {terms[0]}"
        else:
            yield "    return ("
            yield f"        {terms[0]}"
            yield f"        + {terms[1]}"
            yield "    )"

    def _evaluate(self) -> Iterator[str]:
        scored = self.lesson.is_classification
        yield "@torch.no_grad()"
        yield "def evaluate(model, loader):"
        yield f'    """Loss{" and accuracy" if scored else ""} of the model, as it is."""'
        yield "    model.eval()"
        yield f"    loss{', right' if scored else ''} = 0.0{', 0' if scored else ''}"
        yield "    for inputs, targets in loader:"
        yield "        inputs, targets = inputs.to(device), targets.to(device)"
        yield "        outputs = model(inputs)"
        yield "        loss += criterion(outputs, targets).item() * len(inputs)"
        if scored:
            hit = "outputs.argmax(dim=1) == targets" if self.lesson.loss == "cross_entropy" else "(outputs > 0) == (targets > 0.5)"
            yield f"        right += ({hit}).sum().item()"
        count = "len(loader.dataset)"
        yield f"    return loss / {count}{f', right / {count}' if scored else ''}"

    def _loaders(self) -> Iterator[str]:
        if self.sampled or self.growing:
            yield 'train_set = Points("train")'
            yield "train_loader = DataLoader(train_set, batch_sampler=Batches(len(train_set)))"
        elif self.batches.replacement:
            yield 'train_set = Points("train")'
            count = self.batches.steps * self.batches.size
            yield f"sampler = RandomSampler(train_set, replacement=True, num_samples={count})"
            yield "train_loader = DataLoader(train_set, batch_size=BATCH_SIZE, sampler=sampler)"
        else:
            others = f"{', shuffle=True' if self.mixed else ''}{', drop_last=True' if self.batches.drop_last else ''}"
            yield f'train_loader = DataLoader(Points("train"), batch_size=BATCH_SIZE{others})'
        for name in (["validation"] if self.validates else []) + (["test"] if self.tests else []):
            yield f'{name}_loader = DataLoader(Points("{name}"), batch_size={EVALUATED_AT_ONCE})'

    def _objects(self) -> Iterator[str]:
        yield "model = Network().to(device)"
        if self.lesson.weights:
            yield "model.layers.load_state_dict(load_file(FIRST_WEIGHTS))"
        yield f"criterion = {self.lesson.criterion}"
        yield optimizer(self.run, "model.parameters()").text("optimizer = ")
        if self.run.schedule:
            yield scheduler(self.run.schedule, self.run.learning_rate, self.steps).text("scheduler = ")

    def _training(self) -> Iterator[str]:
        if self.stopping:
            yield f"best_loss{', _' if self.lesson.is_classification else ''} = evaluate(model, validation_loader)"
            yield "best_epoch = 0"
            yield "save_file(model.state_dict(), WEIGHTS)"
        every = max(1, self.epochs // LINES)
        taken = "taken" if self.growing else "(epoch - 1) * len(train_loader)"
        loader = f"islice(train_loader, STEPS - {taken})" if self.cut else "train_loader"
        penalty = " + penalty(model)" if self.lesson.l1 or self.lesson.l2 else ""
        if self.cut and self.growing:
            yield "taken = 0"
        yield "for epoch in range(1, EPOCHS + 1):"
        yield "    model.train()"
        yield "    losses = []"
        yield f"    for inputs, targets in {loader}:"
        yield "        inputs, targets = inputs.to(device), targets.to(device)"
        yield from (f"        {line}" for line in step_of(self.run, f"criterion(model(inputs), targets){penalty}", "model.parameters()"))
        yield "        losses.append(loss.item())"
        if self.cut and self.growing:
            yield "    taken += len(losses)"
        yield from textwrap.indent("\n".join(self._report(every)), "    ").split("\n")

    def _report(self, every: int) -> Iterator[str]:
        scored = self.lesson.is_classification
        shown = [f'f"epoch {{epoch:{len(str(self.epochs))}d}}  train loss {{sum(losses) / len(losses):.6f}}"']
        look = f"validation_loss{', accuracy' if scored else ''} = evaluate(model, validation_loader)"
        if self.validates:
            shown.append('f"  validation loss {validation_loss:.6f}' + ('  accuracy {accuracy:.1%}"' if scored else '"'))
        if self.stopping:
            yield look
        indent = ""
        if every > 1:
            yield f"if epoch % {every} == 0:"
            indent = "    "
        if self.validates and not self.stopping:
            yield indent + look
        lines = ["print(", *(f"    {piece}" for piece in shown), ")"] if len(shown) > 1 else [f"print({shown[0]})"]
        yield from (indent + line for line in lines)
        if self.stopping:
            margin = f" - {number(self.stopping.min_delta)}" if self.stopping.min_delta else ""
            yield f"if validation_loss < best_loss{margin}:"
            yield "    best_loss, best_epoch = validation_loss, epoch"
            yield "    save_file(model.state_dict(), WEIGHTS)"
            yield f"elif epoch - best_epoch >= {self.stopping.patience}:"
            yield "    break"

    def _saving(self) -> Iterator[str]:
        if not self.stopping:
            yield "save_file(model.state_dict(), WEIGHTS)"
        if self.tests:
            yield "model.load_state_dict(load_file(WEIGHTS))"
            if self.lesson.is_classification:
                yield "test_loss, accuracy = evaluate(model, test_loader)"
                yield 'print(f"test loss {test_loss:.6f}  accuracy {accuracy:.1%}")'
            else:
                yield 'print(f"test loss {evaluate(model, test_loader):.6f}")'
