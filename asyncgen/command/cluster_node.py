"""Runs a node for the command line."""

from asyncgen.cluster.connection import Server, answering, connect_with_meter
from asyncgen.cluster.node import NodeSettings, serve
from asyncgen.cluster.scratch import scratch_folder
from asyncgen.command import session
from asyncgen.command.cluster_options import NodeOptions
from asyncgen.command.display import Output, display
from asyncgen.command.exits import EXIT_FAILURE
from asyncgen.jobs.limits import Workforce
from asyncgen.jobs.run import Control


def run_node(server: Server, options: NodeOptions) -> int:
    """Serve until a signal; the exit status."""
    if options.log_file is not None:
        session.log_to(options.log_file)
    shown = display(Output(stderr=True), options.quiet, show=False)
    workforce = Workforce(workers=options.processes, output=options.log_file)
    named = {} if options.name is None else {"name": options.name}

    async def job(control: Control) -> str | None:
        client, meter = await connect_with_meter(server, options.metrics)
        with scratch_folder(options.scratch) as folder, answering():
            settings = NodeSettings(workforce=workforce, scratch=folder, at_once=options.shards, **named)
            return await serve(client, settings, control, meter)

    fault = session.run(job, shown, None)
    if fault is None:
        return 0
    shown.say(f"this machine cannot label: {fault}")
    return EXIT_FAILURE
