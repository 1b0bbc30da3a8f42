"""Which settings does a server of these tests have? The product's own, but nobody has to have collected static files."""

from beratung.settings import *  # noqa: F403 - all of them
from beratung.settings import INSTALLED_APPS, STORAGES

STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
WHITENOISE_USE_FINDERS = True
# Tables are made from the models as they are, as in the other tests; a minute shorter than through all migrations.
MIGRATION_MODULES = {name.rpartition(".")[2]: None for name in INSTALLED_APPS}
