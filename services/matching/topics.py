"""What an enquiry is about: what was ticked, and what a learned model and the network's own words make of the text."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import nlargest

import numpy as np

from services.matching.features import plainly
from services.matching.model import OFF_TOPIC, Model, Reading, Scores, learned
from services.matching.ruleset import Ruleset
from services.matching.vocabulary import Spoken
from shared.topics import TOPICS

_ATTACK = f"{OFF_TOPIC}attack"
"""Of what is not for us: a business that is under attack at this moment."""

_STRONG, _WEAK = 0.2, 0.08
"""What the network's words for a topic add to its score, where one of the kind is there: the best of those tried."""
_ALSO = -0.4
"""From this score a topic is named beside the likeliest one: of texts that were left out, 40 % of the second topics are
named so, 29 % of those named were labelled. Probabilities would not tell, since they crowd on the first topic."""
_LIKELY = 0.2
"""From this probability the words are named that say an enquiry is not for us."""
_AT_MOST = 3
_SUREST = 0.999
"""1 is for what was ticked."""
_WORDS = 5
"""How many words are named that spoke for something."""
_SHORTEST = 3
"""Letters of a word that may say something, unless the network knows it."""


@dataclass(frozen=True, slots=True)
class Guess:
    """One thing that an enquiry is about."""

    id: str
    p: float
    """1 for what was ticked; else how likely it is, calibrated: of ten texts with 0.7, seven are about it."""
    words: tuple[str, ...] = ()
    """The words that spoke for it most, as they were written; empty for what was ticked."""


@dataclass(frozen=True, slots=True)
class Understanding:
    """What an enquiry is about, as far as one can tell."""

    topics: tuple[Guess, ...]
    """What was ticked, in its order; else the likeliest topic of the likeliest lead, and what else may be meant."""
    ticked: bool
    clear: float
    """How likely it is that the first topic's lead is the right one: 1 for what was ticked."""
    not_for_us: Guess
    """The likeliest kind of what is not for us (``press``), with the probability of all kinds together."""
    attack: float
    """How likely it is that the business is under attack at this moment."""
    text_says: Guess | None = None
    """What the text is clearly about, where that was not ticked and something else was."""


def understand(ticked: Iterable[str], text: str, trade: str, rules: Ruleset) -> Understanding:
    """What an enquiry is about. Ids that do not exist are passed over.

    What was ticked counts; where the text clearly speaks of something else, that is said too.
    """
    known = tuple(topic for topic in dict.fromkeys(ticked) if topic in rules.topics)
    model = learned()
    reading = model.read(text, trade)
    scores = reading.written + reading.meant
    spoken = rules.vocabulary.spoken(reading.plain, plainly(trade))
    plain = model.likely(scores)
    if spoken:
        scores = scores + added_by_words(model.classes, spoken)
    likely = model.likely(scores) if spoken else plain
    speaks = bool(spoken) or any(len(word) >= _SHORTEST and word.isalpha() for word in reading.words)
    together = {lead: sum([likely[topic] for topic in topics]) for lead, topics in rules.led_by.items()}
    lead = max(together, key=together.__getitem__)
    first = max(rules.led_by[lead], key=likely.__getitem__)
    guessed = _guessed(first, model.above(_ALSO, scores), likely, model, reading)
    against = known and guessed[0].p >= rules.confidence.contradiction and guessed[0].id not in known
    return Understanding(
        topics=tuple(Guess(topic, 1.0) for topic in known) or guessed,
        ticked=bool(known),
        clear=1.0 if known else round(together[lead], 3) * speaks,
        not_for_us=_not_for_us(plain, model, reading),
        attack=round(plain[_ATTACK], 3),
        text_says=guessed[0] if against else None,
    )


def added_by_words(classes: Sequence[str], spoken: Mapping[str, Spoken]) -> Scores:
    """What the network's words add to each class."""
    added = np.zeros(len(classes))
    for topic, said in spoken.items():
        added[classes.index(topic)] = _STRONG * bool(said.strong) + _WEAK * bool(said.weak)
    return added


def _guessed(
    first: str, also: Iterable[str], likely: Mapping[str, float], model: Model, reading: Reading
) -> tuple[Guess, ...]:
    """The first topic and what else is meant, the likeliest first."""
    others = nlargest(
        _AT_MOST - 1, (class_ for class_ in also if class_ in TOPICS and class_ != first), key=likely.__getitem__
    )
    return tuple(
        Guess(topic, min(round(likely[topic], 3), _SUREST), model.words_for(topic, reading, _WORDS))
        for topic in (first, *others)
    )


def _not_for_us(likely: Mapping[str, float], model: Model, reading: Reading) -> Guess:
    """The likeliest kind; its words, where it is likely at all."""
    kinds = [class_ for class_ in model.classes if class_.startswith(OFF_TOPIC)]
    kind, together = max(kinds, key=likely.__getitem__), sum([likely[kind] for kind in kinds])
    words = model.words_for(kind, reading, _WORDS) if together >= _LIKELY else ()
    return Guess(kind.removeprefix(OFF_TOPIC), round(together, 3), words)
