"""What a migration would copy, leave behind and change, said before anything is done."""
