"""Which address leads to which interface?"""

from django.urls import path

# Each module puts its views under the interface when it is read.
from beratung.api import atom, csv_files, dcat, geojson, hsds, oparl  # noqa: F401
from beratung.api.described import documentation, openapi
from beratung.api.publishing import api
from beratung.data_page import data
from beratung.embedding import embed, frame

urlpatterns = [
    path("api/openapi.json", openapi, name="openapi"),
    path("api/docs/", documentation, name="api_docs"),
    path("api/", documentation),
    path("api/", api.urls),
    path("daten/", data, name="data"),
    path("einrichtungen/<slug:slug>/einbetten/", embed, name="embed"),
    path("einrichtungen/<slug:slug>/einbetten/rahmen/", frame, name="embed_frame"),
]
