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
    mapping,
    play,
    predicting,
    questions,
    rereading,
    ruling,
    scripting,
    trials,
    under_way,
)
from gdsim.app import messages as m
from gdsim.app.changes import (
    AddPoint,
    AddRun,
    ApplyPreset,
    DuplicateRun,
    EditPoints,
    MovePoint,
    OpenCsv,
    Redo,
    RemovePoint,
    RemoveRun,
    SetBatches,
    SetData,
    SetDataParam,
    SetDataset,
    SetFormula,
    SetLabel,
    SetLandscape,
    SetLandscapeParam,
    SetLimit,
    SetLookahead,
    SetModel,
    SetMotion,
    SetNetwork,
    SetNoise,
    SetOptimizer,
    SetParam,
    SetPrototype,
    SetRandomStart,
    SetSchedule,
    SetStart,
    SetSteps,
    SetTitle,
    SketchFormula,
    Undo,
)
from gdsim.app.history import Change
from gdsim.app.state import AppState
from gdsim.simulation.complaints import complaints
from gdsim.simulation.scenario import Scenario

HANDLERS: Mapping[type[m.Message], Callable[[AppState, Any], Change]] = MappingProxyType(
    {
        SetParam: edit_run.set_param,
        SetSchedule: edit_schedule.set_schedule,
        SetLimit: edit_options.set_limit,
        SetLookahead: edit_options.set_lookahead,
        SetOptimizer: edit_run.set_optimizer,
        SetLabel: edit_run.set_label,
        ApplyPreset: edit_run.apply_preset,
        SetStart: edit.set_start,
        SetRandomStart: edit.set_random_start,
        SetLandscape: edit.set_landscape,
        SetFormula: edit_formula.set_formula,
        SketchFormula: edit_formula.sketch_formula,
        SetPrototype: edit_prototype.set_prototype,
        SetNoise: edit_disturbance.set_noise,
        SetMotion: edit_disturbance.set_motion,
        SetLandscapeParam: edit.set_landscape_param,
        SetDataset: edit_data.set_dataset,
        OpenCsv: edit_data.open_csv,
        m.CsvRead: edit_data.csv_read,
        rereading.DataChanged: rereading.data_changed,
        rereading.DataReread: rereading.data_reread,
        SetDataParam: edit_data.set_data_param,
        SetData: edit_data.set_data,
        SetModel: edit_data.set_model,
        SetNetwork: edit_data.set_network,
        SetBatches: edit_data.set_batches,
        edit_weights.SetWeight: edit_weights.set_weight,
        edit_weights.DrawWeights: edit_weights.draw_weights,
        EditPoints: edit_points.edit_points,
        AddPoint: edit_points.add_point,
        RemovePoint: edit_points.remove_point,
        MovePoint: edit_points.move_point,
        SetSteps: edit.set_steps,
        SetTitle: edit.set_title,
        AddRun: edit.add_run,
        DuplicateRun: edit.duplicate_run,
        RemoveRun: edit.remove_run,
        Undo: history.undo,
        Redo: history.redo,
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
        trials.ChooseSubject: trials.choose_subject,
        trials.ChooseExtent: trials.choose_extent,
        trials.BeginTrials: trials.begin_trials,
        trials.OpenTrial: trials.open_trial,
        trials.Tried: trials.tried,
        ruling.Ruled: ruling.ruled,
        ruling.AwaitRuler: ruling.await_ruler,
        mapping.ChooseSides: mapping.choose_sides,
        mapping.ColourMap: mapping.colour_map,
        mapping.LookAt: mapping.look_at,
        mapping.SharpenFurther: mapping.sharpen_further,
        mapping.ShowBasins: mapping.show_basins,
        mapping.Sharpened: mapping.sharpened,
        mapping.TakeRun: mapping.take_run,
        mapping.SaveMap: mapping.save_map,
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
        m.Compiling: under_way.compiling,
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
