"""What may be asked for, and what is said to everything else?"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Schema
from ninja.errors import ValidationError
from pydantic import BeforeValidator, Field, WithJsonSchema

from beratung.api.problems import Problem, shown, wrong

MOST_PER_PAGE = 500
USUAL_PER_PAGE = 50
CAPPED = f"Höchstens {MOST_PER_PAGE}; mehr wird wie {MOST_PER_PAGE} gelesen, und `size` sagt, wie viele es sind."


def _flag(value: Any) -> Any:
    if isinstance(value, bool):
        return value
    if value not in {"true", "false"}:
        raise ValueError("erlaubt sind true und false")
    return value == "true"


def _whole(value: Any) -> Any:
    if isinstance(value, int):
        return value
    if not re.fullmatch(r"-?[0-9]{1,40}", value, re.ASCII):
        raise ValueError("erlaubt ist eine ganze Zahl")
    return int(value)


def _moment(value: Any) -> Any:
    text = str(value).strip()
    match = re.fullmatch(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[Tt ](.*))?", text)
    if not match:
        raise ValueError("erlaubt ist ein Zeitpunkt wie 2026-09-24T08:00:00Z")
    clock = (match[2] or "00:00:00Z").upper().replace(":60", ":59")  # RFC 3339 knows leap seconds, Python does not
    clock = clock if clock.endswith("Z") or re.search(r"[+-][0-9]{2}:?[0-9]{2}$", clock) else f"{clock}Z"
    try:
        return datetime.fromisoformat(f"{match[1]}T{clock}").astimezone(UTC)
    except OverflowError:
        return datetime(1, 1, 1, tzinfo=UTC) if text < "2" else datetime(9999, 12, 31, tzinfo=UTC)
    except ValueError as error:
        raise ValueError("erlaubt ist ein Zeitpunkt wie 2026-09-24T08:00:00Z") from error


def _day(value: Any) -> Any:
    try:
        return date.fromisoformat(value) if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value) else None
    except ValueError:
        return None


def _named_day(value: Any) -> Any:
    if (day := _day(str(value))) is None:
        raise ValueError("erlaubt ist ein Tag wie 2026-09-24")
    return day


def _readable(value: Any) -> Any:
    """Return the text without NUL, which no database can hold: it finds nothing, as it should."""
    return str(value).replace("\0", "\N{REPLACEMENT CHARACTER}")


Flag = Annotated[bool, BeforeValidator(_flag)]
# The bound comes first: behind the reader it would be checked, but not described.
FromOne = Annotated[int, Field(ge=1), BeforeValidator(_whole)]
Moment = Annotated[datetime, BeforeValidator(_moment), WithJsonSchema({"type": "string", "format": "date-time"})]
Day = Annotated[date, BeforeValidator(_named_day), WithJsonSchema({"type": "string", "format": "date"})]
Text = Annotated[str, Field(max_length=200), BeforeValidator(_readable)]


class Nothing(Schema):
    """No parameter at all."""


class Paged(Schema):
    """Which part of a list."""

    page: Annotated[FromOne, Field(description="Nummer der Seite, die erste ist 1.")] = 1
    per_page: Annotated[FromOne, Field(description=f"Einträge je Seite. {CAPPED}")] = USUAL_PER_PAGE
    format: Annotated[
        Literal["json", "ndjson"], Field(description="`ndjson`: alles, ein Eintrag je Zeile, ohne Seiten.")
    ] = "json"


class Searched(Paged):
    """A list that can be searched."""

    search: Annotated[Text, Field(description="Text im Namen oder in der Beschreibung.")] = ""


class ServiceFilters(Searched):
    """The filters of services, joined by AND."""

    taxonomy_term_id: Annotated[UUID | None, Field(description="Nur mit diesem Beratungsfeld.")] = None
    taxonomy_id: Annotated[UUID | None, Field(description="Nur mit einem Begriff dieser Systematik.")] = None
    organization_id: Annotated[UUID | None, Field(description="Nur dieses Trägers.")] = None
    modified_after: Annotated[
        Moment | None, Field(description="Nur was seit diesem Zeitpunkt (einschließlich) geändert wurde.")
    ] = None
    full: Annotated[Flag, Field(description="Mit allem, was dazugehört.")] = False


class ServiceListFilters(ServiceFilters):
    """The filters of the list of services."""

    minimal: Annotated[Flag, Field(description="Nur `id` und `last_modified`, alles auf einer Seite.")] = False


class ServiceAtLocationFilters(ServiceFilters):
    """The filters of the list of services at locations."""

    postcode: Annotated[
        str | None,
        Field(pattern=r"^[0-9]{5}$", description="Postleitzahl: nur in ihren Gemeinden, oder in ihrer Nähe."),
    ] = None
    proximity: Annotated[
        str | None,
        Field(pattern=r"^[0-9]{1,7}$", description="Meter um die Mitte der Postleitzahl; nur zusammen mit `postcode`."),
    ] = None


class OrganizationFilters(Searched):
    """The filters of organizations."""

    full: Annotated[Flag, Field(description="Mit allem, was dazugehört.")] = False
    full_service: Annotated[Flag, Field(description="Die Angebote mit allem, was dazugehört.")] = False


class OneOrganization(Schema):
    full_service: Annotated[Flag, Field(description="Die Angebote mit allem, was dazugehört.")] = False


class TermFilters(Searched):
    """The filters of taxonomy terms."""

    taxonomy_id: Annotated[UUID | None, Field(description="Nur Begriffe dieser Systematik.")] = None
    parent_id: Annotated[UUID | None, Field(description="Nur Begriffe unter diesem; hier ist keiner unter einem.")] = (
        None
    )
    top_only: Annotated[Flag, Field(description="Nur oberste Begriffe; hier sind es alle.")] = False


class OfDistrict(Schema):
    """Whose data."""

    kreis: Annotated[Text, Field(description="Kurzname des Landkreises; leer, wo es nur einen gibt.")] = ""


class OfDistrictOnDay(OfDistrict):
    """Whose data, as of when."""

    tag: Annotated[Day | None, Field(description="Stichtag; ohne Angabe heute.")] = None


class FeedFilters(Schema):
    """Whose news, and about what."""

    gemeinde: Annotated[str | None, Field(pattern=r"^[0-9]{8}$", description="Gemeindeschlüssel (AGS).")] = None
    thema: Annotated[Text, Field(description="Kurzname des Beratungsfelds.")] = ""


class OparlList(Schema):
    """What OParl lets a reader ask of a list. Nobody records when a paper changed, so that a list is always whole."""

    page: FromOne = 1
    created_since: Moment | None = None
    created_until: Moment | None = None
    modified_since: Moment | None = None
    modified_until: Moment | None = None


def refuse_unknown(request: HttpRequest, asked: type[Schema]) -> None:
    """Raise a problem (400) that names every parameter nobody knows here, and every one given twice."""
    names = set(asked.model_fields)
    unknown = [name for name in request.GET if name not in names]
    twice = [name for name, values in request.GET.lists() if name in names and len(values) > 1]
    if not unknown and not twice:
        return
    may = f"Möglich: {', '.join(sorted(names))}." if names else "Hier gibt es keine Parameter."
    errors = [wrong(name, f"Diesen Parameter gibt es hier nicht. {may}") for name in unknown]
    errors += [wrong(name, "Dieser Parameter steht mehrmals in der Adresse.") for name in twice]
    listed = ", ".join(f"„{shown(name)}“" for name in unknown + twice)
    raise Problem(400, f"Nicht verstanden: {listed}.", errors)


def as_problem(error: ValidationError) -> Problem:
    """Return what ninja found wrong, each parameter by its name."""
    errors = [wrong(str(one["loc"][-1]), _sentence(one)) for one in error.errors]
    return Problem(400, " ".join(f"{one['parameter']}: {one['detail']}" for one in errors), errors)


def _sentence(error: dict[str, Any]) -> str:
    """Return what was wrong with one parameter."""
    context = error.get("ctx", {})
    said = {
        "greater_than_equal": f"mindestens {context.get('ge')}",
        "string_pattern_mismatch": f"erlaubt ist nur {context.get('pattern')}",
        "string_too_long": f"höchstens {context.get('max_length')} Zeichen",
        "literal_error": f"erlaubt sind {context.get('expected')}".replace(" or ", " und "),
        "uuid_parsing": "erlaubt ist eine UUID",
        "value_error": str(error.get("msg", "")).removeprefix("Value error, "),
    }
    return f"{said.get(error['type'], 'nicht verständlich')}."
