#!/usr/bin/env python3
"""Breaks the policy on purpose, one line at a time, and shows that the simulator notices within so many seeds (300).

Run in a clean tree: test/sim/mutants.py [build directory] [seeds]. Each file is put back as it was.
"""
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]

# What breaks, where, the line, and what it becomes.
MUTANTS = [
    ('the cooldown between swaps is not kept', 'core/swap.cpp',
     'if (elapsed(last.decided, now) < config.quota.reactivate_cooldown)', 'if (false)'),
    ('the budget of an hour is not kept', 'core/swap.cpp', 'if (std::ssize(recent) < limit) return std::nullopt;',
     'if (std::ssize(recent) < 100 * limit) return std::nullopt;'),
    ('a disabled account is a candidate', 'core/quota_policy.cpp',
     'if (configured == nullptr || configured->disabled) return false;', 'if (configured == nullptr) return false;'),
    ('a spent account is a candidate', 'core/quota_policy.cpp',
     'known->second.kind != StandingKind::available) return false;',
     'known->second.kind == StandingKind::auth_broken) return false;'),
    ('the same login is a candidate', 'core/swap.cpp',
     'real_path(state, account.name) != real_path(state, state.active))',
     'real_path(state, account.name) != real_path(state, {}))'),
    ('evidence from before the account was used counts', 'core/evidence.cpp',
     'if (report.at < by_present_clock(session.account_since, now)) return "from before the session used this account";', ''),
    ('a session of the person is restarted', 'core/recovery.cpp',
     'if (!session.ours) return hold_session(step, name, "not ours to restart, and the continue prompt did not help");',
     ''),
    ('a task whose delivery is unknown is given again', 'core/dispatch.cpp',
     'return end_task(step, id, TaskPlace::held, "the prompt may or may not have arrived");',
     'return take_back(step, id, "again");'),
    ('an account never comes back', 'core/quota_policy.cpp',
     'if (account.kind != StandingKind::exhausted || account.until > step.now.wall) continue;', 'continue;'),
    ('a hold is never ended', 'core/swap.cpp', 'step.state.holding = false;', ''),
    ('an agent is restarted without a look', 'core/recovery.cpp',
     'if (!session.reading || elapsed(session.read_at, step.now) > fresh_look) continue;', ''),
    ('a failed move of a task is forgotten', 'core/dispatch.cpp', 'if (!first) move_again(step);',
     'if (false) move_again(step);'),
    ('a quoted wall is not refuted by the transcript', 'core/evidence.cpp',
     'if (turn_goes_on && keeps_up(told, session))', 'if (turn_goes_on && false)'),
    ('a retry is not bounded', 'core/completion.cpp', 'state.attempts[id] < allowed;', 'state.attempts[id] < 99 + allowed;'),
]


def notices(build, seeds):
    built = subprocess.run(['cmake', '--build', build, '-j2', '--target', 'sim_test'], cwd=ROOT, capture_output=True,
                           text=True)
    if built.returncode != 0:
        sys.exit('a mutant does not build: ' + built.stdout[-600:])
    run = subprocess.run([build + '/bin/sim_test', 'whatever*'], cwd=ROOT, capture_output=True, text=True,
                         errors='replace', env={**os.environ, 'FAILOVER_SIM_SEEDS': str(seeds)})
    found = re.search(r'^FAILOVER_SIM_SEED=(\d+) at step \d+: (.*)$', run.stdout, re.MULTILINE)
    return found and f'seed {found[1]}: {found[2]}'


def main():
    build = sys.argv[1] if len(sys.argv) > 1 else 'build/release'
    seeds = int(sys.argv[2]) if len(sys.argv) > 2 else 300
    missed = 0
    for what, path, line, instead in MUTANTS:
        file = ROOT / path
        whole = file.read_text()
        if whole.count(line) != 1:
            print(f'STALE   {what}: the line stands {whole.count(line)} times in {path}', flush=True)
            missed += 1
            continue
        try:
            file.write_text(whole.replace(line, instead))
            found = notices(build, seeds)
        finally:
            file.write_text(whole)
        print(f'{"caught" if found else "MISSED"}  {what}: {found or "nothing"}', flush=True)
        missed += not found
    return 1 if missed else 0


if __name__ == '__main__':
    sys.exit(main())
