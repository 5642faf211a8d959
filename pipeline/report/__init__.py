"""A page to look at: one run, its lineage and what came of it, in one file of HTML."""
