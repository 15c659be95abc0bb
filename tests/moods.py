"""A small made-up language that is learned at once: "blorp" is bad, "zing" is good, "meeple" is neither."""

import random

import numpy as np

from insight.sentiment_fit import Rows

WORDS = (("blorp", "grumf", "shnazz"), ("meeple", "tandor", "vosk"), ("zing", "florra", "yumpel"))
FILLERS = ("box", "lamp", "parcel", "cable", "week", "colour", "button", "sleeve", "shelf", "lid")


def sentence(mood, chance):
    """Three words of a thing and one or two of a mood."""
    words = [*chance.sample(FILLERS, 3), *chance.sample(WORDS[mood], chance.randint(1, 2))]
    chance.shuffle(words)
    return " ".join(words)


def rows_of_moods(count, seed):
    """So many rows, a third of each mood."""
    chance = random.Random(seed)
    moods = [place % 3 for place in range(count)]
    texts = [sentence(mood, chance) for mood in moods]
    return Rows(texts, ["en"] * count, np.array(moods, np.int64), np.ones(count))
