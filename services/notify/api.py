"""What programs can ask: what was sent to whom about an enquiry, and how it went."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel

from services.notify.notice import Notice, Purpose, State, masked
from services.notify.store import Notices
from shared.coordinator import check_token


class AttemptShown(BaseModel):
    """One try to hand the message to the mail server."""

    at: datetime
    answer: str | None
    """What the server said, or why nobody knows; null while it is being tried."""


class NoticeShown(BaseModel):
    """One message to one party."""

    id: str
    purpose: Purpose
    to: str | None
    """Masked, ``a…@example.org``; null while it waits for the enquiry that holds the address."""
    state: State
    message_id: str
    attempts: list[AttemptShown]


class NoticesShown(BaseModel):
    """Oldest first."""

    items: list[NoticeShown]


def router(notices: Notices, coordinator_token: str) -> APIRouter:
    """The routes of notify."""
    routes = APIRouter(tags=["notices"])

    @routes.get("/api/v1/notices")
    async def list_notices(
        request: Request,
        enquiry: Annotated[str, Query(description="The enquiry's reference", max_length=100)],
        token: Annotated[
            str | None, Query(description="The coordinators' token, for browsers; programs use Authorization: Bearer")
        ] = None,
    ) -> NoticesShown:
        """What was sent to whom about an enquiry, oldest first; empty for an enquiry that was not heard of."""
        check_token(request, coordinator_token, token)
        return NoticesShown(items=[_shown(notice) for notice in await notices.about(enquiry)])

    return routes


def _shown(notice: Notice) -> NoticeShown:
    return NoticeShown(
        id=notice.id,
        purpose=notice.purpose,
        to=masked(notice.to) if notice.to else None,
        state=notice.state,
        message_id=notice.message_id,
        attempts=[AttemptShown(at=attempt.at, answer=attempt.answer) for attempt in notice.attempts],
    )
