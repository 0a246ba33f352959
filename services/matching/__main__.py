"""``python -m services.matching``."""

from services.matching.app import create_app
from services.matching.settings import MatchingSettings
from shared.web import serve

serve(create_app, MatchingSettings, "matching")
