"""Whether the wall clock may be trusted is the kernel's word, asked each time."""

import os
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from tests.support.disturbance import Disturbance

ASK = "from edge.system.clock import clock_trusted; print(clock_trusted())"


@pytest.mark.parametrize(
    ("word", "year", "trusted"), [(True, 2027, True), (False, 2027, False), (True, 2021, False)]
)
def test_the_clock_is_trusted_by_the_kernels_word_and_if_it_is_not_absurd(
    tmp_path, word, year, trusted
):
    disturbance = Disturbance(tmp_path)
    disturbance.synchronised(word)
    disturbance.jump_to(datetime(year, 3, 1, tzinfo=UTC))
    env = {**os.environ, **disturbance.env}
    done = subprocess.run([sys.executable, "-c", ASK], env=env, capture_output=True, text=True)
    assert done.stdout == f"{trusted}\n", done.stderr
