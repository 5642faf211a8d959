"""What the recommender's Python models compute: factors, each user's best tracks, similar ones."""

import sys

from pyspark import cloudpickle

# The functions travel with the job, so that the workers of a cluster need not have them.
cloudpickle.register_pickle_by_value(sys.modules[__name__])  # type: ignore[no-untyped-call]
