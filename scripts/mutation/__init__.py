"""Breaks the models as analysts do by mistake, and shows which test of the project notices."""
