"""The `gate` command line: one sub-command per task, each with an example in its --help."""

from __future__ import annotations

import os
import sys

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
    from edge.cli.backup import backup, restore
    from edge.cli.barrier import app as barrier
    from edge.cli.bench import bench
    from edge.cli.camera import app as camera
    from edge.cli.code import app as code
    from edge.cli.config import app as config
    from edge.cli.demo import demo
    from edge.cli.doctor import doctor
    from edge.cli.journal import app as journal
    from edge.cli.keys import app as keys
    from edge.cli.learn import app as learn
    from edge.cli.policy import app as policy
    from edge.cli.read import read
    from edge.cli.report import app as report
    from edge.cli.run import run
    from edge.cli.users import app as users
    from edge.cli.vision import app as vision

    app.command("run")(run)
    app.command("demo")(demo)
    app.command("read")(read)
    app.command("doctor")(doctor)
    app.command("bench")(bench)
    app.command("backup")(backup)
    app.command("restore")(restore)
    app.add_typer(config, name="config")
    app.add_typer(journal, name="journal")
    app.add_typer(users, name="users")
    app.add_typer(keys, name="keys")
    app.add_typer(code, name="code")
    app.add_typer(barrier, name="barrier")
    app.add_typer(learn, name="learn")
    app.add_typer(vision, name="vision")
    app.add_typer(policy, name="policy")
    app.add_typer(report, name="report")
    app.add_typer(camera, name="camera")


def main() -> None:
    """The entry point of the `gate` script."""
    try:
        _mount()
        app()
    except ImportError as error:
        # Not a mistake in the configuration: once the library is back, the next try goes well.
        reported = (
            f"gate: a library cannot be loaded ({error}); run ./install.sh in the gate's folder"
        )
        typer.echo(reported, err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
