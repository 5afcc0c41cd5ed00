DELETE FROM events USING archiving WHERE events.position = archiving.position
