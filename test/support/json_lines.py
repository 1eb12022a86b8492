"""Logs of one JSON object a line."""
import json


def json_lines(path):
    """The whole lines of a file of JSON lines; one that is half-written is left out."""
    found = []
    try:
        with open(path, encoding='utf-8', errors='replace') as file:
            for line in file:
                try:
                    found.append(json.loads(line))
                except ValueError:
                    pass
    except OSError:
        pass
    return found
