# SPDX-License-Identifier: MIT
#
# The benchmark's table: medians of what was measured, beside the aims.

import statistics

from plan import ROWS


def number(value):
    """Three digits that matter, and no more behind a whole number."""
    if value is None:
        return "-"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.{2 if abs(value) < 1 else 1}f}"


def best_of(row, values, names):
    others = [values[name] for name in names
              if name != "avocet" and values[name] is not None]
    if not others:
        return None
    return max(others) if row.kind == "speed" else min(others)


def aim_text(row):
    if row.limit is not None:
        return f"<= {row.limit:,}"
    if row.aim is None:
        return ""
    if row.kind == "speed":
        return f">= {row.aim}x"
    return "<= 1x" if row.aim == 1 else f"<= 1/{1 / row.aim:.0f}"


def holds(row, value, ratio):
    """"yes", "NO", or nothing where nothing is aimed at or known."""
    if row.limit is not None and value is not None:
        return "yes" if value <= row.limit else "NO"
    if row.aim is None or ratio is None:
        return ""
    good = ratio >= row.aim if row.kind == "speed" else ratio <= row.aim
    return "yes" if good else "NO"


def line(row, measures, names):
    values = {name: statistics.median(measures[name][row.measure])
              if measures[name].get(row.measure) else None for name in names}
    mine, best = values.get("avocet"), best_of(row, values, names)
    ratio = mine / best if mine is not None and best else None
    return [row.measure, *(number(values[name]) for name in names),
            "-" if ratio is None else f"{ratio:.3g}x", aim_text(row),
            holds(row, mine, ratio)]


def table(measures, notes):
    """Print a row a measure, a column a server, then the notes."""
    names = list(measures)
    lines = [["measure", *names, "ratio", "aim", "holds"]]
    lines += [line(row, measures, names) for row in ROWS
              if any(measures[name].get(row.measure) for name in names)]
    widths = [max(len(each[i]) for each in lines)
              for i in range(len(lines[0]))]
    for each in lines:
        print("  ".join([each[0].ljust(widths[0])] + [
            text.rjust(width) for text, width in zip(each[1:], widths[1:])]
        ).rstrip())
    verdicts = [each[-1] for each in lines[1:]]
    print(f"\nOf {verdicts.count('yes') + verdicts.count('NO')} aims "
          f"{verdicts.count('yes')} hold.  ratio: Avocet's value divided by "
          "that of the best other.")
    for note in notes:
        print(f"- {note}")
