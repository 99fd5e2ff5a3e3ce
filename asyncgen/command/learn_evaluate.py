"""Measures a model for the command line, and prints how often it is right."""

from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from asyncgen.command import session
from asyncgen.command.display import plain, show_json
from asyncgen.command.exits import EXIT_STOPPED
from asyncgen.command.learn_options import MachineOptions
from asyncgen.command.learn_running import shown_for
from asyncgen.command.learn_training import data_at, data_of
from asyncgen.command.printing import Progress, printed, table
from asyncgen.jobs.run import Control
from asyncgen.learn.data.endless import Source
from asyncgen.learn.data.prepare import Wanted
from asyncgen.learn.evaluation import ByBeam, Judges, Plan, Report, Tally, evaluate
from asyncgen.learn.integrator import Integrator
from asyncgen.learn.judging import Verdict, settings_for
from asyncgen.scheduler import Scheduler


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be measured: widths of the beam, a part of the data, at most so many rows, probes."""

    beams: list[int]
    part: str
    rows: int
    probes: bool


def run_evaluate(model: Path, source: Source, asked: Asked, wanted: Wanted, options: MachineOptions) -> int:
    """Measure, print; the exit status."""
    shown = shown_for(options)
    integrator = Integrator(model, options.machine().device)
    progress = Progress(shown, silent=options.no_progress)

    def tell(done: int, of: int) -> None:
        progress.say(lambda: f"{done}/{of} problems answered and checked")

    async def job(control: Control) -> Report | None:
        data = await data_at(source, data_of(model), wanted, options, control)
        if data is None:
            return None
        plan = Plan.of(data.part(asked.part), asked.rows, asked.beams, asked.probes)
        async with Scheduler(settings_for(options.processes)) as scheduler:
            return await evaluate(integrator, plan, Judges(scheduler, control.stop, tell))

    report = session.run(job, shown, None)
    if report is None:
        return EXIT_STOPPED
    if options.json:
        printed(lambda out: show_json(out, {"folder": str(model), **report.as_dict()}))
    elif not options.quiet:
        printed(lambda out: _show(out, report))
    return 0


def _show(console: Console, report: Report) -> None:
    plain(console, f"{report.problems} problems; {report.token_accuracy:.1%} of tokens right, one by one")
    console.print(
        table(["beam", "right", "right on a part", "wrong", "undecided", "exact"], map(_row, report.beams))
    )
    widest = report.beams[-1]
    for title, tallies in (
        ("operators", {str(key): one for key, one in sorted(widest.by_operators.items())}),
        ("tokens, at most", {str(key): one for key, one in sorted(widest.by_length.items())}),
        ("kind", widest.by_kind),
        ("near what was solved", report.probes),
    ):
        if tallies:
            console.print(table([title, "right", "problems"], map(_share, tallies.items())))


def _row(found: ByBeam) -> list[str]:
    shares = [found.verdicts[verdict] / found.problems for verdict in Verdict]
    return [str(found.beam), *(f"{share:.1%}" for share in shares), f"{found.exact / found.problems:.1%}"]


def _share(pair: tuple[str, Tally]) -> list[str]:
    name, tally = pair
    return [name, f"{tally.share:.1%}", str(tally.problems)]
