"""Does nobody see or touch what is not theirs? Every address of the administration, walked as the wrong person.

The addresses come from the registry and the resolver, the rows from `rights_world`: whoever adds a list, a view or a kind of
address has to say here what it is about, or the walk fails.
"""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.contrib.contenttypes.models import ContentType
from django.http import QueryDict
from django.test import Client, RequestFactory
from django.urls import NoReverseMatch, URLPattern, get_resolver, reverse

from appointments.models import ProviderStaff, Slot
from beratung.imports import KINDS
from locations.admin_scope import Scoped
from locations.models import District, DistrictStaff, ImportRun
from locations.typed_forms import as_typed
from tests import builders
from tests.house.rights_world import Rows, account, one_of_each, with_every_right

SECRET = "Geheim"
pytestmark = pytest.mark.django_db

# Lists that are not scoped by a path to the district, and what keeps them apart instead.
SCOPED_OTHERWISE = {
    User: "beratung/accounts_admin.py: only accounts that have nothing the account could not give",
    Group: "rights for everybody, without rows of anybody; superusers alone change them",
    ImportRun: "beratung/imports.py runs_of: those of the own districts, and one's own",
}
# What machinery writes by itself; everything else must be as it was.
LEFT_OUT = {"admin.LogEntry", "sessions.Session", "axes.AccessAttempt", "axes.AccessFailureLog", "axes.AccessLog"}
LEFT_OUT |= {"locations.RequestCount"}


@pytest.fixture
def rows() -> Rows:
    found = one_of_each(SECRET)
    builders.make_slot(builders.make_institution(name="Heim-Schule"))
    return found


def own_district() -> District:
    return District.objects.exclude(slug=SECRET.lower()).get()


def logged_in(user: User, **given: Any) -> Client:
    client = Client(raise_request_exception=False, **given)
    client.force_login(user)
    return client


@pytest.fixture
def superuser(rows: Rows) -> User:
    return User.objects.create_superuser("beispiel-admin")


# Every address


def patterns() -> list[tuple[str, str]]:
    """Return every address below /admin/ and of the planning: its full name, and how it is written."""
    found: list[tuple[str, str]] = []

    def collect(resolver: Any, route: str, namespace: str) -> None:
        for one in resolver.url_patterns:
            here = route + str(one.pattern)
            if isinstance(one, URLPattern):
                if one.name and here.lstrip("^").startswith(("admin/", "kreise/<slug:slug>/planung/")):
                    found.append((f"{namespace}{one.name}", here))
            else:
                inner = f"{namespace}{one.namespace}:" if one.namespace else namespace
                collect(one, here, inner)

    collect(get_resolver(), "", "")
    return found


def addresses(rows: Rows) -> list[str]:
    """Return every address with the rows of the other district put in. KeyError: an address nobody has thought of."""
    found: list[str] = []
    for name, written in patterns():
        filled = [reverse(name, kwargs=given) for given in _arguments(name, written, rows)]
        assert filled, name
        found += filled
    slot, town = rows[Slot], rows[Slot].institution.municipality
    changes = [
        f"{one}?termine={slot.pk}" for one in found if one.startswith("/admin/appointments/slot/") and _is_change(one)
    ]
    filters = [
        f"{reverse(_list(model))}?{one}__id__exact={town.district_id if one == 'district' else town.pk}"
        for model, model_admin in admin.site._registry.items()
        for one in model_admin.list_filter
        if one in ("district", "municipality", "institution__municipality")
    ]
    return sorted({*found, *changes, *filters, *_autocompletes()})


def _is_change(address: str) -> bool:
    return address.removeprefix("/admin/appointments/slot/").rstrip("/").isalpha()


def _list(model: Any) -> str:
    return f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"


def _autocompletes() -> list[str]:
    places = [(model, one) for model, one in admin.site._registry.items()]
    places += [(inline.model, inline) for one in admin.site._registry.values() for inline in one.inlines]
    return [
        f"{reverse('admin:autocomplete')}?app_label={model._meta.app_label}&model_name={model._meta.model_name}&field_name={field}&term={term}"
        for model, one in places
        for field in one.autocomplete_fields
        for term in ("", SECRET)
    ]


def _arguments(name: str, written: str, rows: Rows) -> list[dict[str, Any]]:
    wanted = set(re.findall(r"<(?:\w+:)?(\w+)>", written))
    model = next((one for one in rows if name.startswith(f"admin:{one._meta.app_label}_{one._meta.model_name}_")), None)
    row = rows.get(model)
    slot, run = rows[Slot], rows[ImportRun]
    plan = next(row for one, row in rows.items() if one.__name__ == "Plan")
    history = {one: found.history.latest() for one, found in rows.items() if hasattr(one, "history")}
    known: dict[str, Any] = {
        "object_id": lambda: [row.pk] if row else [slot.pk],
        "id": lambda: [row.pk],
        "entry_id": lambda: [history[model].pk if model in history else 1],
        "ending": lambda: ["csv", "xlsx"],
        "app_label": lambda: ["locations", "appointments", "budget", "auth"],
        "operation_id": lambda: [one.operation for one in history.values()],
        "content_type_id": lambda: [ContentType.objects.get_for_model(Slot).pk],
        "kind": lambda: list(KINDS),
        "uuid": lambda: [plan.uuid if "plan" in name else run.uuid],
        "slug": lambda: [SECRET.lower()],
        "action": lambda: ["abbrechen", "neu-starten", "uebernehmen", "zuruecknehmen", "umbenennen", "loeschen"],
    }
    given: list[dict[str, Any]] = [{}]
    for one in sorted(wanted):
        given = [before | {one: value} for before in given for value in known[one]()]
    return [one for one in given if _fits(name, one)]


def _fits(name: str, given: dict[str, Any]) -> bool:
    try:
        reverse(name, kwargs=given)
    except NoReverseMatch:
        return False
    return True


# What is sent


SENT = {"post": "yes", "_apply": "1", "_save": "1", "confirm": "1", "name": "Gestohlen", "last_day": "2027-01-01"}


def actions_of(rows: Rows, superuser: User) -> list[tuple[str, dict[str, Any]]]:
    """Return every action of every list, sent for the row of the other district."""
    request = RequestFactory().get("/")
    request.user = superuser
    return [
        (reverse(_list(model)), {"action": action, "_selected_action": [rows[model].pk], "post": "yes", "index": "0"})
        for model, model_admin in admin.site._registry.items()
        for action in model_admin.get_actions(request)
    ]


def forms_of(rows: Rows, superuser: User) -> list[tuple[str, dict[str, Any]]]:
    """Return every form as the superuser sees it for the row of the other district, with other words in it."""
    client, found = logged_in(superuser), []
    for model in admin.site._registry:
        room = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        page = client.get(reverse(f"{room}_change", args=[rows[model].pk]))
        context = getattr(page, "context", None)
        if context is None or "adminform" not in context:
            continue
        data = _typed(context)
        found.append((reverse(f"{room}_change", args=[rows[model].pk]), data))
        found.append((reverse(f"{room}_add"), data))
    return found


def _typed(context: Any) -> dict[str, Any]:
    data: QueryDict = as_typed(context["adminform"].form)
    sent = {key: [text.replace(SECRET, "Gestohlen") for text in texts] for key, texts in data.lists()}
    for inline in context["inline_admin_formsets"]:
        sent |= {f"{inline.formset.prefix}-{part}": ["0"] for part in ("TOTAL_FORMS", "INITIAL_FORMS")}
    return sent | {"_stand": [context.get("desk_version") or ""]}


def writes(rows: Rows, superuser: User) -> list[tuple[str, dict[str, Any]]]:
    plain = [
        (address, SENT | {"termine": str(rows[Slot].pk), "institution": str(rows[Slot].institution_id)})
        for address in addresses(rows)
    ]
    return [*plain, *actions_of(rows, superuser), *forms_of(rows, superuser)]


def state() -> dict[str, list[Any]]:
    """Return every row of the database."""
    return {
        model._meta.label: sorted(repr(row | {"last_login": None}) for row in model._base_manager.values())
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and model._meta.label not in LEFT_OUT
    }


def differences(before: dict[str, list[Any]], after: dict[str, list[Any]]) -> dict[str, list[str]]:
    changed = {label: set(before[label]) ^ set(after[label]) for label in before if before[label] != after[label]}
    return {label: [row[:200] for row in sorted(found)] for label, found in changed.items()}


def body(response: Any) -> str:
    content = b"".join(response.streaming_content) if response.streaming else response.content
    if response.headers.get("Content-Type", "").startswith("application/vnd"):
        with ZipFile(BytesIO(content)) as book:
            content = b"".join(book.read(name) for name in book.namelist())
    return content.decode("utf-8", "replace")


def walk(client: Client, rows: Rows, superuser: User) -> tuple[list[str], list[str]]:
    """Return where the secret was told and where something broke, by reading and writing at every address."""
    told, broken = [], []
    for address in addresses(rows):
        _look(client.get(address), address, told, broken)
    for address, data in writes(rows, superuser):
        _look(client.post(address, data), f"POST {address} {data.get('action', '')}", told, broken)
    return told, broken


def _look(response: Any, address: str, told: list[str], broken: list[str]) -> None:
    if response.status_code >= 500:
        broken.append(address)
    if SECRET in body(response):
        told.append(address)


def stranger(rows: Rows) -> User:
    return with_every_right(account("beispiel-fremd", "Redaktion", "Leitung", district=own_district()))


def other_provider(rows: Rows) -> User:
    user = with_every_right(account("beispiel-traeger", "Träger"))
    ProviderStaff.objects.create(user=user, provider=builders.make_provider(own_district()))
    return user


def committee(rows: Rows) -> User:
    return account("beispiel-mitglied", "Ausschuss", district=own_district(), is_staff=False)


def nobody(rows: Rows) -> User:
    return with_every_right(account("beispiel-niemand", "Redaktion"))


@pytest.mark.parametrize("wrong_person", [stranger, other_provider, committee, nobody, None])
def test_the_wrong_person_sees_nothing_and_changes_nothing_anywhere(rows, superuser, wrong_person):
    client = logged_in(wrong_person(rows)) if wrong_person else Client(raise_request_exception=False)
    before = state()
    told, broken = walk(client, rows, superuser)
    assert told == []
    assert broken == []
    assert differences(before, state()) == {}


def test_reading_changes_nothing_and_every_write_needs_the_token(rows, superuser):
    strict = logged_in(superuser, enforce_csrf_checks=True)
    before = state()
    seen = [address for address in addresses(rows) if SECRET in body(strict.get(address))]
    assert len(seen) > 150  # the walk has something to find
    for address, data in writes(rows, superuser):
        assert strict.post(address, data).status_code == 403, address
    assert differences(before, state()) == {}


def test_every_list_says_whose_its_rows_are(rows):
    for model, model_admin in admin.site._registry.items():
        if model in SCOPED_OTHERWISE:
            continue
        assert isinstance(model_admin, Scoped), model
        assert bool(model_admin.district_paths) != bool(model_admin.shared_because), model
        assert model in rows, f"tests/house/rights_world.py makes no {model.__name__}"


def test_a_list_that_says_nothing_is_empty_for_everybody_but_superusers(rows, superuser):
    class Forgotten(Scoped, admin.ModelAdmin):
        pass

    forgotten = Forgotten(Slot, admin.site)
    request = RequestFactory().get("/")
    for request.user, count in ((superuser, 2), (stranger(rows), 0)):
        assert forgotten.get_queryset(request).count() == count


def test_staff_sees_its_own_district_and_what_belongs_to_all(rows):
    user = stranger(rows)
    client, slot = logged_in(user), Slot.objects.get(institution__name="Heim-Schule")
    assert client.get(reverse("admin:appointments_slot_change", args=[slot.pk])).status_code == 200
    topics = client.get(reverse("admin:appointments_topic_changelist")).content.decode()
    assert "Gemeinsamthema" in topics


def test_what_belongs_to_all_is_changed_by_who_is_responsible_for_all(rows):
    user = stranger(rows)
    topic = next(row for model, row in rows.items() if model.__name__ == "Topic")
    address = reverse("admin:appointments_topic_change", args=[topic.pk])
    assert 'name="_save"' not in logged_in(user).get(address).content.decode()
    assert logged_in(user).post(address, {"name": "Anders"}).status_code == 403
    DistrictStaff.objects.create(user=user, district=rows[District])
    assert 'name="_save"' in logged_in(User.objects.get(pk=user.pk)).get(address).content.decode()
