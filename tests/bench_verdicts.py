"""Verdicts of bench/train.py and bench/fine_tuning.py, on figures made for them: what is refused, and what ends with status 1."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../bench"))
import fine_tuning  # noqa: E402
import train  # noqa: E402


def refuses(one, other):
    try:
        train.require_same_torch(one, other)
        return False
    except SystemExit as end:
        return one in str(end.code) and other in str(end.code)


def broken(*rows):
    """Rows of (our images per second, theirs, our share of waiting)."""
    return train.report([({"speed": ours, "waiting": waiting, "card": None}, {"speed": theirs, "waiting": 0, "card": None})
                         for ours, theirs, waiting in rows])


assert not refuses("1.13.0", "1.13.0a0"), "Debian's name for the same release"
assert not refuses("2.6.0", "2.6.0+cu124")
assert refuses("1.13.0", "2.6.0+cu124")
assert refuses("2.6.0", "2.6.1")
assert broken((1.0, 1.0, 0.049)) == []
assert broken((0.5, 1.0, 0), (1.2, 1.0, 0), (1.1, 1.0, 0)) == [], "the median counts"
assert "slower" in broken((0.99, 1.0, 0))[0]
assert "waits" in broken((2.0, 1.0, 0.05))[0]
assert len(broken((0.9, 1.0, 0.2))) == 2

held = {"signs": (0.80, 0.781), "forms": (0.50, 0.70)}
assert fine_tuning.verdict(0.30, 0.41, held) == []
assert "below" in fine_tuning.verdict(0.29, 0.60, held)[0]
assert "gains" in fine_tuning.verdict(0.50, 0.59, held)[0]
assert "signs loses 2.1" in fine_tuning.verdict(0.50, 0.70, {"signs": (0.80, 0.779)})[0]
