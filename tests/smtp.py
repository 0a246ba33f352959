"""A real mail server for tests."""

import email
from email import policy

from aiosmtpd.controller import Controller

from deploy.local.ports import free_ports


class MailServer:
    def __init__(self):
        (self.port,) = free_ports(1)
        self.url = f"smtp://127.0.0.1:{self.port}"
        self.mails = []
        self._refused = {}
        self._controller = None

    def refuse(self, address, code):
        self._refused[address] = code

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address in self._refused:
            return f"{self._refused[address]} no"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.mails.append(email.message_from_bytes(envelope.content, policy=policy.default))
        return "250 taken"

    def start(self):
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self._controller.start()

    def stop(self):
        self._controller.stop()
