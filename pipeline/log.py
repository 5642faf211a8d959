"""A run's log: ECS JSON lines in its folder."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version

import ecs_logging

from pipeline.record import Run

LOGGERS = ("ingest", "publish", "pipeline", "recommender")


@contextmanager
def logging_to(run: Run) -> Iterator[None]:
    """Send what the rooms log to the run's file while a block runs, and Spark's to one beside it.

    Every line says who speaks (`service.*`, `host.name`), of which run (`trace.id`) and of which
    step (`medley.step`). What the recommender warns of is on the screen as well.
    """
    from dbt.adapters.sparksession.events import log_to

    log_to(run.spark_log, trace_id=run.run_id)
    handler = logging.FileHandler(run.log, encoding="utf-8")
    handler.addFilter(_OfStep(run))
    handler.setFormatter(
        ecs_logging.StdlibFormatter(
            extra={
                "service.name": "medley",
                "service.version": version("medley"),
                "host.name": socket.gethostname(),
                "trace.id": run.run_id,
            },
        )
    )
    loggers = [logging.getLogger(name) for name in LOGGERS]
    before = [(logger.level, logger.propagate) for logger in loggers]
    screen = logging.lastResort or logging.NullHandler()
    logging.getLogger("recommender").addHandler(screen)
    for logger in loggers:
        logger.setLevel(logging.INFO)
        logger.propagate = False
        logger.addHandler(handler)
    try:
        yield
    finally:
        for logger, (level, propagate) in zip(loggers, before, strict=True):
            logger.removeHandler(handler)
            logger.removeHandler(screen)
            logger.setLevel(level)
            logger.propagate = propagate
        handler.close()


class _OfStep(logging.Filter):
    """Adds the step at work, which is the run's last, and who speaks, where that is not said."""

    def __init__(self, run: Run) -> None:
        super().__init__()
        self._run = run

    def filter(self, record: logging.LogRecord) -> bool:
        """Let all pass."""
        record.__dict__.setdefault("event.dataset", record.name.partition(".")[0])
        if self._run.steps:
            record.__dict__.setdefault("medley.step", self._run.steps[-1].name)
        return True
