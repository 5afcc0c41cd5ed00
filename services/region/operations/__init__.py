"""Operations: an engine that runs them, and a module for each type."""
