"""What we say to a subscriber: a letter is composed from facts, sealed (proof, DKIM) and delivered."""
