"""What is installed is written down with its hashes, and agrees with what the project asks for."""

import importlib.util
import re
import tomllib
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
LOCKS = {f.stem: f for f in (PROJECT / "requirements").glob("*.txt") if "lock" in f.read_text()}
TOLD = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
APART = {"torch", "torchvision"}


def pins(lock):
    """Of each package its versions (several where Pythons differ)."""
    found = {}
    for name, version in re.findall(r"(?m)^([a-z0-9-]+)==([^ ;]+)", LOCKS[lock].read_text()):
        found.setdefault(name, set()).add(version)
    return found


def asked(requirements):
    for requirement in requirements:
        name, _, version = requirement.partition(";")[0].strip().partition("==")
        yield re.sub(r"[-_.]+", "-", name.lower()), version


@pytest.mark.parametrize("lock", sorted(LOCKS))
def test_every_package_of_a_lock_file_has_its_hashes(lock):
    blocks = re.split(r"(?m)^(?=[a-z])", LOCKS[lock].read_text())[1:]
    assert blocks
    for block in blocks:
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", block), block.splitlines()[0]


def test_the_locks_hold_what_the_project_asks_for():
    default = pins("slim") | pins("ultralytics")
    for name, version in asked(TOLD["dependencies"]):
        assert name in APART or default.get(name) == {version}, f"{name}: run make lock"
    for extra, requirements in TOLD["optional-dependencies"].items():
        known = pins("slim") | pins(extra)
        for name, version in asked(requirements):
            assert known.get(name) == {version}, f"{extra}: {name}: run make lock"


def test_the_gate_needs_neither_torch_nor_windows():
    slim = pins("slim")
    assert not {"torch", "torchvision", "ultralytics", "opencv-python"} & set(slim)
    assert {"opencv-python-headless", "openvino"} <= set(slim)
    everything = {name for lock in LOCKS for name in pins(lock)}
    assert not APART & everything
    assert "opencv-python" not in everything


def test_the_name_opencv_python_brings_the_build_without_windows_of_the_same_version():
    file = PROJECT / "requirements" / "opencv-python" / "pyproject.toml"
    reported = tomllib.loads(file.read_text(encoding="utf-8"))["project"]
    (version,) = pins("slim")["opencv-python-headless"]
    assert reported["version"] == f"{version}+headless"
    assert reported["dependencies"] == [f"opencv-python-headless=={version}"]


@pytest.fixture
def torch_build():
    spec = importlib.util.spec_from_file_location(
        "torch_build", PROJECT / "requirements" / "torch_build.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


CPU = ["torch", "filelock", "sympy"]
CUDA = ["torch", "filelock", "nvidia-cudnn-cu13", "triton"]


@pytest.mark.parametrize(
    ("here", "cpu_index", "gpu", "taken"),
    [
        (CPU, [], False, []),
        (CUDA, CPU, False, ["--extra-index-url"]),
        (CUDA, [], False, None),
        (CUDA, CUDA, False, None),
        ([], [], False, None),
        (CUDA, [], True, []),
    ],
)
def test_a_build_for_a_gpu_is_never_taken_without_one(
    torch_build, monkeypatch, tmp_path, capsys, here, cpu_index, gpu, taken
):
    answers = {False: (here, "pip found none"), True: (cpu_index, "")}
    monkeypatch.setattr(
        torch_build, "names_of", lambda torch, given: answers["--extra-index-url" in given]
    )
    monkeypatch.setattr(torch_build, "DRIVER", tmp_path if gpu else tmp_path / "none")
    found = torch_build.main([])
    out, err = capsys.readouterr()
    assert found == (taken is None)
    if taken is None:
        assert "no build of torch==" in err
    else:
        assert out.split()[:1] == taken
