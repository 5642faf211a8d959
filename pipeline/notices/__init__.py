"""Notices by mail, Teams and what else apprise speaks: views of the record of a run."""
