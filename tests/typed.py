"""What does a page of the administration send if nobody touches it? A form is posted as a browser would post it."""

from __future__ import annotations

from typing import Any

from locations.typed_forms import as_typed


def page_of(client: Any, address: str) -> dict[str, list[str]]:
    """Return every field of the form at the address as a browser would send it, empty rows left out."""
    response = client.get(address)
    assert response.status_code == 200, (address, response.status_code)
    data = dict(as_typed(response.context["adminform"].form).lists())
    for inline in response.context["inline_admin_formsets"]:
        formset = inline.formset
        stored = formset.initial_forms
        for form in stored:
            data |= dict(as_typed(form).lists())
        data[f"{formset.prefix}-TOTAL_FORMS"] = data[f"{formset.prefix}-INITIAL_FORMS"] = [str(len(stored))]
    return data | {"_stand": response.context.get("desk_version", "")}


def typed(page: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """Return the page with these fields typed over."""
    return page | fields


def stand(client: Any, address: str) -> dict[str, str]:
    """Return what a form carries to say which state it has shown."""
    return {"_stand": client.get(address).context["desk_version"]}
