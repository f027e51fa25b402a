"""The commands `gate-sim check-receiver` and `gate-sim check-platform`."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from pydantic import ValidationError

from edge.config import ConsumerConfig, CustomsConfig, PlatformConfig, load
from edge.config.reading import ConfigError
from edge.sync.customs.mqtt_link import LinkDown
from edge.sync.journal.signing import GateKey
from simulator.broker import Broker, Embedded, Mosquitto
from simulator.conformance import platform, receiver
from simulator.conformance.gate import PlayedGate
from simulator.conformance.platform import PlatformKit
from simulator.conformance.process import Process
from simulator.conformance.receiver import ReceiverKit
from simulator.conformance.report import Check, Report, asked_by, played

BY_HAND_S = 600.0
"""A person may need so long to start the receiver."""

Json = Annotated[Path | None, typer.Option("--report", help="Write the report as JSON.")]
Junit = Annotated[Path | None, typer.Option(help="Write a JUnit XML file.")]
Names = Annotated[bool, typer.Option("--list", help="List what is asked, and ask nothing.")]


def check_receiver(
    consumer: Annotated[str, typer.Option(help="The receiver's configured name.")] = "customs",
    start: Annotated[
        str,
        typer.Option(
            help="Its command line, which may name {host}, {port}, {site}, {gate}, {consumer} and "
            "{key}. Without it you start the receiver yourself, and it is not killed."
        ),
    ] = "",
    broker: Annotated[str, typer.Option(help="HOST:PORT; without it one is started.")] = "",
    username: Annotated[str, typer.Option(help="At the broker, as the gate.")] = "",
    password_file: Annotated[Path | None, typer.Option(help="Its password.")] = None,
    ca_file: Annotated[Path | None, typer.Option(help="The broker's authority: TLS.")] = None,
    cert_file: Annotated[Path | None, typer.Option(help="The gate's certificate.")] = None,
    key_file: Annotated[Path | None, typer.Option(help="Its key.")] = None,
    port: Annotated[int, typer.Option(help="Of the broker that is started; 0: any.")] = 0,
    site: Annotated[str, typer.Option(help="Of the topics.")] = "conformance",
    gate: Annotated[str, typer.Option(help="Of the topics.")] = "kit",
    keys: Annotated[
        Path | None,
        typer.Option(help="A folder that keeps the kit's signing key, handed over once."),
    ] = None,
    patience: Annotated[float, typer.Option(min=1, help="Seconds for what must come.")] = 30.0,
    report: Json = None,
    junit: Junit = None,
    list_: Names = False,
) -> None:
    """Play a gate that sends early, doubled, lost, forged and nonsense, and judge a receiver.

    It is judged by its acknowledgements alone. Begin with an empty receiver.

    Examples: gate-sim check-receiver --start "java Receiver {host} {port} {site} {gate} {key}"
              gate-sim check-receiver --broker mqtt.example.vn:8883 --ca-file ca.pem --keys kit
    """
    if list_:
        _list(asked_by(ReceiverKit, receiver.STEPS))
        return
    with tempfile.TemporaryDirectory(prefix="gate-kit-") as name:
        folder = Path(name)
        key = GateKey.of(keys or folder / "keys")
        own: Broker | None = None
        if not broker:
            own = (Mosquitto if Mosquitto.installed() else Embedded)(
                folder / "broker", port or None
            )
            own.start()
        host, _, at = (broker or (f"{own.host}:{own.port}" if own else ":1")).rpartition(":")
        try:
            customs = CustomsConfig.model_validate(
                {
                    "host": host or "nowhere",
                    "port": int(at) if at.isdigit() else at,
                    "username": username,
                    "password_file": password_file,
                    "tls": ca_file is not None,
                    "ca_file": ca_file,
                    "cert_file": cert_file,
                    "key_file": key_file,
                    "consumers": (ConsumerConfig(name=consumer),),
                }
            )
        except ValidationError as error:
            _usage(f"--broker HOST:PORT and the files: {error.errors()[0]['msg']}")
        process = None
        if start:
            places = {"host": host, "port": at, "site": site, "gate": gate}
            try:
                process = Process(start, **places, consumer=consumer, key=key.public)
            except (ValueError, KeyError, IndexError) as error:
                _usage(f"--start: {error}")
        try:
            played_gate = PlayedGate(customs, site, gate, key, consumer)
        except LinkDown as error:
            typer.echo(f"gate-sim: {error}", err=True)
            raise typer.Exit(1) from None
        first_s = BY_HAND_S if process is None else 0.0
        wipe = None if own is None else partial(_forget_all, own)
        kit = ReceiverKit(played_gate, patience, process, first_s, wipe)
        try:
            if process is not None:
                process.start()
            else:
                typer.echo(f"broker  {host}:{at}\ntopics  {played_gate.base}/...", err=True)
                typer.echo(f"key     {key.public}\nStart the receiver now.", err=True)
            made = played("receiver", kit.steps(), kit.goes_on, _tell)
        except (LinkDown, OSError) as error:
            typer.echo(f"gate-sim: {error}", err=True)
            raise typer.Exit(1) from None
        finally:
            if process is not None:
                process.kill()
            played_gate.close()
            if own is not None:
                own.stop()
    _written(made, report, junit)


def check_platform(
    config: Annotated[
        Path | None, typer.Option(help="A gate's configuration file: its [platform] is asked.")
    ] = None,
    url: Annotated[str, typer.Option(help="Of the platform, in place of --config.")] = "",
    gate: Annotated[str, typer.Option(help="The gate that asks; of --config without it.")] = "",
    report: Json = None,
    junit: Junit = None,
    list_: Names = False,
) -> None:
    """Ask a platform in every way that a gate does, and judge its answers.

    It gets passages of the plate 99X99999, which does not exist: try it on a test system.

    Examples: gate-sim check-platform --url http://127.0.0.1:8090 --gate kt1
              gate-sim check-platform --config /etc/gate/gate.toml --junit platform.xml
    """
    if list_:
        _list(asked_by(PlatformKit, platform.STEPS))
        return
    if (config is None) is not bool(url):
        _usage("name the platform by --config or by --url")
    try:
        if config is not None:
            settings = load(config)
            found, gate = settings.platform, gate or settings.gate
        else:
            found = PlatformConfig(url=url)
    except ConfigError as error:
        _usage(str(error))
    except ValidationError as error:
        _usage(f"--url: {error.errors()[0]['msg']}")
    if not isinstance(found, PlatformConfig):
        _usage("the configuration names no platform over HTTP")
    kit = PlatformKit(found, gate or "kt1")
    try:
        made = played("platform", kit.steps(), kit.goes_on, _tell)
    finally:
        kit.close()
    _written(made, report, junit)


def _forget_all(broker: Broker) -> None:
    """As after a power cut that took its disk."""
    broker.kill()
    broker.lose()
    broker.start()


def _usage(text: str) -> NoReturn:
    typer.echo(f"gate-sim: {text}", err=True)
    raise typer.Exit(2)


def _list(asked: Iterable[tuple[str, str]]) -> None:
    for name, text in asked:
        typer.echo(f"{name:18} {text}")


def _tell(check: Check) -> None:
    typer.echo(f"{check.state.value:12} {check.name}", err=True)


def _written(made: Report, report: Path | None, junit: Path | None) -> None:
    files: list[tuple[Path | None, Callable[[], bytes]]] = [
        (report, lambda: (made.as_json() + "\n").encode()),
        (junit, made.junit),
    ]
    for file, content in files:
        if file is not None:
            file.write_bytes(content())
    typer.echo(made.text())
    if not made.good:
        raise typer.Exit(1)
