"""``update(state, message) -> (state, effects)``: all behaviour of the application, as a pure function.

Which function answers which message stands in one table; what they do is sorted by concern: edits (``edit``, ``edit_run``) with their
history (``history``), the playhead (``play``), the worker's answers (``answer``), giving its work up (``under_way``), files and the rest
(``document``).
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError

from gdsim.app import (
    answer,
    document,
    edit,
    edit_data,
    edit_disturbance,
    edit_formula,
    edit_options,
    edit_points,
    edit_prototype,
    edit_run,
    edit_schedule,
    edit_weights,
    history,
    many_seeds,
    play,
    predicting,
    questions,
    scripting,
    under_way,
)
from gdsim.app import messages as m
from gdsim.app.history import Change
from gdsim.app.state import AppState
from gdsim.simulation.complaints import complaints
from gdsim.simulation.scenario import Scenario

HANDLERS: Mapping[type[m.Message], Callable[[AppState, Any], Change]] = MappingProxyType(
    {
        m.SetParam: edit_run.set_param,
        m.SetSchedule: edit_schedule.set_schedule,
        m.SetLimit: edit_options.set_limit,
        m.SetLookahead: edit_options.set_lookahead,
        m.SetOptimizer: edit_run.set_optimizer,
        m.SetLabel: edit_run.set_label,
        m.ApplyPreset: edit_run.apply_preset,
        m.SetStart: edit.set_start,
        m.SetRandomStart: edit.set_random_start,
        m.SetLandscape: edit.set_landscape,
        m.SetFormula: edit_formula.set_formula,
        m.SketchFormula: edit_formula.sketch_formula,
        m.SetPrototype: edit_prototype.set_prototype,
        m.SetNoise: edit_disturbance.set_noise,
        m.SetMotion: edit_disturbance.set_motion,
        m.SetLandscapeParam: edit.set_landscape_param,
        m.SetDataset: edit_data.set_dataset,
        m.OpenCsv: edit_data.open_csv,
        m.CsvRead: edit_data.csv_read,
        m.SetDataParam: edit_data.set_data_param,
        m.SetData: edit_data.set_data,
        m.SetModel: edit_data.set_model,
        m.SetNetwork: edit_data.set_network,
        m.SetBatches: edit_data.set_batches,
        edit_weights.SetWeight: edit_weights.set_weight,
        edit_weights.DrawWeights: edit_weights.draw_weights,
        m.EditPoints: edit_points.edit_points,
        m.AddPoint: edit_points.add_point,
        m.RemovePoint: edit_points.remove_point,
        m.MovePoint: edit_points.move_point,
        m.SetSteps: edit.set_steps,
        m.SetTitle: edit.set_title,
        m.AddRun: edit.add_run,
        m.DuplicateRun: edit.duplicate_run,
        m.RemoveRun: edit.remove_run,
        m.Undo: history.undo,
        m.Redo: history.redo,
        m.Play: play.play,
        m.Pause: play.pause,
        m.StepBy: play.step_by,
        m.Seek: play.seek,
        m.SetSpeed: play.set_speed,
        m.Tick: play.tick,
        m.SelectRun: document.select_run,
        m.ShowView: document.show_view,
        questions.ChooseDirections: questions.choose_directions,
        m.ShowCloud: document.show_cloud,
        many_seeds.ShowManySeeds: many_seeds.show_many_seeds,
        many_seeds.SeedsRun: many_seeds.seeds_run,
        m.SetTheme: document.set_theme,
        m.NewScenario: document.new_scenario,
        m.OpenFile: document.open_file,
        m.SaveFile: document.save_file,
        m.ExportPicture: document.export_picture,
        scripting.SaveScript: scripting.save_script,
        scripting.SetExactScript: scripting.set_exact_script,
        m.DismissNotice: document.dismiss_notice,
        m.Cancel: under_way.cancel,
        m.HoldComputing: under_way.hold,
        m.Surveyed: answer.surveyed,
        m.Computed: answer.computed,
        m.Predicted: predicting.predicted,
        questions.Unfolded: questions.unfolded,
        questions.PlaneFound: questions.plane_found,
        m.RateFound: answer.rate_found,
        m.Painting: answer.painting,
        m.Opened: answer.opened,
        m.Saved: answer.saved,
        m.Failed: answer.failed,
        m.Told: answer.told,
    }
)


def update(state: AppState, message: m.Message) -> Change:
    """The state after ``message``, and what is to be done. Values that are not allowed leave the state as it is, with a notice."""
    try:
        return HANDLERS[type(message)](state, message)
    except ValidationError as error:
        return history.complain(state, "\n".join(str(complaint) for complaint in complaints(error)))


def initial(scenario: Scenario) -> Change:
    """The state in which the application starts: about to compute ``scenario`` and to play it."""
    return history.computed_again(answer.showing(AppState(scenario, saved=scenario), scenario))
