"""A run's log: ECS JSON lines in its folder."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import ecs_logging

from pipeline.record import Run

LOGGERS = ("ingest", "publish", "pipeline")


@contextmanager
def logging_to(run: Run) -> Iterator[None]:
    """Send what the rooms log to the run's file while a block runs.

    Every line carries `service.name` and the run's id as `trace.id`.
    """
    handler = logging.FileHandler(run.log, encoding="utf-8")
    handler.setFormatter(
        ecs_logging.StdlibFormatter(
            extra={"service.name": "medley", "trace.id": run.run_id},
        )
    )
    loggers = [logging.getLogger(name) for name in LOGGERS]
    before = [(logger.level, logger.propagate) for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.INFO)
        logger.propagate = False
        logger.addHandler(handler)
    try:
        yield
    finally:
        for logger, (level, propagate) in zip(loggers, before, strict=True):
            logger.removeHandler(handler)
            logger.setLevel(level)
            logger.propagate = propagate
        handler.close()
