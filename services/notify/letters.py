"""What a notice says to its recipient, put together from the case and the event it is about."""

from collections.abc import Callable
from dataclasses import dataclass

from services.notify.case import ATTACK, Case, Enquiry
from services.notify.layout import Action, Block, Letter, Paragraph, Quote, Table
from services.notify.notice import Notice, Purpose
from services.notify.words import BLIND, LABELS, MESSAGES, PASSED_ON, TAKEN_BACK, TRIAGE_REASONS, URGENT_ALARM, WORDS
from shared.blind import blinded
from shared.emergency import STEPS
from shared.times import for_people
from shared.topics import TOPICS


class NotKnownYet(Exception):
    """The case does not hold yet what this letter says."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where the links in a letter lead."""

    status: Callable[[str], str]
    """An enquiry's status page, by reference."""
    offer: Callable[[Notice], str]
    """The page of the offer that a notice is about."""
    triage: str
    form: Callable[[str], str]
    """The enquiry form, by language."""
    privacy: str | None = None
    imprint: str | None = None


def letter_for(notice: Notice, case: Case | None, places: Places) -> Letter:
    """The letter of a notice. Raises ``NotKnownYet``."""
    subject, greeting, blocks = _WRITERS[notice.purpose](notice, case or Case(notice.reference), places)
    say = LABELS[notice.language]
    small_print = [say["automatic"].format(reference=notice.reference)]
    if places.privacy:
        small_print.append(f"{say['privacy']} {places.privacy}")
    if places.imprint:
        small_print.append(f"{say['imprint']} {places.imprint}")
    return Letter(
        language=notice.language,
        subject=subject,
        greeting=greeting,
        blocks=tuple(block for block in blocks if not isinstance(block, Paragraph | Table) or _says_something(block)),
        closing=(say["regards"], say["network"]),
        footer=tuple(small_print),
    )


Written = tuple[str, str, tuple[Block, ...]]


def _receipt(notice: Notice, case: Case, places: Places) -> Written:
    enquiry, words = _enquiry(case), WORDS[notice.language]["receipt"]
    facts = _rows(
        notice,
        ("reference", notice.reference),
        ("received", for_people(enquiry.received_at, notice.language)),
        ("topics", _topics(enquiry.topics, notice.language)),
    )
    return (
        words.subject.format(reference=notice.reference),
        _hello(notice, enquiry),
        (
            Paragraph(words.opening),
            facts,
            Action(words.action, places.status(notice.reference)),
            Paragraph(words.after),
        ),
    )


def _offer(notice: Notice, case: Case, places: Places) -> Written:
    enquiry, words, told = _enquiry(case), WORDS[notice.language]["offer"], notice.facts
    by = for_people(told.respond_by, notice.language) if told.respond_by else ""
    facts = _rows(
        notice,
        ("topics", _topics(told.topics, notice.language)),
        ("trade", told.trade or enquiry.trade),
        ("chamber", told.chamber),
        ("place", enquiry.place),
        ("respond_by", by),
        ("reference", notice.reference),
    )
    return (
        words.subject.format(reference=notice.reference, respond_by=by),
        LABELS[notice.language]["hello"],
        (
            Paragraph(words.opening.format(respond_by=by)),
            facts,
            Quote(LABELS[notice.language]["text"], blinded(enquiry, notice.language)),
            Paragraph(BLIND[notice.language]),
            Action(words.action, places.offer(notice)),
            Paragraph(words.after),
        ),
    )


def _disclosure(notice: Notice, case: Case, places: Places) -> Written:
    enquiry, words = _enquiry(case), WORDS[notice.language]["disclosure"]
    return (
        words.subject.format(reference=notice.reference),
        LABELS[notice.language]["hello"],
        (
            Paragraph(words.opening),
            _contact(notice, enquiry),
            Quote(LABELS[notice.language]["text"], enquiry.text),
            Action(words.action, places.offer(notice)),
            Paragraph(words.after),
        ),
    )


def _introduction(notice: Notice, case: Case, places: Places) -> Written:
    enquiry, words, receiver = _enquiry(case), WORDS[notice.language]["introduction"], notice.facts.receiver
    name = receiver.name if receiver else ""
    facts = _rows(
        notice,
        ("receiver", name),
        ("email", receiver.email if receiver else None),
        ("reference", notice.reference),
    )
    return (
        words.subject.format(reference=notice.reference, receiver=name),
        _hello(notice, enquiry),
        (
            Paragraph(words.opening),
            facts,
            Action(words.action, places.status(notice.reference)),
            Paragraph(words.after),
        ),
    )


def _triage_alarm(notice: Notice, case: Case, places: Places) -> Written:
    enquiry, reasons = _enquiry(case), TRIAGE_REASONS[notice.language]
    code = (notice.facts.reason or "").partition(":")[0]
    urgent = code == ATTACK
    words = URGENT_ALARM[notice.language] if urgent else WORDS[notice.language]["triage_alarm"]
    facts = _rows(
        notice,
        ("reason", reasons.get(code, reasons["other"])),
        ("business", enquiry.business if urgent else None),
        ("name", enquiry.name if urgent else None),
        ("phone", enquiry.phone if urgent else None),
        ("email", enquiry.email if urgent else None),
        ("topics", _topics(enquiry.topics, notice.language)),
        ("trade", enquiry.trade),
        ("postal_code", enquiry.postal_code),
        ("place", enquiry.place),
        ("received", for_people(enquiry.received_at, notice.language)),
        ("reference", notice.reference),
    )
    return (
        words.subject.format(reference=notice.reference),
        LABELS[notice.language]["hello"],
        (Paragraph(words.opening), facts, Action(words.action, places.triage), Paragraph(words.after)),
    )


def _emergency(notice: Notice, case: Case, places: Places) -> Written:
    enquiry, words = _enquiry(case), WORDS[notice.language]["emergency"]
    return (
        words.subject.format(reference=notice.reference),
        _hello(notice, enquiry),
        (
            Paragraph(words.opening),
            *(Paragraph(f"{number}. {step}") for number, step in enumerate(STEPS[notice.language], start=1)),
            Action(words.action, places.status(notice.reference)),
            Paragraph(words.after),
        ),
    )


def _withdrawal(notice: Notice, case: Case, places: Places) -> Written:
    enquiry, words = _enquiry(case), WORDS[notice.language]["withdrawal"]
    return (
        words.subject.format(reference=notice.reference),
        _hello(notice, enquiry),
        (
            Paragraph(words.opening),
            _rows(notice, ("reference", notice.reference)),
            Action(words.action, places.form(notice.language)),
            Paragraph(words.after),
        ),
    )


def _offer_withdrawn(notice: Notice, _: Case, __: Places) -> Written:
    words = WORDS[notice.language]["offer_withdrawn"]
    opening = TAKEN_BACK[notice.language] if notice.facts.had_accepted else words.opening
    subject = words.subject
    if notice.facts.passed_on:
        subject, opening = PASSED_ON[notice.language]
    return (
        subject.format(reference=notice.reference),
        LABELS[notice.language]["hello"],
        (Paragraph(opening.format(reference=notice.reference)),),
    )


def _undelivered(notice: Notice, case: Case, _: Places) -> Written:
    enquiry, words, failed = _enquiry(case), WORDS[notice.language]["undelivered"], notice.facts.undelivered
    if failed is None:
        raise NotKnownYet(notice.id)
    receiver = failed.receiver if failed.recipient_kind == "receiver" else None
    whom = (
        _rows(notice, ("receiver", receiver.name), ("email", failed.to))
        if receiver
        else _rows(
            notice,
            ("business", enquiry.business),
            ("name", enquiry.name),
            ("phone", enquiry.phone),
            ("email", failed.to),
        )
    )
    introduced = failed.receiver if failed.purpose == "introduction" else None
    why = _rows(
        notice,
        ("receiver", introduced.name if introduced else None),
        ("answer", failed.answer),
        ("reference", notice.reference),
    )
    message = MESSAGES[notice.language].get(failed.purpose, failed.purpose)
    return (
        words.subject.format(reference=notice.reference),
        LABELS[notice.language]["hello"],
        (Paragraph(words.opening.format(message=message)), whom, why, Paragraph(words.after)),
    )


_WRITERS: dict[Purpose, Callable[[Notice, Case, Places], Written]] = {
    "receipt": _receipt,
    "offer": _offer,
    "disclosure": _disclosure,
    "introduction": _introduction,
    "triage_alarm": _triage_alarm,
    "emergency": _emergency,
    "withdrawal": _withdrawal,
    "offer_withdrawn": _offer_withdrawn,
    "undelivered": _undelivered,
}


def _enquiry(case: Case) -> Enquiry:
    if case.enquiry is None:
        raise NotKnownYet(case.reference)
    return case.enquiry


def _contact(notice: Notice, enquiry: Enquiry) -> Table:
    say = LABELS[notice.language]
    preferred = {"email": say["by_email"], "phone": say["by_phone"]}.get(enquiry.preferred or "")
    return _rows(
        notice,
        ("business", enquiry.business),
        ("name", enquiry.name),
        ("phone", enquiry.phone),
        ("email", enquiry.email),
        ("preferred", preferred),
        ("time", enquiry.time),
        ("address", f"{enquiry.postal_code} {enquiry.place or ''}".strip()),
        ("trade", enquiry.trade),
        ("employees", enquiry.employees),
        ("member", say.get(enquiry.member or "")),
        ("topics", _topics(enquiry.topics, notice.language)),
        ("answers_in", say[f"lang_{enquiry.language}"] if enquiry.language != notice.language else None),
        ("reference", notice.reference),
    )


def _rows(notice: Notice, *rows: tuple[str, str | None]) -> Table:
    say = LABELS[notice.language]
    return Table(tuple((say[name], value) for name, value in rows if value))


def _says_something(block: Paragraph | Table) -> bool:
    return bool(block.text if isinstance(block, Paragraph) else block.rows)


def _hello(notice: Notice, enquiry: Enquiry) -> str:
    return LABELS[notice.language]["hello_you"].format(name=enquiry.name)


def _topics(topics: tuple[str, ...], language: str) -> str:
    known = [TOPICS[topic].label(language) if topic in TOPICS else topic for topic in topics]
    return "; ".join(known) or LABELS["en" if language == "en" else "de"]["topics_open"]
