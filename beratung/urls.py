"""Which address leads to which room?"""

from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.contrib.sitemaps.views import index, sitemap
from django.urls import include, path, re_path
from django.views.generic import TemplateView

from appointments.urls import file_patterns
from beratung import report_views, views
from beratung.security_txt import security_txt
from beratung.sitemaps import SITEMAPS, robots
from beratung.watch import views as watch

urlpatterns = [
    path("", include(file_patterns)),
    path("", include("beratung.api.urls")),
    path("kreise/", views.districts, name="districts"),
    path("kreise/<slug:slug>/", views.district, name="district"),
    re_path(
        r"^kreise/(?P<slug>[-a-zA-Z0-9_]+)/bericht\.(?P<ending>pdf|xlsx|csv)\Z",
        report_views.download,
        name="district_report",
    ),
    path("kreise/<slug:slug>/verlauf/", views.district_history, name="history"),
    path("kreise/<slug:slug>/bestand/", views.district_stock, name="stock"),
    path("kreise/<slug:slug>/kosten/", views.district_costs, name="costs"),
    path("kreise/<slug:slug>/rechenweg/", views.district_method, name="method"),
    path("kreise/<slug:slug>/vorlagen/<slug:paper>/", views.paper, name="paper"),
    path("kreise/<slug:slug>/planung/", include("beratung.planning_urls")),
    path("impressum/", TemplateView.as_view(template_name="pages/imprint.html"), name="imprint"),
    path(
        "datenschutz/",
        TemplateView.as_view(
            template_name="pages/privacy.html",
            extra_context={
                "mistake_text_days": settings.MISTAKE_TEXT_DAYS,
                "history_days": settings.HISTORY_DAYS,
                "missing_demand_days": settings.MISSING_DEMAND_DAYS,
                "confirmation_round_days": settings.CONFIRMATION_ROUND_DAYS,
                "csrf_cookie": settings.CSRF_COOKIE_NAME,
                "session_cookie": settings.SESSION_COOKIE_NAME,
            },
        ),
        name="privacy",
    ),
    path("barrierefreiheit/", TemplateView.as_view(template_name="pages/accessibility.html"), name="accessibility"),
    path("leichte-sprache/", TemplateView.as_view(template_name="pages/plain_german.html"), name="plain_german"),
    path("healthz", watch.healthz, name="healthz"),
    path("metrics", watch.metrics, name="metrics"),
    path(".well-known/security.txt", security_txt, name="security_txt"),
    path("robots.txt", robots, name="robots"),
    path("sitemap.xml", index, {"sitemaps": SITEMAPS, "sitemap_url_name": "sitemap_section"}, name="sitemap"),
    path("sitemap-<slug:section>.xml", sitemap, {"sitemaps": SITEMAPS}, name="sitemap_section"),
    path("", include("beratung.login.urls")),
    path("admin/importe/", include("beratung.imports_urls")),
    path("admin/", admin.site.urls),
    # Families' pages last: /en/…, /tr/… and so on; German without a prefix.
    *i18n_patterns(path("", include("appointments.urls")), prefix_default_language=False),
]

handler400 = "beratung.api.middleware.bad_request"
handler404 = "beratung.views.not_found"
handler500 = "beratung.outage.answers.server_error"
