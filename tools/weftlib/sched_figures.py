"""What a simulated schedule was like: times for each job, and how fair it was to all.

response    from a job's arrival until it runs first
waiting     all the time it was runnable and did not run; the longest such wait at a stretch
turnaround  from its arrival to its end
lag         what a job is owed: the CPU time it would have had on an ideal machine, which serves all
            runnable jobs at once by their weights (niceness), less what it had
fairness    Jain's index over all jobs' service divided by that ideal: 1 is fair, 1/n is one for all
"""

from dataclasses import dataclass
from itertools import groupby
from statistics import fmean


@dataclass
class JobFigures:
    name: str
    nice: int
    priority: int
    arrival: int
    finish: int | None
    cpu: int = 0
    io: int = 0
    waiting: int = 0
    longest_wait: int = 0
    response: int | None = None
    entitled: float = 0.0

    @property
    def turnaround(self) -> int | None:
        return None if self.finish is None else self.finish - self.arrival

    @property
    def weight(self) -> float:
        return 1.25 ** -self.nice


@dataclass
class Outcome:
    """One policy's run. All times are nanoseconds. `histories` has, for each job, its intervals
    [start, end, what], where what is a CPU's number, "ready" or "blocked"."""

    policy: str
    cpus: int
    unit: int
    end: int
    switches: int
    preemptions: int
    migrations: int
    jobs: list[JobFigures]
    histories: list[list]
    fairness: float = 1.0
    largest_lag: float = 0.0

    def mean(self, what: str) -> float | None:
        values = [value for job in self.jobs if (value := getattr(job, what)) is not None]
        return fmean(values) if values else None

    @property
    def cpu_use(self) -> float:
        return sum(job.cpu for job in self.jobs) / (self.end * self.cpus) if self.end else 0.0


def figures_of(policy: str, cpus: int, raw: dict) -> Outcome:
    jobs = [_job_figures(job) for job in raw["jobs"]]
    outcome = Outcome(policy, cpus, raw["unit"], raw["end"], raw["switches"], raw["preemptions"],
                      raw["migrations"], jobs, [job["history"] for job in raw["jobs"]])
    _compare_with_ideal(outcome)
    return outcome


def _job_figures(raw: dict) -> JobFigures:
    job = JobFigures(raw["name"], raw["nice"], raw["priority"], raw["arrival"], raw["finish"])
    for start, end, what in raw["history"]:
        length = end - start
        if what == "ready":
            job.waiting += length
            job.longest_wait = max(job.longest_wait, length)
        elif what == "blocked":
            job.io += length
        else:
            job.cpu += length
            if job.response is None:
                job.response = start - job.arrival
    return job


def _compare_with_ideal(outcome: Outcome) -> None:
    """Walks over all instants at which any job's state changes; between two of them the ideal
    machine's shares stay the same, so the lags are largest at those instants."""
    changes = sorted((start, index, what) for index, history in enumerate(outcome.histories)
                     for start, end, what in history)
    changes += [(outcome.end, None, None)]
    changes += [(job.finish, index, None) for index, job in enumerate(outcome.jobs)
                if job.finish is not None]
    changes.sort(key=lambda change: change[0])
    served = [0.0] * len(outcome.jobs)
    state: dict[int, object] = {}  # of the runnable jobs
    before = 0
    for now, group in groupby(changes, key=lambda change: change[0]):
        shares = _ideal_shares({index: outcome.jobs[index].weight for index in state}, outcome.cpus)
        for index, share in shares.items():
            job = outcome.jobs[index]
            job.entitled += share * (now - before)
            if state[index] != "ready":
                served[index] += now - before
            outcome.largest_lag = max(outcome.largest_lag, abs(job.entitled - served[index]))
        before = now
        # A job that finishes when it would have got another state does both in this instant.
        for _, index, what in sorted(group, key=lambda change: change[2] is None):
            if index is None:
                continue
            if what is None or what == "blocked":
                state.pop(index, None)
            else:
                state[index] = what
    ratios = [had / job.entitled for had, job in zip(served, outcome.jobs) if job.entitled]
    if any(ratios):
        outcome.fairness = sum(ratios) ** 2 / (len(ratios) * sum(ratio ** 2 for ratio in ratios))


def _ideal_shares(weights: dict[int, float], cpus: int) -> dict[int, float]:
    """Each job's share of a CPU: by weight, but no job can use more than one CPU."""
    shares = {}
    left = float(cpus)
    total = sum(weights.values())
    for index, weight in sorted(weights.items(), key=lambda item: -item[1]):
        shares[index] = min(1.0, left * weight / total)
        left -= shares[index]
        total -= weight
    return shares
