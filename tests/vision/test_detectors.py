"""OpenVINO alone finds what ultralytics finds, and nothing of torch is loaded for it."""

import json
import random
import shutil
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import openvino as ov
import pytest

from edge.vision.detectors import CAREFUL, VIDEO, detector_of
from edge.vision.letterbox import fitted
from edge.vision.openvino_detector import OpenVinoDetector, runs_here
from edge.vision.weights import SHIPPED, WeightsError
from edge.vision.yolo import YoloDetector
from simulator.bodywork import look_for
from simulator.scene import Placed, Scene

pytestmark = pytest.mark.timeout(300)

SIZES = [(720, 1280), (1080, 1920), (480, 640), (900, 600), (333, 501), (64, 900), (900, 3)]


def a_picture(height: int, width: int):
    vehicle = look_for("truck", random.Random(4), ("24C12345", "VN", "yellow", 1))
    picture, _ = Scene(2).render([Placed(vehicle, 8.8)])
    return cv2.resize(picture, (width, height))


@pytest.mark.parametrize(("form", "careful"), [(VIDEO, False), (CAREFUL, True)])
def test_the_shipped_network_finds_the_same_boxes_without_ultralytics(form, careful):
    pytest.importorskip("ultralytics", reason="a slim installation: nothing to compare with")
    alone = OpenVinoDetector(SHIPPED / form, careful)
    through = YoloDetector(SHIPPED / form, careful, device="cpu")
    found = 0
    for height, width in SIZES:
        picture = a_picture(height, width)
        ours, theirs = alone.find(picture), through.find(picture)
        assert [d.kind for d in ours] == [d.kind for d in theirs], (height, width)
        for a, b in zip(ours, theirs, strict=True):
            assert a.confidence == pytest.approx(b.confidence, abs=1e-3), (height, width)
            assert a.box == pytest.approx(b.box, abs=0.5), (height, width)
        found += len(ours)
    assert found >= len(SIZES), "too little was found for a comparison"


@pytest.mark.parametrize("stride", [None, 32])
@pytest.mark.parametrize(("height", "width"), SIZES)
def test_a_box_comes_back_from_the_letterbox_where_it_was(height, width, stride):
    box = fitted((height, width), (320, 544), stride)
    block = box.block(np.full((height, width, 3), 255, np.uint8))
    assert block.shape == (1, 3, box.rows, box.columns)
    if stride is not None:
        assert box.rows % stride == box.columns % stride == 0
    ys, xs = np.nonzero(block[0, 0] == 1)
    seen = np.array([[xs.min(), ys.min(), xs.max() + 1, ys.max() + 1]], np.float32)
    assert box.back(seen)[0].tolist() == pytest.approx([0, 0, width, height], abs=1e-3)


SAYS_WHAT_IS_LOADED = """
import json, os, sys, threading
from multiprocessing import Pipe
from pathlib import Path
from edge.config import load
from edge.vision import channel, child

def listen(pipe):
    while not isinstance(said := channel.unpacked(pipe.recv_bytes()), ENDS):
        pass
    loaded = sorted({name.partition(".")[0] for name in sys.modules})
    print(json.dumps([type(said).__name__, loaded]), flush=True)
    os._exit(0)

ENDS = (channel.CameraStatus, channel.Fault)

if __name__ == "__main__":
    near, far = Pipe()
    threading.Thread(target=listen, args=(near,)).start()
    child.child(load(Path(sys.argv[1])), far)
"""


def test_the_vision_process_loads_nothing_of_torch(tmp_path):
    """The process's own function, until it tells a camera's state: its networks are loaded then."""
    (tmp_path / "gate.toml").write_bytes(Path("config/gate.toml").read_bytes())
    reported, loaded = modules_of(SAYS_WHAT_IS_LOADED, str(tmp_path / "gate.toml"))
    assert reported == "CameraStatus"
    assert "openvino" in loaded
    assert not {"torch", "torchvision", "ultralytics"} & set(loaded)


def test_neither_the_service_nor_the_command_line_loads_torch_or_ultralytics():
    loaded = modules_of(
        "import json, sys, edge.assembly, edge.__main__ as m; m._mount();"
        "print(json.dumps(sorted({n.partition('.')[0] for n in sys.modules})))"
    )
    assert not {"torch", "torchvision", "ultralytics"} & set(loaded)


def modules_of(code: str, *arguments: str):
    ran = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, timeout=120
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    return json.loads(ran.stdout.splitlines()[-1])


def test_own_weights_of_another_form_go_through_ultralytics(tmp_path):
    pytest.importorskip("ultralytics", reason="a slim installation: it loads no such weights")
    folder = tmp_path / "own_openvino_model"
    shutil.copytree(SHIPPED / CAREFUL, folder)
    assert isinstance(detector_of(folder), OpenVinoDetector)
    reported = (folder / "metadata.yaml").read_text(encoding="utf-8")
    (folder / "metadata.yaml").write_text(reported.replace("end2end: true", "end2end: false"))
    assert not runs_here(folder)
    assert isinstance(detector_of(folder), YoloDetector)


def test_own_pytorch_weights_are_loaded(tmp_path):
    pytest.importorskip("ultralytics", reason="a slim installation: it loads no such weights")
    from ultralytics import YOLO
    from ultralytics.nn.tasks import DetectionModel

    model = YOLO("yolo26n.yaml")
    model.model = DetectionModel("yolo26n.yaml", nc=2, verbose=False)
    model.model.names = {0: "truck", 1: "plate"}
    model.save(tmp_path / "own.pt")
    assert isinstance(detector_of(tmp_path / "own.pt").find(a_picture(320, 544)), list)


def test_weights_that_need_ultralytics_say_so_where_it_was_left_out(tmp_path, monkeypatch):
    (tmp_path / "own.pt").write_bytes(b"weights")
    monkeypatch.setitem(sys.modules, "ultralytics", None)
    with pytest.raises(WeightsError, match=r"slim installation.*install\.sh without --slim"):
        detector_of(tmp_path / "own.pt")


def test_weights_that_are_not_end_to_end_are_refused_by_name(tmp_path):
    folder = tmp_path / "own_openvino_model"
    folder.mkdir()
    for file in (SHIPPED / "recogniser.xml", SHIPPED / "recogniser.bin"):
        shutil.copy(file, folder)
    (folder / "metadata.yaml").write_text(
        "task: detect\nend2end: true\nstride: 32\nnames: {0: truck, 1: plate}\n"
    )
    with pytest.raises(WeightsError, match=r"OpenVINO cannot load it.*correct vision\.detector"):
        detector_of(folder)


def test_own_weights_of_8_bits_and_any_size_are_held_to_one_size(tmp_path):
    """Of free sizes they would end the process on some processors."""
    model = ov.Core().read_model(SHIPPED / VIDEO / "detector.xml")
    model.reshape([1, 3, -1, -1])
    folder = tmp_path / "own_openvino_model"
    folder.mkdir()
    ov.save_model(model, folder / "detector.xml", compress_to_fp16=False)
    shutil.copy(SHIPPED / VIDEO / "metadata.yaml", folder)
    picture = a_picture(1080, 1920)
    assert detector_of(folder).find(picture) == detector_of().find(picture)
    assert detector_of(folder)._size == (320, 544)


def test_training_says_in_a_slim_installation_what_it_lacks():
    """As there: the package torch cannot be found."""
    ran = subprocess.run(
        [
            sys.executable,
            "-c",
            "import importlib.util as u; find = u.find_spec\n"
            "u.find_spec = lambda name, *a: None if name == 'torch' else find(name, *a)\n"
            "import training",
        ],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "./install.sh without --slim" in ran.stderr
