"""What comes back: bounces, replies, complaints. All of it is strangers' text: bounded, and never believed alone."""
