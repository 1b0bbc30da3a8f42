"""How does somebody with the right to plan ask, wait, look, compare, accept and take back?"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from beratung.access import answer
from beratung.planning_forms import NameForm, QuestionForm, initial_of
from beratung.planning_list import compared, free_times, listed_plans
from beratung.planning_page import page_of
from budget.models import Plan
from budget.planning import UNDER_WAY, ask, cancel, is_interrupted, rest_of_the_year, start, waits_long
from budget.planning_accept import AcceptError, ChangedError, accept, take_back
from budget.planning_asked import Asked
from budget.planning_money import budget_for, remaining_cents
from locations.models import District
from locations.scope import districts_of
from locations.wording import NBSP, date_full, listed, number

SECONDS_BETWEEN_LOOKS = 2
RIGHT = "budget.add_plan"

View = Callable[..., HttpResponse]


def for_planners(view: View) -> View:
    """Let only those in who may plan for the district; the others are told so, or asked to log in."""

    @wraps(view)
    def guarded(request: HttpRequest, slug: str, **given: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        district = get_object_or_404(District, slug=slug)
        if not request.user.has_perm(RIGHT) or district not in districts_of(request.user):
            raise PermissionDenied
        return view(request, district, **given)

    return guarded


@require_safe
@for_planners
def plans(request: HttpRequest, district: District) -> HttpResponse:
    """Show the plans of the district with their states. Does not load itself anew: ticks would be lost."""
    rows = listed_plans(district, timezone.now())
    waiting = any(row.is_under_way for row in rows)
    return _page(
        request, "beratung/planning.html", district, "Planung", rows=rows, waiting=waiting, times=free_times(district)
    )


@require_http_methods(["GET", "HEAD", "POST"])
@for_planners
def new_plan(request: HttpRequest, district: District) -> HttpResponse:
    """Show the form of the question, filled like another plan where one is named; queue the plan."""
    today = timezone.localdate()
    if request.method == "POST":
        form = QuestionForm(request.POST, district=district)
        if form.is_valid():
            plan = ask(district=district, name=form.cleaned_data["name"], asked=form.asked(today), user=request.user)
            return redirect("plan", district.slug, plan.uuid)
    else:
        form = QuestionForm(district=district, initial=_initial(request, district))
    first, last = rest_of_the_year(district, today)
    budget = budget_for(district, first, last)
    left = remaining_cents(budget, today) if budget else None
    context = {
        "form": form,
        "budget": budget,
        "left": None if left is None else left / 100,
        "times": free_times(district),
    }
    status = 422 if form.is_bound else 200
    return _page(request, "beratung/planning_new.html", district, "Neuer Plan", status=status, **context)


def _initial(request: HttpRequest, district: District) -> dict[str, Any]:
    today = timezone.localdate()
    if like := request.GET.get("wie", ""):
        plan = _plan(district, like)
        return initial_of(Asked.read(plan.question), f"{plan.name} (Kopie)"[:120])
    first, last = rest_of_the_year(district, today)
    budget = budget_for(district, first, last)
    money = max(0, remaining_cents(budget, today)) if budget else 0
    return initial_of(Asked(today, first, last, money), f"Plan bis {date_full(last)}".replace(NBSP, " "))


@require_safe
@for_planners
def plan(request: HttpRequest, district: District, uuid: Any) -> HttpResponse:
    """Show how far the plan is, or its result."""
    found = _plan(district, uuid)
    now = timezone.now()
    asked = Asked.read(found.question)
    common = {"plan": found, "asked": asked, "name_form": NameForm(initial={"name": found.name})}
    if found.state == Plan.State.DONE:
        has_begun = asked.first_day < timezone.localdate()
        common |= {"page": page_of(found, asked), "has_begun": has_begun}
        return _page(request, "beratung/planning_result.html", district, found.name, **common)
    holds = "halten" in request.GET
    interrupted = is_interrupted(found, now)
    looks_again = found.state in UNDER_WAY and not interrupted and not holds
    context = {"interrupted": interrupted, "waits_long": waits_long(found, now), "looks_again": looks_again}
    response = _page(request, "beratung/planning_progress.html", district, found.name, **common, **context)
    return _look_again(response) if looks_again else response


@require_safe
@for_planners
def compare(request: HttpRequest, district: District) -> HttpResponse:
    """Show the plans ticked in the list side by side."""
    wanted = request.GET.getlist("plan")[:8]
    rows = [row for row in district.plans.filter(state=Plan.State.DONE) if str(row.uuid) in wanted]
    return _page(request, "beratung/planning_compare.html", district, "Vergleich", page=compared(rows))


@require_POST
@for_planners
def act(request: HttpRequest, district: District, uuid: Any, action: str) -> HttpResponse:
    """Do one thing with the plan and show it again, or the list once it is gone."""
    found = _plan(district, uuid)
    try:
        return ACTIONS[action](request, district, found)
    except ChangedError as error:
        messages.error(request, f"{error} Geändert: {'; '.join(error.changes)}.")
    except AcceptError as error:
        messages.error(request, str(error))
    return redirect("plan", district.slug, found.uuid)


def _cancel(request: HttpRequest, district: District, found: Plan) -> HttpResponse:
    if cancel(found):
        messages.success(request, "Die Berechnung ist abgebrochen.")
    return redirect("plan", district.slug, found.uuid)


def _restart(request: HttpRequest, district: District, found: Plan) -> HttpResponse:
    if found.accepted_at is not None:
        raise AcceptError("Der Plan ist übernommen. Bitte erst zurücknehmen oder als Kopie neu fragen.")
    under_way = found.state in UNDER_WAY
    if not under_way or is_interrupted(found, timezone.now()):
        start(found)
    return redirect("plan", district.slug, found.uuid)


def _accept(request: HttpRequest, district: District, found: Plan) -> HttpResponse:
    slots, lines = accept(
        plan=found, today=timezone.localdate(), user=request.user, with_more=request.POST.get("mit") == "mehr"
    )
    messages.success(
        request,
        f"Übernommen: {number(slots)} vorgeschlagene{'r Termin' if slots == 1 else ' Termine'} und "
        f"{number(lines)} geplante Kostenposition{'' if lines == 1 else 'en'}.",
    )
    return redirect("plan", district.slug, found.uuid)


def _take_back(request: HttpRequest, district: District, found: Plan) -> HttpResponse:
    taken = take_back(plan=found, today=timezone.localdate())
    messages.success(
        request,
        f"Zurückgenommen: {number(taken.slots)} Termin{'' if taken.slots == 1 else 'e'} und "
        f"{number(taken.lines)} Kostenposition{'' if taken.lines == 1 else 'en'}.",
    )
    if taken.kept:
        messages.warning(request, f"Geblieben, weil seither geändert: {listed(list(taken.kept))}.")
    return redirect("plan", district.slug, found.uuid)


def _rename(request: HttpRequest, district: District, found: Plan) -> HttpResponse:
    form = NameForm(request.POST)
    if form.is_valid():
        Plan.objects.filter(pk=found.pk).update(name=form.cleaned_data["name"])
    else:
        messages.error(request, "Ein Plan braucht einen Namen mit höchstens 120 Zeichen.")
    return redirect("plan", district.slug, found.uuid)


def _delete(request: HttpRequest, district: District, found: Plan) -> HttpResponse:
    if found.accepted_at is not None:
        raise AcceptError("Der Plan ist übernommen. Bitte erst zurücknehmen.")
    found.delete()
    messages.success(request, f"Der Plan „{found.name}“ ist gelöscht.")
    return redirect("plans", district.slug)


ACTIONS: dict[str, Callable[[HttpRequest, District, Plan], HttpResponse]] = {
    "abbrechen": _cancel,
    "neu-starten": _restart,
    "uebernehmen": _accept,
    "zuruecknehmen": _take_back,
    "umbenennen": _rename,
    "loeschen": _delete,
}


def _plan(district: District, uuid: Any) -> Plan:
    try:
        return get_object_or_404(Plan.objects.select_related("district", "accepted_by"), district=district, uuid=uuid)
    except ValidationError as error:
        raise Http404 from error


def _look_again(response: HttpResponse) -> HttpResponse:
    """Let the browser ask again by itself, without script."""
    response.headers["Refresh"] = str(SECONDS_BETWEEN_LOOKS)
    return response


def _page(
    request: HttpRequest, template: str, district: District, here: str, *, status: int = 200, **context: Any
) -> HttpResponse:
    crumbs = [
        ("Für den Ausschuss", reverse("districts")),
        (district.name, reverse("district", args=[district.slug])),
        *([] if here == "Planung" else [("Planung", reverse("plans", args=[district.slug]))]),
        (here, None),
    ]
    common = {"site_district": district, "is_example": district.is_example, "crumbs": crumbs, "nav": "committee"}
    response = answer(request, template, common | {"district": district} | context)
    response.status_code = status
    return response
