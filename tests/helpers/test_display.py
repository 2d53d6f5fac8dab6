"""Cards."""

import html
import re
from collections import Counter

import helpers.quiet_tensorflow  # noqa: F401
from helpers import display, hint, reveal


def test_cards_are_readable_on_white_and_on_black():
    def luminance(color):
        channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [
            c / 12.92 if c <= 0.04 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
        ]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    for sign, color in display.SIGNS.values():
        assert sign
        # WCAG asks 3:1 of what is no text: the stripe at the left.
        assert 1.05 / (luminance(color) + 0.05) >= 3, color
        assert (luminance(color) + 0.05) / 0.05 >= 3, color


def test_a_card_says_the_same_in_both_forms():
    card = display.Card(
        "not yet", "2.3 Not yet.", ("Use `a < b`, not <b>.", "Found: 3"), "x = a < b"
    )
    text = html.unescape(re.sub("<[^>]+>", " ", card.html()))
    words = re.findall(r"\w+", text)
    assert Counter(words) == Counter(re.findall(r"\w+", str(card)))
    assert "✗" in card.html() and "✗" in str(card)
    assert "<b>.</div>" not in card.html()
