"""What we say to networks: their own sightings, once per rest, as a mail that a person and a program can read."""
