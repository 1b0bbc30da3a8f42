"""What did the rows say when a plan was computed, as a short hash of each fact, and what do they say otherwise now?"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Set
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any


def changes(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """Return in German what the rows say otherwise than before, each as a sentence without a full stop."""
    new = [f"{about}: neu" for about in now if about not in before]
    gone = [f"{about}: entfallen" for about in before if about not in now]
    other = [f"{about}: geändert" for about in now if about in before and before[about] != now[about]]
    return sorted(other + new + gone)


def digest(value: Any) -> str:
    """Return a hash of the value that every process and every day computes alike."""
    text = json.dumps(plain(value), ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def plain(value: Any) -> Any:
    """Return the value as JSON knows it, sets in order."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value) if field.compare}
    if isinstance(value, Mapping):
        return [
            [plain(key), plain(content)]
            for key, content in sorted(value.items(), key=lambda pair: repr(plain(pair[0])))
        ]
    if isinstance(value, Set):
        return sorted((plain(one) for one in value), key=repr)
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, Enum):
        return value.value
    return value if isinstance(value, int | float | str | bool | None) else str(value)
