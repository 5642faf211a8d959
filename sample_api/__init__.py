"""A music API to try Medley on: same contract, realistic taste, dirt on demand."""
