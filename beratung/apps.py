"""How is the room "beratung" called in the interface, and what does it do after `migrate`?"""

from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate


class BeratungConfig(AppConfig):
    name = "beratung"
    verbose_name = "Beratung vor Ort"

    def ready(self) -> None:
        # The other rooms do not know which of their tables can be seen; this one has no models and is sent no signal.
        from beratung.groups import make_groups
        from beratung.public_pages.triggers import ensure

        post_migrate.connect(make_groups, sender=apps.get_app_config("budget"), dispatch_uid="ready_made_groups")
        post_migrate.connect(ensure, sender=apps.get_app_config("budget"), dispatch_uid="public_version")
