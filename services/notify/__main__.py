"""``python -m services.notify`` runs the service."""

from services.notify.app import create_app
from services.notify.settings import NotifySettings
from shared.web import serve

if __name__ == "__main__":
    serve(create_app, NotifySettings, "notify")
