"""Two people edited the same row: what did the other one change, what did this one type, and what comes of a choice?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.http import QueryDict

from locations.history_steps import linked_fields, links_of
from locations.history_text import moment, name_of
from locations.history_undo import as_it_was
from locations.models.history import BEFORE_THE_FIRST
from locations.typed_forms import as_typed, raw_value, read_aloud, typed_field

MINE, THEIRS = "meins", "deren"
DELETED = "gelöscht"


@dataclass(frozen=True, slots=True)
class Clash:
    """One field, or one row beside the row, of which both said something. `typed` is what the other one's value is as
    typed; None: they deleted the row."""

    key: str
    label: str
    base: str
    theirs: str
    mine: str
    i_changed_it: bool
    typed: dict[str, list[str]] | None = None
    prefix: str = ""

    @property
    def preselected(self) -> str:
        """Return what is chosen until somebody chooses: nothing where both have typed something."""
        return "" if self.i_changed_it else THEIRS


@dataclass
class Clashes:
    """All that has to be decided before this person's page can be saved."""

    fields: list[Clash] = field(default_factory=list)
    rows: list[Clash] = field(default_factory=list)
    only_mine: list[tuple[str, str, str]] = field(default_factory=list)
    added: list[str] = field(default_factory=list)
    who: list[str] = field(default_factory=list)

    @property
    def all(self) -> list[Clash]:
        return [*self.fields, *self.rows]


def field_clashes(form_class: Any, row: models.Model, entry: Any, data: QueryDict) -> Clashes:
    """Return what is to be decided about the row's own fields. `entry` is what the page had shown; None: unknown."""
    theirs = form_class(instance=row)
    base = form_class(instance=as_it_was(entry), initial=_links(entry)) if entry else theirs
    sent = as_typed(theirs)
    found = Clashes()
    for name, field_ in theirs.fields.items():
        mine, stored = raw_value(theirs, name, data), raw_value(theirs, name, sent)
        before, now = (form.get_initial_for_field(field_, name) for form in (base, theirs))
        i_did = field_.has_changed(before, mine)
        they_did = entry is None or field_.has_changed(before, stored)
        label = str(field_.label or name)
        if they_did and field_.has_changed(now, mine):
            said = [read_aloud(field_, value) for value in (raw_value(base, name, as_typed(base)), stored, mine)]
            found.fields.append(Clash(name, label, *said, i_did, dict(typed_field(theirs, name))))
        elif i_did and not they_did:
            found.only_mine.append((label, read_aloud(field_, stored), read_aloud(field_, mine)))
    return found


def row_clashes(formset: Any, prefix: str, rows: Any, entries: list[Any], seen: int, data: QueryDict) -> Clashes:
    """Return what is to be decided about the rows beside the row. `entries`: the history of all that belong or belonged
    to it, oldest first; `seen`: the newest entry the page had known."""
    found = Clashes()
    now = {row.pk: row for row in rows}
    key = formset.model._meta.pk.attname
    for pk in dict.fromkeys(getattr(entry, key) for entry in entries if entry.pk > seen):
        own = [entry for entry in entries if getattr(entry, key) == pk]
        base = _known_then(own, seen)
        index = _index_of(prefix, pk, data)
        if base is None and pk in now:
            found.added.append(f"{formset.model._meta.verbose_name} {now[pk]}")
        elif base is not None and index is not None:
            found.rows += _row_clash(formset, prefix, index, base, now.get(pk), data)
    return found


def _known_then(entries: list[Any], seen: int) -> Any:
    """Return the entry that says what a row was when the page was made, None: there was none."""
    known = [entry for entry in entries if entry.pk <= seen]
    if known:
        return None if known[-1].history_type == "-" else known[-1]
    return entries[0] if entries[0].history_change_reason == BEFORE_THE_FIRST else None


def _row_clash(
    formset: Any, prefix: str, index: int, base: Any, stored: models.Model | None, data: QueryDict
) -> Iterator[Clash]:
    name = f"{prefix}-{index}"
    old = formset.form(instance=as_it_was(base), prefix=name)
    new = formset.form(instance=stored, prefix=name) if stored else None
    i_delete = bool(data.get(f"{name}-DELETE"))
    mine = [one for one in old.fields if old.fields[one].has_changed(*_before_and_typed(old, one, data))]
    typed = as_typed(new) if new else None
    same = (
        new is not None
        and not i_delete
        and not any(new.fields[one].has_changed(*_before_and_typed(new, one, data)) for one in new.fields)
    )
    if same or (new is None and i_delete):
        return
    yield Clash(
        key=f"{prefix}-{old.instance.pk}",
        label=f"{formset.model._meta.verbose_name} {old.instance}",
        base=str(old.instance),
        theirs=_said(old, typed) if new else DELETED,
        mine=DELETED if i_delete else _said(old, data) if mine else "nicht geändert",
        i_changed_it=bool(mine) or i_delete,
        typed=dict(typed.lists()) if typed is not None else None,
        prefix=name,
    )


def _before_and_typed(form: Any, name: str, data: QueryDict) -> tuple[Any, Any]:
    return form.get_initial_for_field(form.fields[name], name), raw_value(form, name, data)


def _said(old: Any, data: QueryDict) -> str:
    """Return "Feld: Wert, Feld: Wert" for what differs from the old state."""
    changed = [name for name in old.fields if old.fields[name].has_changed(*_before_and_typed(old, name, data))]
    return "; ".join(
        f"{old.fields[name].label}: {read_aloud(old.fields[name], raw_value(old, name, data))}" for name in changed
    )


def signed(entries: list[Any]) -> list[str]:
    """Return who wrote these entries and when, each once, the latest first."""
    told = (f"{name_of(entry.history_user) or 'jemand'} ({moment(entry.history_date)})" for entry in entries[::-1])
    return list(dict.fromkeys(told))


def decided(clashes: Clashes, data: QueryDict) -> bool:
    """Return whether every clash has been decided."""
    return all(choice(clash, data) for clash in clashes.all)


def choice(clash: Clash, data: QueryDict) -> str:
    said = data.get(f"_wahl-{clash.key}", "")
    return said if said in (MINE, THEIRS) else ""


def merged(clashes: Clashes, data: QueryDict) -> QueryDict:
    """Return the page as typed, with the other one's values where they were chosen."""
    result = data.copy()
    for clash in clashes.all:
        if choice(clash, data) == THEIRS and clash.typed is not None:
            for key, texts in clash.typed.items():
                result.setlist(key, texts)
            result.pop(f"{clash.prefix}-DELETE", None)
    gone = [clash for clash in clashes.rows if clash.typed is None]
    for clash in gone:
        _settle_deleted(clash, choice(clash, data), result)
    for prefix in {clash.prefix.rpartition("-")[0] for clash in gone}:
        _renumber(prefix, result)
    return result


def _settle_deleted(clash: Clash, chosen: str, data: QueryDict) -> None:
    """Turn a row the other one deleted into a new one, or take it off the page."""
    if chosen == MINE:
        data[f"{clash.prefix}-id"] = ""
        return
    for key in [key for key in data if key.startswith(f"{clash.prefix}-")]:
        del data[key]


def _renumber(prefix: str, data: QueryDict) -> None:
    """Count the rows of an inline afresh, those stored first, as its form expects them."""
    total = int(data.get(f"{prefix}-TOTAL_FORMS") or 0)
    rows = [_taken(f"{prefix}-{number}-", data) for number in range(total)]
    rows = sorted((row for row in rows if row), key=lambda row: not any(row.get("id", [])))
    for number, row in enumerate(rows):
        for name, texts in row.items():
            data.setlist(f"{prefix}-{number}-{name}", texts)
    data[f"{prefix}-TOTAL_FORMS"] = str(len(rows))
    data[f"{prefix}-INITIAL_FORMS"] = str(sum(1 for row in rows if any(row.get("id", []))))


def _taken(start: str, data: QueryDict) -> dict[str, list[str]]:
    keys = [key for key in data if key.startswith(start)]
    return {key.removeprefix(start): data.pop(key) for key in keys}


def _index_of(prefix: str, pk: Any, data: QueryDict) -> int | None:
    total = data.get(f"{prefix}-TOTAL_FORMS", "")
    for number in range(int(total) if total.isdecimal() and len(total) < 5 else 0):
        if data.get(f"{prefix}-{number}-id") == str(pk):
            return number
    return None


def _links(entry: Any) -> dict[str, list[Any]]:
    links = links_of(entry.instance_type, [entry]).get(entry.pk, {})
    return {field_.name: list(links.get(field_.name, ())) for field_ in linked_fields(entry.instance_type)}
