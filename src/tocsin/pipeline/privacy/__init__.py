"""What is kept, and for how long; everything about one subscriber, to be handed over or erased."""
