#!/usr/bin/env python3
"""Breaks the policy on purpose, one line at a time, and shows that the simulator notices within so many seeds (1000).

Run in a clean tree: test/sim/mutants.py [build directory] [seeds] [words of one]. Each file is put back as it was.
"""
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]

# What breaks, where, the line, and what it becomes.
MUTANTS = [
    ('the cooldown between swaps is not kept', 'core/restraint.cpp',
     'lasting(Refusal::cooldown, last.decided, config.quota.reactivate_cooldown, now)',
     'lasting(Refusal::cooldown, last.decided, Duration{}, now)'),
    ('the budget of an hour is not kept', 'core/restraint.cpp', 'config.switching.max_per_hour,',
     '100 * config.switching.max_per_hour,'),
    ('the budget of a day is not kept', 'core/restraint.cpp', 'config.switching.max_per_day,',
     '100 * config.switching.max_per_day,'),
    ('an account is left early within the dwell', 'core/restraint.cpp',
     'lasting(Refusal::dwell, state.active_since, config.switching.dwell, now)',
     'lasting(Refusal::dwell, state.active_since, 0 * config.switching.dwell, now)'),
    ('an account is left early in the middle of a turn', 'core/restraint.cpp',
     'if (eases && !between_turns(state, state.active))', 'if (false && eases)'),
    ('two accounts take turns', 'core/restraint.cpp', 'if (would_be_ping_pong(state, to, now))', 'if (false && would_be_ping_pong(state, to, now))'),
    ("the operator's choice does not hold", 'core/restraint.cpp',
     'return lasting(Refusal::operators_choice, state.choice->at, config.switching.dwell, now);',
     'return lasting(Refusal::operators_choice, state.choice->at, 0 * config.switching.dwell, now);'),
    ('a swap is made with the brake on', 'core/restraint.cpp', 'if (state.brake.on) return', 'if (false) return'),
    ('a task is claimed with the brake on', 'core/dispatch.cpp', 'if (state.brake.on) return "brake";', ''),
    ('a recovery goes on with the brake on', 'core/recovery.cpp',
     'if (session.busy_with_effect || !step.may_act()) return;', 'if (session.busy_with_effect) return;'),
    ('what the operator holds goes on by itself', 'core/operator.cpp', 'found->second.held_by_operator = true;', ''),
    ('a straight return is a candidate', 'core/candidates.cpp',
     'if (thrash && left_just_now(config, state, account.name, now)) return',
     'if (false && thrash && left_just_now(config, state, account.name, now)) return'),
    ('the same login is a candidate', 'core/candidates.cpp',
     'if (same_login(state.live.accounts, account.name, from) || is_twin_of_unusable(state, account.name))',
     'if (false && (same_login(state.live.accounts, account.name, from) || is_twin_of_unusable(state, account.name)))'),
    ('an account that the configuration disables is a candidate', 'core/candidates.cpp',
     'if (configured == nullptr || configured->disabled) return Fitness::disabled;',
     'if (configured == nullptr) return Fitness::disabled;'),
    ('an account that the operator disabled is a candidate', 'core/candidates.cpp',
     'if (account->disabled) return Fitness::disabled;', ''),
    ('a spent account is a candidate', 'core/candidates.cpp', 'return Fitness::exhausted;', 'break;'),
    ('an account without a login is a candidate', 'core/candidates.cpp', 'return Fitness::auth_broken;', 'break;'),
    ('an account at its spend limit is a candidate', 'core/candidates.cpp', 'return Fitness::spend_blocked;', 'break;'),
    ('an account that came back is tried by all at once', 'core/recovery.cpp', '|| waits_for_a_probe(step, name, to)) continue;',
     ') continue;'),
    ('an account that came back by its clock counts as proven', 'core/quota_policy.cpp',
     'account.window = Window::none;\n    account.since = step.now;\n    account.unproven = true;',
     'account.window = Window::none;\n    account.since = step.now;'),
    ('a pinned session goes with the others', 'core/assignment.cpp',
     'if (auto pin = pin_of(config, name); !pin.empty()) return pin;',
     'if (auto pin = pin_of(config, name); false) return pin;'),
    ('a restart of unknown outcome counts as made', 'core/assignment.cpp',
     'if (moves_by_restart(step.config)) session.account = {};',
     'if (moves_by_restart(step.config)) session.account = session.begins_on;'),
    ('a refused login counts as long as it is on the screen', 'core/quota_policy.cpp',
     'if (session.void_turn == reading.turn_hash) return set_phase(step, name, Phase::auth_needed, reading.seen.rule);', ''),
    ('evidence from before the account was used counts', 'core/evidence.cpp',
     'if (at < by_present_clock(session.account_since, now)) return "from before the session used this account";', ''),
    ('a session of the person is restarted', 'core/recovery.cpp',
     'if (!session.ours) return hold_session(step, name, "not ours to restart, and the continue prompt did not help");',
     ''),
    ('a task whose delivery is unknown is given again', 'core/dispatch.cpp',
     'return begin_doubt(step, id, "its prompt was typed, and not seen to be taken");',
     'return take_back(step, id, "again");'),
    ('an account never comes back', 'core/quota_policy.cpp',
     'if (account.kind != StandingKind::exhausted || release_of(account, step.now) > step.now.wall) continue;', 'continue;'),
    ('a hold is never ended', 'core/swap.cpp', 'step.state.holding = false;', ''),
    ('an agent is restarted without a look', 'core/recovery.cpp',
     'if (!session.reading || elapsed(session.read_at, step.now) > fresh_look) continue;', ''),
    ('a failed move of a task is forgotten', 'core/queue_listing.cpp', 'if (!first) move_again(step);',
     'if (false) move_again(step);'),
    ('a quoted wall is not refuted by the transcript', 'core/evidence.cpp', 'if (transcript_denies(step.state, session))',
     'if (false)'),
    ('a retry is not bounded', 'core/task_end.cpp', 'if (attempts > retries)', 'if (attempts > 99 + retries)'),
    ('a task is given out before those that it comes after', 'core/fitting.cpp',
     'if (auto word = waits_for(id); !word.empty()) return word;', 'if (auto word = waits_for(id); false) return word;'),
    ('a task is given to a session of another kind', 'core/fitting.cpp',
     'if (request.kind && *request.kind != session.kind) return false;', ''),
    ('a task that is done is taken back to be tried again', 'core/task_orders.cpp',
     'return place == TaskPlace::held || place == TaskPlace::failed;',
     'return place == TaskPlace::held || place == TaskPlace::failed || place == TaskPlace::done;'),
]


def notices(build, seeds):
    built = subprocess.run(['cmake', '--build', build, '-j2', '--target', 'sim_test'], cwd=ROOT, capture_output=True,
                           text=True)
    if built.returncode != 0:
        print('DOES NOT BUILD ' + built.stdout[-600:], flush=True)
        return None
    run = subprocess.run([build + '/bin/sim_test', 'whatever*'], cwd=ROOT, capture_output=True, text=True,
                         errors='replace', env={**os.environ, 'FAILOVER_SIM_SEEDS': str(seeds)})
    found = re.search(r'^FAILOVER_SIM_SEED=(\d+) at step \d+: (.*)$', run.stdout, re.MULTILINE)
    return found and f'seed {found[1]}: {found[2]}'


def main():
    build = sys.argv[1] if len(sys.argv) > 1 else 'build/release'
    seeds = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    missed = 0
    only = sys.argv[3] if len(sys.argv) > 3 else ''
    for what, path, line, instead in MUTANTS:
        if only not in what:
            continue
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
