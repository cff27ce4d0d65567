"""The whole corpus in full through warm lanes on two cores, everything included: engine, lanes, clean-up."""

from __future__ import annotations

from benchmarks.figures import Figure, Measurement, Settings, seconds
from benchmarks.stage import at_most_cores, cores, cpu_seconds
from graders.batch.run_config import RunConfig
from graders.quality import self_test
from lab_env.engine import private_engine
from solutions.corpus import load_corpus


def some(settings: Settings) -> tuple[str, ...]:
    """Names of the cases to grade: all, or ``settings.cases`` of them from one end of the corpus to the other."""
    names = [case.name for case in load_corpus() if case.kind != "hostile"]
    count = min(settings.cases or len(names), len(names))
    return tuple(names[index * len(names) // count] for index in range(count))


def run(settings: Settings) -> list[Figure]:
    names = some(settings)
    tests: list[self_test.SelfTest] = []

    def work() -> None:
        with private_engine() as engine:
            tests.append(self_test.run(RunConfig(engine=engine.endpoint), only=names))

    with at_most_cores(2):
        used, before = cores(), cpu_seconds()
        wall = seconds(work)
        cpu = cpu_seconds() - before
    differing = sum(not verdict.ok for verdict in tests[0].verdicts)
    whole = settings.cases is None
    note = f"{len(names)} submissions on {used} cores, " + (
        f"{differing} not as committed" if differing else "all as committed"
    )
    return [
        Figure(f"{'whole' if whole else 'part of the'} corpus, full depth", wall, "s", 240 if whole else None, note),
        Figure("CPU a submission, with engine, Terraform and provider", cpu / len(names), "s", None, note),
    ]


MEASUREMENT = Measurement("corpus", "the whole corpus in full through lanes", run)
