"""The language of storky (commands, events, envelope), its log and its bus."""
