"""Which address leads to which room?"""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import TemplateView

from beratung import views

urlpatterns = [
    path("", include("appointments.urls")),
    path("kreise/", views.districts, name="districts"),
    path("kreise/<slug:slug>/", views.district, name="district"),
    path("kreise/<slug:slug>/vorlagen/<slug:paper>/", views.paper, name="paper"),
    path("impressum/", TemplateView.as_view(template_name="pages/imprint.html"), name="imprint"),
    path("datenschutz/", TemplateView.as_view(template_name="pages/privacy.html"), name="privacy"),
    path("barrierefreiheit/", TemplateView.as_view(template_name="pages/accessibility.html"), name="accessibility"),
    path("healthz", views.healthz, name="healthz"),
    path("admin/", admin.site.urls),
]

handler404 = "beratung.views.not_found"
