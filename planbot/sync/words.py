"""How texts are compared: keys that see past decoration, and a similarity of words."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_NOISE = re.compile(r"<!--.*?-->|[\u200b-\u200f\u2060\ufeff]")
_LINK = re.compile(r"!?\[([^\[\]]*)\](?:\([^()]*\)|\[[^\[\]]*\])")
_WORD = re.compile(r"[^\W_]+")
FILLING = {
    "a", "all", "an", "and", "any", "are", "as", "at", "be", "by", "can", "for", "has", "if", "in", "is", "it", "its",
    "no", "not", "of", "on", "or", "so", "the", "to", "was",
    "about", "after", "also", "been", "before", "both", "does", "each", "every", "from", "have", "into",
    "less", "made", "make", "more", "most", "must", "only", "other", "over", "same", "should", "some",
    "such", "than", "that", "their", "them", "then", "there", "these", "they", "this", "those", "through",
    "under", "until", "what", "when", "where", "which", "while", "will", "with", "without",
}  # fmt: skip
_KEPT = 1 << 12  # texts: those of one item are looked at again and again


@lru_cache(maxsize=_KEPT)
def key(text: str) -> str:
    """Return what two writings of one text share: letters and digits, without case, markup and targets of links."""
    plain = _LINK.sub(r"\1", _NOISE.sub("", text))
    return " ".join(_WORD.findall(unicodedata.normalize("NFKC", plain).casefold()))


def words(text: str) -> frozenset[str]:
    """Return the words of a text's key."""
    return frozenset(key(text).split())


def telling(bag: frozenset[str]) -> frozenset[str]:
    """Return the words that tell something; all where none does."""
    return bag - FILLING or bag


def alike(one: frozenset[str], other: frozenset[str]) -> float:
    """Return how much two sets of words share, from 0 to 1 (Dice's coefficient); two empty sets share all."""
    return 2 * len(one & other) / (len(one) + len(other)) if one or other else 1.0


def similarity(left: str, right: str) -> float:
    """Return how many words two texts share, from 0 to 1."""
    return alike(words(left), words(right))
