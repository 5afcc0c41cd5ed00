"""Read models: each a folder, built from the log alone and never written by anything else."""
