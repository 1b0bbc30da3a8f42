"""Which address leads to which step of the login?"""

from django.contrib.auth.views import LogoutView
from django.urls import path
from django.views.generic import RedirectView

from beratung.login import oidc, views

urlpatterns = [
    path("anmelden/", views.Login.as_view(), name="login"),
    path("abmelden/", LogoutView.as_view(next_page="login"), name="logout"),
    path("anmelden/zweiter-faktor/", views.second_factor, name="second_factor"),
    path("anmelden/codes/", views.paper_codes, name="paper_codes"),
    path("konto/", views.account, name="account"),
    path("anmelden/kreis/", oidc.Start.as_view(), name="oidc_authentication_init"),
    path("anmelden/kreis/zurueck/", oidc.Return.as_view(), name="oidc_authentication_callback"),
    # One way in: the administration's own form would know neither the provider nor the second factor.
    path("admin/login/", RedirectView.as_view(pattern_name="login", query_string=True)),
]
