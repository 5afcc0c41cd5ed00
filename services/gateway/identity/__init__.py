"""Who may come in: API tokens, and the signed tokens they are exchanged for."""
