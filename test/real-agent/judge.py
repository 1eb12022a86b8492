"""What the mock, the daemon and the conversation's own file say about a play."""
import glob
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'support'))
from json_lines import json_lines  # noqa: E402


def of_conversation(log, account, status):
    return [row for row in json_lines(log)
            if row['what'] == 'conversation' and row['account'] == account and row['status'] == status]


def refusals(log, account):
    return of_conversation(log, account, 429)


def conversations_with(fleet, text):
    """The conversations of whose rows one holds the text."""
    return {row.get('sessionId') for path in glob.glob(f'{fleet.root}/projects/*/*.jsonl') for row in json_lines(path)
            if text in json.dumps(row) and not row.get('isSidechain')}


def requests_are_right(fleet, mark, tool_use):
    wrong = []
    ours = of_conversation(fleet.log, 'spare', 200)
    if len(of_conversation(fleet.log, 'main', 200)) != 1:
        wrong.append('main did not answer just once')
    if not ours:
        return wrong + ['no request of the conversation came with the login of spare']
    if not all(tool_use in row['tool_uses'] and any(mark in text for text in row['prompts']) for row in ours):
        wrong.append('what came with the login of spare does not hold what main had answered')
    late = [row for row in json_lines(fleet.log) if row['account'] == 'main' and row['time'] > ours[0]['time']]
    if late:
        wrong.append(f'{len(late)} requests with the login of main after spare had answered')
    strange = [row for row in json_lines(fleet.log) if row['what'] == 'unknown login']
    if strange:
        wrong.append(f'{len(strange)} requests without one of our logins')
    given = max(sum(mark in text for text in row['prompts']) for row in ours)
    if given != 1:
        wrong.append(f'the task stands {given} times in the conversation')
    asked = max(sum(text.strip() == 'continue' for text in row['prompts']) for row in ours)
    if asked != 1:
        wrong.append(f'the continue prompt stands {asked} times in the conversation')
    return wrong


def status_is_right(status):
    wrong = []
    standing = {account['name']: account for account in status.get('accounts', [])}
    if status.get('active_account') != 'spare':
        wrong.append(f'the active account is {status.get("active_account")}')
    if standing.get('main', {}).get('standing') != 'exhausted':
        wrong.append(f'main stands as {standing.get("main")}')
    if [swap['phase'] for swap in status.get('swaps', [])] != ['done']:
        wrong.append(f'the swaps are {status.get("swaps")}')
    return wrong


def faults(fleet, mark, tool_use, answer):
    status = fleet.status()
    wrong = requests_are_right(fleet, mark, tool_use) + status_is_right(status)
    if not fleet.tasks('done'):
        wrong.append(f'the task is not done: failed {fleet.tasks("failed")}, held {fleet.tasks("held")}, '
                     f'session {fleet.session()}')
    of_main, of_spare = conversations_with(fleet, tool_use), conversations_with(fleet, answer)
    if len(of_main) != 1 or of_main != of_spare:
        wrong.append(f'main answered in the conversation {of_main or "of nobody"}, spare in {of_spare or "none"}')
    return wrong


def summary(fleet):
    log = fleet.log
    return (f'{len(of_conversation(log, "main", 200))} answer and {len(refusals(log, "main"))} refusals with main, '
            f'{len(of_conversation(log, "spare", 200))} answers with spare in the same conversation, {how(fleet)}' +
            ''.join(f'; note: {drift["text"]}' for drift in fleet.status().get('drift', [])))


def how(fleet):
    """As the daemon logged it."""
    for line in json_lines(f'{fleet.root}/daemon.log'):
        if line.get('msg') == 'session recovered':
            return f'recovered by {line.get("by")} after {line.get("took")}'
    return 'not recovered by the daemon'
