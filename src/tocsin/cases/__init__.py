"""One subscriber's trouble: what it rests on, the states it goes through, and whether it calls for a notice."""
