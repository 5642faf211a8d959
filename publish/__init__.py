"""Gold Parquet to the serving database that the frontend reads."""
