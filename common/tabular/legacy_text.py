"""Vietnamese letters from before Unicode, and letters that were broken on the way.

Old files hold TCVN3 (fonts named .Vn…) or VNI text: each letter is stored as another character and only
looks right in its font. Reading such text as it stands would print wrong names on certificates.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from common.tabular.exceptions import LegacyFont, TableError, TextGarbled

# TCVN3 keeps ă â ê ô ơ ư đ and á à ả ã ạ where Latin-1 has signs, so signs stand inside words.
_TCVN3 = re.compile(r"[A-Za-z][¨©ª«¬®µ¶·¸¹»¼½¾]|[¨©ª«¬®µ¶·¸¹»¼½¾¡¢£¤¥¦§][A-Za-z]")
# VNI writes the mark as a letter of its own behind the vowel, and ñ for đ, ö for ư.
_VNI = re.compile(r"[A-Za-z][øûïäåëüöØÛÏÄÅËÜÖ]|[ñÑöÖ][A-Za-z]|[aA][ùàáéèãÙÀÁÉÈÃ]|[eE][áàãùÁÀÃÙ]")
# UTF-8 that was read as Windows-1252 and stored again.
_GARBLED = re.compile(r"á[º»]|Ä[‘\u0091]|Æ[°¡]|Ã[\u00a0-\u00bf]|\ufffd")

_WORDS_NEEDED = 3
_SHARE_NEEDED = 0.2

_SYLLABLE = re.compile(
    r"(?:ngh|ng|nh|gh|gi|kh|ph|qu|th|tr|ch|[bcdđghklmnpqrstvx])?"
    r"(?:oai|oay|oao|oeo|uây|uôi|uya|uyê|uyu|ươi|ươu|iêu|yêu|"
    r"ai|ao|au|ay|âu|ây|eo|êu|ia|iê|iu|oa|oă|oe|oi|oo|ôi|ôô|ơi|ua|uâ|uê|ui|uô|uơ|uy|ưa|ưi|ươ|ưu|yê|ya|"
    r"[aăâeêioôơuưy])"
    r"(?:ch|nh|ng|[cmnpt])?$"
)
_TONES = str.maketrans("", "", "\u0300\u0301\u0303\u0309\u0323")


def find_broken_text(lines: Iterable[tuple[int, str]]) -> TableError | None:
    """The error for a text that is mostly TCVN3, VNI or garbled, with the row where it starts.

    `lines` are pairs of row number and text. A few odd words are no proof: foreign names are left alone.
    """
    accented = 0
    hits: dict[str, int] = {"TCVN3": 0, "VNI": 0, "": 0}
    first: dict[str, tuple[int, str]] = {}
    for number, line in lines:
        if line.isascii():
            continue
        for word in line.split():
            if word.isascii():
                continue
            accented += 1
            for font, pattern in (("", _GARBLED), ("TCVN3", _TCVN3), ("VNI", _VNI)):
                if pattern.search(word):
                    hits[font] += 1
                    first.setdefault(font, (number, line))
                    break
    font, count = max(hits.items(), key=lambda item: item[1])
    if count < _WORDS_NEEDED or count < _SHARE_NEEDED * accented:
        return None
    row, text = first[font]
    shown = text if len(text) <= 40 else text[:40] + "…"
    return LegacyFont(font=font, row=row, text=shown) if font else TextGarbled(row=row, text=shown)


def vietnamese_share(text: str) -> float:
    """Which part (0 to 1) of the accented words in NFC `text` can be Vietnamese; 1 if there are none."""
    words = [word for word in re.findall(r"[^\W\d_]+", text.casefold()) if not word.isascii()]
    if not words:
        return 1.0
    good = sum(1 for word in words if _is_syllable(word))
    return good / len(words)


def _is_syllable(word: str) -> bool:
    decomposed = unicodedata.normalize("NFD", word)
    toneless = decomposed.translate(_TONES)
    if len(decomposed) - len(toneless) > 1:
        return False
    return _SYLLABLE.fullmatch(unicodedata.normalize("NFC", toneless)) is not None
