"""The rules in plain sentences, German and English: all of them as a text with headings (Markdown), and changes."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Literal

from services.matching.ruleset import LEADS, Pools, Ruleset
from shared.topics import TOPICS

Language = Literal["de", "en"]

CASES = ("led_by_showcase", "led_by_chambers", "several_leads")

_LEADS: dict[str, dict[Language, str]] = {
    "regional": {"de": "die Handwerkskammern", "en": "the chambers of crafts"},
    "nord": {"de": "Schaufenster Nord", "en": "Schaufenster Nord"},
    "ost": {"de": "Schaufenster Ost", "en": "Schaufenster Ost"},
    "sued": {"de": "Schaufenster Süd", "en": "Schaufenster Süd"},
    "west": {"de": "Schaufenster West", "en": "Schaufenster West"},
}
_NONE: dict[Language, str] = {"de": "niemand", "en": "nobody"}
_POOLS: dict[str, dict[Language, str]] = {
    "lead": {"de": "das federführende Schaufenster", "en": "the showcase that leads"},
    "leads": {
        "de": "die Schaufenster, die bei einem der Themen federführend sind",
        "en": "the showcases that lead one of the topics",
    },
    "second_leads": {"de": "wer beim Thema auch helfen kann", "en": "those who can help with the topic too"},
    "region": {
        "de": "die Beratung der Handwerkskammer, zu der der Betrieb gehört",
        "en": "the advisors of the chamber of crafts that the business belongs to",
    },
    "neighbours": {
        "de": "die Beratung der benachbarten Handwerkskammern",
        "en": "the advisors of the chambers of crafts next to it",
    },
    "state": {
        "de": "das Schaufenster, das für das Bundesland des Betriebs zuständig ist",
        "en": "the showcase that serves the federal state of the business",
    },
}
_CASES: dict[str, dict[Language, str]] = {
    "led_by_showcase": {
        "de": "Ist bei den Themen **ein Schaufenster** federführend, wird gefragt: {order}.",
        "en": "Where **one showcase** leads the topics, this is the order: {order}.",
    },
    "led_by_chambers": {
        "de": "Sind die **Handwerkskammern** federführend, wird gefragt: {order}.",
        "en": "Where the **chambers of crafts** lead, this is the order: {order}.",
    },
    "several_leads": {
        "de": "Sind bei den angekreuzten Themen **mehrere** federführend, wird gefragt: {order}.",
        "en": "Where **several** lead the topics that were ticked, this is the order: {order}.",
    },
}
_STEP = {"de": ("zuerst {}", "dann {}"), "en": ("first {}", "then {}")}

_BEFORE: dict[Language, str] = {
    "de": """# Wer bei einer Anfrage hilft

Das Regelwerk „{name}“, Version `{version}`. Diese Seite ist aus den Regeln erzeugt, nach denen Wegweiser entscheidet.

## Was der Reihe nach geschieht

1. **Wo ist der Betrieb?** Postleitzahl und Ort sagen, zu welcher Handwerkskammer er gehört und in welchem Bundesland er
   liegt. Ist zur Postleitzahl kein Ort bekannt, entscheidet ein Mensch.
2. **Worum geht es?** Es zählt, was angekreuzt ist. Ist nichts angekreuzt, wird das Thema aus dem Text und dem Gewerk
   erschlossen; zu jedem Thema kennt das Regelwerk Wörter, die dafür sprechen.
3. **Muss ein Mensch entscheiden?** Dazu unten mehr. Dann geht die Anfrage an die Koordination.
4. **Wer ist federführend?** Für jedes Thema steht das unten. Ist das Thema erschlossen, so ist es, wessen Themen
   zusammen am wahrscheinlichsten sind; wer bei dem federführend ist, was außerdem gemeint sein kann, kann auch helfen.
5. **Wer wird gefragt?** Eine Gruppe nach der anderen, wie unten beschrieben, bis jemand den Fall übernimmt. Die Regeln
   nennen Gruppen, nie einzelne Personen. Wer nur andere Themen nennt, die Sprache nicht spricht, abwesend ist oder
   keinen freien Platz hat, wird nicht gefragt; für Abwesende springt ihre Vertretung ein. Fehlt nur ein freier Platz,
   wartet der Fall darauf. Ist sonst niemand übrig, entscheidet ein Mensch.

## Wer wann gefragt wird
""",
    "en": """# Who helps with an enquiry

The rules "{name}", version `{version}`. This page is made from the rules by which Wegweiser decides.

## What happens, one after the other

1. **Where is the business?** Postal code and place say which chamber of crafts it belongs to, and in which federal
   state it lies. If no place is known for the postal code, a person decides.
2. **What is it about?** What was ticked counts. Where nothing was ticked, the topic is guessed from the text and the
   trade; for each topic the rules know words that speak for it.
3. **Must a person decide?** See below. Then the enquiry goes to the coordinators.
4. **Who leads?** For each topic that is said below. Where the topic was guessed, it is whoever leads the topics that
   together are the likeliest; who leads what else may be meant can help too.
5. **Who is asked?** One group after the other, as described below, until somebody takes the case. The rules name
   groups, never single persons. Who names other topics only, does not speak the language, is absent or has no free
   place is not asked; deputies stand in for who is absent. If only a free place is missing, the case waits for one.
   If nobody else is left, a person decides.

## Who is asked when
""",
}
_WHO_FIRST: dict[Language, str] = {
    "de": """## Wer in einer Gruppe zuerst kommt

Wer das Thema nennt (zählt bis {topic_fit}), wer näher ist (bis {distance}), wer mehr freie Plätze hat
(bis {free_capacity}), wer in der Sprache der Anfrage zu Hause ist ({language}). Davon wird abgezogen, wie viel mehr
jemand schon bekommen hat als die anderen, gemessen an dem, was er oder sie schafft ({fairness} für einmal alle
Plätze). Unter Gleichen entscheidet das Los.

**Niemand wird vergessen oder überhäuft:** Wer einen Fall bekommt, hat gemessen an seinen Plätzen höchstens {bound} mehr
bekommen als jeder andere, der ihn auch hätte bekommen können, und diesen einen Fall. Wer abwesend war, muss nichts
nachholen.
""",
    "en": """## Who comes first within a group

Who names the topic (counts up to {topic_fit}), who is nearer (up to {distance}), who has more free places (up to
{free_capacity}), who is at home in the enquiry's language ({language}). From this is subtracted how much more somebody
has been given than the others, by what they can do ({fairness} for all of their places once). Among equals a lot
decides.

**Nobody is forgotten or flooded:** who is given a case has, by its places, been given at most {bound} more than
anybody else who could have been given it, and this one case. Who was absent has nothing to catch up on.
""",
}
_A_PERSON: dict[Language, str] = {
    "de": """## Wann ein Mensch entscheidet

- Der Betrieb wird vielleicht **gerade angegriffen** (Schadsoftware, Erpressung): ab {attack} Wahrscheinlichkeit, auch
  wenn etwas anderes angekreuzt ist. Dann soll sofort jemand anrufen.
- Zur **Postleitzahl** ist kein Ort bekannt.
- Ohne angekreuztes Thema ist es wohl **keine Anfrage** eines Betriebs, der Beratung sucht, sondern Werbung, Presse,
  eine Bewerbung und so weiter: ab {not_for_us} Wahrscheinlichkeit.
- Ohne angekreuztes Thema **bleibt unklar, worum es geht**: Wer federführend wäre, steht mit weniger als {topic}
  Wahrscheinlichkeit fest.
- **Niemand** aus den Gruppen oben kann den Fall bekommen.

Spricht der Text mit mindestens {contradiction} Wahrscheinlichkeit von einem **anderen Thema, als angekreuzt ist**, so
gilt trotzdem, was angekreuzt ist; der Widerspruch steht aber in der Begründung.

Eine Wahrscheinlichkeit von 70 % heißt: Von zehn solchen Texten stimmt es bei sieben.
""",
    "en": """## When a person decides

- The business may be **under attack at this moment** (malware, extortion): from a probability of {attack}, even if
  something else was ticked. Then somebody should call at once.
- No place is known for the **postal code**.
- No topic was ticked, and this is probably **no enquiry** of a business that wants advice, but advertising, the press,
  an application and so on: from a probability of {not_for_us}.
- No topic was ticked, and it **stays unclear what it is about**: it is less than {topic} likely who would lead.
- **Nobody** in the groups above can get the case.

If the text speaks of **something else than what was ticked**, with a probability of at least {contradiction}, what was
ticked still counts; but the contradiction is named among the reasons.

A probability of 70% means: of ten such texts it is true of seven.
""",
}
_TIME_LIMITS: dict[Language, str] = {
    "de": """## Fristen

In Arbeitstagen dessen, der etwas tun muss: Wer gefragt wird, antwortet innerhalb von {answer} und wird nach {reminder}
erinnert. Nach {help} hat jemand übernommen. Wer übernimmt, spricht innerhalb von {contact} mit dem Betrieb, vermerkt
mindestens alle {progress} etwas und nach {outcome}, was daraus wurde. Wegweiser nennt die erste Frist jedem, der
gefragt wird; die anderen überwacht es noch nicht.
""",
    "en": """## Deadlines

In working days of whoever has to do something: who is asked answers within {answer}, and is reminded after {reminder}.
After {help}, somebody has taken the case. Who takes it speaks with the firm within {contact}, notes something at least
every {progress}, and after {outcome} what came of it. Wegweiser tells everybody who is asked the first of these; it
does not watch over the others yet.
""",
}
_WHO_LEADS: dict[Language, str] = {"de": "## Wer bei welchem Thema federführend ist", "en": "## Who leads which topic"}
_TOPICS: dict[Language, tuple[str, str]] = {"de": ("Thema", "Themen"), "en": ("topic", "topics")}
_SECOND: dict[Language, str] = {"de": "; auch helfen kann: {leads}", "en": "; can help too: {leads}"}
_NOBODY: dict[Language, str] = {"de": "Niemand ist hier federführend.", "en": "Nobody leads here."}


def book(rules: Ruleset, language: Language) -> str:
    """All that the rules say, for people who will never see the file."""
    return "\n".join(
        (
            _BEFORE[language].format(name=rules.name, version=rules.version),
            *(f"- {order_of(rules.pools, case, language)}" for case in CASES),
            "",
            _WHO_FIRST[language].format(
                bound=percent(rules.weights.bound, language),
                **{name: _number(weight, language) for name, weight in asdict(rules.weights).items()},
            ),
            _A_PERSON[language].format(
                attack=percent(rules.confidence.attack, language),
                not_for_us=percent(rules.confidence.not_for_us, language),
                topic=percent(rules.confidence.topic, language),
                contradiction=percent(rules.confidence.contradiction, language),
            ),
            _TIME_LIMITS[language].format(**asdict(rules.time_limits)),
            _WHO_LEADS[language],
            "",
            *(line for lead in LEADS for line in _led_by(rules, lead, language)),
        )
    )


def order_of(pools: Pools, case: str, language: Language) -> str:
    """Who is asked in this kind of case, as a sentence."""
    first, *others = [_POOLS[pool][language] for pool in getattr(pools, case)]
    begin, go_on = _STEP[language]
    steps = (begin.format(first), *(go_on.format(other) for other in others))
    return _CASES[case][language].format(order="; ".join(steps))


def percent(probability: float, language: Language) -> str:
    """A probability as people read it."""
    number = _number(probability * 100, language)
    return f"{number} %" if language == "de" else f"{number}%"


def _number(weight: float, language: Language) -> str:
    number = f"{weight:.4g}"
    return number.replace(".", ",") if language == "de" else number


def named(leads: Iterable[str], language: Language) -> str:
    """Leads in words, separated by commas; of none, that it is nobody."""
    return ", ".join(_LEADS[lead][language] for lead in leads) or _NONE[language]


def _led_by(rules: Ruleset, lead: str, language: Language) -> Iterator[str]:
    topics = rules.led_by[lead]
    one, several = _TOPICS[language]
    name = _sentence_case(named([lead], language))
    yield f"### {name}: {len(topics)} {one if len(topics) == 1 else several}"
    yield ""
    for id_ in topics:
        second = rules.topics[id_].second_leads
        too = _SECOND[language].format(leads=named(second, language)) if second else ""
        yield f"- {TOPICS[id_].label(language)}{too}"
    if not topics:
        yield _NOBODY[language]
    yield ""


def _sentence_case(words: str) -> str:
    return words[0].upper() + words[1:]


# --- what changes from one version to another -------------------------------------------------------------------------

_CHANGES: dict[str, dict[Language, str]] = {
    "name": {"de": "Der Name ist jetzt „{new}“ statt „{old}“.", "en": 'The name is now "{new}" instead of "{old}".'},
    "lead": {
        "de": "{topic}: federführend ist jetzt {new} statt {old}.",
        "en": "{topic}: now led by {new} instead of {old}.",
    },
    "second_leads": {
        "de": "{topic}: auch helfen kann jetzt {new}; bisher {old}.",
        "en": "{topic}: can help too are now {new}; before {old}.",
    },
    "words_added": {"de": "{topic}: neue Wörter: {words}.", "en": "{topic}: new words: {words}."},
    "words_removed": {
        "de": "{topic}: nicht mehr unter den Wörtern: {words}.",
        "en": "{topic}: no words any more: {words}.",
    },
    "words_moved": {"de": "{topic}: die Wörter stehen anders.", "en": "{topic}: the words are in another order."},
    "hints_added": {"de": "{topic}: neue schwache Hinweise: {words}.", "en": "{topic}: new weak hints: {words}."},
    "hints_removed": {
        "de": "{topic}: nicht mehr unter den schwachen Hinweisen: {words}.",
        "en": "{topic}: no weak hints any more: {words}.",
    },
    "hints_moved": {
        "de": "{topic}: die schwachen Hinweise stehen anders.",
        "en": "{topic}: the weak hints are in another order.",
    },
    "attack": {
        "de": "Ein laufender Angriff wird ab {new} angenommen statt ab {old}.",
        "en": "An attack is taken to be going on from {new} instead of {old}.",
    },
    "not_for_us": {
        "de": "Ohne angekreuztes Thema gilt ab {new} statt ab {old}: keine Anfrage.",
        "en": "Without a ticked topic, it is taken to be no enquiry from {new} instead of {old}.",
    },
    "topic": {
        "de": "Ein Mensch entscheidet, wenn es unter {new} sicher ist, wer federführend ist, statt unter {old}.",
        "en": "A person decides where it is less than {new} likely who leads, instead of {old}.",
    },
    "contradiction": {
        "de": "Ein Widerspruch zwischen Text und angekreuztem Thema wird ab {new} genannt statt ab {old}.",
        "en": "The text is said to contradict the ticked topics from {new} instead of {old}.",
    },
}
_CRITERIA: dict[str, dict[Language, str]] = {
    "topic_fit": {"de": "wer das Thema nennt", "en": "who names the topic"},
    "distance": {"de": "wer näher ist", "en": "who is nearer"},
    "free_capacity": {"de": "wer mehr freie Plätze hat", "en": "who has more free places"},
    "language": {"de": "wer in der Sprache zu Hause ist", "en": "who is at home in the language"},
    "fairness": {"de": "was jemand mehr bekommen hat als andere", "en": "what somebody was given more than others"},
}
_WEIGHT: dict[Language, str] = {
    "de": "In einer Gruppe zählt, {criterion}, {new} statt {old}.",
    "en": "Within a group, {criterion} counts {new} instead of {old}.",
}
_LIMITS: dict[str, dict[Language, str]] = {
    "answer": {"de": "Antworten", "en": "To answer"},
    "reminder": {"de": "Erinnert werden", "en": "To be reminded"},
    "help": {"de": "Bis jemand übernimmt", "en": "Until somebody takes a case"},
    "contact": {"de": "Mit dem Betrieb sprechen", "en": "To speak with the firm"},
    "progress": {"de": "Etwas vermerken", "en": "To note something"},
    "outcome": {"de": "Das Ergebnis vermerken", "en": "To note the outcome"},
}
_LIMIT: dict[Language, str] = {
    "de": "{limit}: {new} Arbeitstage statt {old}.",
    "en": "{limit}: {new} working days instead of {old}.",
}
_BEFORE_THAT: dict[Language, str] = {"de": "{new} Bisher: {old}", "en": "{new} Before: {old}"}


def changes(old: Ruleset, new: Ruleset, language: Language) -> tuple[str, ...]:
    """What is different in the new rules, as sentences; none where they say the same."""
    of_topics = (sentence for id_ in new.topics for sentence in _of_topic(id_, old, new, language))
    return (*_in_general(old, new, language), *of_topics)


def _in_general(old: Ruleset, new: Ruleset, language: Language) -> Iterator[str]:
    if old.name != new.name:
        yield _CHANGES["name"][language].format(old=old.name, new=new.name)
    for kind in ("attack", "not_for_us", "topic", "contradiction"):
        before, after = getattr(old.confidence, kind), getattr(new.confidence, kind)
        if before != after:
            yield _CHANGES[kind][language].format(old=percent(before, language), new=percent(after, language))
    for name, criterion in _CRITERIA.items():
        before, after = getattr(old.weights, name), getattr(new.weights, name)
        if before != after:
            numbers = {"old": _number(before, language), "new": _number(after, language)}
            yield _WEIGHT[language].format(criterion=criterion[language], **numbers)
    for name, limit in _LIMITS.items():
        days = {"old": getattr(old.time_limits, name), "new": getattr(new.time_limits, name)}
        if days["old"] != days["new"]:
            yield _LIMIT[language].format(limit=limit[language], **days)
    for case in CASES:
        if getattr(old.pools, case) != getattr(new.pools, case):
            before, after = order_of(old.pools, case, language), order_of(new.pools, case, language)
            yield _BEFORE_THAT[language].format(old=before, new=after)


def _of_topic(id_: str, old: Ruleset, new: Ruleset, language: Language) -> Iterator[str]:
    before, after, topic = old.topics[id_], new.topics[id_], TOPICS[id_].label(language)
    if before.lead != after.lead:
        leads = {"old": named([before.lead], language), "new": named([after.lead], language)}
        yield _CHANGES["lead"][language].format(topic=topic, **leads)
    if before.second_leads != after.second_leads:
        others = {"old": named(before.second_leads, language), "new": named(after.second_leads, language)}
        yield _CHANGES["second_leads"][language].format(topic=topic, **others)
    for kind, were, are in (
        ("words", before.words.strong, after.words.strong),
        ("hints", before.words.weak, after.words.weak),
    ):
        for what, words in _differing(were, are).items():
            yield _CHANGES[f"{kind}_{what}"][language].format(topic=topic, words=", ".join(words))


def _differing(before: tuple[str, ...], after: tuple[str, ...]) -> dict[str, list[str]]:
    """The words that were added and removed; where only their order differs, that they were moved."""
    added = [word for word in after if word not in before]
    removed = [word for word in before if word not in after]
    if not added and not removed:
        return {} if before == after else {"moved": list(after)}
    return {what: words for what, words in (("added", added), ("removed", removed)) if words}
