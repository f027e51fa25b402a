"""What is wrong with a value that pydantic refuses, as a cause: said in the reader's language
wherever it is shown. pydantic's findings are named by their kind; its own words go nowhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from edge.system.causes import Cause, cause, cause_of


def _expected(words: str) -> Cause:
    """pydantic writes "'a', 'b' or 'c'"."""
    return cause("item.expected", words=words.replace(" or ", ", "))


_KINDS: Mapping[str, Callable[[Mapping[str, Any]], Cause]] = {
    "missing": lambda gaps: cause("item.missing"),
    "extra_forbidden": lambda gaps: cause("value.unknown_key"),
    "literal_error": lambda gaps: _expected(gaps["expected"]),
    "enum": lambda gaps: _expected(gaps["expected"]),
    "union_tag_invalid": lambda gaps: _expected(gaps["expected_tags"]),
    "union_tag_not_found": lambda gaps: cause("value.no_kind", key=gaps["discriminator"]),
    "string_type": lambda gaps: cause("item.text"),
    "string_unicode": lambda gaps: cause("item.text"),
    "path_type": lambda gaps: cause("item.text"),
    "string_too_short": lambda gaps: cause("item.empty"),
    "string_too_long": lambda gaps: cause("item.long", most=gaps["max_length"]),
    "string_pattern_mismatch": lambda gaps: cause("value.pattern", pattern=gaps["pattern"]),
    "list_type": lambda gaps: cause("item.list"),
    "tuple_type": lambda gaps: cause("item.list"),
    "frozen_set_type": lambda gaps: cause("item.list"),
    "too_short": lambda gaps: cause("value.few", least=gaps["min_length"]),
    "too_long": lambda gaps: cause("item.many", most=gaps["max_length"]),
    "dict_type": lambda gaps: cause("item.object"),
    "model_type": lambda gaps: cause("item.object"),
    "model_attributes_type": lambda gaps: cause("item.object"),
    "int_from_float": lambda gaps: cause("item.whole"),
    "int_parsing": lambda gaps: cause("item.whole"),
    "int_parsing_size": lambda gaps: cause("item.whole"),
    "int_type": lambda gaps: cause("item.whole"),
    "no_number": lambda gaps: cause("value.unquoted"),
    "float_type": lambda gaps: cause("value.number"),
    "float_parsing": lambda gaps: cause("value.number"),
    "finite_number": lambda gaps: cause("value.number"),
    "bool_type": lambda gaps: cause("value.flag"),
    "bool_parsing": lambda gaps: cause("value.flag"),
    "greater_than_equal": lambda gaps: cause("item.least", least=gaps["ge"]),
    "less_than_equal": lambda gaps: cause("item.most", most=gaps["le"]),
    "greater_than": lambda gaps: cause("value.above", bound=gaps["gt"]),
    "less_than": lambda gaps: cause("value.below", bound=gaps["lt"]),
    "timezone_aware": lambda gaps: cause("item.moment"),
    "datetime_type": lambda gaps: cause("item.moment"),
    "datetime_parsing": lambda gaps: cause("item.moment"),
    "datetime_object_invalid": lambda gaps: cause("item.moment"),
    "datetime_from_date_parsing": lambda gaps: cause("item.moment"),
    "json_invalid": lambda gaps: cause("value.json"),
}
"""By the kinds of pydantic, and of our sections (no_number)."""


def reason_of(problem: Mapping[str, Any]) -> str:
    """What is wrong with the value (`ValidationError.errors`): what our own check said, else the
    kind of what pydantic found."""
    gaps = problem.get("ctx", {})
    ours, kind = gaps.get("error"), str(problem["type"])
    if isinstance(ours, Exception):
        return cause_of(ours)
    return _KINDS[kind](gaps) if kind in _KINDS else cause("value.other", kind=kind)
