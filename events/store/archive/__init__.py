"""Events that have left the log's table, in Parquet files that keep the chain whole."""
