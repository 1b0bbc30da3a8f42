"""How does a production server reach the application?"""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "beratung.settings")

application = get_wsgi_application()
