"""The `gate` command line: one sub-command per task, each with an example in its --help."""

from __future__ import annotations

import os

import typer

# ultralytics must never reach for the network at a gate; it reads these when it is imported.
os.environ.setdefault("YOLO_OFFLINE", "true")
os.environ.setdefault("YOLO_AUTOINSTALL", "false")
os.environ.setdefault("YOLO_VERBOSE", "false")

app = typer.Typer(
    name="gate",
    help="The border gate's edge controller.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _mount() -> None:
    """Puts the commands together; each lives in edge/cli/ under its own name."""
    from edge.cli import barrier, bench, config, demo, doctor, journal, keys, read, run, users

    app.command("run")(run.run)
    app.command("demo")(demo.demo)
    app.command("read")(read.read)
    app.command("doctor")(doctor.doctor)
    app.command("bench")(bench.bench)
    app.add_typer(config.app, name="config")
    app.add_typer(journal.app, name="journal")
    app.add_typer(users.app, name="users")
    app.add_typer(keys.app, name="keys")
    app.add_typer(barrier.app, name="barrier")


def main() -> None:
    """The entry point of the `gate` script."""
    _mount()
    app()


if __name__ == "__main__":
    main()
