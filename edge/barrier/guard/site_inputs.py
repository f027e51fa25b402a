"""What one lane's board reads for all lanes of the gate: the site's fire contact, free flow."""

from __future__ import annotations

from collections.abc import Iterable

SITE_FIRE, FREE_FLOW = "site_fire", "free_flow"

FOR_ALL = (SITE_FIRE, FREE_FLOW)


class SiteInputs:
    """Shared by the threads of all wires; each lane tells what its own board reads. What a board
    said last counts until it is read again: a fire does not end because a wire is torn.

    `wired`: the inputs for all that any board of the gate has.
    """

    def __init__(self, wired: Iterable[str] = ()) -> None:
        self.wired = frozenset(wired) & frozenset(FOR_ALL)
        self._on: dict[tuple[str, str], bool] = {}

    def __repr__(self) -> str:
        return f"<SiteInputs {sorted(name for name in self.wired if self.on(name))}>"

    def tell(self, lane: str, name: str, on: bool) -> None:
        self._on[lane, name] = on

    def on(self, name: str) -> bool:
        """Whether any board says so."""
        return any(on for (_, which), on in list(self._on.items()) if which == name)
