"""Which address of the planning leads to which page?"""

from django.urls import path, re_path

from beratung import planning_views as views

urlpatterns = [
    path("", views.plans, name="plans"),
    path("neu/", views.new_plan, name="new_plan"),
    path("vergleich/", views.compare, name="compare_plans"),
    path("<uuid:uuid>/", views.plan, name="plan"),
    re_path(rf"^(?P<uuid>[0-9a-f-]{{36}})/(?P<action>{'|'.join(views.ACTIONS)})/\Z", views.act, name="plan_action"),
]
