-- For this transaction, a table's name alone means the one of this build.
SELECT set_config('search_path', $1 || ', public', true)
