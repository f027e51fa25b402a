"""A library of C for a process under test, made where a compiler is."""

import pytest

from simulator.faults.disturbance import NoCompiler
from simulator.faults.disturbance import library as made


def library(source, folder):
    """The library of that source, in `folder`; skips the test where none can be made."""
    try:
        return made(source, folder)
    except NoCompiler as error:
        pytest.skip(str(error))
