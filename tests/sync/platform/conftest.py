import pytest

from edge.sync.platform.list_file import ListFile


@pytest.fixture(autouse=True)
def no_list_stays_open(monkeypatch):
    """Those of a test that stand for a service which was killed are closed after it: Python 3.13
    says of each database that nobody closes."""
    made, begin = [], ListFile.__init__

    def opened(file, *given):
        begin(file, *given)
        made.append(file)

    monkeypatch.setattr(ListFile, "__init__", opened)
    yield
    for one in made:
        one.close()
