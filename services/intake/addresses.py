"""Where intake's pages are, as the outside sees them: the public address may carry a path."""

from urllib.parse import urlsplit

from shared.links import Links


class Addresses:
    """Makes addresses; pages link by path, so that they work under every name of the host."""

    def __init__(self, links: Links, public_url: str) -> None:
        self._links = links
        self._public_url = public_url.rstrip("/")
        self.base = urlsplit(self._public_url).path

    def status_url(self, reference: str) -> str:
        """The private address of an enquiry's status page, for programs and mails."""
        return f"{self._public_url}{self._status(reference)}"

    def status_path(self, reference: str) -> str:
        """The same, for links and redirections on our own pages."""
        return f"{self.base}{self._status(reference)}"

    def form_path(self, language: str) -> str:
        """The form in this language."""
        return f"{self.base}/{'en' if language == 'en' else ''}"

    def reference_of(self, token: str) -> str:
        """The enquiry that a token stands for. Raises ``ForgedLink``."""
        return self._links.reference_of(token)

    def _status(self, reference: str) -> str:
        return f"/status/{self._links.status_token(reference)}"
