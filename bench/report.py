# SPDX-License-Identifier: MIT
#
# What a run found: medians of what was measured beside the aims, what is synced
# when, notes, and where it was; as text, as Markdown and as data.

import statistics

from plan import NOTES, ROWS


def number(value):
    """Three digits that matter, and no more behind a whole number."""
    if value is None:
        return "-"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.{2 if abs(value) < 1 else 1}f}"


def best_of(row, values):
    others = [value for name, value in values.items()
              if name != "avocet" and value is not None]
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
    """"yes", "NO", or nothing where nothing is aimed at or to compare with."""
    if row.aim is None and row.limit is None:
        return ""
    if value is None:
        return "NO"
    if row.limit is not None:
        return "yes" if value <= row.limit else "NO"
    if ratio is None:
        return ""
    good = ratio >= row.aim if row.kind == "speed" else ratio <= row.aim
    return "yes" if good else "NO"


def rounds_text(counts):
    """One number where all servers have it, else each one's."""
    if len(set(counts)) == 1:
        return str(counts[0])
    return "/".join(str(count) for count in counts)


class Report:
    def __init__(self, measuring, machine):
        self.names = list(measuring.measures)
        self.measures = measuring.measures
        self.syncs = measuring.syncs
        self.notes = [*NOTES, *measuring.notes]
        self.machine = machine

    # -- what is told ------------------------------------------------------

    def line(self, row):
        found = {name: self.measures[name].get(row.measure, [])
                 for name in self.names}
        values = {name: statistics.median(each) if each else None
                  for name, each in found.items()}
        mine, best = values.get("avocet"), best_of(row, values)
        ratio = mine / best if mine is not None and best else None
        return [row.measure, *map(number, values.values()),
                "-" if ratio is None else f"{ratio:.3g}x", aim_text(row),
                holds(row, mine, ratio) if "avocet" in self.names else "",
                rounds_text([len(each) for each in found.values()])]

    def table(self):
        lines = [["measure", *self.names, "ratio", "aim", "holds", "rounds"]]
        return lines + [
            self.line(row) for row in ROWS
            if any(self.measures[name].get(row.measure)
                   for name in self.names)]

    def syncs_table(self):
        lines = [["before the OK of one", *self.syncs]]
        for change in next(iter(self.syncs.values()), ()):
            lines.append([change, *(each[change] or "nothing"
                                    for each in self.syncs.values())])
        return lines

    def legend(self):
        verdicts = [each[-2] for each in self.table()[1:]]
        held = verdicts.count("yes")
        return (f"Of {held + verdicts.count('NO')} aims {held} hold.  "
                "Medians of so many rounds as the last column says, by server "
                "where they differ: one where a measurement takes long or "
                "nothing is aimed at.  ratio: Avocet's value divided by that "
                "of the best other.  Extra memory is that above what there "
                "was before.")

    # -- how ---------------------------------------------------------------

    def print(self):
        for lines in filter(lambda each: len(each) > 1,
                            (self.table(), self.syncs_table())):
            widths = [max(map(len, column)) for column in zip(*lines)]
            for each in lines:
                print("  ".join([each[0].ljust(widths[0])] + [
                    text.rjust(width)
                    for text, width in zip(each[1:], widths[1:])]).rstrip())
            print()
        print(self.legend())
        for note in self.notes:
            print(f"- {note}")
        for name, value in self.machine.items():
            print(f"{name}: {value}")

    def markdown(self):
        text = [self.legend(), ""]
        for lines in (self.table(), self.syncs_table()):
            if len(lines) == 1:
                continue
            head, *rest = lines
            marks = ["---"] + ["---:"] * (len(head) - 1)
            text += ["| " + " | ".join(each) + " |"
                     for each in (head, marks, *rest)] + [""]
        text += [f"- {note}" for note in self.notes] + [""]
        text += [f"- {name}: {value}" for name, value in self.machine.items()]
        return "\n".join(text) + "\n"

    def data(self):
        return {"machine": self.machine, "measures": self.measures,
                "syncs": self.syncs, "notes": self.notes}
