-- A reader that takes long is not waited for with the lock in hand: who comes after it would wait too.
SET LOCAL lock_timeout = '500ms'
