"""What the published description of /api promises is what is answered: Schemathesis asks each call
what its schema allows and what it does not, over the real operations."""

import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.core.failures import FailureGroup

from edge.config import load
from edge.console.app import create_app
from edge.console.rates import Rate, Rates
from edge.console.sessions import COOKIE
from edge.console.users import ROLES, UserStore
from tests.support.operations_twin import CONFIG, PASSWORD
from tests.support.real_operations import RealDesk

pytestmark = [pytest.mark.timeout(600), pytest.mark.filterwarnings("ignore")]

load_all_checks()
PROMISED = CHECKS.get_by_names([
    "not_a_server_error", "status_code_conformance", "content_type_conformance",
    "response_schema_conformance",
])  # fmt: skip


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """(schema, headers) of who may everything."""
    folder = tmp_path_factory.mktemp("described")
    made = load(CONFIG).model_copy(update={"data_folder": folder})
    real = RealDesk(made)
    users = UserStore(folder)
    for role in ROLES:
        users.add(role, role, PASSWORD)
    swift = Rate(1e6, 10**6)
    app = create_app(real.operations, users, made, Rates(swift, swift, swift, swift, swift))
    with TestClient(app) as client:
        body = {"user": "administrator", "password": PASSWORD}
        csrf = client.post("/api/session", json=body).json()["csrf"]
        token = client.cookies[COOKIE]
    headers = {"Cookie": f"{COOKIE}={token}", "X-CSRF-Token": csrf}
    yield schemathesis.openapi.from_asgi("/api/openapi.json", app, headers=headers), headers
    real.close()


THOROUGH = settings(
    max_examples=12,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def test_each_call_answers_as_it_is_described(place):
    schema, headers = place
    wrong = []
    asked = 0

    def ask(case):
        nonlocal asked
        asked += 1
        case.call_and_validate(headers=headers, checks=PROMISED)

    for found in schema.get_all_operations():
        operation = found.ok()
        try:
            THOROUGH(given(case=operation.as_strategy())(ask))()
        except FailureGroup as error:
            wrong.append(f"{operation.label}: {error}")
    assert not wrong, "\n".join(wrong)
    assert asked > 200
