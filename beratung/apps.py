"""How is the room "beratung" called in the interface, and what does it do after `migrate`?"""

import gc

from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate

# A page of a large district makes 100,000 objects that all live until it is sent. Looking for garbage among them every
# 700 objects, as Python does by itself, takes a third of the page's time and finds nothing.
OBJECTS_BEFORE_A_LOOK = (50_000, 20, 20)


class BeratungConfig(AppConfig):
    name = "beratung"
    verbose_name = "Beratung vor Ort"

    def ready(self) -> None:
        # The other rooms do not know which of their tables can be seen; this one has no models and is sent no signal.
        from beratung import database_file
        from beratung.groups import make_groups
        from beratung.public_pages.triggers import ensure

        gc.set_threshold(*OBJECTS_BEFORE_A_LOOK)
        database_file.watch()
        post_migrate.connect(make_groups, sender=apps.get_app_config("budget"), dispatch_uid="ready_made_groups")
        post_migrate.connect(ensure, sender=apps.get_app_config("budget"), dispatch_uid="public_version")
