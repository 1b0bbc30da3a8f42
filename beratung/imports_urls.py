"""Which addresses do imports and the archive have within the administration?"""

from django.contrib import admin
from django.urls import path, re_path

from beratung import archive_views, imports_views

site = admin.site

urlpatterns = [
    path("", site.admin_view(imports_views.overview), name="imports"),
    path("archiv/", site.admin_view(archive_views.archive), name="archive"),
    path("lauf/<uuid:uuid>/", site.admin_view(imports_views.run), name="import_run"),
    path("lauf/<uuid:uuid>/entscheiden/", site.admin_view(imports_views.decide), name="import_decide"),
    re_path(
        r"^lauf/(?P<uuid>[0-9a-f-]{36})/abgelehnt\.(?P<ending>csv|xlsx)\Z",
        site.admin_view(imports_views.rejected),
        name="import_rejected",
    ),
    path("<slug:kind>/", site.admin_view(imports_views.upload), name="import_upload"),
]
