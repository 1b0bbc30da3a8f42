"""Which addresses do families use?"""

from django.urls import path, re_path

from appointments import feeds, notice_views, report_views, round_views, views

# Pages: one address a language.
urlpatterns = [
    path("", views.home, name="home"),
    path("themen/", views.topics, name="topics"),
    path("themen/<slug:slug>/", views.topic, name="topic"),
    path("gemeinden/", views.municipalities, name="municipalities"),
    re_path(r"^gemeinden/(?P<ags>[0-9]{8})-(?P<slug>[-a-z0-9]*)/\Z", views.municipality, name="municipality"),
    # The key alone is enough: the view leads to the address with the name.
    re_path(r"^gemeinden/(?P<ags>[0-9]{8})/\Z", views.municipality, {"slug": ""}),
    re_path(
        r"^gemeinden/(?P<ags>[0-9]{8})-(?P<slug>[-a-z0-9]*)/(?P<village>[-a-z0-9_]+)/\Z",
        views.locality,
        name="locality",
    ),
    path("traeger/<slug:slug>/", views.provider, name="provider"),
    path("einrichtungen/<slug:slug>/", views.institution, name="institution"),
    path("termine/<uuid:uuid>/", views.slot, name="slot"),
    path("termine/<uuid:uuid>/fehler-melden/", report_views.report, name="report"),
    path("termine/<uuid:uuid>/fehler-melden/danke/", report_views.thanks, name="report_thanks"),
]

# Files: German, or in every language at once; one address for all.
file_patterns = [
    re_path(
        r"^gemeinden/(?P<ags>[0-9]{8})-(?P<slug>[-a-z0-9]*)/flyer\.pdf\Z",
        notice_views.municipality_flyer,
        name="municipality_flyer",
    ),
    path("einrichtungen/<slug:slug>/aushang.pdf", notice_views.institution_notice, name="institution_notice"),
    # The link of a provider's letter; German, like the letter.
    path("bestaetigen/<str:token>/", round_views.confirm_slots, name="confirm_slots"),
    path("termine/<uuid:uuid>.ics", feeds.slot_calendar, name="slot_calendar"),
    path("kalender/kreis/<slug:slug>.ics", feeds.district_calendar, name="district_calendar"),
    re_path(r"^kalender/gemeinde/(?P<ags>[0-9]{8})\.ics\Z", feeds.municipality_calendar, name="municipality_calendar"),
    path("kalender/einrichtung/<slug:slug>.ics", feeds.institution_calendar, name="institution_calendar"),
    path("kalender/thema/<slug:slug>.ics", feeds.topic_calendar, name="topic_calendar"),
]
