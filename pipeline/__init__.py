"""The order of a run, its record, its log and the `medley` command."""
