"""Native linear algebra under Spark, with which training takes less time."""

from __future__ import annotations

import logging
from typing import Any

from py4j.protocol import Py4JError  # type: ignore[import-untyped]
from pyspark.sql import SparkSession

logger = logging.getLogger(__name__)

WITHOUT = (
    "Spark finds no native BLAS and LAPACK (libblas.so.3, liblapack.so.3): training takes up to "
    "twice as long. Debian, Ubuntu: apt-get install libopenblas0-pthread"
)


def has_native_blas(jvm: Any) -> bool:
    """Whether the JVM of the driver multiplies and solves in native code, as ALS will ask it to.

    On a cluster it is the executors that train; this says nothing of them.
    """
    libraries = jvm.dev.ludovic.netlib
    try:
        libraries.blas.NativeBLAS.getInstance()
        libraries.lapack.NativeLAPACK.getInstance()
    except Py4JError:
        return False
    return True


def warn_without_native_blas(session: SparkSession) -> None:
    """Log one warning, with the remedy, where it is missing; none over Connect, which hides it."""
    jvm = getattr(session, "_jvm", None)
    if jvm is not None and not has_native_blas(jvm):
        logger.warning(WITHOUT)
