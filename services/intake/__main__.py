"""``python -m services.intake`` runs the service."""

from services.intake.app import create_app
from services.intake.settings import IntakeSettings
from shared.web import serve

if __name__ == "__main__":
    serve(create_app, IntakeSettings, "intake")
