"""What the benches read off processes and clocks, and how they print it."""
import os
import statistics
import threading
import time

TICK = os.sysconf('SC_CLK_TCK')


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float('nan')


def median(values):
    return statistics.median(values) if values else float('nan')


def ratio(part, whole):
    return part / whole if whole else float('nan')


class BareTimer(threading.Thread):
    """How late a thread wakes up that asked for 20 ms; the stalls are those later than 100 ms."""

    def __init__(self):
        super().__init__(daemon=True)
        self.late, self.going, self.stalls = [], True, 0

    def run(self):
        while self.going:
            began = time.monotonic()
            time.sleep(0.02)
            late = time.monotonic() - began - 0.02
            self.late.append(late)
            self.stalls += late > 0.1

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.going = False
        self.join()


# --- one process ---

def read(path):
    with open(path, encoding='utf-8', errors='replace') as file:
        return file.read()


def stat_fields(pid):
    """Those of /proc/PID/stat that follow the name: [0] is the state, [1] the parent."""
    return read(f'/proc/{pid}/stat').rpartition(')')[2].split()


def threads(pid):
    return [f'/proc/{pid}/task/{thread}' for thread in os.listdir(f'/proc/{pid}/task')]


def cpu(pid):
    """Seconds on a processor of all its threads, by the scheduler's own clock."""
    return sum(int(read(f'{thread}/schedstat').split()[0]) for thread in threads(pid)) / 1e9


def cpu_of_ended_children(pid):
    """Seconds of the children that it has waited for, and of theirs; to a tick of mostly 10 ms."""
    fields = stat_fields(pid)
    return (int(fields[13]) + int(fields[14])) / TICK


def children(pid):
    found = []
    for thread in threads(pid):
        found += [int(child) for child in read(f'{thread}/children').split()]
    return found


def cpu_of_children(pid):
    """Seconds of all its children, ended and living, and of theirs."""
    seconds = cpu_of_ended_children(pid)
    for child in children(pid):
        try:
            seconds += cpu(child) + cpu_of_children(child)
        except (OSError, IndexError):  # it has just ended: the next reading has it among the ended
            pass
    return seconds


def is_zombie(pid):
    try:
        return stat_fields(pid)[0] == 'Z'
    except (OSError, IndexError):
        return False


def descriptors(pid):
    return len(os.listdir(f'/proc/{pid}/fd'))


def wake_ups(pid):
    """Voluntary context switches of all its threads: each is one sleep that something ended."""
    lines = [line for thread in threads(pid) for line in read(f'{thread}/status').splitlines()]
    return sum(int(line.split()[1]) for line in lines if line.startswith('voluntary_ctxt_switches:'))


def memory(pid):
    """(RSS, PSS) in MB"""
    lines = [line.split() for line in read(f'/proc/{pid}/smaps_rollup').splitlines()[1:]]
    found = {words[0]: int(words[1]) / 1024 for words in lines}
    return found['Rss:'], found['Pss:']


# --- what is printed ---

def table(heads, rows):
    """Columns as wide as their widest word; the first one to the left."""
    cells = [[f'{cell}' for cell in row] for row in [heads, *rows]]
    widths = [max(len(row[column]) for row in cells) for column in range(len(heads))]
    for row in cells:
        print('  '.join(cell.ljust(width) if not column else cell.rjust(width)
                        for column, (cell, width) in enumerate(zip(row, widths))).rstrip())


class Bars:
    """The bars of a bench: each is printed; with `--judge` a missed one is the exit code."""

    def __init__(self):
        self.missed = []

    def at_most(self, what, measured, bar, unit=''):
        self.holds(f'{what}: {measured:.4g}{unit}, at most {bar:.4g}{unit}', measured <= bar)  # nan is missed

    def at_least(self, what, measured, bar, unit=''):
        self.holds(f'{what}: {measured:.4g}{unit}, at least {bar:.4g}{unit}', measured >= bar)

    def holds(self, what, truth):
        print(f'{"met   " if truth else "MISSED"}  {what}')
        if not truth:
            self.missed.append(what)

    def exit_code(self, judge):
        return 1 if judge and self.missed else 0
