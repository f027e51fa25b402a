"""Which tests hold which of the modules beside the guard's own: for their mutants."""

from edge.barrier.core import equipment, permit, readback, self_test, warning
from tests.barrier.core import test_equipment, test_permit, test_readback, test_warning

TESTED = {
    equipment: test_equipment,
    self_test: test_equipment,
    warning: test_warning,
    permit: test_permit,
    readback: test_readback,
}
