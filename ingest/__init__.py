"""From the music API to bronze Parquet."""
